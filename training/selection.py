"""Chooses the way of training by cross-validation, and keeps what it learnt on the way."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.columns import ModelInfo
from framing.encoding import SentenceTokenizer
from framing.engine import Engine, Forwarded
from framing.modeling import FramingModel
from framing.preparation import Prepared
from framing.task import Task
from framing.words import Words
from training.calibration import fit_task
from training.evaluation.folds import apart, pooled
from training.evaluation.predictions import Evaluation, evaluate_columns
from training.example import Example
from training.method import Method, train_with
from training.splits import grouped_folds
from training.validation import ranking_scores

log = logging.getLogger(__name__)
_FOLD = ModelInfo(name="out of fold", weights="", calibration="", taxonomy="", library="")


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldPart:
    """The sentences of one fold and what a model says of them that was not trained on them."""

    examples: list[Example]
    prepared: Prepared
    forwarded: Forwarded


@dataclass(frozen=True, kw_only=True, eq=False)
class OutOfFold:
    """What models said of sentences that they were not trained on.

    ``engine`` is one that the folds' models have the tasks and the tokenizer of.
    """

    engine: Engine
    parts: tuple[FoldPart, ...]

    def score(self, tasks: Sequence[Task]) -> float:
        """The mean over tasks of :func:`training.validation.ranking_scores`."""
        found = ranking_scores(tasks, *self._joined(None))
        return float(np.mean(list(found.values()))) if found else 0.0

    def fitted(self, tasks: Sequence[Task], *, without: int | None = None) -> tuple[Task, ...]:
        """The tasks with thresholds and calibration fitted on all folds, or all but one."""
        examples, words, forwarded = self._joined(without)
        return tuple(fit_task(task, examples, words, forwarded) for task in tasks)

    def evaluation(self, tasks: Sequence[Task]) -> Evaluation:
        """The folds held against their labels, with what was fitted on the other folds."""
        evaluations = []
        for i, part in enumerate(self.parts):
            self.engine.tasks = {t.name: t for t in self.fitted(tasks, without=i)}
            at = np.zeros(len(part.examples), dtype=np.int64)
            columns = self.engine.finish(part.prepared, part.forwarded, at)
            evaluations.append(
                evaluate_columns(columns, part.examples, tasks=_labelled(tasks, part.examples))
            )
        return replace(pooled(evaluations), model=None)  # a model a fold, of no name

    def _joined(self, without: int | None) -> tuple[list[Example], Words, Forwarded]:
        parts = [p for i, p in enumerate(self.parts) if i != without]
        examples = [e for part in parts for e in part.examples]
        texts = [e.text for e in examples]

        def joined(kind: str) -> dict[str, NDArray[np.float32]]:
            return {
                name: np.concatenate([getattr(p.forwarded, kind)[name] for p in parts])
                for name in getattr(parts[0].forwarded, kind)
            }

        forwarded = Forwarded(
            logits=joined("logits"), inside=joined("inside"), begin=joined("begin")
        )
        return examples, Words.of(texts, self.engine.tokenizer.encode(texts)), forwarded


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """The method chosen, what each scored, and the chosen one's out-of-fold predictions."""

    method: Method
    scores: dict[str, float]
    predictions: OutOfFold


def choose(
    methods: Sequence[Method],
    fresh: Callable[[], FramingModel],
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    *,
    work: Path,
    seed: int,
    folds: int = 4,
    rehearsal: Sequence[Example] = (),
    learn: Collection[str] | None = None,
) -> Choice:
    """The method with the best pooled out-of-fold score; of equals the first.

    Folds are made by group, the same for every method, and each starts from ``fresh()``. Sentences
    that nearly repeat one of a fold are left out of what its model is trained on.

    Parameters
    ----------
    rehearsal : as for :func:`training.method.train_with`.
    learn : the tasks that people labelled, which are what is scored; all unless given.

    Raises
    ------
    ValueError
        if the sentences have fewer than two groups, or nearly all repeat each other.
    """
    groups = [e.group for e in examples]
    count = min(folds, len(set(groups)))
    if count < 2:
        raise ValueError(
            "the sentences are all of one group, so none can be held out; give a document, "
            "outlet or event for each, or group them by another field"
        )
    fold_of = grouped_folds(groups, count, seed)
    found: dict[str, OutOfFold] = {}
    scores: dict[str, float] = {}
    for method in methods:
        parts = []
        for fold in range(count):
            model = fresh()
            test = [e for e, f in zip(examples, fold_of, strict=True) if f == fold]
            train = apart([e for e, f in zip(examples, fold_of, strict=True) if f != fold], test)
            if not train:
                raise ValueError(
                    "every sentence nearly repeats one of another group, so none can be held out; "
                    "run framing-train check for the list"
                )
            folder = work / f"fold{fold}"
            train_with(
                method,
                model,
                tokenizer,
                train,
                work=folder,
                seed=seed,
                rehearsal=rehearsal,
                learn=learn,
            )
            shutil.rmtree(folder, ignore_errors=True)
            engine = Engine(model, tokenizer, _FOLD)
            prepared = engine.prepare([e.text for e in test], [e.quote_open for e in test])
            said = engine.forward(prepared, tasks=learn)
            parts.append(FoldPart(examples=test, prepared=prepared, forwarded=said))
        tasks = [t for t in model.tasks if learn is None or t.name in learn]
        found[method.name] = OutOfFold(engine=engine, parts=tuple(parts))
        scores[method.name] = found[method.name].score(tasks)
        log.info("%s: %.3f out of fold (%s)", method.name, scores[method.name], method.says)
    best = max(methods, key=lambda m: scores[m.name])
    return Choice(method=best, scores=scores, predictions=found[best.name])


def _labelled(tasks: Sequence[Task], examples: Sequence[Example]) -> list[str]:
    return [t.name for t in tasks if any(t.name in e.labels for e in examples)]
