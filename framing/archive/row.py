"""One text of an archive, or why it cannot be scored, and the columns that both are read from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, overload

from framing.errors import InputError


class Row(NamedTuple):
    """One text of a source.

    A tuple, which is made faster than a frozen dataclass.

    Parameters
    ----------
    row : its place in the source, from 0; rejected rows count, blank lines do not.
    id : its id column, else ``<file name>:<row>``, for plain texts the path below their folder.
        Two files of one name in two folders are told apart by the column ``file``.
    text : the text as it stands in the source, blank ones too; always encodable as UTF-8.
    kept : the values of the columns to keep, in their order, None where there is none.
    """

    row: int
    id: str
    text: str
    kept: tuple[object, ...] = ()


@dataclass(slots=True, repr=False)
class Rows(Sequence[Row]):
    """Rows as columns, so that a part is a few objects: where there are many thousand more than
    before, the garbage collector walks through all that the process has.
    """

    numbers: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    kept: list[tuple[object, ...]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Rows:
        """The rows, in their order."""
        found = cls()
        for row in rows:
            found.append(row)
        return found

    def append(self, row: Row) -> None:
        """Adds a row at the end."""
        self.numbers.append(row.row)
        self.ids.append(row.id)
        self.texts.append(row.text)
        self.kept.append(row.kept)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Rows: ...

    def __getitem__(self, at: int | slice) -> Row | Rows:
        if not isinstance(at, slice):
            return Row(self.numbers[at], self.ids[at], self.texts[at], self.kept[at])
        return Rows(self.numbers[at], self.ids[at], self.texts[at], self.kept[at])


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be scored.

    Parameters
    ----------
    row : its place in the source, from 0.
    line : the line that it begins in, from 1; None where the format has no lines.
    id : as in :class:`Row`; None if the row has an id column that could not be read.
    reason : what is wrong with it, in words.
    """

    row: int
    line: int | None
    id: str | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns of a table are read; plain texts have none.

    Parameters
    ----------
    text : the column of the texts.
    id : the column of their ids; None numbers the rows.
    keep : columns that go into the output as they are.
    """

    text: str = "text"
    id: str | None = None
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.keep, str):
            raise InputError(f"keep: a tuple of column names is needed, such as ({self.keep!r},)")
        object.__setattr__(self, "keep", tuple(self.keep))
        if twice := {name for name in self.keep if self.keep.count(name) > 1}:
            raise InputError(f"keep: {', '.join(map(repr, sorted(twice)))} named twice")

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that must be there, each once: text, id, kept."""
        wanted = (self.text, *(() if self.id is None else (self.id,)), *self.keep)
        return tuple(dict.fromkeys(wanted))
