"""An endless stream of made-up news sentences of given lengths, the same for the same seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.vocabulary import made_word, phrases, words

Lengths = Callable[[np.random.Generator, int], NDArray[np.int64]]
"""Draws so many sentence lengths in words."""

BLOCK = 4096
RANKS = 200_000
LISTED_SHIFT, MADE_SHIFT = 6.0, 60.0
"""Words follow Zipf's law as Mandelbrot (1953) has it, 1 / (rank + shift), the listed ones of a
class among themselves and so the made ones."""
MADE = {
    "NOUN": (0.05, "er"),
    "NOUNS": (0.08, "ers"),
    "VERB": (0.04, "ize"),
    "DOES": (0.06, "izes"),
    "PAST": (0.05, "ed"),
    "ING": (0.06, "ing"),
    "ADJ": (0.08, "al"),
    "ADV": (0.08, "ly"),
    "FIRST": (0.15, ""),
    "LAST": (0.5, ""),
    "PLACE": (0.3, ""),
    "BODY": (0.0, ""),
    "DAY": (0.0, ""),
    "MONTH": (0.0, ""),
}
"""By class, the share of made words and their ending. So three in a hundred words are not among the
200,000 before them, and five in a hundred stretches between spaces; in the two corpora of the
lengths it is two and seven."""
ENDS = (".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", ".", "?", "!")
QUOTES = (("“", "”"), ('"', '"'))
QUOTED = 0.28
"""The share of sentences with a quotation, the mean of the two corpora of the lengths."""

_CLASS = re.compile(r"([A-Z]{3,})")
"""What a word is drawn for; split by it, a word has its classes at the odd places."""


def sentences(lengths: Lengths, *, seed: Sequence[int]) -> Iterator[str]:
    """Sentences without end; any two calls with the same arguments give the same ones.

    The words come from a small grammar of news and, by Zipf's law, from word classes whose rare
    members are made up, so that new words never cease, as they never do in real news.
    """
    rng = np.random.default_rng(seed)
    draw = _Draw(rng)
    while True:
        wanted = lengths(rng, BLOCK)
        quoted = rng.random(BLOCK) < QUOTED
        places = rng.random((BLOCK, 2))
        ends = rng.integers(len(ENDS), size=BLOCK)
        for i in range(BLOCK):
            found = draw.words(int(wanted[i]))
            end = ENDS[ends[i]]
            if quoted[i] and len(found) > 3:
                first = int(places[i, 0] * (len(found) - 2))
                last = first + 1 + int(places[i, 1] * (len(found) - first - 1))
                left, right = QUOTES[i % 2]
                found[first] = left + found[first]
                if last == len(found) - 1:
                    right, end = end + right, ""
                found[last] = found[last].rstrip(",") + right
            yield " ".join(found) + end


class _Draw:
    """Phrases filled with words."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.made = _zipf(RANKS, MADE_SHIFT)
        self.fill = {name: self._words(name) for name in MADE}
        self.fill["NUMBER"] = self._numbers()
        self.fill["YEAR"] = (str(year) for year in self._integers(1960, 2025))
        self.fill["RARE"] = (made_word(rank, "ist") for rank in self._integers(0, RANKS))
        self.phrases = [
            [[_CLASS.split(word) for word in phrase.split()] for phrase in phrases(kind)]
            for kind in ("subject", "predicate", "modifier")
        ]
        self.which = [self._integers(0, len(kind)) for kind in self.phrases]

    def words(self, count: int) -> list[str]:
        """Just so many words, the first with a capital."""
        found: list[str] = []
        kind = 0
        while len(found) < count:
            for parts in self.phrases[kind][next(self.which[kind])]:
                if parts == [","]:  # it belongs to the word before it
                    found[-1] = found[-1].rstrip(",") + ","
                else:
                    filled = (next(self.fill[p]) if i % 2 else p for i, p in enumerate(parts))
                    found.append("".join(filled))
            kind = min(kind + 1, 2)
        if len(found) > count:
            del found[count:]
            found[-1] = next(self.fill["NOUN"])
        found[-1] = found[-1].rstrip(",")
        found[0] = found[0][0].upper() + found[0][1:]
        return found

    def _words(self, name: str) -> Iterator[str]:
        listed, (share, ending) = words(name), MADE[name]
        ranks = _zipf(len(listed), LISTED_SHIFT)
        while True:
            known = np.searchsorted(ranks, self.rng.random(BLOCK)).tolist()
            made = np.searchsorted(self.made, self.rng.random(BLOCK)).tolist()
            new = (self.rng.random(BLOCK) < share).tolist()
            for i, rank, is_new in zip(known, made, new, strict=True):
                yield made_word(rank, ending) if is_new else listed[i]

    def _integers(self, low: int, high: int) -> Iterator[int]:
        while True:
            yield from self.rng.integers(low, high, size=BLOCK).tolist()

    def _numbers(self) -> Iterator[str]:
        """Numbers as newspapers have them: many small ones, some with a comma or a point."""
        while True:
            sizes = np.floor(10 ** self.rng.uniform(0, 5, size=BLOCK)).astype(int).tolist()
            points = self.rng.integers(10, size=BLOCK).tolist()
            for size, point in zip(sizes, points, strict=True):
                yield f"{size}.{point}" if size < 20 and point % 2 else f"{size:,}"


def _zipf(count: int, shift: float) -> NDArray[np.float64]:
    """The cumulated probabilities of so many ranks."""
    weights = 1.0 / (np.arange(count) + shift)
    cumulated = np.cumsum(weights)
    return np.asarray(cumulated / cumulated[-1])
