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
    check_iterable(values)
    return [check_text(value, index) for index, value in enumerate(values)]


def check_iterable(values: Any) -> None:
    """TypeError for what is no iterable of texts, or is one of something else.

    Over a table one would go column name by column name, over a mapping key by key, and over a
    string character by character.
    """
    kind = type(values).__name__
    if hasattr(values, "columns"):
        raise TypeError(f"give the column of the texts, such as table['text'], not a {kind}")
    wrong = isinstance(values, str | bytes | bytearray | Mapping)
    if wrong or not isinstance(values, Iterable):
        raise TypeError(f"give a list or another iterable of str, not {kind}")
