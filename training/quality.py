"""One line of a quality table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from training.metrics import Estimate


@dataclass(frozen=True, kw_only=True)
class Row:
    """A measured figure: on what data, which measure, and what it may be held against."""

    data: str
    measure: str
    estimate: Estimate
    beside: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Row:
        """The inverse of :meth:`to_dict`."""
        return cls(**{**values, "estimate": Estimate(**values["estimate"])})


def results_name(size: str) -> str:
    """The file in ``benchmarks/results`` with what was measured of ``framing-{size}``."""
    return "quality.json" if size == "small" else f"quality-{size}.json"


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| data | measure | value [95 %] | n | beside it |", "|---|---|---|---|---|"]
    lines += [
        f"| {cell(r.data)} | {cell(r.measure)} | {r.estimate} | {r.estimate.n:,} "
        f"| {cell(r.beside)} |"
        for r in rows
    ]
    return "\n".join(lines)


def cell(text: str) -> str:
    """A name as it may stand in a cell of a Markdown table, and as nothing but text."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
