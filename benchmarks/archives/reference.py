"""The undisturbed run that a campaign holds the others against."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.archives.formats import Archive
from benchmarks.archives.outputs import Output


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long an undisturbed run takes.

    Parameters
    ----------
    seconds : from the start of its process to its end.
    first : from there to the first part that is done.
    """

    seconds: float
    first: float

    @classmethod
    def of(cls, folder: Path, began: float) -> Pace:
        """Of a run into a folder that began at the time ``began`` and has just ended."""
        entries = (folder / "_manifest" / "parts").glob("part-*.json")
        first = min(path.stat().st_mtime for path in entries)
        return cls(seconds=time.time() - began, first=max(0.0, first - began))

    def left(self, done: float) -> float:
        """What a run has before it whose parts are done up to this share, from 0 to 1."""
        return self.first + (self.seconds - self.first) * (1 - done)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The output of an undisturbed run."""

    archive: Archive
    form: str
    output: Output
    parts: int


def parts_done(folder: Path) -> int:
    """How many parts a folder has entries of."""
    return len(list((folder / "_manifest" / "parts").glob("part-*.json")))
