"""Scores of predictions against gold labels, and how sure we can be of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import f1_score

Metric = Callable[[NDArray[Any], NDArray[Any]], float]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval and the number of rows it stands on."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(
    metric: Metric,
    gold: ArrayLike,
    predicted: ArrayLike,
    groups: Sequence[str],
    *,
    samples: int = 500,
    seed: int = 0,
) -> Estimate:
    """``metric`` with a percentile interval from resampling whole groups (Efron 1979).

    Sentences of one document resemble each other, so documents are drawn, not sentences.
    """
    gold, predicted = np.asarray(gold), np.asarray(predicted)
    _, member = np.unique(np.asarray(groups), return_inverse=True)
    rows = np.split(np.argsort(member, kind="stable"), np.cumsum(np.bincount(member))[:-1])
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(samples):
        picked = np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])
        drawn.append(metric(gold[picked], predicted[picked]))
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(
        value=float(metric(gold, predicted)), low=float(low), high=float(high), n=len(gold)
    )


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
