"""Neutral sentences on heated topics and known names: how often they are called loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.new_corpora.tables import tab_rows
from benchmarks.robustness.measures import mean
from benchmarks.robustness.readings import read
from benchmarks.robustness.swaps import MATERIAL, MaterialError
from framing import Scorer

_WORST = 10


@dataclass(frozen=True, kw_only=True)
class WireSentence:
    """A sentence as an agency would write it; ``names`` tells that it is built around a name."""

    topic: str
    names: bool
    text: str


def read_wire(path: Path = MATERIAL / "wire.tsv") -> list[WireSentence]:
    """The sentences; MaterialError or CorpusError naming the line for what is none."""
    found = []
    fields = ("topic", "names", "text")
    for line, row in tab_rows(path.read_text(encoding="utf-8"), str(path), fields, header=True):
        if row["names"] not in ("yes", "no"):
            raise MaterialError(f"{path}, row {line}: names is {row['names']!r}, not yes or no")
        found.append(
            WireSentence(topic=row["topic"], names=row["names"] == "yes", text=row["text"])
        )
    return found


def wire_results(scorer: Scorer, sentences: Sequence[WireSentence]) -> dict[str, Any]:
    """The share that is called loaded at the shipped threshold, overall and in parts."""
    readings, row_of = read(scorer, [s.text for s in sentences])
    rows = np.array([row_of[s.text] for s in sentences])
    given, probability = readings.given_loaded[rows], readings.loaded[rows]

    def part(wanted: Sequence[bool]) -> dict[str, Any]:
        (at,) = np.nonzero(wanted)
        each = [str(i) for i in at]
        return {"false_positives": mean(given[at], each), "mean": mean(probability[at], each)}

    topics = dict.fromkeys(s.topic for s in sentences)
    worst = np.argsort(-probability, kind="stable")[:_WORST]
    return {
        "all": part([True] * len(sentences)),
        "with names": part([s.names for s in sentences]),
        "without names": part([not s.names for s in sentences]),
        "topics": {topic: part([s.topic == topic for s in sentences]) for topic in topics},
        "worst": [
            {
                "probability": round(float(probability[i]), 5),
                "called_loaded": bool(given[i]),
                "topic": sentences[i].topic,
                "text": sentences[i].text,
            }
            for i in worst
        ],
    }
