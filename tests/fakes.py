"""A scorer of keywords: the shapes of the real one, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from framing.columns import ModelInfo, ScoreColumns, SpanColumns
from framing.results import DocumentScore, SentenceScore
from framing.task import Task, default_tasks

MODEL = ModelInfo(name="fake", weights="c0ffee", calibration="none", taxonomy="1.0", library="0")

LOADED = re.compile(r"ruthless crusade|floating museum|stolen|betrayal|shameful|smug|cheap")
PARTS = (
    re.compile(r"\bshe\b|\bMayor \w+ \w+|\b[A-Z]\w+ Reyl\b"),
    re.compile(r"\bsaid\b|\btold\b|\baccording to\b"),
    re.compile(r"\"[^\"]*\"?|“[^”]*”?|(?<=said that )[^.]*"),
)
FRAMES = {0: "money|crown|budget", 4: "court|law", 8: "nurse|clinic", 12: "vote|council"}
SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?][\"”]?(?=\s|$)|(?=\n|$))")

Found = list[tuple[int, int, int, float, int]]


def span_columns(rows: list[Found], *, voice: bool = False) -> SpanColumns:
    """Columns of ``(start, end, label, probability, voice)``, a list a sentence."""
    flat = [span for row in rows for span in row]
    table = list(zip(*flat, strict=True)) or [()] * 5
    return SpanColumns(
        indptr=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        start=np.array(table[0], np.int64),
        end=np.array(table[1], np.int64),
        label=np.array(table[2], np.int16),
        probability=np.array(table[3], np.float32),
        voice=np.array(table[4], np.int8) if voice else None,
    )


def score_columns(
    spans: Iterable[tuple[str, int, int]], tasks: Iterable[Task] = default_tasks()
) -> ScoreColumns:
    """Scores of the sentences ``(caller's text, start, end)``."""
    names = {task.name: task for task in tasks}
    rows = list(spans)
    loaded, sourcing, frames = [], [], []
    words: list[Found] = []
    parts: list[Found] = []
    for text, start, end in rows:
        sentence = text[start:end]
        blank = not sentence.strip()
        quotes = [m.span() for m in PARTS[2].finditer(sentence)]
        words.append(
            [
                (
                    start + m.start(),
                    start + m.end(),
                    0,
                    0.9,
                    any(a <= m.start() < b for a, b in quotes),
                )
                for m in LOADED.finditer(sentence)
            ]
        )
        parts.append(
            [
                (start + m.start(), start + m.end(), label, 0.75, 0)
                for label, pattern in enumerate(PARTS)
                for m in pattern.finditer(sentence)
            ]
        )
        kind = 1 if quotes else 2 if PARTS[1].search(sentence) else 0
        nan = float("nan")
        loaded.append([nan if blank else 0.83 if words[-1] else 0.12])
        sourcing.append([nan if blank else 0.85 if i == kind else 0.05 for i in range(4)])
        frames.append(
            [
                nan if blank else 0.7 if i in FRAMES and re.search(FRAMES[i], sentence) else 0.02
                for i in range(14)
            ]
        )
    scores = {"loaded": (loaded, 1), "sourcing": (sourcing, 4), "frames": (frames, 14)}
    found = {
        "loaded_spans": span_columns(words, voice=True),
        "source_spans": span_columns(parts),
    }
    return ScoreColumns(
        start=np.array([a for _, a, _ in rows], np.int64),
        end=np.array([b for _, _, b in rows], np.int64),
        windows=np.array([1 if t[a:b].strip() else 0 for t, a, b in rows], np.int32),
        scores={
            name: np.array(values, np.float32).reshape(-1, width)
            for name, (values, width) in scores.items()
            if name in names
        },
        spans={name: columns for name, columns in found.items() if name in names},
        tasks=names,
        model=MODEL,
    )


def score_documents(texts: Iterable[str]) -> list[DocumentScore]:
    """Texts scored sentence by sentence, all in the same columns as the real scorer has them."""
    texts = list(texts)
    rows, bounds = [], [0]
    for text in texts:
        rows += [(text, *match.span()) for match in SENTENCE.finditer(text)]
        bounds.append(len(rows))
    columns = score_columns(rows)
    return [
        DocumentScore(text, columns, lo, hi)
        for text, lo, hi in zip(texts, bounds, bounds[1:], strict=False)
    ]


def score_sentences(texts: Iterable[str]) -> list[SentenceScore]:
    """Each text scored whole."""
    texts = list(texts)
    columns = score_columns((text, 0, len(text)) for text in texts)
    return [SentenceScore(text, columns, row) for row, text in enumerate(texts)]


class FakeScorer:
    """Takes the place of ``framing.Scorer``."""

    def __init__(self, model: str = "small", *, device: str = "auto") -> None:
        self.model, self.device = model, device

    def score(self, texts: str | list[str], *, split: bool = True) -> Any:
        several = [texts] if isinstance(texts, str) else texts
        scores = score_documents(several) if split else score_sentences(several)
        return scores[0] if isinstance(texts, str) else scores

    def stream(self, texts: Iterable[str], *, split: bool = True) -> Iterator[Any]:
        for text in texts:
            yield from score_documents([text]) if split else score_sentences([text])
