"""A format as data: how its files are told, read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.codebook import Codebook
from training.example import Example
from training.findings import Findings

__all__ = ["Format", "Reading", "Record", "Row"]

Record = dict[str, Any]
"""One sentence as ``training.records`` describes it, not yet checked."""

Row = tuple[tuple[str, int], Record]
"""The file and line of a record, and the record."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader is told, and where it reports.

    Parameters
    ----------
    codebook : the tasks of the corpus.
    findings : takes the faults; its ``file`` is the source as the caller named it.
    columns : by field (of a record, or a task), the column, key, control or attribute that holds
        it, where that has another name.
    split : the one part that is wanted of a source in parts.
    """

    codebook: Codebook
    findings: Findings
    columns: Mapping[str, str] = field(default_factory=dict)
    split: str | None = None


@dataclass(frozen=True, kw_only=True)
class Format:
    """A way to keep labelled sentences in files.

    Parameters
    ----------
    name : what it is asked for by.
    extensions : of its files, in small letters with the dot; the first is the usual one.
    read : yields the records of a file, or of a folder if it takes ``folders``.
    write : writes examples to a path, all of them or nothing; None if it is only read. Raises
        ValueError for what the format cannot hold.
    folders : whether a source of this format may be a folder as a whole.
    """

    name: str
    extensions: tuple[str, ...]
    read: Callable[[Path, Reading], Iterator[Row]]
    write: Callable[[Path, Sequence[Example], Codebook], None] | None = None
    folders: bool = False
