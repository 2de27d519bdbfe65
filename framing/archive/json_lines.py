"""Rows of JSON lines: an object a line, blank lines between them passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from typing import Any

from framing.archive.blocks import Blocks, LongLineError, row_bytes
from framing.archive.reader import Reader
from framing.archive.row import Rejected, Row

_KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    str: "a string",
    type(None): "null",
}
_FIRST = 200  # rows that are looked at for the names of columns
_HALF_PAIR = "half a surrogate pair, which is no character"


class _BadRowError(Exception):
    """The reason why a row is rejected, and its id if that could be read."""

    def __init__(self, reason: str, row_id: str | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row_id = row_id


class JsonLines(Reader):
    """The rows of one file of JSON lines."""

    def kept_types(self) -> dict[str, Any]:
        """Strings, of the columns that one of the first rows has; of all if there is no row."""
        from framing.archive.arrow import pa

        wanted = self.columns.keep
        first = list(islice(map(set, self._first_records()), _FIRST if wanted else 0))
        there = set().union(*first) if first else set(wanted)
        return {name: pa.string() for name in wanted if name in there}

    def _first_records(self) -> Iterator[dict[str, Any]]:
        blocks = Blocks(self.file, self.encoding, limit=row_bytes(1), returns=False)
        with closing(blocks), suppress(LongLineError):
            while block := blocks.block():
                for raw in block.split(b"\n"):
                    with suppress(ValueError, RecursionError):  # rows that will be rejected
                        if isinstance(record := json.loads(raw.decode(blocks.encoding)), dict):
                            yield record

    def rows(self) -> Iterator[Row | Rejected]:
        """All rows from ``start`` on."""
        limit = row_bytes(self.max_chars)
        blocks = Blocks(self.file, self.encoding, limit=limit, returns=False)
        line = 0
        while True:
            try:
                block = blocks.block()
            except LongLineError:
                line += 1
                if self.row >= self.start:
                    yield self._rejected(line, f"a line of more than {limit:,} bytes", None)
                self.row += 1
                _pass_over(blocks)
                continue
            if not block:
                return
            lines = block.removesuffix(b"\n").split(b"\n")
            for raw in lines:
                line += 1
                if not raw or raw.isspace():
                    continue
                if self.row >= self.start:
                    yield self._row(raw, line, blocks, limit)
                self.row += 1

    def _row(self, raw: bytes, line: int, blocks: Blocks, limit: int) -> Row | Rejected:
        if len(raw) > limit:
            return self._rejected(line, f"a line of more than {limit:,} bytes", None)
        try:
            text = raw.decode(blocks.encoding)
            return self._checked(json.loads(text), may_be_halved="\\u" in text)
        except _BadRowError as error:
            return self._rejected(line, error.reason, error.row_id)
        except UnicodeDecodeError as error:
            return self._rejected(line, blocks.fault(error, "the line"), None)
        except json.JSONDecodeError as error:
            reason = f"malformed JSON at character {error.pos + 1:,}: {error.msg}"
            return self._rejected(line, reason, None)
        except (ValueError, RecursionError) as error:
            return self._rejected(line, f"JSON that cannot be read: {error}", None)

    def _checked(self, record: object, *, may_be_halved: bool) -> Row:
        columns = self.columns
        if type(record) is not dict:
            raise _BadRowError(f"not a JSON object but {_KINDS[type(record)]}", None)
        row_id = self._id(record, may_be_halved=may_be_halved)
        text = record.get(columns.text)
        if type(text) is not str:
            raise _BadRowError(_without_text(record, columns.text), row_id)
        if len(text) > self.max_chars:
            raise _BadRowError(self.too_long(len(text)), row_id)
        kept = tuple([as_text(record.get(name)) for name in columns.keep]) if columns.keep else ()
        if may_be_halved:
            for name, value in zip((columns.text, *columns.keep), (text, *kept), strict=True):
                if value is not None and _halved(value):
                    raise _BadRowError(f"{name!r} has {_HALF_PAIR}", row_id)
        return Row(self.row, row_id, text, kept)

    def _id(self, record: dict[str, object], *, may_be_halved: bool) -> str:
        if self.columns.id is None:
            return self.numbered(self.row)
        if not (found := as_text(record.get(self.columns.id))):
            raise _BadRowError(f"no id: {self.columns.id!r} is missing or empty", None)
        if may_be_halved and _halved(found):
            raise _BadRowError(f"{self.columns.id!r} has {_HALF_PAIR}", None)
        return found

    def _rejected(self, line: int, reason: str, row_id: str | None) -> Rejected:
        if self.columns.id is None:
            row_id = self.numbered(self.row)
        return Rejected(self.row, line, row_id, reason)


def as_text(value: object) -> str | None:
    """A JSON value as text: a string as it is, None for null, all else in JSON."""
    if value is None or type(value) is str:
        return value
    return json.dumps(value, ensure_ascii=False)


def _without_text(record: dict[str, object], name: str) -> str:
    if name not in record:
        there = ", ".join(f"{key!r:.60}" for key in list(record)[:20])
        return f"no {name!r}; the object has {there or 'nothing'}"
    if record[name] is None:
        return f"{name!r} is null"
    return f"{name!r} is {_KINDS[type(record[name])]} ({type(record[name]).__name__}), not a string"


def _halved(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _pass_over(blocks: Blocks) -> None:
    while piece := blocks.piece():
        if end := piece.find(b"\n") + 1:
            blocks.push_back(piece[end:])
            return
