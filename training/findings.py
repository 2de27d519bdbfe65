"""Gathers what is found wrong while a corpus is read, so that all of it is said at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from training.faults import Fault, Severity

__all__ = ["Findings", "did_you_mean", "shown"]

_LISTED = 20
_WIDTH = 60


class Findings:
    """The faults of one file, or of one line of it.

    Parameters
    ----------
    file : as the caller named it.
    line : the line that faults belong to unless they say another; None for the whole file.
    """

    def __init__(self, file: str, line: int | None = None) -> None:
        self.file = file
        self.line = line
        self.faults: list[Fault] = []
        self._said: set[Fault] = set()

    def of(self, file: str) -> Findings:
        """Those of another file, gathered into the same list."""
        other = Findings(file)
        other.faults, other._said = self.faults, self._said
        return other

    def error(self, message: str, line: int | None = None) -> None:
        """Adds a fault that keeps the corpus from being trained on."""
        self._add("error", message, self.line if line is None else line)

    def warning(self, message: str, line: int | None = None) -> None:
        """Adds a fault that does not."""
        self._add("warning", message, self.line if line is None else line)

    def once(self, message: str) -> None:
        """Adds a warning about the whole file, which is not said twice."""
        self._add("warning", message, None)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Adds faults found elsewhere; those of a whole file once."""
        for fault in faults:
            if fault.line is not None or fault not in self._said:
                self.faults.append(fault)
                self._said.add(fault)

    @property
    def errors(self) -> int:
        """How many errors there are among them."""
        return sum(fault.severity == "error" for fault in self.faults)

    def _add(self, severity: Severity, message: str, line: int | None) -> None:
        fault = Fault(severity=severity, message=message, file=self.file, line=line)
        self.extend([fault])


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest one there is, and all of them."""
    known = list(names)
    folded = {n.casefold(): n for n in reversed(known)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    guess = f"did you mean {folded[near[0]]!r}? " if near else ""
    listed = ", ".join(known[:_LISTED]) + (", ..." if len(known) > _LISTED else "")
    return f"{guess}There are: {listed}"


def shown(value: Any) -> str:
    """A value for a message, cut short if it is long."""
    written = repr(value)
    return written if len(written) <= _WIDTH else f"{written[: _WIDTH - 3]}..."
