"""What the readers of all formats share: where they are, and how a row is rejected."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from framing.archive.paths import printable
from framing.archive.row import Columns, Rejected, Row
from framing.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(kw_only=True)
class Reader(ABC):
    """The rows of one source; the parameters are those of ``read_rows``.

    ``file`` and ``row`` say at any time what is being read, for the error that ends it.
    """

    file: Path
    columns: Columns
    start: int = 0
    encoding: str = "utf-8"
    max_chars: int = 1_000_000
    kept: pa.Schema | None = None
    row: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._prefix = f"{printable(self.file.name)}:"

    @abstractmethod
    def kept_types(self) -> dict[str, pa.DataType]:
        """The types of the kept columns that are there, as far as can be known beforehand.

        Raises InputError for a column that this source needs and has not.
        """

    @abstractmethod
    def rows(self) -> Iterator[Row | Rejected]:
        """All rows from ``start`` on."""

    def numbered(self, row: int) -> str:
        """The id of a row where no column has it."""
        return f"{self._prefix}{row}"

    def too_long(self, chars: int) -> str:
        """The reason for a text of more than ``max_chars``."""
        return f"a text of {chars:,} characters, over the {self.max_chars:,} of max_chars"

    def need(self, names: list[str]) -> None:
        """Raises InputError unless every column is there, once."""
        for name in self.columns.names:
            if (count := names.count(name)) != 1:
                raise InputError(
                    f"{printable(self.file)}: {'no column' if not count else f'{count} columns'} "
                    f"{name!r}; name one that is there once, of: {', '.join(map(repr, names))}"
                )
