"""What stands in for systems and their measurements."""

from __future__ import annotations

from typing import Any

from benchmarks.speed.subject import Floats
from benchmarks.speed.system import System, batches_of


def saying(said: dict[str, Floats], *, name: str = "system", ours: bool = False) -> System:
    """A system that always says the same."""
    return System(
        name=name,
        about="",
        run=lambda part: None,
        probabilities=lambda sentences: said,
        padded=batches_of(1, "arrival"),
        ours=ours,
    )


LATENCY = {"p50": 4.0, "p95": 5.0, "p99": 6.0, "mean": 4.1}


def section(**found: Any) -> dict[str, Any]:
    """A section of the results, with what every one has."""
    made = {"git": None, "processor": "p", "cores": 2, "torch": "2", "gpu": None}
    load = {"start": [0.1, 0.1, 0.1], "end": None}
    model = {"name": "small", "trained": True}
    return {"made_with": made, "load": load, "model": model, **found}
