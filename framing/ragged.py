"""Runs of unequal length, laid end to end in one array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def bounds(counts: NDArray[Any]) -> Ints:
    """Where each run begins and, after the last, where all end; ``len(counts) + 1`` of them."""
    found = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=found[1:])
    return found


def ranges(first: NDArray[Any], counts: NDArray[Any]) -> Ints:
    """The numbers from each ``first`` up, as many as its count says, end to end."""
    edges = bounds(counts)
    return np.arange(edges[-1], dtype=np.int64) + np.repeat(first - edges[:-1], counts)


def chunk_starts(lengths: NDArray[Any], per_sentence: Ints) -> Ints:
    """Where the chunks of each sentence stand in it, if they were cut at every space.

    Parameters
    ----------
    lengths : characters of each chunk, those of all sentences end to end.
    per_sentence : chunks of each sentence, at least one.
    """
    after = np.cumsum(lengths, dtype=np.int64) + np.arange(1, len(lengths) + 1)
    starts: Ints = after - lengths - 1
    first = bounds(per_sentence)[:-1]
    starts -= np.repeat(starts[first], per_sentence)
    return starts
