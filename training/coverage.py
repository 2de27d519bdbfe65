"""Whether there is enough to learn from: labels in every split, and sentences of every class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from framing.task import Task
from training.corpus import Corpus
from training.counts import TaskCount, count_task
from training.example import Label
from training.faults import Fault, Severity
from training.leakage import place
from training.records import SPLITS

__all__ = ["FEW_GROUPS", "FEW_SENTENCES", "coverage"]

FEW_SENTENCES = 20
"""Sentences under which a class is thin: a fifth of 20 held out is four, and one of them more or
less moves recall by a quarter."""

FEW_GROUPS = 5
"""Groups under which a class is thin: five folds by group need one in each, and what few documents
have in common is learnt in place of the class."""


def coverage(corpus: Corpus) -> list[Fault]:
    """What is missing: sentences, labels, splits, classes. Linear in the sentences."""
    if not corpus.examples:
        # Where nothing could be read, that has been said.
        return (
            []
            if corpus.errors
            else [_fault(corpus, "error", "no sentence: there is nothing to train on")]
        )
    tasks = corpus.codebook.tasks
    labelled = [t for t in tasks if any(t.name in e.labels for e in corpus.examples)]
    if not labelled:
        names = ", ".join(corpus.codebook.names)
        message = f'no label: no sentence is labelled for {names}; see "labels" of a record'
        return [_fault(corpus, "error", message)]
    faults = list(_splits(corpus, labelled))
    declared = any(e.split for e in corpus.examples)
    learnt = [e for e in corpus.examples if e.split in (None, "train")]
    for task in labelled:
        count = count_task(task, learnt)
        if count.sentences:
            faults += _classes(corpus, count, " in train" if declared else "")
        faults += _ties(corpus, task)
    return faults


def _fault(corpus: Corpus, severity: Severity, message: str) -> Fault:
    """A fault of the whole corpus, at its files."""
    files = dict.fromkeys(e.origin[0] for e in corpus.examples if e.origin)
    names = list(files) or list(dict.fromkeys(e.corpus for e in corpus.examples)) or ["corpus"]
    file = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return Fault(severity=severity, message=message, file=file)


def _splits(corpus: Corpus, tasks: Sequence[Task]) -> Iterator[Fault]:
    """What the declared splits lack. A sentence without one is trained on, as one of train is."""
    declared = {e.split for e in corpus.examples} - {None}
    if not declared:
        return
    if free := sum(e.split is None for e in corpus.examples):
        message = (
            f"no split: {free:,} sentences name none, though others do; they are trained on, as "
            "those of train are; give each a split, or none"
        )
        yield _fault(corpus, "warning", message)
    for split in SPLITS:
        severity: Severity = "error" if split == "train" else "warning"
        examples = [e for e in corpus.examples if (e.split or "train") == split]
        if not examples:
            others = " and ".join(s for s in SPLITS if s in declared)
            message = f"empty split: no sentence is in {split}, though some are in {others}; "
            yield _fault(corpus, severity, message + _consequence(split))
            if split == "train":
                return
            continue
        for task in tasks:
            if not any(task.name in e.labels for e in examples):
                message = (
                    f"unlabelled split: no sentence of {split} is labelled for {task.name}, though "
                    "others are; label some, or take the task out of the codebook"
                )
                yield _fault(corpus, severity, message)


def _consequence(split: str) -> str:
    if split == "train":
        return "there is nothing to learn from"
    return f"groups of train are held out for {split}"


def _classes(corpus: Corpus, count: TaskCount, where: str) -> Iterator[Fault]:
    if only := _only(count):
        message = (
            f"one class only: {only} of the {count.sentences:,} sentences labelled for "
            f"{count.task}{where}: there is nothing to learn; add sentences of another class, or "
            "take the task out of the codebook"
        )
        yield _fault(corpus, "error", message)
        return
    for label in count.labels:
        if label.sentences < FEW_SENTENCES or label.groups < FEW_GROUPS:
            message = (
                f"thin class: {label.sentences:.4g} sentences of {label.groups} groups have label "
                f"{label.label!r} of {count.task}{where}; to learn it and to measure that, "
                f"{FEW_SENTENCES} sentences of {FEW_GROUPS} groups are the least: {_remedy(count)}"
            )
            yield _fault(corpus, "warning", message)


def _only(count: TaskCount) -> str:
    """What all sentences have in common, empty if anything sets them apart."""
    there = [label for label in count.labels if label.sentences > 0]
    if count.kind in ("binary", "multiclass") and len(there) == 1:
        return f"{there[0].label!r} is the label"
    if count.kind == "spans" and not there:
        return "there is no span in any"
    if count.kind == "multilabel" and all(label.sentences == count.sentences for label in there):
        return "the same labels apply to each" if there else "no label applies to any"
    return ""


def _remedy(count: TaskCount) -> str:
    if count.kind == "binary":
        return "annotate more of that side"
    return "annotate more of it, merge it with a neighbour, or leave it out of the codebook"


def _ties(corpus: Corpus, task: Task) -> Iterator[Fault]:
    if task.kind != "multiclass":
        return
    tied = [e for e in corpus.examples if _is_tied(e.labels.get(task.name))]
    if tied:
        message = (
            f"no majority: {len(tied):,} sentences have two labels of {task.name} alike, the first "
            f"is {place(tied[0])}; they are trained on as shares, and a single answer is left to "
            "chance; one more vote would decide"
        )
        yield _fault(corpus, "warning", message)


def _is_tied(label: Label | None) -> bool:
    if not isinstance(label, Mapping):
        return False
    shares = sorted(float(share) for share in label.values() if not isinstance(share, tuple))
    return len(shares) > 1 and shares[-1] == shares[-2]
