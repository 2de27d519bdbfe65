"""What a caller may pass in, checked before anything is scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def check_text(value: Any, index: int | None = None) -> str:
    """The value if it is a string, else a TypeError that names its type and its index."""
    if isinstance(value, str):
        return value
    where = "" if index is None else f" at index {index}"
    way_out = "; decode it first, as in value.decode('utf-8')" if isinstance(value, bytes) else ""
    raise TypeError(f"a text must be a str, not {type(value).__name__}{where}{way_out}")


def check_texts(values: Any) -> list[str]:
    """The values of an iterable of strings as a list, each checked; TypeError for all else."""
    if isinstance(values, bytes | bytearray | Mapping) or not isinstance(values, Iterable):
        kind = type(values).__name__
        raise TypeError(f"give a str, or an iterable of str such as a list, not {kind}")
    return [check_text(value, index) for index, value in enumerate(values)]
