"""GVFC, the Gun Violence Frame Corpus (Liu et al. 2019), in the folds of Akyürek et al. (2020).

Labels: ``first_frame``, the frame that annotators put first, and ``all_frames``, that and the
second one where there is one. A group is a headline: a few stand in the corpus twice, in two folds
even. The dev file of a published fold is its test file, so nothing may be fitted on it.
"""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

from benchmarks.new_corpora.tables import tab_rows
from training.corpora.reading import CorpusError, require
from training.example import Example

FOLDER = "framing/gvfc"
FOLDS = 5
FRAMES = (
    "gun_rights",
    "gun_control",
    "politics",
    "mental_health",
    "safety",
    "race_ethnicity",
    "public_opinion",
    "society_culture",
    "economic_consequences",
)
"""By the numbers 1 to 9 of the corpus."""

_FIELDS = ("id", "headline", "first", "second")
_NONE = "99"
_PARTS = {"train": "train.tsv", "test": "test_labeled.tsv"}


def read_fold(data_root: Path, fold: int) -> list[Example]:
    """The headlines of a published fold, 0 to 4; ``split`` tells train from test.

    Raises
    ------
    CorpusError
        if the archive is absent, damaged or not in the format of the authors.
    """
    path = require(data_root / FOLDER / "cv_splits.tar.gz")
    return [
        _example(row, (member, line), f"{path}, {member}, row {line}", split)
        for split, name in _PARTS.items()
        for member in [f"dataset/dataset_multiclass/{fold}/{name}"]
        for line, row in tab_rows(_text(path, member), f"{path}, {member}", _FIELDS, header=False)
    ]


def _text(path: Path, member: str) -> str:
    """One member of the archive; nothing is unpacked to disk."""
    try:
        with tarfile.open(path) as archive:
            stream = archive.extractfile(member)
            if stream is None:
                raise CorpusError(f"{path}: {member} is no file")
            return stream.read().decode("utf-8")
    except KeyError as error:
        raise CorpusError(f"{path}: it has no {member}; there are folds 0 to 4") from error
    except (tarfile.ReadError, EOFError) as error:
        raise CorpusError(f"{path}: not a whole tar archive ({error})") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}, {member}: not UTF-8 ({error})") from error


def _example(row: dict[str, str], origin: tuple[str, int], where: str, split: str) -> Example:
    first, second = _frame(row["first"], where), row["second"]
    text = row["headline"].strip()
    if not text:
        raise CorpusError(f"{where}: the headline is blank")
    digest = hashlib.sha256(" ".join(text.lower().split()).encode()).hexdigest()[:16]
    return Example(
        text=text,
        corpus="gvfc",
        id=f"{row['id']}-{digest[:8]}",  # two headlines share a number
        group=f"gvfc:{digest}",
        labels={
            "first_frame": first,
            "all_frames": (first,) if second == _NONE else (first, _frame(second, where)),
        },
        split=split,
        origin=origin,
    )


def _frame(number: str, where: str) -> str:
    if number not in map(str, range(1, len(FRAMES) + 1)):
        raise CorpusError(f"{where}: {number!r} is no frame; 1 to {len(FRAMES)} were expected")
    return FRAMES[int(number) - 1]
