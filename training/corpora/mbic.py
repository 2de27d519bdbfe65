"""MBIC (Spinde et al. 2021): the votes of a crowd on whether a sentence's wording is biased.

Label: ``loaded``, the share of the sentence's annotators who said Biased. The sentences are in
BABE too, where experts call far fewer of them biased: never test on one what saw the other. The
group is BABE's, the link of the article.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from framing.taxonomy import LOADED
from training.corpora.babe import article_group
from training.corpora.reading import CorpusError, Row, workbook_rows
from training.example import Example

__all__ = ["read"]

_FIELDS = ("sentence_id", "text", "label_bias", "news_link", "outlet")
_LABELS = {"Biased": 1.0, "Non-biased": 0.0}


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences in the order of their first vote; there is one part."""
    path = folder / "raw_labels_MBIC.xlsx"
    votes: dict[str, list[float]] = {}
    rows: dict[str, Row] = {}
    for where, row in workbook_rows(path, _FIELDS):
        if row["label_bias"] not in _LABELS or not isinstance(row["text"], str):
            raise CorpusError(f"{where}: a text and Biased or Non-biased were expected")
        key = row["sentence_id"]
        rows.setdefault(key, row)
        votes.setdefault(key, []).append(_LABELS[row["label_bias"]])
    for key, row in rows.items():
        yield Example(
            text=row["text"],
            corpus="mbic",
            id=str(key),
            group=article_group(row["news_link"], str(key)),
            labels={LOADED: sum(votes[key]) / len(votes[key])},
            outlet=row["outlet"],
        )
