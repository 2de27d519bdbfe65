"""Systems timed on the same texts in one process, in rounds, each beginning with another one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks.speed.ours import token_lengths
from benchmarks.speed.rss import Peak, peak_memory
from benchmarks.speed.scenarios import Sample, sample
from benchmarks.speed.subject import Ints, Subject
from benchmarks.speed.system import System

PILOT_SENTENCES = 64
MOST_PILOT = 20_000
"""Texts that a system is warmed up on at most."""
SURE_SECONDS = 2.0
"""A pilot of this length tells how long the whole will take."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One system on one scenario at one size.

    Parameters
    ----------
    size : texts in each call.
    whole : False if the system was timed on the first part of each round's texts, being slow.
    texts : in a round.
    sentences, tokens, flops, seconds : of each round; tokens with the special ones, without
        padding, and the floating-point operations that they ask for.
    padding : the share of padding in what the model read in the last round.
    memory_mb, cuda_mb : the most that a round added to resident memory, and took of the GPU.
    """

    scenario: str
    size: int
    system: str
    ours: bool
    whole: bool
    texts: int
    sentences: tuple[int, ...]
    tokens: tuple[int, ...]
    flops: tuple[float, ...]
    seconds: tuple[float, ...]
    padding: float
    memory_mb: float | None
    cuda_mb: float | None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values, with the rates that tables show."""
        rates = [n / s for n, s in zip(self.sentences, self.seconds, strict=True)]
        tokens = [n / s for n, s in zip(self.tokens, self.seconds, strict=True)]
        flops = [n / s for n, s in zip(self.flops, self.seconds, strict=True)]
        return {
            **asdict(self),
            "sentences_per_s": median(rates),
            "slowest_round": min(rates),
            "fastest_round": max(rates),
            "tokens_per_s": median(tokens),
            "flops_per_s": median(flops),
        }


def texts_of(scenario: str, size: int) -> int:
    """How many texts a round has; small sizes are called on several."""
    few = 16 if scenario == "articles" else 64
    return size if size >= few else -(-few // size) * size


def contest(
    systems: Mapping[str, System],
    subject: Subject,
    *,
    scenarios: Mapping[str, Sequence[int]],
    rounds: int,
    patience: float,
    say: Callable[[str], None],
) -> Iterator[tuple[str, list[Timing], dict[str, str]]]:
    """All systems on every scenario at its sizes, one after the other.

    Yields of each how it is called, the timings, and why peers broke on it.

    Parameters
    ----------
    patience : seconds that a round of one system may take; a slower one is timed on as many of
        the first texts as it gets through.
    say : told of what is done next.
    """
    for scenario, sizes in scenarios.items():
        for size in sizes:
            say(f"{scenario}, {size:,} texts a call")
            count = texts_of(scenario, size)
            warm = min(count, MOST_PILOT)
            # Of its own seed, as words that were met at another size would be known.
            texts = sample(scenario, warm + rounds * count, seed=size)
            timings, broken = race(
                systems,
                subject,
                texts.first(warm),
                [texts.between(at, at + count) for at in range(warm, len(texts), count)],
                size,
                patience=patience,
            )
            at = place(scenario, size)
            yield at, timings, {f"{name}: {at}": why for name, why in broken.items()}


def place(scenario: str, size: int) -> str:
    """How a scenario at a size is called."""
    return f"{scenario}, {size:,}"


def race(
    systems: Mapping[str, System],
    subject: Subject,
    warm: Sample,
    rounds: Sequence[Sample],
    size: int,
    *,
    patience: float,
) -> tuple[list[Timing], dict[str, str]]:
    """All systems on the samples of all rounds, each cut into calls of ``size`` texts.

    Every round has texts of its own, as a system may remember those that it has seen. ``warm`` is
    what systems are warmed up on. A peer that breaks drops out.
    """
    counts: dict[str, int] = {}
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    memory: dict[str, list[Peak]] = {name: [] for name in systems}
    broken: dict[str, str] = {}

    def go(name: str, turn: int) -> None:
        if turn < 0:
            counts[name] = fitting(systems[name], warm, len(rounds[0]), size, patience)
            return
        calls = calls_of(rounds[turn].first(counts[name]), size)
        with peak_memory(subject.device) as peak:
            seconds[name].append(timed(systems[name], calls))
        memory[name].append(peak)

    names = list(systems)
    for turn in range(-1, len(rounds)):  # the first one warms up
        first = max(turn, 0) % max(len(names), 1)
        for name in names[first:] + names[:first]:
            try:
                if name not in broken:
                    go(name, turn)
            except Exception as error:
                if systems[name].ours:
                    raise
                broken[name] = f"{type(error).__name__}: {str(error)[:200]}"
    lengths = [token_lengths(subject, texts) for texts in rounds]
    timings = [
        _timing(system, subject, rounds, size, counts[name], lengths, seconds[name], memory[name])
        for name, system in systems.items()
        if name not in broken
    ]
    return timings, broken


def timed(system: System, calls: Sequence[Sample]) -> float:
    """Seconds that a system takes for all calls."""
    began = time.perf_counter()
    for call in calls:
        system.run(call)
    return time.perf_counter() - began


def fitting(system: System, warm: Sample, texts: int, size: int, patience: float) -> int:
    """Warms a system up, and says how many of ``texts`` it gets through in ``patience`` seconds.

    The pilot grows until it is long enough to tell, as a large call is faster by the sentence.
    """
    per_text = max(1.0, len(warm.sentences) / len(warm))
    count = min(len(warm), max(1, round(PILOT_SENTENCES / per_text)))
    while True:
        pilot = calls_of(warm.first(count), size)
        timed(system, pilot)
        took = timed(system, pilot)
        if took / count * texts <= patience:
            return texts
        if count == len(warm) or took >= min(SURE_SECONDS, patience):
            return min(texts, max(1, int(count * patience / took)))
        count = min(len(warm), count * 4)


def calls_of(part: Sample, size: int) -> list[Sample]:
    """A sample as calls of ``size`` texts, which are put together before the clock runs."""
    calls = part.chunks(size)
    for call in calls:
        _ = call.texts, call.sentences
    return calls


def _timing(
    system: System,
    subject: Subject,
    rounds: Sequence[Sample],
    size: int,
    count: int,
    lengths: Sequence[Ints],
    seconds: Sequence[float],
    memory: Sequence[Peak],
) -> Timing:
    parts = [texts.first(count) for texts in rounds]
    mine = [found[: len(part.sentences)] for found, part in zip(lengths, parts, strict=True)]
    calls = calls_of(parts[-1], size)
    edges = np.cumsum([0, *(len(call.sentences) for call in calls)])
    read = [
        system.padded(call, mine[-1][low:high])
        for call, low, high in zip(calls, edges, edges[1:], strict=False)
    ]
    return Timing(
        scenario=rounds[0].scenario,
        size=size,
        system=system.name,
        ours=system.ours,
        whole=count >= len(rounds[0]),
        texts=count,
        sentences=tuple(len(found) for found in mine),
        tokens=tuple(int(found.sum()) for found in mine),
        flops=tuple(subject.flops(found) for found in mine),
        seconds=tuple(seconds),
        padding=1 - sum(r[0] for r in read) / sum(r[1] for r in read),
        memory_mb=_most(m.growth_mb for m in memory),
        cuda_mb=_most(m.cuda_mb for m in memory),
    )


def _most(values: Any) -> float | None:
    return max((v for v in values if v is not None), default=None)
