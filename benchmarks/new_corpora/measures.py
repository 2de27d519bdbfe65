"""Measures of runs: pooled over folds, and as a mean over folds, as published figures are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.new_corpora.run import Run
from training.metrics import Estimate, Metric, bootstrap, macro_counts_f1, micro_counts_f1


def macro(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """The mean F1 of the classes that the gold has."""
    return macro_counts_f1(counts, counts)


def micro(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """The F1 of all cells together; the accuracy where each sentence has one class."""
    return micro_counts_f1(counts, counts)


def exact(_: NDArray[Any], counts: NDArray[Any]) -> float:
    """The share of sentences whose labels are all right."""
    true, given, gold = np.moveaxis(counts, 2, 0)
    return float(((true == given) & (true == gold)).all(axis=1).mean())


def pooled(metric: Metric, runs: Sequence[Run], label: int | None = None) -> Estimate:
    """``metric`` of the test parts of all runs as one; of one label alone if it is given."""
    counts, groups, fold = _joined(runs)
    if label is not None:
        counts = counts[:, [label]]
    return bootstrap(metric, fold, counts, groups)


def mean_over_folds(metric: Metric, runs: Sequence[Run]) -> Estimate:
    """The mean of ``metric`` over the runs; the interval comes from groups drawn over all."""
    counts, groups, fold = _joined(runs)

    def mean(fold: NDArray[Any], counts: NDArray[Any]) -> float:
        return float(np.mean([metric(fold, counts[fold == k]) for k in np.unique(fold)]))

    return bootstrap(mean, fold, counts, groups)


def _joined(runs: Sequence[Run]) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64]]:
    return (
        np.concatenate([r.counts for r in runs]),
        [str(g) for r in runs for g in r.groups],
        np.repeat(np.arange(len(runs)), [len(r.ids) for r in runs]),
    )
