"""The section ``faults``: what a campaign under each engine came to, as values and as tables."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.archives.campaign import KILLS, OUTPUTS, PART_CHARS, PART_ROWS, TERMS, Campaign
from benchmarks.archives.engines import engine
from benchmarks.archives.formats import FORMATS
from benchmarks.archives.outputs import COUNTS
from benchmarks.archives.processes import Nursery, make_model
from benchmarks.archives.tables import table
from benchmarks.archives.trials import Trial, figures, grouped, kills_by_phase

ROWS = {"local": 300, "ray": 600}
"""Under Ray more, as there a run is longer before it begins to score."""

_NAMES = {
    "runs": "runs",
    "kills": "kills",
    "lost": "lost rows",
    "doubled": "doubled rows",
    "differing": "differing rows",
    "files": "differing files",
    "odd_exits": "unknown exit codes",
}


def measured(runs: Mapping[str, int], *, seed: int, work: Path | None) -> dict[str, Any]:
    """The results, JSON-ready.

    Parameters
    ----------
    runs : by engine, how many.
    seed : of archives, instants and signals.
    work : where archives and outputs are written, a new folder; a temporary one if None. It is
        removed unless something differs.
    """
    if work is None:
        work = Path(tempfile.mkdtemp(prefix="framing-faults-"))
    began = time.monotonic()
    trials: list[Trial] = []
    nursery = Nursery(work, ray="ray" in runs)
    if code := nursery.end(nursery.begin(make_model, str(work))):
        raise RuntimeError(f"making the model ended with {code}; see {nursery.log}")
    for name, count in runs.items():
        with engine(name) as made:
            campaign = Campaign(
                made, work, work / "random-tiny", nursery, rows=ROWS[name], seed=seed
            )
            trials += campaign.run(count, _say)
    failed = [trial for trial in trials if trial.found or trial.odd]
    if not failed:
        shutil.rmtree(work)
    return {
        "settings": {
            "seed": seed,
            "rows": {name: ROWS[name] for name in runs},
            "part_rows": PART_ROWS,
            "part_chars": PART_CHARS,
            "most_kills_a_run": max(KILLS),
            "share_of_sigterm": TERMS,
            "outputs": OUTPUTS,
        },
        "seconds": round(time.monotonic() - began),
        "totals": figures(trials),
        "inputs": grouped(trials, lambda trial: (trial.input,)),
        "outputs": grouped(trials, lambda trial: (trial.output,)),
        "phases": kills_by_phase(trials),
        "failed": [
            {"engine": t.engine, "input": t.input, "output": t.output, "work": str(work)}
            for t in failed
        ],
    }


def passed(results: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, doubled or different and every run ended as it should."""
    return not any(results["totals"][name] for name in (*COUNTS, "odd_exits"))


def markdown(results: Mapping[str, Any]) -> str:
    """The results as tables."""
    order = [*FORMATS, "parquet", "jsonl"]
    totals = results["totals"]
    kinds = list(next(iter(results["phases"].values())))
    phases = [[name, *map(str, found.values())] for name, found in results["phases"].items()]
    parts = [
        f"Seed {results['settings']['seed']}; {totals['runs']} runs, {totals['kills']} kills; "
        f"{totals['late_signals']} signals came too late and are not counted.",
        _counts("input", results["inputs"], order, totals),
        _counts("output", results["outputs"], order, totals),
        table(("how far the run had come", *kinds), phases),
    ]
    return "\n\n".join(parts)


def _counts(
    head: str, groups: Sequence[Mapping[str, Any]], order: Sequence[str], totals: Mapping[str, Any]
) -> str:
    def place(found: Mapping[str, Any]) -> tuple[str, int]:
        return found["group"][0], order.index(found["group"][1])

    rows = [
        [*found["group"], *(f"{found[name]:,}" for name in _NAMES)]
        for found in sorted(groups, key=place)
    ]
    rows.append(["**all**", "", *(f"**{totals[name]:,}**" for name in _NAMES)])
    return table(("engine", head, *_NAMES.values()), rows)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
