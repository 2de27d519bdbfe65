"""The learning curve: what more labelled sentences would bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.evaluation.folds import Fit, apart
from training.evaluation.predictions import evaluate_columns
from training.example import Example
from training.metrics import macro_counts_f1


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One measure of one model of a learning curve.

    Parameters
    ----------
    size : the sentences that were asked for.
    sentences, groups : how many it was trained on; a sample has whole groups.
    seed : of the order in which groups are taken.
    task, measure : what was measured.
    value : the measure; None where it is not defined.
    """

    size: int
    sentences: int
    groups: int
    seed: int
    task: str
    measure: str
    value: float | None

    def to_dict(self) -> dict[str, Any]:
        """The point as JSON-ready values."""
        return asdict(self)


def learning_curve(
    train: Sequence[Example],
    test: Sequence[Example],
    fit: Fit,
    sizes: Sequence[int],
    seeds: Sequence[int] = (0, 1, 2),
) -> list[CurvePoint]:
    """Trains on ever larger samples and measures each model on ``test``.

    A sample is the fewest groups, in an order that the seed decides, that hold ``size`` sentences;
    so of one seed every sample is part of all larger ones, and they differ in size alone.
    Sentences of ``train`` that nearly repeat one of ``test`` are left out first.

    Returns
    -------
    A point for each seed, size and task that ``test`` labels, in this order.

    Raises
    ------
    ValueError
        if a size is not positive or there are not as many sentences to train on, or if a group is
        in both parts.
    """
    if shared := {e.group for e in train} & {e.group for e in test}:
        raise ValueError(f"group {min(shared)!r} is both trained and tested on: split by group")
    train = apart(train, test)
    if not sizes or min(sizes) < 1 or max(sizes) > len(train):
        raise ValueError(f"sizes {list(sizes)}: give sizes from 1 to {len(train)}, what there is")
    points = []
    for seed in seeds:
        for size, sample in nested_samples(train, sizes, seed):
            found = evaluate_columns(fit(sample)(test), test)
            for name, result in found.tasks.items():
                counts = result.counts()
                value = macro_counts_f1(counts, counts)
                points.append(
                    CurvePoint(
                        size=size,
                        sentences=len(sample),
                        groups=len({e.group for e in sample}),
                        seed=seed,
                        task=name,
                        measure=result.headline,
                        value=None if np.isnan(value) else value,
                    )
                )
    return points


def nested_samples(
    examples: Sequence[Example], sizes: Sequence[int], seed: int
) -> Iterator[tuple[int, list[Example]]]:
    """Each size with its sample, smallest first, in the order of ``examples``."""
    groups = sorted({e.group for e in examples})
    order = np.random.default_rng(seed).permutation(len(groups))
    rank = {groups[g]: place for place, g in enumerate(order)}
    ranks = np.array([rank[e.group] for e in examples])
    held = np.cumsum(np.bincount(ranks, minlength=len(groups)))
    for size in sorted(set(sizes)):
        last = int(np.searchsorted(held, size))
        yield size, [e for e, r in zip(examples, ranks, strict=True) if r <= last]
