"""How far a run has come: counted while it works, and told to whoever wants to know."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from framing.archive.entry import Entry
from framing.archive.inputs import Source
from framing.archive.options import ArchiveOptions
from framing.archive.part import PartKey, in_shard


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come.

    Parameters
    ----------
    documents, sentences, rejected : how many so far, those of earlier runs with them.
    parts : how many parts are done.
    fraction : how much of the rows is done, from 0 to 1, by an estimate of how many there are; None
        where there is none.
    rate : sentences a second in this run.
    seconds : since scoring began.
    seconds_left : what is left at this pace, None until there is a pace.
    """

    documents: int
    sentences: int
    rejected: int
    parts: int
    fraction: float | None
    rate: float
    seconds: float
    seconds_left: float | None


class Tracker:
    """Counts what is scored and done.

    Parameters
    ----------
    sources, options : of the run.
    expected : how many rows each source has, about.
    done : the parts that earlier runs have done.
    report : called with the new state whenever something is scored or done.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        options: ArchiveOptions,
        expected: Sequence[float],
        done: Iterable[Entry],
        report: Callable[[Progress], None],
    ) -> None:
        self._count, self._shard = len(sources), options.shard
        self._expected = {s.index: rows for s, rows in zip(sources, expected, strict=True)}
        self._report = report
        self._rows = dict.fromkeys(self._expected, 0)
        self._documents = self._sentences = self._rejected = self._parts = 0
        for entry in done:
            self._add(entry)
        self._resumed_rows = sum(self._rows.values())
        self._resumed_sentences = self._sentences
        self._scored = (self._documents, self._sentences)
        self._started = time.monotonic()
        self._tell()

    def scored(self, documents: int, sentences: int) -> None:
        """More texts have been scored; their part is not done yet."""
        self._scored = self._scored[0] + documents, self._scored[1] + sentences
        self._tell()

    def done(self, entry: Entry) -> None:
        """A part is done."""
        self._add(entry)
        self._tell()

    def _add(self, entry: Entry) -> None:
        file = entry.key.file
        self._rows[file] += entry.rows
        self._documents += entry.documents
        self._sentences += entry.sentences
        self._rejected += entry.rejected
        self._parts += 1
        if entry.last:  # now it is known
            self._expected[file] = entry.end

    def _tell(self) -> None:
        # Not every engine tells what it scores before a part is done.
        documents = max(self._documents, self._scored[0])
        sentences = max(self._sentences, self._scored[1])
        rows = sum(self._rows.values()) + documents - self._documents
        total = self._total()
        seconds = time.monotonic() - self._started
        fresh = rows - self._resumed_rows
        self._report(
            Progress(
                documents=documents,
                sentences=sentences,
                rejected=self._rejected,
                parts=self._parts,
                fraction=min(1.0, rows / total) if total else None,
                rate=(sentences - self._resumed_sentences) / seconds if seconds else 0.0,
                seconds=seconds,
                seconds_left=max(0.0, total - rows) * seconds / fresh if fresh and total else None,
            )
        )

    def _total(self) -> float:
        if self._shard is None or self._count >= self._shard[1]:
            return sum(
                max(rows, self._rows[file])
                for file, rows in self._expected.items()
                if in_shard(PartKey(file, 0), self._count, self._shard)
            )
        return max(sum(self._expected.values()) / self._shard[1], sum(self._rows.values()))
