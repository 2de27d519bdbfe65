"""The section ``overhead``: what an archive costs beside the scoring itself, in memory and time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.archives.children import child
from benchmarks.archives.tables import table

AIM = 0.05
COPIES = 0.25
"""The share of copied rows in the archive that ``once`` is measured on, a tenth as large."""


def measured(rows: int, *, beside: int, rounds: int, work: Path | None) -> dict[str, Any]:
    """The results, JSON-ready.

    Every measurement is made in a process of its own, which loads the model, warms it up and then
    streams the texts, which lie in its memory, or scores the archive of the same texts. The two
    take turns, and who begins changes from round to round.

    Parameters
    ----------
    rows : sentences of the large archive.
    beside : of the small one, which tells what memory does not depend on the size.
    rounds : how often each is timed.
    work : a new folder; a temporary one if None. It is removed.
    """
    made = work or Path(tempfile.mkdtemp(prefix="framing-overhead-"))
    try:
        child("make", made, rows=beside)
        child("make", made, rows=rows)
        small = child("archive", made, rows=beside)
        turns: dict[str, list[dict[str, Any]]] = {"stream": [], "archive": []}
        for number in range(rounds):
            for name in sorted(turns, reverse=number % 2 == 0):
                turns[name].append(child(name, made, rows=rows))
        few = max(1, rows // 10)
        child("make", made, rows=few, copies=COPIES)
        repeats = {
            name: child("archive", made, rows=few, copies=COPIES, once=name == "once")
            for name in ("each", "once")
        }
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return {
        "settings": {"rows": rows, "beside": beside, "rounds": rounds, "aim": AIM},
        "memory": {"small": small, "large": turns["archive"][0]},
        "stream": turns["stream"],
        "archive": turns["archive"],
        "overhead": {name: _overhead(turns, name) for name in ("seconds", "processor_seconds")},
        "repeats": {"copies": COPIES, **repeats},
        "rows_per_second": {
            name: rows / median(one["seconds"] for one in found) for name, found in turns.items()
        },
    }


def passed(results: Mapping[str, Any]) -> bool:
    """Whether every row came back; times are for a reader to judge."""
    counts = {one["texts"] for one in (*results["stream"], *results["archive"])}
    return counts == {results["settings"]["rows"]}


def markdown(results: Mapping[str, Any]) -> str:
    """The results as tables."""
    settings = results["settings"]
    sizes = {"small": settings["beside"], "large": settings["rows"]}
    heads = (
        "rows",
        "loaded",
        "peak, ru_maxrss",
        "peak, sampled",
        *(f"quarter {n}" for n in "1234"),
    )
    memory = [
        [
            f"{sizes[name]:,}",
            *(f"{found[key]:,.0f}" for key in ("loaded_mb", "maxrss_mb", "sampled_mb")),
            *(f"{peak:,.0f}" for peak in found["quarters_mb"]),
        ]
        for name, found in results["memory"].items()
    ]
    times = [
        [
            name,
            f"{results['rows_per_second'][name]:,.0f}",
            *(
                ", ".join(f"{one[key]:,.1f}" for one in results[name])
                for key in ("seconds", "processor_seconds")
            ),
        ]
        for name in ("stream", "archive")
    ]
    over = results["overhead"]
    shown = {name: f"{found['median']:+.1%}" for name, found in over.items()}
    times.append(["overhead", "", shown["seconds"], shown["processor_seconds"]])
    return "\n\n".join(
        [
            "Memory of `score_archive` in MB (10^6 bytes), the peaks of the quarters of its time "
            "from samples:",
            table(heads, memory),
            f"Time over {settings['rows']:,} rows, each round; the aim is an overhead under "
            f"{settings['aim']:.0%}:",
            table(("", "rows a second", "seconds", "processor seconds"), times),
            _repeats(results["repeats"]),
        ]
    )


def _repeats(found: Mapping[str, Any]) -> str:
    heads = ("sentences that come again", "not scored again", "rows a second")
    rows = [
        [
            {"each": "scored each time", "once": "scored once (`--once`)"}[name],
            f"{found[name]['repeated'] / found[name]['sentences']:.1%}",
            f"{found[name]['texts'] / found[name]['seconds']:,.0f}",
        ]
        for name in ("each", "once")
    ]
    size = found["once"]["texts"]
    return (
        f"An archive of {size:,} rows, {found['copies']:.0%} of them copies of one of the thousand "
        f"before:\n\n{table(heads, rows)}"
    )


def _overhead(turns: Mapping[str, list[dict[str, Any]]], key: str) -> dict[str, Any]:
    """How much longer the archive takes, as a share: of the medians, and of each round."""
    stream, archive = ([one[key] for one in turns[name]] for name in ("stream", "archive"))
    return {
        "median": median(archive) / median(stream) - 1,
        "rounds": [a / s - 1 for a, s in zip(archive, stream, strict=True)],
    }
