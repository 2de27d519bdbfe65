"""Near-duplicate sentences: what is trained on must not be what is reported on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.example import Example

__all__ = ["drop_near_duplicates", "near_duplicates"]

SHINGLE = 5
"""Words a shingle."""

_WORD = re.compile(r"[^\W_]+")
_CHUNK = 4096


def near_duplicates(
    texts: Sequence[str], reference: Sequence[str], *, threshold: float = 0.6
) -> NDArray[np.bool_]:
    """Tell for each text whether it nearly repeats some text of `reference`.

    Texts are compared by the sets of their runs of five words, lower case, without punctuation.
    One is a near-duplicate where it shares at least `threshold` (over 0, up to 1) of the smaller
    set with one reference text: the containment of Broder (1997), so that a sentence with words
    added is still found. Texts of fewer than five words match only those of the same words; texts
    without a word match nothing. Memory and time are linear in the words, as long as no shingle is
    in very many texts on both sides.

    Returns
    -------
    array of shape (len(texts),)
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold}: give a share over 0, up to 1")
    vocabulary: dict[str, int] = {}
    wanted, wanted_owner, wanted_size = _shingles(texts, vocabulary)
    known, known_owner, known_size = _shingles(reference, vocabulary)
    order = np.argsort(known, kind="stable")
    known, known_owner = known[order], known_owner[order]
    found = np.zeros(len(texts), dtype=np.bool_)
    bounds = np.searchsorted(wanted_owner, np.arange(0, len(texts) + _CHUNK, _CHUNK))
    for lo, hi in pairwise(bounds):
        # Every pair of equal shingles, counted by the pair of texts that they stand in.
        first = np.searchsorted(known, wanted[lo:hi], side="left")
        times = np.searchsorted(known, wanted[lo:hi], side="right") - first
        texts_in = np.repeat(wanted_owner[lo:hi], times)
        within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        reference_in = known_owner[np.repeat(first, times) + within]
        pairs, shared = np.unique(
            texts_in * max(len(reference), 1) + reference_in, return_counts=True
        )
        left, right = np.divmod(pairs, max(len(reference), 1))
        smaller = np.minimum(wanted_size[left], known_size[right])
        found[left[shared >= threshold * smaller - 1e-9]] = True
    return found


def drop_near_duplicates(
    examples: Sequence[Example], reference: Sequence[Example], *, threshold: float = 0.6
) -> tuple[list[Example], dict[str, int]]:
    """Return `examples` without those whose text nearly repeats one of `reference`.

    Returns
    -------
    what is left, in order, and how many of each corpus were dropped (corpora without any left out)
    """
    found = near_duplicates(
        [e.text for e in examples], [e.text for e in reference], threshold=threshold
    )
    kept = [e for e, repeated in zip(examples, found, strict=True) if not repeated]
    dropped = Counter(e.corpus for e, repeated in zip(examples, found, strict=True) if repeated)
    return kept, dict(sorted(dropped.items()))


def _shingles(
    texts: Sequence[str], vocabulary: dict[str, int]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct shingles of each text: hashes, the text of each (rising), and their number."""
    lengths = np.zeros(len(texts), dtype=np.int64)
    ids: list[int] = []
    for i, text in enumerate(texts):
        words = _WORD.findall(text.lower())
        ids += [vocabulary.setdefault(word, len(vocabulary)) for word in words]
        lengths[i] = len(words)
    # Past the widths: a word and a width of one number would cancel out below.
    mixed = _mix(np.asarray(ids, dtype=np.uint64) + np.uint64(SHINGLE + 1))
    # A text gives one shingle for each place with five words ahead of it, a shorter one gives one
    # of all its words; how many words a shingle has is part of its hash.
    begins = np.cumsum(lengths) - lengths
    count = np.where(lengths == 0, 0, np.maximum(lengths - SHINGLE + 1, 1))
    owner = np.repeat(np.arange(len(texts)), count)
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + begins[owner]
    width = np.minimum(lengths, SHINGLE)[owner]
    hashes = _mix(width.astype(np.uint64))
    for offset in range(SHINGLE):
        inside = offset < width
        word = mixed[np.where(inside, place + offset, 0)] if len(mixed) else mixed
        hashes = np.where(inside, _mix(hashes ^ word), hashes)
    order = np.lexsort((hashes, owner))
    hashes, owner = hashes[order], owner[order]
    distinct = np.ones(len(hashes), dtype=np.bool_)
    distinct[1:] = (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1])
    hashes, owner = hashes[distinct], owner[distinct]
    return hashes, owner, np.bincount(owner, minlength=len(texts))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): 64 well-mixed bits a value."""
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
