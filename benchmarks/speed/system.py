"""Something that scores sentences and can be timed: the library with a back end, or a peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.speed.scenarios import Sample
from benchmarks.speed.subject import Floats, Ints

Probabilities = Callable[[Sequence[str]], dict[str, Floats]]
Padded = Callable[[Sample, Ints], tuple[int, int]]
"""Of a sample whose sentences have so many tokens: how many tokens the model reads, without padding
and with it."""

TOLERANCE, TOLERANCE_INT8 = 5e-3, 2e-2
"""How far probabilities may stand from those of fp32."""


@dataclass(frozen=True, kw_only=True)
class System:
    """A system, built and ready.

    Parameters
    ----------
    name : as it stands in tables.
    about : how it was set up, in words.
    run : scores a sample, all of it; this is what is timed.
    probabilities : by task, float32 [sentences, labels], of sentences on their own.
    padded : what the model reads.
    tolerance : how far probabilities may stand from the reference.
    reference : what they are held against, where it is not the subject in plain fp32.
    ours : whether it is this library.
    """

    name: str
    about: str
    run: Callable[[Sample], object]
    probabilities: Probabilities
    padded: Padded
    tolerance: float = TOLERANCE
    reference: Probabilities | None = None
    ours: bool = False


def batches_of(batch: int, order: Literal["arrival", "characters", "tokens"]) -> Padded:
    """Batches of so many sentences, in the order of arrival or longest first."""

    def padded(sample: Sample, lengths: Ints) -> tuple[int, int]:
        if order == "characters":
            lengths = lengths[np.argsort([-len(s) for s in sample.sentences], kind="stable")]
        elif order == "tokens":
            lengths = np.sort(lengths)[::-1]
        starts = np.arange(0, len(lengths), batch)
        rows = np.diff(np.append(starts, len(lengths)))
        return int(lengths.sum()), int((np.maximum.reduceat(lengths, starts) * rows).sum())

    return padded
