"""The fields of each row of a CSV or TSV file, and what keeps a row from having any."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from framing.archive.blocks import Blocks, LongLineError
from framing.archive.compression import UnreadableError
from framing.archive.long_row import pass_over

if TYPE_CHECKING:
    from _csv import Reader


class _LongRowError(Exception):
    """A row over many lines goes on beyond the limit."""


class Fields:
    """A table's rows, as Python's csv module reads them when it is strict.

    Strict, because a quotation mark within a quoted field would otherwise be taken out of the text
    unnoticed.

    Parameters
    ----------
    path : the file.
    encoding : of the file.
    limit : bytes of a row beyond which it is not held to its end.
    tabs : whether tabs part the fields; else whichever of comma, tab and semicolon the header has
        most of.

    Raises
    ------
    UnreadableError
        if there is no header that can be read.
    """

    def __init__(self, path: Path, encoding: str, *, limit: int, tabs: bool) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), 1 << 30))  # the limit is kept here
        self._limit = limit
        self._blocks = Blocks(path, encoding, limit=limit, returns=True)
        self._line = 0  # the last of the latest row
        self._passed = 0  # lines before those that the present csv reader was given
        self._fault: str | None = None  # of the first line of this row that cannot be decoded
        self._ended = False
        self._encoding = self._blocks.encoding
        self._separator = "\t" if tabs else self._likeliest_separator()
        self._csv = self._reader()
        line, self.header, fault = next(iter(self), (1, [], "the file is empty"))
        if fault is None and "\0" in "".join(self.header):
            fault = "zero bytes, as of another encoding, such as utf-16-le"
        if fault:
            raise UnreadableError(f"no header that can be read, see line {line}: {fault}")

    def __iter__(self) -> Iterator[tuple[int, list[str], str | None]]:
        """The line that a row begins in, from 1, its fields, and what is wrong with it or None.

        Empty lines are passed over: an empty field alone in its row is written ``""``.
        """
        while True:
            try:
                for fields in self._csv:
                    first, self._line = self._line + 1, self._passed + self._csv.line_num
                    if fields:
                        fault, self._fault = self._fault, None
                        yield first, fields, fault
                return
            except csv.Error as error:
                first, self._line = self._line + 1, self._passed + self._csv.line_num
                if self._ended:
                    raise self._unclosed(first) from None
                self._fault = None
                yield first, [], f"malformed: {error} in line {self._line:,}"
            except (LongLineError, _LongRowError):
                yield self._long_row()

    def close(self) -> None:
        """Closes the file."""
        self._blocks.close()

    def pass_over(self, count: int) -> Iterator[object]:
        """Passes over the next rows, or all that are left, faster than they are read."""
        if self._encoding == "utf-8":
            self._encoding = "latin-1"  # which has the same separators and is decoded much faster
        yield from islice(self, count)
        self._encoding = self._blocks.encoding

    def _reader(self) -> Reader:
        return csv.reader(self._lines(), delimiter=self._separator, strict=True)

    def _likeliest_separator(self) -> str:
        try:
            block = self._blocks.block()
        except LongLineError:
            return ","  # it is not read as a header either
        self._blocks.push_back(block)
        header = (block.lstrip(b"\r\n").splitlines() or [b""])[0]
        return max(",\t;", key=header.decode(self._blocks.encoding, "replace").count)

    def _lines(self) -> Iterator[str]:
        row, held = -1, 0
        while block := self._blocks.block():
            if self._line != row:  # another row than when the last block was asked for
                row, held = self._line, 0
            elif held > self._limit:
                self._blocks.push_back(block)
                raise _LongRowError
            else:
                held += len(block)
            for line in block.splitlines(keepends=True):
                try:
                    text = line.decode(self._encoding)
                except UnicodeDecodeError as error:
                    number = self._passed + self._csv.line_num + 1
                    fault = self._blocks.fault(error, f"line {number:,}")
                    self._fault = self._fault or fault
                    text = line.decode(self._encoding, "replace")
                yield text
        self._ended = True

    def _long_row(self) -> tuple[int, list[str], str]:
        first, reached = self._line + 1, self._passed + self._csv.line_num
        lines, ended = pass_over(
            self._blocks, separator=self._separator, quoted=reached > self._line
        )
        if not ended:
            raise self._unclosed(first)
        self._line = self._passed = reached + lines
        self._csv, self._fault = self._reader(), None
        return first, [], f"a row of more than {self._limit:,} bytes"

    def _unclosed(self, line: int) -> UnreadableError:
        return UnreadableError(
            f"the row that begins in line {line:,} opens a quotation mark that nothing closes; "
            'close it, or write a mark within quotes twice ("")'
        )
