"""How good a model is on held-out sentences while it is trained: one figure, free of thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from framing.decoding import word_probabilities
from framing.engine import Engine, Forwarded
from framing.task import Task
from framing.words import Words
from training.calibration import word_labels
from training.dataset import sentence_target
from training.example import Example
from training.soft import SoftSpans


def average_precisions(
    engine: Engine, heldout: Sequence[Example], tasks: Sequence[str] | None = None
) -> dict[str, float]:
    """:func:`ranking_scores` of the engine's model, over ``tasks`` or all that it has."""
    found: dict[str, float] = {}
    for task in engine.tasks.values():
        labelled = labelled_for(task, heldout)
        if labelled and (tasks is None or task.name in tasks):
            prepared = engine.prepare([e.text for e in labelled], [e.quote_open for e in labelled])
            forwarded = engine.forward(prepared, tasks={task.name})
            found |= ranking_scores([task], labelled, prepared.words, forwarded)
    return found


def ranking_scores(
    tasks: Sequence[Task], examples: Sequence[Example], words: Words, forwarded: Forwarded
) -> dict[str, float]:
    """Mean average precision by task, over the labels that have both positives and negatives.

    Of a span task the words are ranked, of any other the sentences. A task without such a label,
    or one that only a teacher labelled, is left out.

    Parameters
    ----------
    words, forwarded : the words of ``examples``, and what a model says of them.
    """
    found: dict[str, float] = {}
    for task in tasks:
        rows = _rows(task, examples)
        if not rows:
            continue
        columns: list[tuple[NDArray[np.bool_], NDArray[np.float32]]] = []
        if task.kind == "spans":
            likely = word_probabilities(words, forwarded.inside[task.name])
            labels = [e.labels.get(task.name) for e in examples]
            for i, label in enumerate(task.labels):
                known, gold = word_labels(labels, label, words)
                known = known & words.plain
                columns.append((gold[known], likely[known, i]))
        else:
            gold = np.stack([sentence_target(task, examples[r].labels[task.name]) for r in rows])
            logits = forwarded.logits[task.name][rows]
            columns += [(gold[:, i] >= 0.5, logits[:, i]) for i in range(len(task.labels))]
        ranked = [
            average_precision_score(gold, score)
            for gold, score in columns
            if gold.any() and not gold.all()
        ]
        if ranked:
            found[task.name] = float(np.mean(ranked))
    return found


def labelled_for(task: Task, examples: Sequence[Example]) -> list[Example]:
    """The examples that people labelled for ``task``, a teacher's spans left out."""
    return [examples[r] for r in _rows(task, examples)]


def _rows(task: Task, examples: Sequence[Example]) -> list[int]:
    return [
        i
        for i, e in enumerate(examples)
        if not isinstance(e.labels.get(task.name), NoneType | SoftSpans)
    ]
