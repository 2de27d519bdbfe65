"""Is one model better than another on the same sentences, or is it luck?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest

from training.metrics import Metric, interval, resamples


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A measure of two models on the same rows, and how far apart they are.

    Parameters
    ----------
    a, b : the measure of each.
    value : ``b - a``.
    low, high : the 95 % interval of ``value``.
    p : two-sided, how likely a difference this large would be if there were none.
    n : rows.
    """

    a: float
    b: float
    value: float
    low: float
    high: float
    p: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON-ready values; what is not defined is None."""
        return {k: None if v != v else v for k, v in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Rows that one model alone got right, and the exact two-sided p-value."""

    only_a: int
    only_b: int
    p: float

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON-ready values."""
        return asdict(self)


def paired_bootstrap(
    metric: Metric,
    gold: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    groups: Sequence[str],
    *,
    samples: int = 1000,
    seed: int = 0,
) -> Difference:
    """The difference of ``metric`` between two models, from resampling whole groups.

    Both are measured on the same draws (Koehn 2004), so that what is hard for both cancels out.
    The interval is the percentile interval; the p-value is the share of draws whose difference
    lies at least as far from the one observed as that lies from 0 (Berg-Kirkpatrick, Burkett and
    Klein 2012, taken two-sided), the observed one counted among them.

    Parameters
    ----------
    metric : of gold and predicted rows, as in :func:`training.metrics.bootstrap`.
    gold, a, b : the rows, in the same order.

    Raises
    ------
    ValueError
        if the lengths differ, or all rows are of one group, so that nothing can be drawn.
    """
    gold, a, b = np.asarray(gold), np.asarray(a), np.asarray(b)
    if not len(gold) == len(a) == len(b) == len(groups):
        raise ValueError(
            f"rows that belong together: {len(gold)} gold, {len(a)} and {len(b)} predicted, "
            f"{len(groups)} groups"
        )
    if len(set(groups)) < 2:
        raise ValueError(
            "all sentences are of one group (document): a difference has no interval then; give "
            "sentences of several documents"
        )
    drawn = np.array(
        [
            metric(gold[rows], b[rows]) - metric(gold[rows], a[rows])
            for rows in resamples(groups, samples=samples, seed=seed)
        ]
    )
    first, second = float(metric(gold, a)), float(metric(gold, b))
    value = second - first
    low, high = interval(drawn)
    known = drawn[~np.isnan(drawn)]
    beyond = int((np.abs(known - value) >= abs(value) - 1e-12).sum())
    p = (beyond + 1) / (len(known) + 1) if value == value else float("nan")
    return Difference(a=first, b=second, value=value, low=low, high=high, p=p, n=len(gold))


def mcnemar(gold: ArrayLike, a: ArrayLike, b: ArrayLike) -> McNemar:
    """McNemar's test (1947) in its exact, binomial form, of two models' labels.

    Rows of a matrix are right if all of their labels are. It takes the rows for independent, which
    sentences of one document are not, so it finds a difference sooner than the bootstrap does.
    """
    gold, a, b = (np.asarray(x).reshape(len(np.asarray(x)), -1) for x in (gold, a, b))
    right_a, right_b = (a == gold).all(axis=1), (b == gold).all(axis=1)
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p = float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0
    return McNemar(only_a=only_a, only_b=only_b, p=p)
