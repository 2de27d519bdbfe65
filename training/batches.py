"""Which sentences a training run reads, in which order and company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from framing.encoding import batches_by_tokens

_POOL = 50


class MixtureSampler:
    """Batches of a token budget, drawn from several corpora at given rates.

    A rate of 1 reads each sentence of a corpus once, 0.25 a random quarter of them, 2.5 all of
    them twice and a random half once more. Sentences are shuffled, pooled, sorted by length
    inside the pool and cut to batches, which are shuffled again: little padding, and still a
    random mixture. The whole run is planned ahead from the seed, so that a run which is resumed
    reads what it would have read.

    Parameters
    ----------
    corpora : the corpus of each sentence.
    lengths : its tokens, specials included.
    rates : passes over each corpus; one that is not named is not read.
    budget : padded tokens a batch.
    """

    def __init__(
        self,
        corpora: Sequence[str],
        lengths: NDArray[np.int64],
        *,
        rates: Mapping[str, float],
        budget: int,
        seed: int,
    ) -> None:
        rng = np.random.default_rng(seed)
        names = np.asarray(corpora)
        drawn: list[NDArray[np.int64]] = []
        for corpus, rate in sorted(rates.items()):
            (members,) = np.nonzero(names == corpus)
            drawn += [rng.permutation(members) for _ in range(int(rate))]
            drawn.append(rng.permutation(members)[: round(len(members) * (rate % 1))])
        order = rng.permutation(np.concatenate(drawn)) if drawn else np.empty(0, dtype=np.int64)
        mean = int(lengths.mean()) if len(lengths) else 1
        pool = max(1, _POOL * budget // mean)
        self.batches: list[list[int]] = []
        for at in range(0, len(order), pool):
            members = order[at : at + pool]
            groups = [members[g].tolist() for g in batches_by_tokens(lengths[members], budget)]
            rng.shuffle(groups)
            self.batches += groups

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)
