"""Loaded words in quotation marks and out of them: are they found, and charged to whom?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.new_corpora.tables import tab_rows
from benchmarks.robustness.measures import mean
from benchmarks.robustness.readings import Found, read
from benchmarks.robustness.swaps import MATERIAL, MaterialError
from framing import Scorer
from framing.columns import VOICES

_MARK = re.compile(r"\[([^\[\]]+)\]")
MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class MarkedSentence:
    """A sentence with its loaded words, all in one ``voice``; ``style`` is how they are quoted."""

    voice: str
    style: str
    text: str
    words: tuple[tuple[int, int], ...]


def read_marked(path: Path = MATERIAL / "voice.tsv") -> list[MarkedSentence]:
    """The sentences; MaterialError or CorpusError naming the line for what is none."""
    found = []
    fields = ("voice", "style", "text")
    for line, row in tab_rows(path.read_text(encoding="utf-8"), str(path), fields, header=True):
        if row["voice"] not in VOICES:
            raise MaterialError(f"{path}, row {line}: {row['voice']!r} is none of {VOICES}")
        text, words = unmark(row["text"])
        if not words or "[" in text or "]" in text:
            raise MaterialError(f"{path}, row {line}: put loaded words, and only them, in [ ]")
        found.append(MarkedSentence(voice=row["voice"], style=row["style"], text=text, words=words))
    return found


def unmark(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without its brackets, and where the words stood that were in them."""
    text, words, at = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        words.append((len(text), len(text) + len(match[1])))
        text += match[1]
        at = match.end()
    return text + marked[at:], tuple(words)


def voice_of(words: tuple[int, int], spans: Sequence[Found]) -> str:
    """The voice of the span that covers most of ``words``, or :data:`MISSED` if none does any."""
    overlaps = [(min(words[1], end) - max(words[0], start), voice) for start, end, voice in spans]
    most, voice = max(overlaps, default=(0, MISSED), key=lambda pair: pair[0])
    return voice if most > 0 else MISSED


def voice_results(scorer: Scorer, sentences: Sequence[MarkedSentence]) -> dict[str, Any]:
    """Phrases found and rightly charged, by style and voice, with the confusion table.

    Not every charged word is marked, so what is found beside the marks is not counted against.
    """
    readings, row_of = read(scorer, [s.text for s in sentences])
    rows = [row_of[s.text] for s in sentences]
    phrases = [
        (i, voice_of(words, readings.spans[rows[i]]))
        for i, s in enumerate(sentences)
        for words in s.words
    ]

    def part(wanted: Sequence[int]) -> dict[str, Any]:
        mine = [(i, voice) for i, voice in phrases if i in set(wanted)]
        hits = [(i, voice) for i, voice in mine if voice != MISSED]
        return {
            "called_loaded": mean(
                [readings.given_loaded[rows[i]] for i in wanted], [str(i) for i in wanted]
            ),
            "found": mean([voice != MISSED for _, voice in mine], [str(i) for i, _ in mine]),
            "voice_right": mean(
                [voice == sentences[i].voice for i, voice in hits], [str(i) for i, _ in hits]
            ),
        }

    def confused(gold: str) -> dict[str, int]:
        voices = [voice for i, voice in phrases if sentences[i].voice == gold]
        return {voice: voices.count(voice) for voice in (*VOICES, MISSED)}

    indices = range(len(sentences))
    return {
        "voices": {v: part([i for i in indices if sentences[i].voice == v]) for v in VOICES},
        "styles": {
            f"{voice}, {style}": part(
                [i for i in indices if (sentences[i].voice, sentences[i].style) == (voice, style)]
            )
            for voice, style in dict.fromkeys((s.voice, s.style) for s in sentences)
        },
        "confusion": {voice: confused(voice) for voice in VOICES},
    }
