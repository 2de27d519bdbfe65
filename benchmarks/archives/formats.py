"""Archives in each format that can be read, with rows among them that cannot."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.archives.articles import Article

COMPRESSED = ("", ".gz", ".zst")
FORMATS = (
    *(name + suffix for name in ("csv", "tsv", "jsonl") for suffix in COMPRESSED),
    "parquet",
    *("txt" + suffix for suffix in COMPRESSED),
    "mixed",
)
"""``txt`` is a folder of plain texts, ``mixed`` one with tables and texts in it."""

_NOT_UTF8 = b"caf\xe9 "
_MIXED = ("csv", "jsonl.gz", "parquet", "txt.zst")


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A folder of sources.

    Parameters
    ----------
    format : one of :data:`FORMATS`.
    folder : the folder.
    sources : by the path of each source, as a run names it, which of its rows are good.
    columns : whether all sources have ids and columns to keep.
    """

    format: str
    folder: Path
    sources: Mapping[str, Sequence[bool]]
    columns: bool

    @property
    def options(self) -> list[str]:
        """What the command line is given, but for the output."""
        return [str(self.folder), *(("--id-column", "id", "--keep", "outlet") * self.columns)]


def write_archive(name: str, articles: Sequence[Article], folder: Path) -> Archive:
    """Writes articles in a format, into two or more sources but for plain texts."""
    folder.mkdir(parents=True)
    kinds: Sequence[str] = _MIXED if name == "mixed" else (name, name)
    sources: dict[str, Sequence[bool]] = {}
    if name.startswith("txt"):
        kinds = (name,)
    share = -(-len(articles) // len(kinds))
    for number, kind in enumerate(kinds):
        rows = articles[number * share : (number + 1) * share]
        if kind.startswith("txt"):
            _write_texts(rows, folder, kind.removeprefix("txt"))
            path = folder
        else:
            path = folder / f"news-{number}.{kind}"
            path.write_bytes(_table(rows, kind))
        sources[str(path)] = [row.fault is None for row in rows]
    return Archive(
        format=name,
        folder=folder,
        sources=sources,
        columns=not any(kind.startswith("txt") for kind in kinds),
    )


def _table(rows: Sequence[Article], kind: str) -> bytes:
    name, _, suffix = kind.partition(".")
    return _compressed(_TABLES[name](rows), suffix and f".{suffix}")


def _write_texts(rows: Sequence[Article], folder: Path, suffix: str) -> None:
    for number, row in enumerate(rows):
        content = row.text.encode()
        if row.fault in ("missing", "malformed"):  # a file is neither, but may be no text
            content = b"\0" + content
        elif row.fault == "undecodable":
            content = _NOT_UTF8 + content
        # In sorted order they are in the order of the articles.
        path = folder / f"week-{number // 100:03d}" / f"{number:05d}.txt{suffix}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_compressed(content, suffix))


def _delimited(rows: Sequence[Article], separator: str) -> bytes:
    lines = [_line(["id", "outlet", "text"], separator)]
    for row in rows:
        fields = [row.id, row.outlet, row.text]
        if row.fault == "missing":
            lines.append(_line(fields[:1], separator))
        elif row.fault == "undecodable":
            lines.append(_NOT_UTF8 + _line(fields, separator))
        elif row.fault == "malformed":
            lines.append(f'{row.id}{separator}"a"b{separator}c\n'.encode())
        else:
            lines.append(_line(fields, separator))
    return b"".join(lines)


def _line(fields: Sequence[str], separator: str) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=separator, lineterminator="\n").writerow(fields)
    return line.getvalue().encode()


def _json_lines(rows: Sequence[Article]) -> bytes:
    lines = []
    for row in rows:
        text = None if row.fault == "missing" else row.text
        values = {"id": row.id, "outlet": row.outlet, "text": text, "more": [1, {"a": None}]}
        line = json.dumps(values, ensure_ascii=False).encode()
        if row.fault == "undecodable":
            line = line.replace(b'"text": "', b'"text": "' + _NOT_UTF8)
        lines.append(line[:-3] if row.fault == "malformed" else line)
    return b"\n".join(lines) + b"\n"


def _parquet(rows: Sequence[Article]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [
        None
        if row.fault in ("missing", "malformed")
        else (_NOT_UTF8 if row.fault == "undecodable" else b"") + row.text.encode()
        for row in rows
    ]
    table = pa.table(
        {
            "id": [row.id for row in rows],
            "outlet": [row.outlet for row in rows],
            "text": pa.array(texts, pa.binary()),
        }
    )
    content = io.BytesIO()
    pq.write_table(table, content, row_group_size=50)
    return content.getvalue()


_TABLES: dict[str, Callable[[Sequence[Article]], bytes]] = {
    "csv": lambda rows: _delimited(rows, ","),
    "tsv": lambda rows: _delimited(rows, "\t"),
    "jsonl": _json_lines,
    "parquet": _parquet,
}


def _compressed(content: bytes, suffix: str) -> bytes:
    if suffix == ".gz":
        return gzip.compress(content, mtime=0)
    if suffix == ".zst":
        import zstandard

        return zstandard.ZstdCompressor().compress(content)
    return content
