"""Cross-validation by group: every sentence is scored by a model that never saw its group."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from framing.columns import ScoreColumns
from training.duplicates import near_duplicates
from training.evaluation.predictions import Evaluation, Result, evaluate_columns
from training.example import Example
from training.splits import grouped_folds

log = logging.getLogger(__name__)

Predictor = Callable[[Sequence[Example]], ScoreColumns]
"""Scores of sentences, in order, offsets counted in each (:func:`training.prediction.predict`)."""

Fit = Callable[[Sequence[Example]], Predictor]
"""Trains on examples; what it fits thresholds on, it takes from them."""


def cross_validate(examples: Sequence[Example], fit: Fit, k: int = 5, seed: int = 0) -> Evaluation:
    """Trains ``k`` times on all folds but one, scores that one, and pools what was scored.

    Folds are of whole groups (:func:`training.splits.grouped_folds`). Sentences that nearly repeat
    one of a fold are left out of what its model is trained on, and the log says how many were.

    Raises
    ------
    ValueError
        if there are fewer than ``k`` groups, or nothing to evaluate.

    Returns
    -------
    An evaluation of all examples, each task's rows fold by fold; labels are given by each fold's
    own thresholds.
    """
    fold_of = grouped_folds([e.group for e in examples], k, seed)
    parts = []
    for fold in range(k):
        test = [e for e, f in zip(examples, fold_of, strict=True) if f == fold]
        rest = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
        parts.append(evaluate_columns(fit(apart(rest, test))(test), test))
    return pooled(parts)


def apart(train: Sequence[Example], test: Sequence[Example]) -> list[Example]:
    """The examples to train on that do not nearly repeat one of ``test``."""
    repeated = near_duplicates([e.text for e in train], [e.text for e in test])
    if repeated.any():
        log.info("%d of %d repeat a test sentence: left out", repeated.sum(), len(train))
    return [e for e, r in zip(train, repeated, strict=True) if not r]


def pooled(parts: Sequence[Evaluation]) -> Evaluation:
    """Evaluations on disjoint sentences as one; ``model`` stays where all have the same.

    Raises
    ------
    ValueError
        if there are none, or two of them have different labels for a task.
    """
    if not parts:
        raise ValueError("there is no evaluation to pool")
    names = list(dict.fromkeys(name for part in parts for name in part.tasks))
    models = {part.model for part in parts}
    return Evaluation(
        tasks={n: _joined([p.tasks[n] for p in parts if n in p.tasks]) for n in names},
        data=", ".join(dict.fromkeys(d for part in parts for d in part.data.split(", "))),
        model=models.pop() if len(models) == 1 else None,
        sentences=sum(part.sentences for part in parts),
        unlabelled=tuple(
            n for n in dict.fromkeys(n for p in parts for n in p.unlabelled) if n not in names
        ),
        unknown=tuple(dict.fromkeys(n for part in parts for n in part.unknown)),
    )


def _joined(results: Sequence[Result]) -> Result:
    first = results[0]
    for other in results:
        if (other.task.kind, other.task.labels) != (first.task.kind, first.task.labels):
            raise ValueError(f"task {first.task.name!r}: the parts have different labels for it")
    columns: dict[str, Any] = {}
    for field in fields(first):
        values = [getattr(r, field.name) for r in results]
        if isinstance(values[0], tuple):
            columns[field.name] = tuple(v for part in values for v in part)
        elif isinstance(values[0], np.ndarray):
            columns[field.name] = np.concatenate(values)
    return replace(first, **columns, blank=sum(r.blank for r in results))
