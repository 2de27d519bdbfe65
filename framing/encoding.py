"""Sentences to tokens, and tokens to the windows that the model reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from framing.errors import ModelError

_SURROGATE = re.compile("[\ud800-\udfff]")
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
        self.backend = Tokenizer.from_file(str(path))
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

    @property
    def specials(self) -> int:
        """How many tokens the model adds around a window, an opening quotation mark included."""
        return len(self.prefix) + len(self.quote) + len(self.suffix)

    def encode(self, sentences: Sequence[str]) -> Tokens:
        """Tokens of each sentence, however long, with their offsets."""
        clean = [s if s.isascii() else _SURROGATE.sub("\ufffd", s) for s in sentences]
        found = self.backend.encode_batch(clean, add_special_tokens=False)
        bounds = np.zeros(len(found) + 1, dtype=np.int64)
        np.cumsum([len(e) for e in found], out=bounds[1:])
        offsets = np.array([o for e in found for o in e.offsets], dtype=np.int64).reshape(-1, 2)
        ids = np.array([i for e in found for i in e.ids], dtype=np.int64)
        return Tokens(ids=ids, start=offsets[:, 0], end=offsets[:, 1], bounds=bounds)

    def window_ids(self, tokens: Tokens, lo: int, hi: int, quote: bool) -> list[int]:
        """What the model reads for one window."""
        opening = self.quote if quote else []
        return [*self.prefix, *opening, *tokens.ids[lo:hi].tolist(), *self.suffix]


def plan_windows(tokens: Tokens, quote: Sequence[bool], *, size: int, overlap: int) -> Windows:
    """Cuts each sentence into windows of at most ``size`` tokens.

    Neighbouring windows of a sentence share ``overlap`` tokens. A sentence without tokens gets
    one empty window. ``quote`` has an entry a sentence and applies to its first window.
    """
    rows: list[tuple[int, int, int, bool]] = []
    for i, is_open in enumerate(quote):
        lo, end = int(tokens.bounds[i]), int(tokens.bounds[i + 1])
        rows.append((i, lo, min(lo + size, end), is_open))
        while rows[-1][2] < end:
            lo += size - overlap
            rows.append((i, lo, min(lo + size, end), False))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Windows(
        sentence=table[:, 0], lo=table[:, 1], hi=table[:, 2], quote=table[:, 3].astype(bool)
    )


def batches_by_tokens(lengths: Ints, budget: int) -> list[Ints]:
    """Groups windows into batches of at most ``budget`` padded tokens, hardly padded at all.

    Parameters
    ----------
    lengths : tokens of each window, specials included.
    budget : padded tokens a batch; a window longer than it makes a batch of its own.

    Returns
    -------
    Index arrays which together hold every window once, longest windows first.
    """
    order = np.argsort(-lengths, kind="stable")
    groups: list[Ints] = []
    at = 0
    while at < len(order):
        rows = max(1, budget // int(lengths[order[at]]))
        groups.append(order[at : at + rows])
        at += rows
    return groups
