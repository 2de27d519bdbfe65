"""A task of a model before and after a training, on sentences that neither was trained on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.evaluation.compare import Comparison, Verdict
from training.evaluation.significance import Difference
from training.evaluation.words import plain, signed
from training.example import Example
from training.quality import cell


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a training did to one task.

    Parameters
    ----------
    way : how the new model was trained.
    data : names what both models labelled; it has ``documents`` groups.
    task, measure : higher is better.
    difference : before (``a``), after (``b``), after minus before, paired by document.
    verdict : :attr:`training.evaluation.compare.TaskComparison.verdict` of that.
    """

    way: str
    data: str
    documents: int
    task: str
    measure: str
    difference: Difference
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON-ready values; what is not defined is None."""
        return {**asdict(self), "difference": self.difference.to_dict()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Change:
        """The inverse of :meth:`to_dict`."""
        figures: dict[str, Any] = {
            k: math.nan if v is None else v for k, v in values["difference"].items()
        }
        return cls(**{**values, "difference": Difference(**figures)})


def changes_of(
    found: Comparison, examples: Sequence[Example], *, way: str, data: str
) -> list[Change]:
    """A row a task that was compared on ``examples``."""
    return [
        Change(
            way=way,
            data=data,
            documents=len({e.group for e in examples if e.labels.get(task.task) is not None}),
            task=task.task,
            measure=task.measure,
            difference=task.difference,
            verdict=task.verdict,
        )
        for task in found.tasks
    ]


def change_markdown(changes: Iterable[Change]) -> str:
    """The changes as a Markdown table, one a row."""
    lines = [
        "| way | data | task, measure | before | after | difference [95 %] | after is "
        "| sentences, documents |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for change in changes:
        found = change.difference
        cells = [
            change.way,
            change.data,
            f"{change.task}, {change.measure}",
            plain(found.a),
            plain(found.b),
            f"{signed(found.value)} [{signed(found.low)}, {signed(found.high)}]",
            change.verdict,
            f"{found.n:,}, {change.documents:,}",
        ]
        lines.append("| " + " | ".join(cell(x) for x in cells) + " |")
    return "\n".join(lines)
