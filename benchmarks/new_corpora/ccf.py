"""CCF, Canadian Climate Framing (Lemor et al. 2026): the main frames of its English passages.

Label: ``climate_frames``. A passage is two sentences of a newspaper article; some have no frame at
all. Group: the article. Its sub-frames, messengers, events and emotions are left aside.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.corpora.reading import CorpusError, require
from training.example import Example
from training.splits import grouped_folds

FOLDER = "framing/ccf_climate"
FOLDS = 5
FRAMES = {
    "Eco Detection": "economy",
    "Pbh Detection": "health",
    "Secu Detection": "security",
    "Just Detection": "justice",
    "Cult Detection": "culture",
    "Sci Detection": "science",
    "Envt Detection": "environment",
    "Pol Detection": "politics",
}

_SEED = 13


def read(data_root: Path) -> list[Example]:
    """The English passages, in the order of the file.

    Raises
    ------
    CorpusError
        if the file is absent, damaged or not in the format of the authors.
    """
    path = require(data_root / FOLDER / "Annotated_sentences.jsonl.gz")
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: not a whole gzip file of UTF-8 ({error})") from error
    examples = []
    for number, line in enumerate(lines, start=1):
        where = f"{path}, row {number}"
        try:
            row = json.loads(line) if line.strip() else None
            if row is not None and row["meta"]["language"] == "EN":
                examples.append(_example(row, (path.name, number)))
        except json.JSONDecodeError as error:
            raise CorpusError(f"{where}: not JSON ({error})") from error
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise CorpusError(f"{where}: not a passage of the corpus ({error!r})") from error
    return examples


def read_fold(data_root: Path, fold: int) -> list[Example]:
    """All passages, those of a fold of articles, 0 to 4, in ``split`` test, the others in train."""
    examples = read(data_root)
    fold_of = grouped_folds([e.group for e in examples], FOLDS, _SEED)
    return [
        replace(e, split="test" if f == fold else "train")
        for e, f in zip(examples, fold_of, strict=True)
    ]


def _example(row: dict[str, Any], origin: tuple[str, int]) -> Example:
    meta, text = row["meta"], row["text"].strip()
    if not text:
        raise ValueError("a blank text")
    return Example(
        text=text,
        corpus="ccf",
        id=str(row["id"]),
        group=f"ccf:{meta['doc_ID']}",
        labels={"climate_frames": tuple(FRAMES[x] for x in FRAMES if x in row["label"])},
        outlet=meta["media"],
        document=str(meta["doc_ID"]),
        date=meta["date"],
        origin=origin,
    )
