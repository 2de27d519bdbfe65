"""How long a call with a single sentence takes, beside the plain ``model(**tokenizer(x))``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from benchmarks.speed.scenarios import Sample, sample
from benchmarks.speed.subject import Subject
from benchmarks.speed.system import System

PLAIN = "plain call"
WARM = 10
SEED = 3


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Milliseconds of single calls: percentiles and the mean."""

    system: str
    ours: bool
    calls: int
    p50: float
    p95: float
    p99: float
    mean: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)


def plain_call(subject: Subject) -> Callable[[Sample], object]:
    """The model with all its heads on one sentence, its numbers brought to the host."""

    @torch.inference_mode()
    def call(one: Sample) -> dict[str, torch.Tensor]:
        read = subject.tokenizer(one.texts[0], return_tensors="pt", truncation=True)
        said = subject.model(**read.to(subject.device))
        return {name: values.cpu() for name, values in said.items()}

    return call


def latencies(systems: Mapping[str, System], subject: Subject, *, calls: int) -> list[Latency]:
    """Every system on the same news sentences, one at a time, in turn after each sentence."""
    texts = sample("news", calls + WARM, seed=SEED).chunks(1)
    runs: dict[str, Callable[[Sample], object]] = {n: s.run for n, s in systems.items()}
    runs[PLAIN] = plain_call(subject)
    names = list(runs)
    took: dict[str, list[float]] = {name: [] for name in names}
    for turn, text in enumerate(texts):
        _ = text.texts, text.sentences
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            began = time.perf_counter()
            runs[name](text)
            took[name].append(1000 * (time.perf_counter() - began))
    found = []
    for name in names:
        kept = took[name][WARM:]
        p50, p95, p99 = (float(x) for x in np.percentile(kept, [50, 95, 99]))
        ours = name in systems and systems[name].ours
        found.append(
            Latency(
                system=name,
                ours=ours,
                calls=len(kept),
                p50=p50,
                p95=p95,
                p99=p99,
                mean=float(np.mean(kept)),
            )
        )
    return found
