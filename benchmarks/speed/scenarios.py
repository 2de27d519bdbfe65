"""What is scored: made-up texts whose lengths are those of real news, or set to strain a loop."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.prose import BLOCK, sentences
from benchmarks.speed.vocabulary import words

Ints = NDArray[np.int64]

NEWS_WORDS = (1, 8, 26, 48, 63, 72, 81, 91, 96, 91, 86, 79, 71, 55, 41, 28, 19, 15, 7, 8, 5, 9)
"""Of a thousand sentences, how many have 1-2, 3-5, 6-8 ... 60-62 and 63-97 words: the mean of BABE
(Spinde et al. 2021, 3,673 sentences) and BASIL (Fan et al. 2019, 7,984)."""
NEWS_PIECES = {"BABE": (41.8, 41, 60, 85), "BASIL": (32.8, 31, 52, 74)}
"""Measured on both: the mean, median, 90th and 99th percentile of WordPiece tokens a sentence, the
two special ones included."""
ARTICLE_SENTENCES = (0, 9, 36, 56, 40, 51, 41, 30, 14, 6, 7, 3, 7)
"""Of the 300 articles of BASIL, how many have 0-4, 5-9 ... 55-59 and 60-76 sentences."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Texts of one scenario.

    Parameters
    ----------
    scenario : its name.
    parts : the sentences of each text, one apiece unless texts are articles.
    """

    scenario: str
    parts: Sequence[Sequence[str]]

    @cached_property
    def texts(self) -> list[str]:
        """What a user holds: a sentence, or an article in paragraphs of three sentences."""
        return [
            "\n\n".join(" ".join(part[at : at + 3]) for at in range(0, len(part), 3))
            for part in self.parts
        ]

    @cached_property
    def sentences(self) -> list[str]:
        """All sentences, which is what a classifier of sentences is given."""
        return [s for part in self.parts for s in part]

    def __len__(self) -> int:
        return len(self.parts)

    def first(self, count: int) -> Sample:
        """So many texts of it."""
        return self.between(0, count)

    def between(self, low: int, high: int) -> Sample:
        """The texts from one to another."""
        return Sample(scenario=self.scenario, parts=self.parts[low:high])

    def chunks(self, size: int) -> list[Sample]:
        """It cut into samples of ``size`` texts."""
        return [self.between(at, at + size) for at in range(0, len(self.parts), size)]


def news_words(rng: np.random.Generator, count: int) -> Ints:
    """Lengths of news sentences, in words."""
    return _from_histogram(NEWS_WORDS, 3, 35, rng, count)


def uniform_words(rng: np.random.Generator, count: int) -> Ints:
    """From 4 to 16 words, all alike often."""
    return rng.integers(4, 17, count)


def zipf_words(rng: np.random.Generator, count: int) -> Ints:
    """Three words and Zipf-distributed many more, 40 at most."""
    return np.minimum(2 + rng.zipf(1.6, count), 40)


def tail_words(rng: np.random.Generator, count: int) -> Ints:
    """Nine in ten of 4 to 20 words, one in ten of 60 to 170."""
    long = rng.random(count) < 0.1
    return np.where(long, rng.integers(60, 171, count), rng.integers(4, 21, count))


def flat_sentences(*, seed: Sequence[int]) -> Iterator[str]:
    """Sentences of 509 words that are a token each, a full stop and two special tokens: 512."""
    rng = np.random.default_rng(seed)
    known = np.array(words("common"))
    while True:
        yield " ".join(known[rng.integers(len(known), size=509)]).capitalize() + "."


WORDS = {
    "news": news_words,
    "short_uniform": uniform_words,
    "short_zipf": zipf_words,
    "long_tail": tail_words,
}
SCENARIOS = (*WORDS, "flat_512", "articles")


def stream(scenario: str, count: int, *, seed: int = 0) -> Iterator[list[str]]:
    """The sentences of ``count`` texts, made as they are asked for; the same for the same seed."""
    if scenario not in SCENARIOS:
        raise ValueError(f"no scenario {scenario!r}: there are {', '.join(SCENARIOS)}")
    seeds = (SCENARIOS.index(scenario), seed)
    if scenario == "flat_512":
        source = flat_sentences(seed=seeds)
    else:
        source = sentences(WORDS.get(scenario, news_words), seed=seeds)
    if scenario != "articles":
        yield from ([s] for s in itertools.islice(source, count))
        return
    rng = np.random.default_rng(seeds)
    # Drawn by blocks, so that a longer stream begins as a shorter one does.
    for done in range(0, count, BLOCK):
        sizes = _from_histogram(ARTICLE_SENTENCES, 5, 17, rng, BLOCK).tolist()
        for size in sizes[: count - done]:
            yield list(itertools.islice(source, size))


def sample(scenario: str, count: int, *, seed: int = 0) -> Sample:
    """``count`` texts at once."""
    return Sample(scenario=scenario, parts=list(stream(scenario, count, seed=seed)))


def _from_histogram(
    counts: Sequence[int], width: int, last: int, rng: np.random.Generator, size: int
) -> Ints:
    """Draws from bins of ``width`` from 0 on, the last one ``last`` wide; never 0."""
    shares = np.array(counts) / sum(counts)
    which = rng.choice(len(counts), size=size, p=shares)
    wide = np.where(which == len(counts) - 1, last, width)
    return np.maximum(1, which * width + (rng.random(size) * wide).astype(np.int64))
