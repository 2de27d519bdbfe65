"""Figures with intervals as JSON-ready values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from training.metrics import Estimate, interval, resamples

SAMPLES = 500


def means(table: ArrayLike, groups: Sequence[str]) -> list[dict[str, Any]]:
    """The mean of each column of ``table`` [rows, columns], groups drawn as wholes."""
    values = np.asarray(table, dtype=float)
    picked = resamples(groups, samples=SAMPLES, seed=0)
    drawn = np.array([values[rows].mean(axis=0) for rows in picked]).reshape(-1, values.shape[1])
    found = values.mean(axis=0) if len(values) else np.full(values.shape[1], math.nan)
    return [
        estimated(value, *interval(column), n=len(values))
        for value, column in zip(found, drawn.T, strict=True)
    ]


def mean(values: ArrayLike, groups: Sequence[str]) -> dict[str, Any]:
    """The mean of ``values`` [rows], groups drawn as wholes."""
    return means(np.asarray(values, dtype=float)[:, None], groups)[0]


def estimated(value: float, low: float, high: float, *, n: int) -> dict[str, Any]:
    """A figure with its interval; None for what is not defined, which JSON has no other word for.

    Five digits: more would only make results differ between machines.
    """
    numbers = {"value": value, "low": low, "high": high}
    rounded = {k: None if math.isnan(v) else round(float(v), 5) for k, v in numbers.items()}
    return {**rounded, "n": n}


def shown(estimate: dict[str, Any], *, signed: bool = False) -> str:
    """A figure with its interval as tables show it."""
    value, low, high = (math.nan if estimate[k] is None else estimate[k] for k in _KEYS)
    sign = "+" if signed else ""
    if math.isnan(value):
        return "undefined"
    if math.isnan(low):
        return f"{value:{sign}.3f}"
    if signed:
        return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"
    return str(Estimate(value=value, low=low, high=high, n=estimate["n"]))


_KEYS = ("value", "low", "high")
