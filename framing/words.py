"""The words of a sentence, which spans are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.encoding import Tokens

# A hyphenated or apostrophised compound is one word; so is any other visible character.
_WORD = re.compile(r"\w+(?:[-'’‐‑.&]\w+)*|[^\w\s]")

_FUNCTION_WORD = re.compile(
    "an?|the|this|that|these|those|and|or|but|nor|as|than|so|if|of|to|in|on|at|by|for|from|with|"
    "into|over|through|down|up|out|off|about|i|you|s?he|it|we|they|me|him|hers?|us|them|my|your|"
    "his|its|our|their|whom?|whose|which|what|is|are|was|were|be|been|being|am|ha[sd]|have|do|"
    "does|did|will|would|shall|should|can|could|may|might|must|not",
    re.IGNORECASE,
)


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
    def of(cls, sentences: Sequence[str], tokens: Tokens) -> Words:
        """Finds the words of each sentence and the tokens that make them."""
        counts = np.diff(tokens.bounds)
        lengths = np.fromiter((len(s) + 1 for s in sentences), np.int64, len(sentences))
        base = np.cumsum(lengths) - lengths
        found = [
            (m.start(), m.end(), s) for s, t in enumerate(sentences) for m in _WORD.finditer(t)
        ]
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        at = base[table[:, 2]] + table[:, 0]
        token_sentence = np.repeat(np.arange(len(counts)), counts)
        token_at = base[token_sentence] + tokens.start
        # A token before its sentence's first word (a control character, say) joins that word.
        word = np.searchsorted(at, token_at, side="right") - 1
        first = np.searchsorted(table[:, 2], token_sentence, side="left")
        word = np.maximum(word, np.minimum(first, len(table) - 1))
        used, token = np.unique(word, return_index=True)
        table = table[used]
        pieces = [sentences[s][a:b] for a, b, s in table.tolist()]
        return cls(
            sentence=table[:, 2],
            start=table[:, 0],
            end=table[:, 1],
            token=token,
            plain=np.array([p[0].isalnum() for p in pieces], dtype=np.bool_),
            function=np.array([bool(_FUNCTION_WORD.fullmatch(p)) for p in pieces], dtype=np.bool_),
        )
