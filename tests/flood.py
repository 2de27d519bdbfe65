"""A corpus of the tests' own without a fault, and what is found in it once it is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from framing.task import Task
from training.check import Report, check, kind_of
from training.codebook import Codebook
from training.corpus import Corpus
from training.example import Example
from training.faults import Fault

CODEBOOK = Codebook(
    name="flood",
    tasks=(
        Task(name="alarm", kind="binary", labels=("alarm",)),
        Task(name="stance", kind="multiclass", labels=("for", "against")),
        Task(name="actors", kind="multilabel", labels=("state", "firms")),
        Task(name="blame", kind="spans", labels=("who", "what")),
    ),
)
SIZE, DOCUMENTS = 150, 15
WHO = ("clerk", "mayor", "diver", "baker", "pilot")
DOES = ("painted", "sold", "mended", "hid", "weighed", "counted")
WHAT = ("boats", "gates", "bells", "ropes", "maps")


def sentence(number: int) -> str:
    """One of 150 sentences, no two of which share five words in a row."""
    who, does, what = WHO[number % 5], DOES[number // 5 % 6], WHAT[number // 30]
    return f"The {who} of dock {number} {does} all {what} by noon on day {number}."


def clean(split: bool = False) -> list[Example]:
    """A corpus without a fault: every label on a half of the sentences and in every document."""
    parts = ["train"] * 9 + ["dev"] * 3 + ["test"] * 3
    return [
        Example(
            text=sentence(i),
            corpus="c",
            id=f"s{i}",
            group=f"c:d{i % DOCUMENTS}",
            document=f"d{i % DOCUMENTS}",
            outlet=f"o{i % DOCUMENTS % 4}",
            split=parts[i % DOCUMENTS] if split else None,
            labels={
                "alarm": float(i // DOCUMENTS % 2),
                "stance": ("for", "against")[i // DOCUMENTS % 2],
                "actors": [(), ("state",), ("firms",), ("state", "firms")][i // DOCUMENTS % 4],
                "blame": {"who": ((4, 9),) if i // DOCUMENTS % 2 else (), "what": ((0, 3),)},
            },
            origin=("c.jsonl", i + 1),
        )
        for i in range(SIZE)
    ]


def checked(examples: Sequence[Example], faults: Sequence[Fault] = ()) -> Report:
    return check(Corpus(codebook=CODEBOOK, examples=list(examples), faults=list(faults)))


def with_labels(example: Example, **labels: Any) -> Example:
    return replace(example, labels={**example.labels, **labels})


def found(report: Report, kind: str) -> list[Fault]:
    return report.by_kind().get(kind, [])


def kinds(report: Report) -> set[tuple[str, str]]:
    return {(kind_of(f), f.severity) for f in report.faults}
