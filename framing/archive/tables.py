"""Tables as the bytes of a file: Parquet or JSON lines, the same for the same rows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from framing.archive.arrow import pa, pq

SUFFIXES = {"parquet": ".parquet", "jsonl": ".jsonl"}


def table_bytes(batches: Sequence[Any], schema: pa.Schema, form: str) -> bytes:
    """Record batches as a file; nothing in it depends on when or where it is made.

    Parquet is compressed with zstd and is one row group. JSON lines have null for what is
    missing or no number, single precision in its shortest form, and what JSON has no word for
    (dates, decimals, bytes) as text.
    """
    return _parquet(batches, schema) if form == "parquet" else b"".join(map(_lines, batches))


def _parquet(batches: Sequence[Any], schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    # A dictionary pays where values come again: in strings, but hardly among whole sentences.
    worth = [path for field in schema if field.name != "text" for path in _strings(field)]
    table = pa.Table.from_batches(batches, schema)
    with pq.ParquetWriter(sink, schema, compression="zstd", use_dictionary=worth) as writer:
        writer.write_table(table, row_group_size=max(1, len(table)))
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _strings(field: pa.Field, before: str = "") -> Iterator[str]:
    """The paths of the leaves of a field that are strings, as Parquet names them."""
    path = f"{before}{field.name}"
    if pa.types.is_string(field.type):
        yield path
    elif pa.types.is_list(field.type):
        yield from _strings(field.type.value_field.with_name("element"), f"{path}.list.")
    elif pa.types.is_struct(field.type):
        for inner in field.type:
            yield from _strings(inner, f"{path}.")


def _lines(batch: Any) -> bytes:
    names = batch.schema.names
    columns = [_values(column) for column in batch.columns]
    text = "\n".join(
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_word)
        for row in zip(*columns, strict=True)
    )
    # Some readers of JSON lines take these for line ends.
    text = re.sub("[\x85\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode() + b"\n" if text else b""


def _values(array: Any) -> list[Any]:
    """The values of an Arrow array as JSON has them."""
    kind = array.type
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        columns = [_values(array.field(i)) for i in range(len(names))]
        rows: list[Any] = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        # The flat values of a slice need not begin with its first.
        offsets = array.offsets.to_pylist()
        values = _values(array.values)
        rows = [values[a:b] for a, b in pairwise(offsets)]
    elif pa.types.is_floating(kind):
        if kind != pa.float64():
            array = array.cast(pa.string()).cast(pa.float64())
        return [_finite(value) for value in array.to_pylist()]
    else:
        rows = array.to_pylist()
        return [_finite(row) for row in rows] if pa.types.is_nested(kind) else rows
    if array.null_count:
        return [
            row if valid else None
            for row, valid in zip(rows, array.is_valid().to_pylist(), strict=True)
        ]
    return rows


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def _word(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
