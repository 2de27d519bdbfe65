"""How fast the library is where the model takes no time: what the machine can give a GPU to do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np

from benchmarks.speed.ours import scorer
from benchmarks.speed.scenarios import sample
from benchmarks.speed.subject import Ints, Subject
from framing.backends.base import Backend, Readings
from framing.task import Task

SEED = 3
WORKERS = (0, 1, 2, 4)


class Instant:
    """A back end that says 0 of everything, at once."""

    name = "instant"

    def __init__(self, real: Backend) -> None:
        self.device = real.device
        self.batch_tokens = real.batch_tokens
        self.batch_cost = real.batch_cost

    def read(self, ids: Ints, lengths: Ints, tasks: Sequence[Task]) -> Callable[[], Readings]:
        shapes = {
            t.name: (*ids.shape, len(t.labels), 2)
            if t.kind == "spans"
            else (len(ids), len(t.labels))
            for t in tasks
        }
        found = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
        return lambda: found


def reading_rates(subject: Subject, *, size: int, rounds: int) -> list[dict[str, Any]]:
    """Sentences a second from raw text to columns, by how many ``workers`` the scorer has.

    No more workers than cores are tried. The first round is not timed: workers start, and words
    are met for the first time.
    """
    rows = []
    for workers in (n for n in WORKERS if n <= (os.cpu_count() or 1)):
        made = scorer(subject, workers=workers)
        made.engine.backend = Instant(made.engine.backend)
        walls = []
        for part in sample("news", size * (rounds + 1), seed=SEED).chunks(size):
            began = time.perf_counter()
            for _ in made.stream_columns(part.texts):
                pass
            walls.append(time.perf_counter() - began)
        rates = [size / wall for wall in walls[1:]]
        rows.append({"workers": workers, "sentences": size, "sentences_per_s": median(rates)})
    return rows
