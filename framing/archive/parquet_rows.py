"""Rows of Parquet files, read a batch at a time and only the columns that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from framing.archive.arrow import pa, pq
from framing.archive.arrow_values import is_bytes, plain, strings, values
from framing.archive.compression import UnreadableError
from framing.archive.encodings import undecodable
from framing.archive.paths import printable
from framing.archive.reader import Reader
from framing.archive.row import Rejected, Row
from framing.errors import InputError

_BATCH_ROWS = 256


class ParquetRows(Reader):
    """The rows of one Parquet file."""

    def kept_types(self) -> dict[str, Any]:
        """The type of each kept column, strings of every kind as one."""
        with self._opened() as file:
            return {name: plain(file.schema_arrow.field(name).type) for name in self.columns.keep}

    def rows(self) -> Iterator[Row | Rejected]:
        """All rows from ``start`` on."""
        with self._opened() as file:
            total = file.metadata.num_rows
            first_group = self._pass_over_groups(file.metadata)
            if self.row < total:
                batches = file.iter_batches(
                    _BATCH_ROWS,
                    row_groups=range(first_group, file.num_row_groups),
                    columns=list(self.columns.names),
                    use_threads=False,
                )
                for batch in batches:
                    past = min(max(self.start - self.row, 0), batch.num_rows)
                    self.row += past
                    if past < batch.num_rows:
                        yield from self._rows(batch.slice(past))
            if self.row != total:
                raise UnreadableError(f"it has {self.row:,} rows of the {total:,} that it names")

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        try:
            # Without both settings a whole row group, gigabytes maybe, is held at once.
            with pq.ParquetFile(
                self.file, buffer_size=1 << 20, pre_buffer=False, page_checksum_verification=True
            ) as file:
                self.need(file.schema_arrow.names)
                text = plain(file.schema_arrow.field(self.columns.text).type)
                if not (pa.types.is_string(text) or is_bytes(text)):
                    raise InputError(
                        f"{printable(self.file)}: {self.columns.text!r} is a column of {text}, not "
                        "of strings; name the column of the texts"
                    )
                yield file
        except pa.ArrowException as error:
            raise UnreadableError(f"the Parquet file is broken: {error}") from None

    def _pass_over_groups(self, metadata: Any) -> int:
        for group in range(metadata.num_row_groups):
            size = metadata.row_group(group).num_rows
            if self.row + size > self.start:
                return group
            self.row += size
        return int(metadata.num_row_groups)

    def _rows(self, batch: Any) -> Iterator[Row | Rejected]:
        columns = self.columns
        rows = range(self.row, self.row + batch.num_rows)
        texts = strings(batch.column(columns.text))
        ids: Iterable[object] = map(self.numbered, rows)
        if columns.id is not None:
            ids = strings(batch.column(columns.id))
        kept: Iterable[tuple[object, ...]] = repeat((), len(rows))
        if columns.keep:
            kept = zip(
                *(self._kept(batch.column(name), name) for name in columns.keep), strict=True
            )
        for row, text, row_id, row_kept in zip(rows, texts, ids, kept, strict=True):
            reason = self._fault(text, row_id, row_kept)
            if reason is None:
                yield Row(row, str(row_id), str(text), row_kept)
            else:
                known = row_id if isinstance(row_id, str) and row_id else None
                yield Rejected(row, None, known, reason)
            self.row = row + 1

    def _fault(self, text: object, row_id: object, kept: tuple[object, ...]) -> str | None:
        columns = self.columns
        if text is None:
            return f"{columns.text!r} is null"
        if isinstance(text, str) and len(text) > self.max_chars:
            return self.too_long(len(text))
        if row_id is None or row_id == "":
            return f"no id: {columns.id!r} is null or empty"
        if not kept and isinstance(text, str) and isinstance(row_id, str):
            return None  # as nearly all are
        names = columns.text, columns.id, *columns.keep
        for name, value in zip(names, (text, row_id, *kept), strict=True):
            if isinstance(value, UnicodeDecodeError):
                return undecodable(value, "utf-8", f"{name!r}")
        return None

    def _kept(self, column: Any, name: str) -> list[Any]:
        wanted = plain(column.type) if self.kept is None else self.kept.field(name).type
        return strings(column) if pa.types.is_string(wanted) else values(column, wanted)
