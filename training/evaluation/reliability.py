"""Reliability: how often what was given a probability came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framing.task import TaskKind


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability:
    """The points of a reliability diagram (Murphy and Winkler 1977; DeGroot and Fienberg 1983).

    Parameters
    ----------
    probability : float [bins], the mean probability of a bin; the bins have equal mass.
    observed : float [bins], how often it came true.
    low, high : float [bins], the 95 % interval of ``observed`` from resampling groups; NaN where
        all rows are of one group.
    count : int [bins], rows.
    values : float [rows], every probability, for the histogram.
    """

    probability: NDArray[np.float64]
    observed: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    count: NDArray[np.int64]
    values: NDArray[np.float64]

    def to_dict(self) -> dict[str, list[Any]]:
        """The points as JSON-ready values; what is not defined is None."""
        names = ("probability", "observed", "low", "high", "count")
        return {n: [None if v != v else v for v in getattr(self, n).tolist()] for n in names}


def calibration_pairs(
    kind: TaskKind, gold: NDArray[Any], probability: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """What came true beside its probability, flat, and the row of each.

    Both arguments have shape (rows, labels). Of a binary task that is its one label, of a
    multilabel task every label of every row, of a multiclass task the likeliest class and whether
    it was right (Guo et al. 2017). Soft gold labels stay shares.
    """
    rows = np.arange(len(gold))
    if kind == "multiclass":
        top = probability.argmax(axis=1)
        return gold[rows, top], probability[rows, top], rows
    return gold.ravel(), probability.ravel(), np.repeat(rows, gold.shape[1])


def reliability(
    gold: ArrayLike,
    probability: ArrayLike,
    groups: Sequence[str],
    *,
    bins: int = 10,
    samples: int = 500,
    seed: int = 0,
) -> Reliability:
    """Bins of equal mass with a band each from resampling whole groups.

    The bins are those of :func:`training.metrics.calibration_error`. They are made once, so that a
    band tells how far the observed frequency could be off, not where the bins could lie.

    Raises
    ------
    ValueError
        if there are no rows.
    """
    gold, likely = np.asarray(gold, dtype=float), np.asarray(probability, dtype=float)
    if not len(gold):
        raise ValueError("reliability: there are no probabilities to be judged")
    parts = np.array_split(np.argsort(likely, kind="stable"), min(bins, len(gold)))
    _, member = np.unique(np.asarray(groups), return_inverse=True)
    size = int(member.max()) + 1
    true = np.stack([np.bincount(member[p], weights=gold[p], minlength=size) for p in parts])
    seen = np.stack([np.bincount(member[p], minlength=size) for p in parts])
    low = high = np.full(len(parts), np.nan)
    if size > 1:
        rng = np.random.default_rng(seed)
        weights = rng.multinomial(size, np.full(size, 1 / size), size=samples)
        total = seen @ weights.T
        with np.errstate(invalid="ignore"):
            drawn = np.where(total > 0, (true @ weights.T) / total, np.nan)
        low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=1)
    return Reliability(
        probability=np.array([likely[p].mean() for p in parts]),
        observed=np.array([gold[p].mean() for p in parts]),
        low=low,
        high=high,
        count=np.array([len(p) for p in parts]),
        values=likely,
    )
