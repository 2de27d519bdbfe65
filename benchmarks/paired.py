"""Two ways to do a thing, measured in pairs: the mean difference and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation; the latter NaN for a single value."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def paired_difference(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean of differences and its 95 % interval by Student's t; NaN for a single one.

    It tells how sure the difference is over such pairs and no more: of draws and trainings on one
    test part, or of rounds on one machine.
    """
    mean, deviation = mean_and_deviation(values)
    if math.isnan(deviation):
        return mean, math.nan, math.nan
    reach = float(student.ppf(0.975, len(values) - 1)) * deviation / math.sqrt(len(values))
    return mean, mean - reach, mean + reach
