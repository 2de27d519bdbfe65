"""BABE SG2 (Spinde et al. 2021): sentences that experts called biased by their wording, or not.

Labels: ``loaded``; ``loaded_votes``, the share of the sentence's annotators who said Biased;
``loaded_spans``, the words they marked, found as whole words, every time they occur. A biased
sentence without marked words, or with one that cannot be found in it, has no ``loaded_spans``:
the annotation is incomplete there. The one sentence without agreement is left out, which gives
the benchmark's 3,673. Group: the link of the article, as sentences of one article recur.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from framing.taxonomy import LOADED, LOADED_SPANS
from training.corpora.offsets import join
from training.corpora.reading import CorpusError, Row, csv_rows, workbook_rows
from training.example import Example, Label, Spans

__all__ = ["article_group", "find_words", "read"]

_FIELDS = ("text", "news_link", "outlet", "label_bias", "biased_words")
_LABELS = {"Biased": 1.0, "Non-biased": 0.0}


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences in file order; there is one part."""
    votes = _votes(folder / "raw_labels_SG2.xlsx")
    for where, row in csv_rows(folder / "final_labels_SG2.csv", _FIELDS, ";"):
        if row["label_bias"] == "No agreement":
            continue
        if row["label_bias"] not in _LABELS:
            raise CorpusError(f"{where}: label_bias {row['label_bias']!r} is none of BABE's")
        number = where.rsplit(" ", 1)[1]
        text = row["text"]
        biased = _LABELS[row["label_bias"]]
        labels: dict[str, Label] = {LOADED: biased}
        spans = find_words(text, _words(row, where)) if biased else ()
        if spans is not None:
            labels[LOADED_SPANS] = {"loaded": spans}
        if text in votes:
            labels["loaded_votes"] = votes[text]
        yield Example(
            text=text,
            corpus="babe",
            id=number,
            group=article_group(row["news_link"], f"row{number}"),
            labels=labels,
            outlet=row["outlet"],
        )


def article_group(link: str | None, otherwise: str) -> str:
    """The group of a sentence by the link of its article; BABE and MBIC share articles."""
    return f"babe:{(link or '').strip() or otherwise}"


def find_words(text: str, words: list[str]) -> Spans | None:
    """Every occurrence of `words` as whole words, joined; None if any is not found, or none given.

    Letters may differ in case, apostrophes and quotation marks in shape.
    """
    spans: list[tuple[int, int]] = []
    plain = _plain(text)
    for word in words:
        pattern = rf"(?<!\w){re.escape(_plain(word.strip()))}(?!\w)"
        found = [m.span() for m in re.finditer(pattern, plain, re.IGNORECASE)]
        if not word.strip() or not found:
            return None
        spans += found
    return tuple(join(text, spans)) or None


def _plain(text: str) -> str:
    return text.translate(str.maketrans("‘’“”", "''\"\""))


def _words(row: Row, where: str) -> list[str]:
    try:
        words = ast.literal_eval(row["biased_words"])
    except (ValueError, SyntaxError) as error:
        raise CorpusError(f"{where}: biased_words is not a list ({error})") from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise CorpusError(f"{where}: biased_words is not a list of words")
    return words


def _votes(path: Path) -> dict[str, float]:
    """The share of annotators who said Biased, by sentence.

    One vote is void in the release, and one belongs to no sentence: neither counts.
    """
    votes: dict[str, list[float]] = defaultdict(list)
    for where, row in workbook_rows(path, ("text", "Label_bias_0-1")):
        if row["Label_bias_0-1"] is None or row["text"] is None:
            continue
        if row["Label_bias_0-1"] not in (0, 1) or not isinstance(row["text"], str):
            raise CorpusError(f"{where}: a text and a vote of 0 or 1 were expected")
        votes[row["text"]].append(float(row["Label_bias_0-1"]))
    return {text: sum(given) / len(given) for text, given in votes.items()}
