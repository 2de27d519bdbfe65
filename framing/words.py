"""The words of a sentence, which spans are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framing.ragged import bounds, chunk_starts, ranges

# A hyphenated or apostrophised compound is one word; so is any other visible character.
_WORD = re.compile(r"\w+(?:[-'’‐‑.&]\w+)*|[^\w\s]")

_FUNCTION_WORD = re.compile(
    "an?|the|this|that|these|those|and|or|but|nor|as|than|so|if|of|to|in|on|at|by|for|from|with|"
    "into|over|through|down|up|out|off|about|i|you|s?he|it|we|they|me|him|hers?|us|them|my|your|"
    "his|its|our|their|whom?|whose|which|what|is|are|was|were|be|been|being|am|ha[sd]|have|do|"
    "does|did|will|would|shall|should|can|could|may|might|must|not",
    re.IGNORECASE,
)


class Located(Protocol):
    """Tokens whose places are known: ``framing.encoding.Tokens``, say."""

    @property
    def start(self) -> NDArray[Any]:
        """Where each token starts in its sentence."""

    @property
    def bounds(self) -> NDArray[np.int64]:
        """Where the tokens of each sentence start, and where the last ones end."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of many sentences that hold at least one token, one entry a word.

    ``sentence`` is the sentence a word stands in, ``start`` and ``end`` its offsets there,
    ``token`` the first of its tokens, ``plain`` whether it has a letter or digit, and ``function``
    whether it is an English function word, such as an article or a pronoun.
    """

    sentence: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    token: NDArray[np.int64]
    plain: NDArray[np.bool_]
    function: NDArray[np.bool_]

    @classmethod
    def of(cls, sentences: Sequence[str], tokens: Located) -> Words:
        """Finds the words of each sentence and the tokens that make them."""
        counts = np.diff(tokens.bounds)
        base = bounds(np.fromiter(map(len, sentences), np.int64, len(sentences)) + 1)
        sentence, start, end, plain, function = _find(sentences)
        at = base[sentence] + start
        token_sentence = np.repeat(np.arange(len(counts)), counts)
        token_at = base[token_sentence] + tokens.start
        # A token before its sentence's first word (a control character, say) joins that word.
        word = np.searchsorted(at, token_at, side="right") - 1
        first = np.searchsorted(sentence, token_sentence, side="left")
        word = np.maximum(word, np.minimum(first, len(at) - 1))
        used, token = np.unique(word[word >= 0], return_index=True)
        return cls(
            sentence=sentence[used],
            start=start[used],
            end=end[used],
            token=token,
            plain=plain[used].astype(np.bool_),
            function=function[used].astype(np.bool_),
        )


def _find(sentences: Sequence[str]) -> NDArray[np.int64]:
    """Sentence, start, end, plain and function of every word; shape (5, words).

    No word holds a space, so what stands between two spaces is searched once, however often it
    comes.
    """
    split = [s.split(" ") for s in sentences]
    per_sentence = np.fromiter(map(len, split), np.int64, len(split))
    chunks = list(chain.from_iterable(split))
    number = {c: i for i, c in enumerate(dict.fromkeys(chunks))}
    chunk = np.fromiter(map(number.__getitem__, chunks), np.int64, len(chunks))
    found = [
        (i, *m.span(), m[0][0].isalnum(), _FUNCTION_WORD.fullmatch(m[0]) is not None)
        for c, i in number.items()
        for m in _WORD.finditer(c)
    ]
    table = np.array(found, dtype=np.int64).reshape(-1, 5).T
    counts = np.bincount(table[0], minlength=len(number))
    lengths = np.fromiter(map(len, number), np.int64, len(number))

    repeats = counts[chunk]
    words = table[:, ranges(bounds(counts)[chunk], repeats)]
    words[0] = np.repeat(np.repeat(np.arange(len(sentences)), per_sentence), repeats)
    words[1:3] += np.repeat(chunk_starts(lengths[chunk], per_sentence), repeats)
    return words
