"""Figures as PNG and SVG: reliability diagrams and learning curves."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from training.evaluation.curves import CurvePoint
from training.evaluation.reliability import Reliability

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE, _GREY = "#0072B2", "#595959"
_COLOURS = (_BLUE, "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Told apart with any colour vision (Okabe and Ito 2008); markers and line styles differ, too."""
_MARKERS = "osD^vPX"
_STYLE = {"svg.hashsalt": "framing", "font.size": 9, "axes.spines.top": False}


def reliability_figure(
    found: Reliability, title: str, *, xlabel: str = "probability", observed: str = "came true"
) -> dict[str, bytes]:
    """A reliability diagram over a histogram of the probabilities, as ``png`` and ``svg``.

    A point a bin of equal mass, the observed frequency over the mean probability with its 95 %
    interval; points on the diagonal are what they say. The same values give the same SVG.

    Raises
    ------
    ImportError
        if matplotlib is not installed.
    """
    with _figure((4.2, 5.0)) as figure:
        above, below = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": [4, 1], "hspace": 0.08}
        )
        above.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="calibrated")
        above.fill_between(
            found.probability, found.low, found.high, color=_BLUE, alpha=0.2, linewidth=0
        )
        whiskers = np.nan_to_num(
            [found.observed - found.low, found.high - found.observed], nan=0.0
        ).clip(min=0)
        above.errorbar(
            found.probability,
            found.observed,
            yerr=whiskers,
            color=_BLUE,
            marker="o",
            markersize=4,
            linewidth=1.2,
            elinewidth=0.8,
            capsize=2,
            label=f"observed, {len(found.count)} bins of equal mass, 95 % interval",
        )
        above.set(ylim=(-0.02, 1.02), ylabel=f"share that {observed}", aspect="auto")
        above.set_title(title, parse_math=False)
        above.legend(loc="upper left", frameon=False, fontsize=8)
        below.hist(found.values, bins=np.linspace(0, 1, 21), color=_GREY)
        below.set(xlim=(-0.02, 1.02), xlabel=xlabel, ylabel="count")
        return _drawn(figure, title)


def learning_curve_figure(points: Sequence[CurvePoint], title: str) -> dict[str, bytes]:
    """The mean over seeds of each task by the sentences trained on, as ``png`` and ``svg``.

    Small marks are single seeds; the band goes from the least to the greatest of them.

    Raises
    ------
    ValueError
        if there are no points.
    ImportError
        if matplotlib is not installed.
    """
    if not points:
        raise ValueError("a learning curve needs points")
    with _figure((5.6, 4.0)) as figure:
        axes = figure.subplots()
        for i, task in enumerate(dict.fromkeys(p.task for p in points)):
            colour, marker = _COLOURS[i % len(_COLOURS)], _MARKERS[i % len(_MARKERS)]
            here = [(p, p.value) for p in points if p.task == task and p.value is not None]
            sizes = sorted({p.size for p, _ in here})
            values = [[v for p, v in here if p.size == size] for size in sizes]
            held = [
                float(np.mean([p.sentences for p, _ in here if p.size == size])) for size in sizes
            ]
            for at, several in zip(held, values, strict=True):
                axes.plot([at] * len(several), several, ".", color=colour, alpha=0.5, markersize=4)
            low, high = list(map(min, values)), list(map(max, values))
            axes.fill_between(held, low, high, color=colour, alpha=0.15, linewidth=0)
            measure = next(p.measure for p in points if p.task == task)
            axes.plot(
                held,
                [float(np.mean(v)) for v in values],
                color=colour,
                marker=marker,
                markersize=5,
                label=f"{task}, {measure}",
            )
        axes.set_xscale("log")
        axes.set(ylim=(0, 1), xlabel="sentences trained on (log scale)", ylabel="on the test part")
        axes.set_title(title, parse_math=False)
        axes.grid(axis="y", color="#D9D9D9", linewidth=0.6)
        axes.legend(frameon=False, fontsize=8)
        return _drawn(figure, title)


@contextmanager
def _figure(size: tuple[float, float]) -> Iterator[Figure]:
    """A figure of its own: pyplot, its windows and its global state stay out of it."""
    try:
        from matplotlib import style
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'figures are drawn by matplotlib: pip install "framing-score[train]"'
        ) from error
    with style.context(["default", _STYLE]):
        yield Figure(figsize=size, layout="constrained")


def _drawn(figure: Figure, title: str) -> dict[str, bytes]:
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None, "Title": title},
        "svg": {"Date": None, "Creator": None, "Title": title},
    }
    drawn = {}
    for kind, facts in metadata.items():
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=150, metadata=facts)
        drawn[kind] = stream.getvalue()
    return drawn
