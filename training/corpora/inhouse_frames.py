"""The in-house frame corpus: sentences of other corpora, each with the policy frames it shows.

Label: ``frames``, () for none of the 14. The group is that of the corpus which the sentence comes
from, written as that corpus' reader writes it, so that splits agree. ``extra`` tells the
``corpus``, the ``document`` (where known) and the ``draw``: shares are not natural prevalence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framing.taxonomy import FRAMES, FRAMING
from training.corpora.reading import CorpusError, json_lines, typed
from training.corpora.techniques import article_group
from training.example import Example

__all__ = ["read"]

_FIELDS = ("corpus", "id", "document", "outlet", "group", "text", "frames", "draw")


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences in file order; there is one part."""
    for where, row in json_lines(folder / f"{part}.jsonl", _FIELDS):
        frames = tuple(typed(row, "frames", list, where))
        unknown = [frame for frame in frames if frame not in FRAMES]
        if unknown or len(set(frames)) != len(frames):
            raise CorpusError(f"{where}: frames {list(frames)} are not of the 14, each once")
        extra = {key: row[key] for key in ("corpus", "document", "draw") if row[key] is not None}
        yield Example(
            text=typed(row, "text", str, where),
            corpus="inhouse_frames",
            id=f"{typed(row, 'corpus', str, where)}:{row['id']}",
            group=_group(row),
            labels={FRAMING: frames},
            outlet=row["outlet"],
            extra=extra,
        )


def _group(row: dict[str, Any]) -> str:
    corpus, group = str(row["corpus"]), str(row["group"])
    if corpus == "semeval2023_task3":
        return article_group(str(row["document"]).removeprefix("article"))
    return group if group.startswith(f"{corpus}:") else f"{corpus}:{group}"
