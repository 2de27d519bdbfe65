"""Trains a model on a researcher's own corpus: from labelled sentences to a saved folder."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from framing.columns import ModelInfo
from framing.engine import Engine
from framing.modeling import FramingModel
from framing.task import Task
from training.build import tokenizer_of
from training.calibration import fit_tasks
from training.corpus import Corpus
from training.duplicates import drop_near_duplicates
from training.evaluation.predictions import Evaluation, evaluate_model
from training.example import Example
from training.method import CONTRASTIVE, FEW, FULL, HEADS, MANY, METHODS, TOP, Method, train_with
from training.selection import choose
from training.splits import grouped_folds
from training.start import kept_tasks, start_model
from training.teacher import taught

log = logging.getLogger(__name__)

_TWENTIETHS = 20
_MOST = 0.175  # three twentieths, and a little for folds that are not all of one size
_DRAFT = ModelInfo(name="draft", weights="", calibration="", taxonomy="", library="")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is trained on what, decided before anything is trained.

    Parameters
    ----------
    train, dev, test : the parts. Without ``dev`` the method is chosen, and thresholds are fitted,
        by cross-validation over ``train``; without ``test`` that is what is reported, too.
    methods : the ways of training that are tried; a single one is taken as it is.
    learn : the tasks that the corpus labels.
    kept : the tasks that the starting model keeps beside them.
    dropped : near-duplicates of dev or test sentences, left out of training, by corpus.
    """

    train: list[Example]
    dev: list[Example]
    test: list[Example]
    methods: tuple[Method, ...]
    learn: tuple[str, ...]
    kept: tuple[str, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitted:
    """A trained, calibrated model and what is known of it.

    ``evaluation`` is on ``test``, or out of fold; ``protocol`` says which in a sentence. ``scores``
    has the out-of-fold score of each method tried. ``before`` and ``after`` hold the kept tasks
    of the starting and the new model against each other where the corpus labels them.
    """

    model: FramingModel
    method: Method
    scores: dict[str, float]
    evaluation: Evaluation
    protocol: str


def plan(
    corpus: Corpus,
    start: Path,
    *,
    keep: Collection[str] | None = None,
    method: str = "auto",
    seed: int = 13,
) -> Plan:
    """Decides parts, methods and tasks.

    A corpus with splits of its own keeps them. If there are :data:`MANY` sentences or more to train
    on, dev and test are cut off them, 15 % each by group, where they are missing. With fewer than
    that, several methods are tried; where tasks are kept, only those that hardly touch the encoder.

    Raises
    ------
    ValueError
        if a method or a task to be kept is unknown, or there is nothing to train on.
    """
    if method != "auto" and method not in METHODS:
        raise ValueError(f"method {method!r}: give auto or one of {', '.join(METHODS)}")
    examples = [e for e in corpus.sound().examples if e.labels]
    if not examples:
        raise ValueError("no sentence has a label: there is nothing to train on")
    labelled = {name for e in examples for name in e.labels}
    learn = tuple(t.name for t in corpus.codebook.tasks if t.name in labelled)
    new = [t for t in corpus.codebook.tasks if t.name in labelled]
    kept = tuple(t.name for t in kept_tasks(start, new, keep))
    train, dev, test = _parts(examples, seed)
    if test and not any(name in e.labels for e in test for name in learn):
        raise ValueError("no sentence of the test split is labelled for a task of the codebook")
    train, dropped = drop_near_duplicates(train, dev + test)
    if method != "auto":
        methods: tuple[Method, ...] = (METHODS[method],)
    elif dev:
        methods = (FULL,)
    else:
        methods = (HEADS, TOP) if kept else (HEADS, CONTRASTIVE, TOP)
        if len(train) >= FEW and not kept:
            methods = (*methods, FULL)
    return Plan(
        train=train,
        dev=dev,
        test=test,
        methods=methods,
        learn=learn,
        kept=kept,
        dropped=dropped,
    )


def fit(
    planned: Plan,
    tasks: Sequence[Task],
    start: Path,
    *,
    work: Path,
    release: str,
    seed: int = 13,
    rehearsal: Sequence[Example] = (),
) -> Fitted:
    """Trains, calibrates and evaluates.

    Parameters
    ----------
    tasks : the codebook's tasks; those that the plan does not learn are left out.
    start : the folder of an encoder or model (:func:`training.start.start_folder`).
    work : folder of checkpoints; a run that was killed goes on from there.
    rehearsal : unlabelled sentences beside the corpus, on which the new model is held to what the
        old one says for the kept tasks (learning without forgetting, Li and Hoiem 2016). The
        corpus's own sentences are used so in any case.
    """
    wanted = [t for t in tasks if t.name in planned.learn]

    def fresh() -> FramingModel:
        return start_model(start, wanted, keep=planned.kept, release=release, seed=seed)

    tokenizer = tokenizer_of(fresh(), start)
    train = planned.train
    if planned.kept:
        teacher = Engine(fresh(), tokenizer, _DRAFT)
        train = taught(teacher, train, planned.kept)
        rehearsal = taught(teacher, rehearsal, planned.kept)
    learn = planned.learn
    method, scores, predictions = planned.methods[0], {}, None
    if not planned.dev:
        choice = choose(
            planned.methods,
            fresh,
            tokenizer,
            train,
            work=work / "folds",
            seed=seed,
            rehearsal=rehearsal,
            learn=learn,
        )
        method, scores, predictions = choice.method, choice.scores, choice.predictions
        log.info("taken: %s, %s", method.name, method.says)
    if planned.kept and not rehearsal and (method.steps or method.contrastive):
        log.warning(
            "the encoder learns, and the kept tasks (%s) are held to their old answers on this "
            "corpus alone: give unlabelled texts of other kinds, too (--text), or freeze the "
            "encoder (--method heads)",
            ", ".join(planned.kept),
        )
    model = fresh()
    train_with(
        method,
        model,
        tokenizer,
        train,
        work=work,
        seed=seed,
        heldout=planned.dev,
        rehearsal=rehearsal,
        learn=learn,
    )
    model = model.half().float()
    learnt = [t for t in model.tasks if t.name in learn]
    if predictions is not None:
        fitted = predictions.fitted(learnt)
    else:
        fitted = fit_tasks(Engine(model, tokenizer, _DRAFT), [_only(e, learn) for e in planned.dev])
    by_name = {t.name: t for t in fitted}
    model.config.tasks = [by_name.get(t.name, t).to_dict() for t in model.tasks]
    model.tasks = model.config.task_objects()
    groups = len({e.group for e in train})
    if predictions is not None:
        folds = len(predictions.parts)
        model.config.calibration = f"{len(train):,} sentences out of fold, {folds} folds"
    else:
        model.config.calibration = f"{len(planned.dev):,} held-out sentences, seed {seed}"
    if predictions is None or planned.test:
        measured = [n for n in learn if any(n in e.labels for e in planned.test)]
        evaluation = evaluate_model(Engine(model, tokenizer, _DRAFT), planned.test, tasks=measured)
        protocol = (
            f"{len(planned.test):,} test sentences of {len({e.group for e in planned.test}):,} "
            "groups that were neither trained nor fitted on"
        )
        if missing := [n for n in learn if n not in measured]:
            protocol += (
                f"; none of them is labelled for {', '.join(missing)}, which is not measured"
            )
    else:
        evaluation = predictions.evaluation(learnt)
        protocol = (
            f"{len(predictions.parts)}-fold cross-validation over {groups:,} groups; thresholds "
            "and calibration of a fold come from the other folds"
        )
    return Fitted(
        model=model, method=method, scores=scores, evaluation=evaluation, protocol=protocol
    )


def _parts(
    examples: Sequence[Example], seed: int
) -> tuple[list[Example], list[Example], list[Example]]:
    """Train, dev and test, whole groups each, but for splits that the corpus declares."""
    train = [e for e in examples if e.split in (None, "train")]
    dev = [e for e in examples if e.split == "dev"]
    test = [e for e in examples if e.split == "test"]
    if not train:
        raise ValueError("no sentence is in the train split: there is nothing to train on")
    if len(train) < MANY:
        return [*train, *dev], [], test
    if not dev:
        train, dev = _cut(train, seed)
    if not test:
        train, test = _cut(train, seed + 1)
    return train, dev, test


def _cut(examples: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """About 85 % and 15 % of the sentences, by group; a group too large for the latter is kept."""
    groups = [e.group for e in examples]
    count = min(_TWENTIETHS, len(set(groups)))
    if count < 4:
        raise ValueError(
            f"the sentences are of {count} groups only, too few to hold any out; give a document "
            "for each, or group them by another field"
        )
    fold = grouped_folds(groups, count, seed)
    sizes = np.bincount(fold)
    held: list[int] = []
    for i, size in enumerate(sizes):
        if sizes[held].sum() + size <= _MOST * len(examples):
            held.append(i)
    off = np.isin(fold, held or [sizes.argmin()])
    return (
        [e for e, o in zip(examples, off, strict=True) if not o],
        [e for e, o in zip(examples, off, strict=True) if o],
    )


def _only(example: Example, tasks: Collection[str]) -> Example:
    return replace(example, labels={k: v for k, v in example.labels.items() if k in tasks})
