"""Texts made ready for the model: their sentences, tokens, words and windows.

Nothing here needs the model, so that processes which have none can do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.encoding import Ints, SentenceTokenizer, Tokens, Windows, plan_windows
from framing.quotes import open_at
from framing.ragged import bounds
from framing.sentences import is_blank, sentence_spans
from framing.words import Words


class Sentences(NamedTuple):
    """The sentences of some texts, end to end.

    ``quotes`` tells where a quotation is open as a sentence begins, ``starts`` where in its text
    that is, and the sentences of text i are those from ``indptr[i]`` to ``indptr[i + 1]``.
    """

    sentences: list[str]
    quotes: list[bool]
    starts: Ints
    indptr: Ints


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Sentences ready for the model. ``blank`` marks those without a visible character."""

    sentences: Sequence[str]
    tokens: Tokens
    windows: Windows
    words: Words
    blank: NDArray[np.bool_]


def sentences_of(texts: list[str], *, split: bool) -> Sentences:
    """Finds the sentences of texts; each text is one where they are not to be split."""
    if not split:
        starts = np.zeros(len(texts), dtype=np.int64)
        return Sentences(texts, [False] * len(texts), starts, np.arange(len(texts) + 1))
    found = [sentence_spans(text) for text in texts]
    return Sentences(
        sentences=[t[a:b] for t, spans in zip(texts, found, strict=True) for a, b in spans],
        quotes=[
            is_open
            for text, spans in zip(texts, found, strict=True)
            for is_open in open_at(text, [a for a, _ in spans])
        ],
        starts=np.array([a for spans in found for a, _ in spans], dtype=np.int64),
        indptr=bounds(np.array([len(spans) for spans in found], dtype=np.int64)),
    )


def prepare(
    tokenizer: SentenceTokenizer,
    sentences: Sequence[str],
    quote_open: Sequence[bool] | NDArray[np.bool_],
    *,
    window: int,
    overlap: int,
) -> Prepared:
    """Tokenises sentences and plans the windows to be read.

    Parameters
    ----------
    window, overlap : tokens of a window, what is put around it included, and of what two share.
    """
    tokens, words = tokenizer.encode_words(sentences)
    size = window - tokenizer.specials
    return Prepared(
        sentences=sentences,
        tokens=tokens,
        windows=plan_windows(tokens, quote_open, size=size, overlap=min(overlap, size // 2)),
        words=words,
        blank=np.fromiter((is_blank(s) for s in sentences), np.bool_, len(sentences)),
    )
