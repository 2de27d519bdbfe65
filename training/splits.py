"""Splits by group: a document, event or outlet is never both trained on and tested on."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["grouped_folds", "part_of"]


def part_of(group: str, *, seed: int, shares: Mapping[str, float]) -> str:
    """Return the part that `group` belongs to, one of the keys of `shares`.

    The part depends on nothing but the group, the seed and the shares in their order, so that an
    article is in the same part whichever corpus it comes from, and more data moves none.

    Raises
    ------
    ValueError
        if the shares are not positive or do not add up to 1.
    """
    if any(share <= 0 for share in shares.values()) or not math.isclose(sum(shares.values()), 1):
        raise ValueError(f"shares {dict(shares)}: give positive shares that add up to 1")
    place = _hash(group, seed) / 2**64
    reached = 0.0
    for part, share in shares.items():
        reached += share
        if place < reached:
            return part
    return part


def grouped_folds(groups: Sequence[str], k: int, seed: int) -> NDArray[np.int64]:
    """Return the fold, 0 to k - 1, of each item by its group.

    The groups, largest first, go each to the fold that has the fewest items, which balances the
    folds (Graham 1969); the seed decides between groups of one size.

    Raises
    ------
    ValueError
        if k is under 2 or there are fewer than k groups.

    Returns
    -------
    array of shape (len(groups),)
    """
    sizes = Counter(groups)
    if not 2 <= k <= len(sizes):
        raise ValueError(f"{k} folds of {len(sizes)} groups: give 2 folds up to one a group")
    filled = [0] * k
    fold: dict[str, int] = {}
    for group in sorted(sizes, key=lambda g: (-sizes[g], _hash(g, seed), g)):
        fold[group] = filled.index(min(filled))
        filled[fold[group]] += sizes[group]
    return np.array([fold[group] for group in groups], dtype=np.int64)


def _hash(group: str, seed: int) -> int:
    digest = hashlib.sha256(f"{seed}:{group}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big")
