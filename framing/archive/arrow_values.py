"""The values of Arrow columns as Python has them, with what is no UTF-8 told from what is."""

from __future__ import annotations

import json
from typing import Any

from framing.archive.arrow import pa


def plain(kind: Any) -> Any:
    """A type without regard to how it is stored: strings of every kind, and no values, as one."""
    if pa.types.is_dictionary(kind):
        return plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return pa.string()
    return kind


def is_bytes(kind: Any) -> bool:
    """Whether values are bytes, which some writers store strings as."""
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    )


def strings(column: Any) -> list[str | UnicodeDecodeError | None]:
    """Each value as text: strings and bytes as they are, numbers and times as Arrow writes them.

    What is nested is in JSON; bytes that are no UTF-8 give the error that says so.
    """
    column = _stored_plainly(column)
    if not (pa.types.is_string(plain(column.type)) or is_bytes(column.type)):
        return _as_text(column)
    if not is_bytes(column.type):
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError:  # Parquet files are not checked for it when they are read
            column = column.cast(pa.large_binary())
    return [_decoded(value) for value in column.to_pylist()]


def values(column: Any, wanted: Any) -> list[Any]:
    """Each value as an object that ``pyarrow.array`` turns into ``wanted`` again.

    Times in nanoseconds, for which Python has no type, come as integers.
    """
    column = _stored_plainly(column)
    if column.type != wanted:
        column = column.cast(wanted)
    if getattr(column.type, "unit", None) == "ns":
        column = column.cast(pa.int64())
    return list(column.to_pylist())


def _stored_plainly(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _decoded(value: bytes | None) -> str | UnicodeDecodeError | None:
    try:
        return None if value is None else value.decode("utf-8")
    except UnicodeDecodeError as error:
        return error


def _as_text(column: Any) -> list[str | UnicodeDecodeError | None]:
    try:
        return list(column.cast(pa.string()).to_pylist())
    except pa.ArrowNotImplementedError:
        return [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        ]
