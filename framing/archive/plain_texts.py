"""Rows of plain texts, one a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.archive.blocks import row_bytes
from framing.archive.compression import read_pieces
from framing.archive.encodings import marked, undecodable
from framing.archive.paths import below, printable
from framing.archive.reader import Reader
from framing.archive.row import Rejected, Row
from framing.errors import InputError


@dataclass(kw_only=True)
class PlainTexts(Reader):
    """The files of one source, each a row; their ids are their paths below ``folder``."""

    files: tuple[Path, ...]
    folder: Path

    def kept_types(self) -> dict[str, Any]:
        """None. Raises InputError for a column of ids or one to keep."""
        if self.columns.id is not None or self.columns.keep:
            named = ", ".join(map(repr, self.columns.names[1:]))
            raise InputError(
                f"{printable(self.folder)}: plain texts have no columns, so none such as {named}; "
                "run them by themselves"
            )
        return {}

    def rows(self) -> Iterator[Row | Rejected]:
        """All rows from ``start`` on."""
        self.kept_types()
        for row in range(self.start, len(self.files)):
            self.row, self.file = row, self.files[row]
            yield self._row()

    def numbered(self, row: int) -> str:
        """The path of the row's file below the folder."""
        return below(self.files[row], self.folder)

    def _row(self) -> Row | Rejected:
        limit = row_bytes(self.max_chars)
        parts, size = [], 0
        for piece in read_pieces(self.file):
            parts.append(piece)
            size += len(piece)
            if size > limit:
                return self._rejected(f"a file of more than {limit:,} bytes")
        data = b"".join(parts)
        encoding = marked(data, self.encoding)
        if not encoding.startswith(("utf-16", "utf-32")) and (zero := data.find(b"\0")) >= 0:
            return self._rejected(f"not a text: a zero byte at offset {zero:,}")
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            return self._rejected(undecodable(error, encoding, "the file"))
        if len(text) > self.max_chars:
            return self._rejected(self.too_long(len(text)))
        return Row(self.row, self.numbered(self.row), text)

    def _rejected(self, reason: str) -> Rejected:
        return Rejected(self.row, None, self.numbered(self.row), reason)
