"""Runs of the fault campaign that never were."""

from __future__ import annotations

from typing import Any

from benchmarks.archives.outputs import Differences
from benchmarks.archives.phases import COMMIT
from benchmarks.archives.trials import Kill, Trial, figures, grouped, kills_by_phase


def trial(**changes: Any) -> Trial:
    """A run that was killed once and came out whole, but for the changes."""
    kill = Kill(signal="SIGKILL", victim="run", at=0.5, phase=COMMIT)
    values = {"engine": "local", "input": "csv", "output": "parquet", "kills": [kill]}
    return Trial(**values | {"late": 0, "odd": [], "found": Differences()} | changes)


def results(trials: list[Trial]) -> dict[str, Any]:
    """The section of a campaign of these runs."""
    return {
        "settings": {"seed": 17},
        "totals": figures(trials),
        "inputs": grouped(trials, lambda t: [t.input]),
        "outputs": grouped(trials, lambda t: [t.output]),
        "phases": kills_by_phase(trials),
    }
