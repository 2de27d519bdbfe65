"""What is wrong with a corpus, said so that it can be put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault of a corpus.

    Parameters
    ----------
    severity : an ``error`` keeps the corpus from being trained on, a ``warning`` does not.
    message : what is wrong, and the way out.
    file : the file it is in, as the caller named it.
    line : the line, counted from 1 (of a table the row's line, the header being line 1); None
        where the fault belongs to the whole file.
    """

    severity: Severity
    message: str
    file: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.severity}: {self.message}"


class FaultyCorpusError(ValueError):
    """A corpus that cannot be trained on as it is; ``faults`` has all that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        errors = [str(f) for f in self.faults if f.severity == "error"]
        lines = errors[:_SHOWN]
        if left := len(errors) - len(lines):
            lines.append(f"... and {left:,} more; framing-train check prints them all")
        super().__init__("\n".join(lines))
