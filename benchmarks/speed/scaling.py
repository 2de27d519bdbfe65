"""Time and memory against the number of sentences: whether one is linear and the other flat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.speed.child import streamed
from benchmarks.speed.subject import Subject


def scaling(
    subject: Subject,
    sizes: Sequence[int],
    *,
    backend: str | None,
    threads: int | None,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Each size streamed in a process of its own, and the slopes that are fitted to them."""
    rows = []
    for size in sizes:
        say(f"{subject.name}: {size:,} texts in a process of their own")
        rows.append(
            streamed(
                subject.folder,
                device=subject.device,
                texts=size,
                backend=backend,
                threads=threads,
            )
        )
    return {"model": subject.name, "backend": backend, "rows": rows, **slopes(rows)}


def slopes(rows: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """The slope of log seconds over log texts (1 is linear), and megabytes a million texts more.

    None with fewer than two sizes, or where memory could not be read.
    """
    if len({row["texts"] for row in rows}) < 2:
        return {"time_slope": None, "mb_per_million": None}
    texts = np.array([row["texts"] for row in rows], dtype=float)
    seconds = np.array([row["seconds"] for row in rows])
    memory = [row["growth_mb"] for row in rows]
    grown = None
    if None not in memory:
        grown = float(np.polyfit(texts, np.array(memory, dtype=float), 1)[0]) * 1e6
    return {
        "time_slope": float(np.polyfit(np.log(texts), np.log(seconds), 1)[0]),
        "mb_per_million": grown,
    }
