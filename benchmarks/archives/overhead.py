"""The section ``overhead``: what an archive costs beside the scoring itself, in memory and time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.archives.children import TINY, child
from benchmarks.archives.tables import table
from benchmarks.paired import paired_difference

AIM = 0.05
COPIES = 0.25
"""The share of copied rows in the archive that ``once`` is measured on, a tenth as large."""
TIMED = {TINY: 20, "small": 1000}
"""The models that time is taken with, and on what part of the rows: one in so many."""

_TIMES = "seconds", "processor_seconds"


def measured(rows: int, *, beside: int, rounds: int, work: Path | None) -> dict[str, Any]:
    """The results, JSON-ready.

    Memory is that of processes of their own, which load the model, warm it up and score an archive.
    Time is taken in one process that streams texts from its memory and scores the archive of the
    same texts in turns, many times and some seconds each, as machines change their pace over
    minutes; who begins changes from round to round.

    Parameters
    ----------
    rows : sentences of the large archive.
    beside : of the small one, which tells what memory does not depend on the size.
    rounds : how often each is timed, on the part of the rows that :data:`TIMED` says.
    work : a new folder; a temporary one if None. It is removed.
    """
    made = work or Path(tempfile.mkdtemp(prefix="framing-overhead-"))
    try:
        memory = {}
        for name, size in (("small", beside), ("large", rows)):
            child("make", made, rows=size)
            memory[name] = child("archive", made, rows=size)
        timed = {model: max(1, rows // share) for model, share in TIMED.items()}
        turns = {}
        for model, part in timed.items():
            child("make", made, rows=part)
            turns[model] = child("turns", made, rows=part, rounds=rounds, model=model)
        few = max(1, rows // 10)
        child("make", made, rows=few, copies=COPIES)
        repeats = {
            name: child("archive", made, rows=few, copies=COPIES, once=name == "once")
            for name in ("each", "once")
        }
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return {
        "settings": {"rows": rows, "beside": beside, "timed": timed, "aim": AIM},
        "memory": memory,
        "turns": turns,
        "overhead": {
            model: {key: _overhead(found, key) for key in _TIMES} for model, found in turns.items()
        },
        "repeats": {"copies": COPIES, **repeats},
    }


def passed(results: Mapping[str, Any]) -> bool:
    """Whether every row came back; times are for a reader to judge."""
    settings = results["settings"]
    whole = all(
        one["texts"] == settings["timed"][model]
        for model, found in results["turns"].items()
        for turns in found.values()
        for one in turns
    )
    return whole and results["memory"]["large"]["texts"] == settings["rows"]


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
    times = []
    for model, turns in results["turns"].items():
        rows = settings["timed"][model]
        for name, found in turns.items():
            means = [mean(one[key] for one in found) for key in _TIMES]
            cells = [f"{rows / means[0]:,.0f}", *(f"{value:,.2f}" for value in means)]
            times.append([model, f"{rows:,}", name, *cells])
        over = [results["overhead"][model][key] for key in _TIMES]
        shown = [f"{o['mean']:+.1%} [{o['low']:+.1%}, {o['high']:+.1%}]" for o in over]
        times.append([model, "", "overhead", "", *shown])
    rounds = len(results["turns"][TINY]["stream"])
    return "\n\n".join(
        [
            "Memory of `score_archive` in MB (10^6 bytes), the peaks of the quarters of its time "
            "from samples:",
            table(heads, memory),
            f"Time, {rounds} rounds in turns; the aim is an overhead under {settings['aim']:.0%}:",
            table(("model", "rows", "", "rows a second", "seconds", "processor seconds"), times),
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


def _overhead(turns: Mapping[str, Sequence[Mapping[str, Any]]], key: str) -> dict[str, Any]:
    """How much longer the archive takes, as a share: of each round, their mean and its interval."""
    pairs = zip(turns["archive"], turns["stream"], strict=True)
    rounds = [archive[key] / stream[key] - 1 for archive, stream in pairs]
    middle, low, high = paired_difference(rounds)
    return {"mean": middle, "low": low, "high": high, "rounds": rounds}
