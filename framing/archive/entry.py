"""The entry of a part in the manifest: what it covers and which files it has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from framing.archive.part import PartKey, ScoredPart


@dataclass(frozen=True, kw_only=True, slots=True)
class PartFile:
    """One data file, its path below the output folder."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A part that is done.

    Parameters
    ----------
    key : which part.
    first_row, rows : which rows of its source it covers, rejected ones with them.
    last : whether its source ends with it.
    documents, sentences, rejected : how many there are of each.
    repeated : how many of the sentences were repeats, and not scored again.
    files : its data files; none if it has no rows for them.
    """

    key: PartKey
    first_row: int
    rows: int
    last: bool
    documents: int
    sentences: int
    rejected: int
    repeated: int
    files: tuple[PartFile, ...]

    @property
    def end(self) -> int:
        """The number of the row after its last one."""
        return self.first_row + self.rows

    @classmethod
    def of(cls, scored: ScoredPart, *, files: tuple[PartFile, ...]) -> Entry:
        """The entry of a part whose files are written."""
        part = scored.pending
        return cls(
            key=part.key,
            first_row=part.first_row,
            rows=part.end - part.first_row,
            last=part.last,
            documents=len(part.rows),
            sentences=scored.sentence_count,
            rejected=len(part.rejected),
            repeated=scored.repeated,
            files=files,
        )

    def to_json(self, rejected: list[dict[str, Any]]) -> bytes:
        """The content of the entry's file; with the rejected rows, which stay on the disk."""
        values = asdict(self) | {"key": str(self.key), "rejected": rejected}
        return json.dumps(values, indent=1).encode() + b"\n"


def read_entry(path: Path) -> Entry:
    """The entry in a file; ValueError if it is damaged."""
    values = _values(path)
    key = PartKey.parse(path.stem)
    if key is None or values.get("key") != str(key):
        raise ValueError(f"{path}: not the entry of {path.stem}")
    try:
        files = tuple(PartFile(**file) for file in values.pop("files"))
        rejected = len(values.pop("rejected"))
        return Entry(**values | {"key": key, "files": files, "rejected": rejected})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: damaged: {error}") from None


def read_rejected(path: Path) -> Iterator[Mapping[str, Any]]:
    """The rejected rows in the file of an entry."""
    yield from _values(path)["rejected"]


def _values(path: Path) -> dict[str, Any]:
    values = json.loads(path.read_bytes())
    if not isinstance(values, dict):
        raise ValueError(f"{path}: not an object")
    return values
