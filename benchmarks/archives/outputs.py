"""Output folders, held against each other row by row and file by file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

Key = tuple[str, str, int, int]
"""A table, a source, a row and, of sentences, a number; -1 elsewhere."""

_TOLD = {"_manifest/log.jsonl", "_manifest/lock"}  # of one run and not of its output
_OF_THE_RUN = {
    "summary.json": ("seconds", "resumed_parts"),
    "_manifest/run.json": ("runtime",),  # in which the engines differ
}


@dataclass(frozen=True, kw_only=True)
class Differences:
    """How an output differs from the one that it should be, each a count.

    Parameters
    ----------
    lost : rows, of any table or rejected, that are not there.
    doubled : rows that are there once more.
    differing : rows with another content, and rows that should not be there at all.
    files : files that only one of both has, or with another content.
    """

    lost: int = 0
    doubled: int = 0
    differing: int = 0
    files: int = 0

    def __bool__(self) -> bool:
        return any(self.to_dict().values())

    def __add__(self, other: Differences) -> Differences:
        mine, others = self.to_dict(), other.to_dict()
        return Differences(**{name: mine[name] + others[name] for name in mine})

    def to_dict(self) -> dict[str, int]:
        """JSON-ready values."""
        return asdict(self)


COUNTS = tuple(field.name for field in fields(Differences))


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a folder holds: every row of it by its key, and a hash of every file."""

    rows: Mapping[Key, Sequence[str]]
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Output:
        """All of a folder; ``rows`` has more than one content for a key that comes twice."""
        rows: defaultdict[Key, list[str]] = defaultdict(list)
        for table in ("sentences", "documents"):
            for path in sorted((folder / table).glob("part-*")):
                for row in _table(path):
                    key = (table, row["file"], row["row"], row.get("sentence", -1))
                    rows[key].append(json.dumps(row, sort_keys=True))
        rejected = folder / "rejected.jsonl"
        for row in _json_lines(rejected) if rejected.exists() else ():
            rows["rejected", row["file"], row["row"], -1].append(json.dumps(row, sort_keys=True))
        files = {
            name: _hash(path, _OF_THE_RUN.get(name, ()))
            for path in sorted(folder.rglob("*"))
            if path.is_file() and (name := path.relative_to(folder).as_posix()) not in _TOLD
        }
        return cls(rows=rows, files=files)

    def differences(self, found: Output) -> Differences:
        """How ``found`` differs from this."""
        lost = doubled = differing = 0
        for key in self.rows.keys() | found.rows.keys():
            wanted, there = Counter(self.rows.get(key, ())), Counter(found.rows.get(key, ()))
            more = there.total() - wanted.total()
            if not wanted:
                differing += more
                continue
            lost += max(0, -more)
            doubled += max(0, more)
            differing += min(there.total(), wanted.total()) - (there & wanted).total()
        names = self.files.keys() | found.files.keys()
        files = sum(self.files.get(name) != found.files.get(name) for name in names)
        return Differences(lost=lost, doubled=doubled, differing=differing, files=files)

    def faults(self, sources: Mapping[str, Sequence[bool]]) -> Differences:
        """Whether each good row is there as one document and each other one as rejected, once."""
        wanted = {
            ("documents" if good else "rejected", path, row, -1): ("",)
            for path, rows in sources.items()
            for row, good in enumerate(rows)
        }
        there = {
            key: ("",) * len(contents)
            for key, contents in self.rows.items()
            if key[0] != "sentences"
        }
        return Output(rows=wanted, files={}).differences(Output(rows=there, files={}))


def _table(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix == ".jsonl":
        yield from _json_lines(path)
        return
    import pyarrow.parquet as pq

    yield from pq.read_table(path, use_threads=False).to_pylist()


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_bytes().splitlines())


def _hash(path: Path, without: Sequence[str]) -> str:
    content = path.read_bytes()
    if without:
        values = json.loads(content)
        content = json.dumps({k: v for k, v in values.items() if k not in without}).encode()
    return hashlib.sha256(content).hexdigest()
