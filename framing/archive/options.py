"""What a run over an archive is asked to do, checked before anything is read."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from framing.archive.row import Columns
from framing.errors import InputError

Level = Literal["sentence", "document", "both"]
Format = Literal["parquet", "jsonl"]


@dataclass(frozen=True, kw_only=True)
class ArchiveOptions:
    """What makes the output what it is; a run resumes only under the same values.

    Parameters
    ----------
    text_column, id_column, keep : the columns of the texts, of their ids (the number of the row if
        None) and those that are carried into the output.
    split : find the sentences of each text; if False each text is one sentence.
    level : ``sentence``, ``document`` or ``both``: which tables are written.
    format : ``parquet`` or ``jsonl``.
    text : write the text of each sentence.
    encoding : of the sources that are text.
    max_chars : a longer text is set aside as a rejected row.
    part_rows, part_chars : a part ends at so many rows, or characters of text.
    once : score a sentence that comes again within a part the first time only.
    shard : ``(3, 16)``: only the third of sixteen shares of the parts.

    Raises
    ------
    InputError
        if a value cannot be used; the message says which can.
    """

    text_column: str = "text"
    id_column: str | None = None
    keep: tuple[str, ...] = ()
    split: bool = True
    level: Level = "both"
    format: Format = "parquet"
    text: bool = True
    encoding: str = "utf-8"
    max_chars: int = 1_000_000
    part_rows: int = 5_000
    part_chars: int = 4_000_000
    once: bool = False
    shard: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _one_of("level", self.level, get_args(Level))
        _one_of("format", self.format, get_args(Format))
        for name in ("max_chars", "part_rows", "part_chars"):
            if getattr(self, name) < 1:
                raise InputError(f"{name}: {getattr(self, name)}; give 1 or more")
        object.__setattr__(self, "keep", self.columns.keep)
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            raise InputError(f"shard: {self.shard}; of 16 shards give 1/16 to 16/16")

    @property
    def columns(self) -> Columns:
        """Which columns are read."""
        return Columns(text=self.text_column, id=self.id_column, keep=self.keep)

    @property
    def levels(self) -> tuple[str, ...]:
        """The folders that data go to."""
        return tuple(
            name for name in ("sentences", "documents") if self.level in (name[:-1], "both")
        )

    def to_dict(self) -> dict[str, Any]:
        """The values but for the shard, JSON-ready."""
        values = asdict(self) | {"keep": list(self.keep)}
        del values["shard"]
        return values


def shard_of(value: str | tuple[int, int] | None) -> tuple[int, int] | None:
    """A shard as ``3/16`` or ``(3, 16)``; InputError for anything else."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", value) if isinstance(value, str) else None
    pair = found.groups() if found else value
    if isinstance(pair, tuple | list) and len(pair) == 2:
        try:
            return int(pair[0]), int(pair[1])
        except (TypeError, ValueError):
            pass
    raise InputError(f"shard: {value!r}; give it as 3/16, counted from 1")


def _one_of(name: str, value: object, known: Collection[str]) -> None:
    if value not in known:
        raise InputError(f"{name}: {value!r} is none of {', '.join(known)}")
