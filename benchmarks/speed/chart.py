"""The chart of the README: sentences a second, this library beside its peers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.speed.bars import largest, ratio, rows_of
from framing.files import write_atomically

INK = "#797979"
"""A grey that reads as well on white as on the near-black of a dark page."""
OURS, PEER, FAILED = "#d9622b", "#8fa3b8", "#c4b8a8"
PAGES = ("#ffffff", "#0d1117")


def draw(contest: Mapping[str, Any], folder: Path, name: str) -> list[Path]:
    """Writes ``name.png`` and ``name.svg``: the news scenario at its largest size.

    The background is transparent. Peers that fail the gate are hatched.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'the chart needs matplotlib: pip install "framing-score[train]"'
        ) from error
    size = largest(contest)
    if size is None:
        raise ValueError("there is no news scenario to draw: measure the contest with it first")
    rows = rows_of(contest, "news", size)[::-1]
    ours = next((r for r in reversed(rows) if r["ours"]), None)
    failed = {v["system"] for v in contest["gate"] if not v["passed"]}
    made = contest["made_with"]
    where = made["gpu"]["name"] if made["gpu"] else f"{made['cores']} cores of {made['processor']}"
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "framing", "font.size": 11, "text.color": INK}
    ):
        figure = Figure(figsize=(8, 0.42 * len(rows) + 1.3), layout="constrained")
        axes = figure.subplots()
        for place, row in enumerate(rows):
            colour = OURS if row["ours"] else FAILED if row["system"] in failed else PEER
            rate = row["sentences_per_s"]
            axes.barh(
                place,
                rate,
                color=colour,
                xerr=[[rate - row["slowest_round"]], [row["fastest_round"] - rate]],
                ecolor=INK,
                hatch="//" if row["system"] in failed else None,
                edgecolor=INK if row["system"] in failed else colour,
                linewidth=0,
            )
            times = f"  (framing is {ratio(ours, row)[0]:.1f}x)" if ours and not row["ours"] else ""
            axes.annotate(
                f"{rate:,.0f}{times}",
                (row["fastest_round"], place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                weight="bold" if row["ours"] else "normal",
            )
        labels = [
            r["system"] + (" (fails the parity gate)" if r["system"] in failed else "")
            for r in rows
        ]
        axes.set_yticks(range(len(rows)), labels)
        axes.tick_params(colors=INK, length=0)
        axes.set_xticks([])
        axes.set_xlim(0, 1.6 * max(r["fastest_round"] for r in rows))
        axes.spines[:].set_visible(False)
        axes.set_title(
            f"News sentences a second, {contest['model']['name']}, {size:,} texts\n{where}",
            loc="left",
            fontsize=11,
        )
        paths = []
        for kind, options in (("png", {"dpi": 160}), ("svg", {"metadata": {"Date": None}})):
            drawn = io.BytesIO()
            figure.savefig(drawn, format=kind, transparent=True, **options)
            paths.append(folder / f"{name}.{kind}")
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(paths[-1], drawn.getvalue())
    return paths
