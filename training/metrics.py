"""Scores of predictions against gold labels, and how sure we can be of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy
from sklearn.metrics import f1_score

Metric = Callable[[NDArray[Any], NDArray[Any]], float]

_CLIP = 1e-6
"""Single precision rounds a likely answer up to 1, and the logarithm of 0 would outweigh all."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval and the number of rows it stands on.

    NaN stands for what is not defined: the AUROC of nothing but negatives, the interval of rows
    that are all of one group.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "undefined"
        if math.isnan(self.low):
            return f"{self.value:.3f} (one group: no interval)"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def resamples(groups: Sequence[str], *, samples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Rows drawn by whole groups, with replacement, as many groups as there are (Efron 1979).

    Sentences of one document resemble each other, so documents are drawn, not sentences. The same
    groups and seed give the same draws. Rows of one group only give none: nothing is known of how
    groups differ.
    """
    _, member = np.unique(np.asarray(groups), return_inverse=True)
    rows = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
    if len(rows) < 2:
        return
    rng = np.random.default_rng(seed)
    for _ in range(samples):
        yield np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])


def interval(drawn: ArrayLike) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile of what is defined; NaN where nothing is."""
    values = np.asarray(drawn, dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def bootstrap(
    metric: Metric,
    gold: ArrayLike,
    predicted: ArrayLike,
    groups: Sequence[str],
    *,
    samples: int = 500,
    seed: int = 0,
) -> Estimate:
    """``metric`` with a percentile interval from resampling whole groups (:func:`resamples`)."""
    gold, predicted = np.asarray(gold), np.asarray(predicted)
    picked = resamples(groups, samples=samples, seed=seed)
    low, high = interval([metric(gold[rows], predicted[rows]) for rows in picked])
    return Estimate(value=float(metric(gold, predicted)), low=low, high=high, n=len(gold))


def macro_f1(gold: NDArray[Any], predicted: NDArray[Any]) -> float:
    """The unweighted mean of the F1 of each class, or of each column of a multilabel matrix."""
    labels = np.unique(gold) if gold.ndim == 1 else None
    return float(f1_score(gold, predicted, labels=labels, average="macro", zero_division=0))


def positive_f1(gold: NDArray[Any], predicted: NDArray[Any]) -> float:
    """The F1 of the positive class; of a matrix, of all its cells together (micro)."""
    return float(f1_score(gold.ravel(), predicted.ravel(), zero_division=0))


def counts_f1(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """F1 of rows of (true positives, predicted, gold)."""
    true, predicted, gold = counts.sum(axis=0)
    return float(2 * true / (predicted + gold)) if predicted + gold else 0.0


def macro_counts_f1(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """The mean F1 of the labels that the gold has; counts of shape (rows, labels, 3) as above.

    A label without gold is left out, since its F1 says nothing; NaN if there is no other.
    """
    true, predicted, gold = counts.sum(axis=0).T
    known = gold > 0
    return float(np.mean(2 * true[known] / (predicted + gold)[known])) if known.any() else math.nan


def weighted_counts_f1(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """As :func:`macro_counts_f1`, each label weighted by how often the gold has it."""
    true, predicted, gold = counts.sum(axis=0).T
    known = gold > 0
    f1 = 2 * true[known] / (predicted + gold)[known]
    return float(np.average(f1, weights=gold[known])) if known.any() else math.nan


def micro_counts_f1(gold: NDArray[Any], counts: NDArray[Any]) -> float:
    """The F1 of all labels together; counts as in :func:`macro_counts_f1`."""
    return counts_f1(gold, counts.sum(axis=1))


def counts_correlation(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """Matthews' correlation coefficient of classes of which one holds (Gorodkin 2004).

    Counts as in :func:`macro_counts_f1`. NaN where the gold has a single class, 0 where only what
    is predicted has.
    """
    true, predicted, gold = counts.sum(axis=0, dtype=float).T
    rows = float(gold.sum())
    of_gold, of_predicted = rows**2 - gold @ gold, rows**2 - predicted @ predicted
    if not of_gold:
        return math.nan
    both = float(true.sum() * rows - predicted @ gold)
    return both / math.sqrt(of_gold * of_predicted) if of_predicted else 0.0


def span_counts(
    gold: Sequence[tuple[int, int]], predicted: Sequence[tuple[int, int]], *, exact: bool
) -> tuple[float, float, float]:
    """(True positives, predicted, gold) of one sentence.

    Exact: a span counts if both its ends are right. Otherwise by characters, each sentence's
    spans taken as the set of characters they cover.
    """
    if exact:
        return (len(set(gold) & set(predicted)), len(set(predicted)), len(set(gold)))
    inside = {i for a, b in gold for i in range(a, b)}
    found = {i for a, b in predicted for i in range(a, b)}
    return (len(inside & found), len(found), len(inside))


def calibration_error(gold: ArrayLike, probability: ArrayLike, *, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass (Nixon et al. 2019)."""
    gold, probability = np.asarray(gold, dtype=float), np.asarray(probability, dtype=float)
    order = np.argsort(probability, kind="stable")
    gaps = [
        abs(gold[part].mean() - probability[part].mean()) * len(part)
        for part in np.array_split(order, min(bins, len(order)))
    ]
    return float(sum(gaps) / len(order))


def brier_score(gold: ArrayLike, probability: ArrayLike, *, exclusive: bool = False) -> float:
    """The mean squared error of probabilities (Brier 1950); 0 is best.

    ``gold`` has values from 0 to 1, so a share of annotators is taken as it is. ``exclusive``: the
    last axis has the classes of which one holds, whose errors are added up (so that 2 is worst);
    else every cell counts by itself (so that 1 is).
    """
    error = np.square(np.asarray(probability, dtype=float) - np.asarray(gold, dtype=float))
    return float((error.sum(axis=-1) if exclusive else error).mean())


def log_loss(gold: ArrayLike, probability: ArrayLike, *, exclusive: bool = False) -> float:
    """The mean cross entropy in nats; ``gold`` and ``exclusive`` as in :func:`brier_score`.

    Probabilities are kept a millionth away from 0 and 1.
    """
    gold = np.asarray(gold, dtype=float)
    likely = np.clip(np.asarray(probability, dtype=float), _CLIP, 1 - _CLIP)
    loss = -xlogy(gold, likely)
    if exclusive:
        return float(loss.sum(axis=-1).mean())
    return float((loss - xlogy(1 - gold, 1 - likely)).mean())


def best_threshold(gold: ArrayLike, probability: ArrayLike) -> float:
    """The cut on ``probability`` with the best F1 of the positive class.

    Returns the middle between the last score taken and the first left out; 0.5 where nothing is
    positive.
    """
    gold, probability = np.asarray(gold, dtype=bool), np.asarray(probability, dtype=float)
    if not gold.any():
        return 0.5
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    true = np.cumsum(gold[order])
    f1 = 2 * true / (np.arange(1, len(order) + 1) + gold.sum())
    f1[:-1][ranked[:-1] == ranked[1:]] = 0  # a cut cannot fall between equal scores
    last = int(f1.argmax())
    below = ranked[last + 1] if last + 1 < len(ranked) else 0.0
    return float((ranked[last] + below) / 2)
