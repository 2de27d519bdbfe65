"""Sentences to tokens, and tokens to the windows that the model reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from framing.errors import ModelError
from framing.word_cache import Encoded, WordCache
from framing.words import Words

_QUOTE = '"'

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The tokens of n sentences, end to end, without special tokens.

    ``ids``, ``start`` and ``end`` have one entry a token; the offsets count code points of the
    token's own sentence. The tokens of sentence i are those from ``bounds[i]`` to
    ``bounds[i + 1]``.
    """

    ids: Ints
    start: Ints
    end: Ints
    bounds: Ints


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Stretches of tokens to be read at once, one entry a window, sentence after sentence.

    ``sentence`` is the sentence a window belongs to, ``lo`` and ``hi`` its tokens, and ``quote``
    tells that a quotation mark is put before it, because a quotation is open where it starts.
    """

    sentence: Ints
    lo: Ints
    hi: Ints
    quote: NDArray[np.bool_]


class SentenceTokenizer:
    """The tokenizer of a saved model folder, with what the model adds around a sentence.

    Text that looks like a special token, ``[SEP]`` say, is read as the plain characters it is.
    Lone surrogates, which no tokenizer accepts, are read as U+FFFD.
    """

    def __init__(self, folder: Path, *, pad: int) -> None:
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise ModelError(f"{folder} has no tokenizer.json: it is not a complete model folder")
        try:
            self.backend = Tokenizer.from_file(str(path))
        except Exception as error:  # of no type of its own
            raise ModelError(f"{path} cannot be read: {error}") from error
        self.backend.no_truncation()
        self.backend.no_padding()
        probe = self.backend.encode("a")
        mask = probe.special_tokens_mask
        first, last = mask.index(0), len(mask) - 1 - mask[::-1].index(0)
        self.prefix: list[int] = probe.ids[:first]
        self.suffix: list[int] = probe.ids[last + 1 :]
        self.quote: list[int] = self.backend.encode(_QUOTE, add_special_tokens=False).ids
        self.pad = pad
        masks = (self.backend.token_to_id(token) for token in ("[MASK]", "<mask>"))
        self.mask = next((i for i in masks if i is not None), pad)
        self.backend.encode_special_tokens = True
        self._cache = WordCache(self.backend)

    @property
    def specials(self) -> int:
        """How many tokens the model adds around a window, an opening quotation mark included."""
        return len(self.prefix) + len(self.quote) + len(self.suffix)

    def encode(self, sentences: Sequence[str]) -> Tokens:
        """Tokens of each sentence, however long, with their offsets."""
        return _tokens(self._cache.encode(sentences))

    def encode_words(self, sentences: Sequence[str]) -> tuple[Tokens, Words]:
        """Tokens and words of each sentence, which takes less than finding them apart."""
        encoded, words = self._cache.encode_words(sentences)
        return _tokens(encoded), words

    def window_ids(self, tokens: Tokens, lo: int, hi: int, quote: bool) -> list[int]:
        """What the model reads for one window."""
        opening = self.quote if quote else []
        return [*self.prefix, *opening, *tokens.ids[lo:hi].tolist(), *self.suffix]

    def lengths(self, windows: Windows) -> Ints:
        """Tokens that the model reads for each window, with what is put around it."""
        around = len(self.prefix) + len(self.suffix)
        lengths = windows.hi - windows.lo + windows.quote * len(self.quote) + around
        return np.asarray(lengths, dtype=np.int64)

    def grid(self, tokens: Tokens, windows: Windows, rows: Ints) -> Ints:
        """What the model reads for some windows: int64 [rows, width], padded on the right."""
        sizes = windows.hi[rows] - windows.lo[rows]
        marks = windows.quote[rows]
        shift = len(self.prefix) + marks * len(self.quote)
        ends = shift + sizes
        ids = np.full((len(rows), int(ends.max()) + len(self.suffix)), self.pad, dtype=np.int64)
        ids[:, : len(self.prefix)] = self.prefix
        ids[marks, len(self.prefix) : len(self.prefix) + len(self.quote)] = self.quote
        column = np.arange(ids.shape[1])
        within = (column >= shift[:, None]) & (column < ends[:, None])
        before = np.cumsum(sizes) - sizes
        ids[within] = tokens.ids[
            np.arange(sizes.sum()) + np.repeat(windows.lo[rows] - before, sizes)
        ]
        for place, token in enumerate(self.suffix):
            ids[np.arange(len(rows)), ends + place] = token
        return ids


def _tokens(encoded: Encoded) -> Tokens:
    ids, start, end = (
        column.astype(np.int64) for column in (encoded.ids, encoded.start, encoded.end)
    )
    return Tokens(ids=ids, start=start, end=end, bounds=encoded.bounds)


def plan_windows(
    tokens: Tokens, quote: Sequence[bool] | NDArray[np.bool_], *, size: int, overlap: int
) -> Windows:
    """Cuts each sentence into windows of at most ``size`` tokens.

    Neighbouring windows of a sentence share ``overlap`` tokens. A sentence without tokens gets
    one empty window. ``quote`` has an entry a sentence and applies to its first window.
    """
    lo, end = tokens.bounds[:-1], tokens.bounds[1:]
    step = size - overlap
    counts = 1 + np.maximum(0, -(-(end - lo - size) // step))
    sentence = np.repeat(np.arange(len(lo)), counts)
    nth = np.arange(len(sentence)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = lo[sentence] + nth * step
    return Windows(
        sentence=sentence,
        lo=start,
        hi=np.minimum(start + size, end[sentence]),
        quote=np.asarray(quote, dtype=np.bool_)[sentence] & (nth == 0),
    )


def batches_by_tokens(lengths: Ints, budget: int, *, cost: int = 0) -> list[Ints]:
    """Groups windows into batches of at most ``budget`` padded tokens, hardly padded at all.

    Parameters
    ----------
    lengths : tokens of each window, specials included.
    budget : padded tokens a batch; a window longer than it makes a batch of its own.
    cost : what another batch costs, in tokens; padding worth more than it makes one.

    Returns
    -------
    Index arrays which together hold every window once, longest windows first.
    """
    order = np.argsort(-lengths, kind="stable")
    falling = lengths[order]
    total = np.append(0, np.cumsum(falling))
    groups: list[Ints] = []
    at = 0
    while at < len(order):
        longest = int(falling[at])
        most = min(at + max(1, budget // max(1, longest)), len(order))
        sizes = np.arange(1, most - at + 1)
        padding = sizes * longest - (total[at + 1 : most + 1] - total[at])
        rows = int(np.searchsorted(padding, cost, side="right")) if cost else most - at
        groups.append(order[at : at + rows])
        at += rows
    return groups
