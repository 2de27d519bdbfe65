"""The record of a run: all that its output depends on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.archive.options import ArchiveOptions
from framing.columns import ModelInfo
from framing.errors import InputError
from framing.task import Task

_FIELDS = {"schema", "model", "runtime", "tasks", "options", "shard", "kept", "sources"}
_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What ``_manifest/run.json`` holds, JSON-ready.

    Parameters
    ----------
    values : ``schema``, ``model``, ``runtime``, ``tasks``, ``options``, ``shard``, ``kept``
        (the types of the columns carried over) and ``sources`` (their fingerprints, in order).
    """

    values: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        *,
        schema: str,
        model: ModelInfo,
        runtime: str,
        tasks: Sequence[Task],
        options: ArchiveOptions,
        kept: Mapping[str, str],
        sources: Sequence[Mapping[str, Any]],
    ) -> RunRecord:
        """The record of a run that begins."""
        return cls(
            values={
                "schema": schema,
                "model": model.to_dict(),
                "runtime": runtime,
                "tasks": {task.name: task.to_dict() for task in tasks},
                "options": options.to_dict(),
                "shard": list(options.shard) if options.shard else None,
                "kept": dict(kept),
                "sources": [dict(source) for source in sources],
            }
        )

    @classmethod
    def read(cls, path: Path) -> RunRecord:
        """The record in a file; InputError if there is none to be read."""
        try:
            values = dict(json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"{path}: no record of a run can be read there ({error}); name another folder"
            ) from None
        if missing := _FIELDS - set(values):
            raise InputError(f"{path}: no record of a run: it has no {', '.join(sorted(missing))}")
        return cls(values=values)

    def to_json(self) -> bytes:
        """The content of the file."""
        return json.dumps(self.values, indent=1).encode() + b"\n"

    def without_shard(self) -> RunRecord:
        """The record of the whole run that a shard is part of."""
        return RunRecord(values=dict(self.values) | {"shard": None})

    def check_same(self, other: RunRecord, folder: Path) -> None:
        """InputError, saying field by field what differs, unless ``other`` is the same run."""
        if changes := list(self.changes(other)):
            rest = len(changes) - _SHOWN
            shown = changes[:_SHOWN] + ([f"and {rest} more"] if rest > 0 else [])
            raise InputError(
                f"{folder}: holds the output of another run: {'; '.join(shown)}. Give what was "
                "given then to go on with it, or name another folder to begin anew"
            )

    def changes(self, other: RunRecord) -> Iterator[str]:
        """What another record says differently, in words."""
        mine, theirs = dict(self.values), dict(other.values)
        sources, others = mine.pop("sources"), theirs.pop("sources")
        yield from _changes("", mine, theirs)
        if len(sources) != len(others):
            yield f"{len(sources)} sources then, {len(others)} now"
            return
        for then, now in zip(sources, others, strict=True):
            if then["path"] != now["path"]:
                yield f"source {then['path']} then, {now['path']} now"
            elif then != now:
                size = f" ({then['size']:,} bytes then, {now['size']:,} now)"
                same = then["size"] == now["size"]
                yield f"{now['path']}: its content has changed{'' if same else size}"


def _changes(name: str, then: Any, now: Any) -> Iterator[str]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*then, *now]):
            inner = f"{name}.{key}" if name else str(key)
            yield from _changes(inner, then.get(key), now.get(key))
    elif then != now:
        yield f"{name}: {_shown(then)} then, {_shown(now)} now"


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
