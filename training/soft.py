"""Spans as a teacher sees them: for each piece of text, how likely a span begins or goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False)
class SoftSpans:
    """The token probabilities of a span task, on the tokens of the model that gave them.

    Parameters
    ----------
    labels : the span labels.
    start, end : int32 [pieces], code points of the sentence, in order.
    inside, begin : float16 [pieces, labels], the probability to lie in a span of that label, and
        to begin one.
    """

    labels: tuple[str, ...]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    inside: NDArray[np.float16]
    begin: NDArray[np.float16]

    def __post_init__(self) -> None:
        wanted = (len(self.start), len(self.labels))
        if self.inside.shape != wanted or self.begin.shape != wanted:
            raise ValueError(f"soft spans: {wanted} probabilities are needed, a row a piece")

    def on(self, start: NDArray[Any], end: NDArray[Any]) -> NDArray[np.float32]:
        """The probabilities outside, begin, inside on the tokens of another tokenizer.

        A token takes those of the piece that its first character lies in, nothing if there is
        none. Where several tokens share a piece, only the first of them begins a span.

        Returns
        -------
        array of shape (tokens, labels, 3)
        """
        out = np.zeros((len(start), len(self.labels), 3), dtype=np.float32)
        out[..., 0] = 1
        if not len(self.start) or not len(start):
            return out
        piece = np.searchsorted(self.start, start, side="right") - 1
        (known,) = np.nonzero((piece >= 0) & (self.end[piece] > start))
        found = piece[known]
        inside = self.inside[found].astype(np.float32)
        begin = np.minimum(self.begin[found].astype(np.float32), inside)
        begin[np.append(False, found[1:] == found[:-1])[: len(found)]] = 0
        out[known, :, 0] = 1 - inside
        out[known, :, 1] = begin
        out[known, :, 2] = inside - begin
        return out
