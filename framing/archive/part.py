"""Parts: blocks of rows of one source, the unit of work, of commit and of resuming."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from framing.archive.inputs import Source
from framing.archive.options import ArchiveOptions
from framing.archive.row import Rejected, Row, Rows
from framing.archive.rows import read_rows
from framing.archive.stamps import Stamps

if TYPE_CHECKING:
    import pyarrow as pa


class PartKey(NamedTuple):
    """Which part: the index of its source and its number in there, both from 0."""

    file: int
    block: int

    def __str__(self) -> str:
        return f"part-{self.file:05d}-{self.block:05d}"

    @classmethod
    def parse(cls, name: str) -> PartKey | None:
        """The inverse of ``str``; None for what is no name of a part."""
        found = re.fullmatch(r"part-(\d{5,})-(\d{5,})", name)
        return cls(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingPart:
    """Consecutive rows of one source, to be scored.

    Parameters
    ----------
    key : which part.
    path : its source, as given.
    first_row : the number of its first row in the source, from 0.
    rows, rejected : its rows, and those that cannot be scored; together all from ``first_row`` on.
    last : whether the source ends with it.
    """

    key: PartKey
    path: str
    first_row: int
    rows: Rows
    rejected: Sequence[Rejected]
    last: bool

    @property
    def end(self) -> int:
        """The number of the row after its last one."""
        return self.first_row + len(self.rows) + len(self.rejected)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredPart:
    """A part and its output: a record batch a table for each lot of texts scored together.

    ``repeated`` counts the sentences that were not scored, being repeats of others in the part.
    """

    pending: PendingPart
    sentences: Sequence[pa.RecordBatch]
    documents: Sequence[pa.RecordBatch]
    repeated: int = 0

    @property
    def sentence_count(self) -> int:
        """How many sentences it has, whichever of the tables there is."""
        if not self.documents:
            return sum(map(len, self.sentences))
        return sum(int(batch.column("sentences").to_numpy().sum()) for batch in self.documents)


class Extent(Protocol):
    """What must be known of a part that is done, so that its rows need not be read again."""

    @property
    def end(self) -> int:
        """The row after its last one."""

    @property
    def last(self) -> bool:
        """Whether the source ends with it."""


def in_shard(key: PartKey, sources: int, shard: tuple[int, int] | None) -> bool:
    """Whether a part belongs to a shard: by its source, or by its block where sources are few."""
    if shard is None:
        return True
    number, count = shard
    place = key.file if sources >= count else key.file + key.block
    return place % count == number - 1


def pending_parts(
    sources: Sequence[Source],
    options: ArchiveOptions,
    done: Mapping[PartKey, Extent],
    *,
    kept: pa.Schema | None = None,
    stamps: Stamps | None = None,
) -> Iterator[PendingPart]:
    """The parts of the shard that are not done yet, in order.

    Where a part ends depends on the source and on ``part_rows`` and ``part_chars`` alone, so that
    a second run makes the same parts. ``kept`` goes to :func:`~framing.archive.rows.read_rows`;
    with ``stamps``, the files of a part are held against theirs once it has been read.

    Raises
    ------
    InputError
        if a source cannot be read, or has changed since its stamp was taken.
    """
    count = len(sources)
    for source in sources:
        key = PartKey(source.index, 0)
        if options.shard and count >= options.shard[1] and not in_shard(key, count, options.shard):
            continue
        place = _next(key, 0, count, options, done)
        while place is not None:
            key, row = place
            place = None
            items = read_rows(
                source,
                options.columns,
                start=row,
                encoding=options.encoding,
                max_chars=options.max_chars,
                kept=kept,
            )
            for part in _blocks(source, items, key, row, options):
                if in_shard(part.key, count, options.shard):
                    if stamps is not None:
                        stamps.check(source, part.first_row, part.end)
                    yield part
                following = PartKey(source.index, part.key.block + 1)
                if not part.last and following in done:
                    # Read anew behind all that is done: passing over rows is faster than reading.
                    place = _next(following, part.end, count, options, done)
                    break


def _next(
    key: PartKey,
    row: int,
    sources: int,
    options: ArchiveOptions,
    done: Mapping[PartKey, Extent],
) -> tuple[PartKey, int] | None:
    """The part and the row to read from, so that nothing of the shard is missed; None at the end.

    Parts of other shards are passed over as far as a done one behind them tells where they end.
    """
    place = key, row
    while key in done or not in_shard(key, sources, options.shard):
        following = PartKey(key.file, key.block + 1)
        if key in done:
            if done[key].last:
                return None
            place = following, done[key].end
        key = following
    return place


def _blocks(
    source: Source,
    items: Iterator[Row | Rejected],
    key: PartKey,
    row: int,
    options: ArchiveOptions,
) -> Iterator[PendingPart]:
    item = next(items, None)
    while True:
        rows = Rows()
        rejected: list[Rejected] = []
        left, chars = options.part_rows, 0
        while item is not None and left and chars < options.part_chars:
            left -= 1
            if isinstance(item, Row):
                rows.append(item)
                chars += len(item.text)
            else:
                rejected.append(item)
            item = next(items, None)
        part = PendingPart(
            key=key,
            path=source.path,
            first_row=row,
            rows=rows,
            rejected=rejected,
            last=item is None,
        )
        yield part
        if part.last:
            return
        key, row = PartKey(key.file, key.block + 1), part.end
