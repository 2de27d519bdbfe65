"""Many scored texts as columns, which is how archives and back ends handle them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.columns import ScoreColumns
from framing.results import DocumentScore, SentenceScore


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredTexts:
    """Neighbouring texts of a stream, scored together.

    Parameters
    ----------
    texts : the caller's strings.
    indptr : int64 [texts + 1]; the sentences of text ``i`` are the rows ``indptr[i]`` to
        ``indptr[i + 1]`` of ``columns``, none for a blank text. Where texts were not split, one
        each.
    columns : the scores; offsets count code points of the sentence's own text.
    repeated : how many of the sentences were not scored, being repeats of others.
    """

    texts: Sequence[str]
    indptr: NDArray[np.int64]
    columns: ScoreColumns
    repeated: int = 0

    def __post_init__(self) -> None:
        if self.indptr.shape != (len(self.texts) + 1,) or self.indptr[-1] != len(self.columns):
            raise ValueError("indptr: it must count the sentences of each text")

    def __len__(self) -> int:
        return len(self.texts)

    def documents(self) -> Iterator[DocumentScore]:
        """A view of each text."""
        bounds = self.indptr.tolist()
        for text, lo, hi in zip(self.texts, bounds, bounds[1:], strict=False):
            yield DocumentScore(text, self.columns, lo, hi)

    def sentences(self) -> Iterator[SentenceScore]:
        """A view of each sentence."""
        bounds = self.indptr.tolist()
        for text, lo, hi in zip(self.texts, bounds, bounds[1:], strict=False):
            for row in range(lo, hi):
                yield SentenceScore(text, self.columns, row)
