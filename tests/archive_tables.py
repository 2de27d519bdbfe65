"""Small tables and texts written in every format that an archive is read from."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from framing.archive.inputs import find_sources
from framing.archive.row import Columns, Rejected, Row
from framing.archive.rows import read_rows

LINE_FORMATS = ("csv", "tsv", "jsonl")
ENDINGS = ("", ".gz", ".zst")
TABLES = (*(kind + end for kind in LINE_FORMATS for end in ENDINGS), "parquet")


def put(path: Path, data: bytes | str) -> Path:
    """Writes a file, compressed as its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = data.encode() if isinstance(data, str) else data
    if path.suffix == ".gz":
        data = gzip.compress(data, 1)
    elif path.suffix == ".zst":
        data = zstandard.compress(data)
    path.write_bytes(data)
    return path


def delimited(rows: Sequence[Sequence[str]], separator: str = ",", end: str = "\r\n") -> str:
    """Rows as Python's csv module writes them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    return out.getvalue()


def put_table(path: Path, columns: dict[str, list[Any]], *, group: int = 5) -> Path:
    """Writes columns of strings as the file's name says; ``group`` rows a Parquet row group."""
    kind = path.name.split(".")[1]
    rows = [*zip(*columns.values(), strict=True)]
    if kind == "parquet":
        pq.write_table(pa.table(columns), path, row_group_size=group)
        return path
    if kind == "jsonl":
        return put(
            path, "".join(json.dumps(dict(zip(columns, r, strict=True))) + "\n" for r in rows)
        )
    return put(path, delimited([list(columns), *rows], "\t" if kind == "tsv" else ","))


def read(path: Path, columns: Columns | None = None, **options: Any) -> list[Row | Rejected]:
    """All rows of the only source that a path leads to."""
    [source] = find_sources([path])
    return list(read_rows(source, columns or Columns(), **options))


def texts(path: Path, **options: Any) -> list[str]:
    """Their texts, where none is rejected."""
    return [row.text for row in read(path, **options)]


def reasons(path: Path, columns: Columns | None = None, **options: Any) -> dict[int, str]:
    """Why rows are rejected, by row."""
    found = read(path, columns, **options)
    return {item.row: item.reason for item in found if isinstance(item, Rejected)}
