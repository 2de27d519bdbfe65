"""What a run over an archive comes to."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from framing.archive.entry import Entry
from framing.columns import ModelInfo

_PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "pyarrow")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What lies in an output folder once a run has come to its end.

    Parameters
    ----------
    out : the folder.
    documents, sentences : how many were scored.
    rejected : how many rows could not be; ``rejected.jsonl`` has the reason of each.
    repeated : how many of the sentences were repeats of others in their part, not scored again.
    parts : how many parts there are.
    resumed_parts : how many of them an earlier run had done.
    seconds : how long this run took.
    model : what the scores come from.
    """

    out: Path
    documents: int
    sentences: int
    rejected: int
    repeated: int
    parts: int
    resumed_parts: int
    seconds: float
    model: ModelInfo

    @classmethod
    def of(
        cls,
        entries: Iterable[Entry],
        *,
        out: Path,
        model: ModelInfo,
        resumed_parts: int = 0,
        seconds: float,
    ) -> Summary:
        """The summary of parts that are done."""
        entries = list(entries)
        return cls(
            out=out,
            documents=sum(entry.documents for entry in entries),
            sentences=sum(entry.sentences for entry in entries),
            rejected=sum(entry.rejected for entry in entries),
            repeated=sum(entry.repeated for entry in entries),
            parts=len(entries),
            resumed_parts=resumed_parts,
            seconds=round(seconds, 3),
            model=model,
        )

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON has them, without the folder but with the versions of what ran."""
        values = asdict(self) | {"versions": _versions()}
        del values["out"]
        return values


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
