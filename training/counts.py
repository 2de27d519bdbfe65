"""What a corpus holds, counted: its sentences by split, and the labels of each task."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from framing.task import Task
from training.example import Example, Label
from training.records import SPLITS

__all__ = ["NO_SPLIT", "LabelCount", "SplitCount", "TaskCount", "count_splits", "count_task"]

NO_SPLIT = "none"
"""Stands for the split of a sentence that has none."""

HALF = 0.5
"""A group counts for a label from this share on, in one of its sentences."""


@dataclass(frozen=True, kw_only=True)
class SplitCount:
    """The sentences of one split, and of how many documents, outlets and groups they are."""

    split: str
    sentences: int
    documents: int
    outlets: int
    groups: int

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class LabelCount:
    """How often a label was given.

    Parameters
    ----------
    label : its name; ``not NAME`` for the other side of a binary task.
    sentences : that have it; a soft label counts for its share, so the sum may be no whole number.
    share : of the sentences annotated for it.
    groups : with at least one sentence that has it, by half a share or more.
    splits : the sentences by split.
    spans : how many there are; None for a task without spans.
    """

    label: str
    sentences: float
    share: float
    groups: int
    splits: Mapping[str, float]
    spans: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class TaskCount:
    """The labels of one task.

    Parameters
    ----------
    sentences : annotated for the task.
    soft : those of them with a share that is neither 0 nor 1.
    groups : of those sentences.
    splits : those sentences by split.
    labels : the counts of each label, in the order of the task.
    """

    task: str
    kind: str
    sentences: int
    soft: int
    groups: int
    splits: Mapping[str, int]
    labels: tuple[LabelCount, ...]

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON-ready values."""
        return {**asdict(self), "labels": [label.to_dict() for label in self.labels]}


def count_splits(examples: Iterable[Example]) -> tuple[SplitCount, ...]:
    """The counts of each split that occurs: train, dev, test, then what has none."""
    by_split: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_split[example.split or NO_SPLIT].append(example)
    last = len(SPLITS)
    order = {split: rank for rank, split in enumerate(SPLITS)}
    return tuple(
        SplitCount(
            split=split,
            sentences=len(found),
            documents=len(documents(found)),
            outlets=len({e.outlet for e in found if e.outlet}),
            groups=len({e.group for e in found}),
        )
        for split, found in sorted(by_split.items(), key=lambda item: order.get(item[0], last))
    )


def documents(examples: Iterable[Example]) -> set[tuple[str, str]]:
    """The documents that sentences name; two corpora may use one name for different ones."""
    return {(e.corpus, e.document) for e in examples if e.document}


def count_task(task: Task, examples: Sequence[Example]) -> TaskCount:
    """The counts of a task and of each of its labels."""
    names = [*task.labels, f"not {task.labels[0]}"] if task.kind == "binary" else [*task.labels]
    annotated: Counter[str] = Counter()
    sums: dict[str, Counter[str]] = {name: Counter() for name in names}
    groups: dict[str, set[str]] = {name: set() for name in names}
    spans: Counter[str] = Counter()
    splits: Counter[str] = Counter()
    seen: set[str] = set()
    soft = 0
    for example in examples:
        label = example.labels.get(task.name)
        if label is None:
            continue
        found = shares(task, label)
        split = example.split or NO_SPLIT
        splits[split] += 1
        seen.add(example.group)
        soft += any(0 < share < 1 for share in found.values())
        for name, share in found.items():
            annotated[name] += 1
            sums[name][split] += share  # type: ignore[assignment]
            if share >= HALF:
                groups[name].add(example.group)
        if task.kind == "spans" and isinstance(label, Mapping):
            spans.update({n: len(s) for n, s in label.items() if isinstance(s, tuple)})
    totals = {name: float(sum(by_split.values())) for name, by_split in sums.items()}
    return TaskCount(
        task=task.name,
        kind=task.kind,
        sentences=splits.total(),
        soft=soft,
        groups=len(seen),
        splits=dict(splits),
        labels=tuple(
            LabelCount(
                label=name,
                sentences=totals[name],
                share=totals[name] / annotated[name] if annotated[name] else 0.0,
                groups=len(groups[name]),
                splits={split: float(sums[name][split]) for split in splits},
                spans=spans[name] if task.kind == "spans" else None,
            )
            for name in names
        ),
    )


def shares(task: Task, label: Label) -> dict[str, float]:
    """How far each label applies, 0 to 1; a label that was not annotated is left out.

    Binary tasks have both sides; a span label applies where it has a span. Labels that the task
    does not have are passed over.
    """
    if task.kind == "binary":
        yes = float(label) if isinstance(label, int | float) else 0.0
        return {task.labels[0]: yes, f"not {task.labels[0]}": 1 - yes}
    if task.kind == "spans":
        given = label if isinstance(label, Mapping) else {}
        return {name: float(bool(given[name])) for name in task.labels if name in given}
    if isinstance(label, Mapping):
        given = label
    else:
        given = dict.fromkeys(label if isinstance(label, tuple) else (str(label),), 1.0)
    return {name: float(given.get(name, 0.0)) for name in task.labels}  # type: ignore[arg-type]
