"""JSON lines: a record a line, as ``training.records`` describes it; or one JSON array of them.

A task may also stand beside ``text``, outside ``labels``, as flat tables have it. A key that has
another name than its field is given by the caller's map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.files import write_atomically
from training.codebook import Codebook
from training.example import Example
from training.findings import Findings, shown
from training.formats.format import Reading, Row
from training.formats.tables import records
from training.formats.texts import json_text, json_values, read_text
from training.records import to_record

__all__ = ["list_at", "objects", "read", "write"]


def objects(path: Path, reading: Reading) -> list[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file, each after its line; what is none is an error."""
    text = read_text(path, reading.findings)
    found = []
    for line, value in json_values(text, reading.findings) if text else ():
        if isinstance(value, dict):
            found.append((line, value))
        else:
            reading.findings.error(f"a record is a JSON object, not {shown(value)}", line)
    return found


def list_at(row: Mapping[str, Any], key: str, line: int | None, findings: Findings) -> list[Any]:
    """The list under a key, [] if there is nothing; and, with an error, for anything else."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        findings.error(f"{key}: give a list, not {shown(value)}", line)
        return []
    return value


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the records of a file in their order."""
    rows = objects(path, reading)
    names = list(dict.fromkeys(key for _, row in rows for key in row))
    for line, record in records(rows, names, reading) if rows else ():
        yield (reading.findings.file, line), record


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a line an example."""
    lines = (json_text(to_record(example, codebook)) + "\n" for example in examples)
    write_atomically(path, "".join(lines))
