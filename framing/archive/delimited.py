"""Rows of CSV and TSV files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from framing.archive.blocks import row_bytes
from framing.archive.fields import Fields
from framing.archive.reader import Reader
from framing.archive.row import Rejected, Row


@dataclass(kw_only=True)
class Delimited(Reader):
    """The rows of one file of fields parted by tabs, or by what its header has most of."""

    tabs: bool = False

    def kept_types(self) -> dict[str, Any]:
        """Strings. Raises InputError for a column that is not there."""
        from framing.archive.arrow import pa

        with closing(self._table()) as table:
            self.need(table.header)
        return dict.fromkeys(self.columns.keep, pa.string())

    def rows(self) -> Iterator[Row | Rejected]:
        """All rows from ``start`` on."""
        with closing(self._table()) as table:
            yield from self._rows(table)

    def _rows(self, table: Fields) -> Iterator[Row | Rejected]:
        self.need(table.header)
        columns = self.columns
        width = len(table.header)
        place = table.header.index
        at_text = place(columns.text)
        at_id = None if columns.id is None else place(columns.id)
        kept_of = _getter([place(name) for name in columns.keep])
        for _ in table.pass_over(self.start):
            self.row += 1
        for line, fields, fault in table:
            whole = fault is None and len(fields) == width
            row_id = fields[at_id] if whole and at_id is not None else None
            if at_id is None:
                row_id = self.numbered(self.row)
            if not whole:
                fault = fault or f"the header names {width:,} fields, this row has {len(fields):,}"
            elif len(fields[at_text]) > self.max_chars:
                fault = self.too_long(len(fields[at_text]))
            if fault is None and row_id:
                yield Row(self.row, row_id, fields[at_text], kept_of(fields))
            else:
                fault = fault or f"no id: {columns.id!r} is empty"
                yield Rejected(self.row, line, row_id or None, fault)
            self.row += 1

    def _table(self) -> Fields:
        limit = row_bytes(self.max_chars)
        return Fields(self.file, self.encoding, limit=limit, tabs=self.tabs)


def _getter(places: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    if not places:
        return lambda fields: ()
    if len(places) == 1:
        return lambda fields: (fields[places[0]],)
    return itemgetter(*places)
