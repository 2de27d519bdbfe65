"""The sections of a run, each with the machine and its load at the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed import machine
from benchmarks.speed.ceiling import matmul_ceiling, tokenising_ceiling
from benchmarks.speed.cold import cold_start
from benchmarks.speed.contest import contest, place
from benchmarks.speed.field import Field
from benchmarks.speed.host import host_time
from benchmarks.speed.latency import latencies
from benchmarks.speed.ours import framing_system, ours_name
from benchmarks.speed.peers import ON_CPU, ON_GPU
from benchmarks.speed.reading import reading_rates
from benchmarks.speed.scaling import scaling
from benchmarks.speed.scenarios import sample
from benchmarks.speed.subject import Subject, subject
from benchmarks.speed.system import TOLERANCE, TOLERANCE_INT8, System
from benchmarks.speed.workshop import Workshop

SECTIONS = ("contest", "latency", "host", "cold", "scaling", "memory")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a run is asked for.

    Parameters
    ----------
    backends : of this library, as ``torch`` or ``torch:bfloat16``; None is its default.
    workers : processes that read for this library in the contest.
    tolerance : of the gate for this library; by the name of the back end unless given.
    peers : those wanted, None for all.
    sizes : texts a call, by scenario.
    patience : seconds that a round of one system may take before it is cut short.
    gate, calls, host : sentences of the gate, of the latency, and of the split of host time.
    scaling_sizes, memory_sizes, memory_model : texts streamed, and the model of the second.
    """

    device: str
    backends: Sequence[str | None]
    workers: int
    tolerance: float | None
    peers: Sequence[str] | None
    sizes: Mapping[str, Sequence[int]]
    rounds: int
    patience: float
    threads: int | None
    gate: int
    calls: int
    host: int
    scaling_sizes: Sequence[int]
    memory_sizes: Sequence[int]
    memory_model: str

    def __post_init__(self) -> None:
        if self.rounds < 1 or self.patience <= 0:
            raise ValueError("give one round or more, and a patience of over 0 seconds")

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {**self.__dict__, "sizes": {k: list(v) for k, v in self.sizes.items()}}


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One model under measurement; files that are made on the way go to ``work``."""

    model: Subject
    settings: Settings
    work: Path
    say: Callable[[str], None]

    def measure(
        self, name: str, *, stored: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """One of :data:`SECTIONS` as JSON-ready values, each time with more of it; last, whole.

        ``stored`` is the section as it was: races of a contest that are not run again stay.
        """
        if name in ("cold", "scaling", "memory") and "field" in self.__dict__:
            self.field.free()  # the processes to come shall have the machine
        start = machine.load()
        for found in self._contest(stored or {}) if name == "contest" else self._whole(name):
            yield {
                "made_with": machine.made_with(self.settings.device),
                "load": {"start": start, "end": machine.load()},
                "settings": self.settings.to_dict(),
                "model": {"name": self.model.name, "trained": self.model.trained},
                **found,
            }

    def _whole(self, name: str) -> Iterator[dict[str, Any]]:
        section: Callable[[], dict[str, Any]] = getattr(self, f"_{name}")
        yield section()

    @cached_property
    def ceiling(self) -> dict[str, float]:
        return matmul_ceiling(self.model)

    @cached_property
    def shop(self) -> Workshop:
        return Workshop(subject=self.model, folder=self.work, threads=self.settings.threads)

    @cached_property
    def field(self) -> Field:
        builders: dict[str, Callable[[], System]] = {}
        for backend in self.settings.backends:
            tolerance = self.settings.tolerance
            if tolerance is None:
                tolerance = TOLERANCE_INT8 if "int8" in (backend or "") else TOLERANCE
            builders[ours_name(backend)] = partial(
                framing_system,
                self.model,
                backend=backend,
                workers=self.settings.workers,
                tolerance=tolerance,
            )
        peers = peers_on(self.settings.device)
        for name in peers if self.settings.peers is None else self.settings.peers:
            builders[name] = partial(peers[name], self.shop, name=name)
        return Field(self.model, builders, gate=self.settings.gate)

    def _field_facts(self) -> dict[str, Any]:
        systems = self.field.systems  # first, as building them is what finds the rest
        return {
            "gate": [v.to_dict() for v in self.field.verdicts],
            "absent": dict(self.field.absent),
            "about": {name: s.about for name, s in systems.items()},
        }

    def _contest(self, stored: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        ceiling = self.ceiling
        news = sample("news", min(10_000, max(self.settings.sizes.get("news", [1000])))).sentences
        lengths = self.model.lengths(news)
        facts = {
            **self._field_facts(),
            "ceiling": ceiling,
            "tokenising_sentences_per_s": tokenising_ceiling(self.model, news),
            "news_tokens": {
                "mean": float(lengths.mean()),
                **{f"p{p}": float(np.percentile(lengths, p)) for p in (50, 90, 99)},
            },
        }
        rows, lost = list(stored.get("rows", ())), dict(stored.get("lost", {}))
        git, load = machine.git_state(), machine.load()
        for at, timings, broken in contest(
            self.field.systems,
            self.model,
            scenarios=self.settings.sizes,
            rounds=self.settings.rounds,
            patience=self.settings.patience,
            say=self.say,
        ):
            rows = [r for r in rows if place(r["scenario"], r["size"]) != at]
            rows += [{**timing.to_dict(), "git": git, "load": load} for timing in timings]
            lost = {k: v for k, v in lost.items() if not k.endswith(f": {at}")} | broken
            load = machine.load()
            yield {**facts, "lost": lost, "rows": rows}

    def _latency(self) -> dict[str, Any]:
        self.say("single calls")
        rows = latencies(self.field.systems, self.model, calls=self.settings.calls)
        return {**self._field_facts(), "rows": [row.to_dict() for row in rows]}

    def _host(self) -> dict[str, Any]:
        self.say("host time")
        rows = [
            {
                "system": ours_name(backend),
                **host_time(
                    self.model,
                    backend=backend,
                    size=self.settings.host,
                    rounds=self.settings.rounds,
                ),
            }
            for backend in self.settings.backends
            if ours_name(backend) in self.field.systems
        ]
        size, rounds = 10 * self.settings.host, self.settings.rounds
        reading = reading_rates(self.model, size=size, rounds=rounds)
        return {**self._field_facts(), "ceiling": self.ceiling, "rows": rows, "reading": reading}

    def _cold(self) -> dict[str, Any]:
        self.say("cold starts")
        rows = cold_start(
            self.model,
            self.shop.classifier_folder,
            backends=self.settings.backends,
            rounds=self.settings.rounds,
        )
        return {"rows": rows}

    def _scaling(self) -> dict[str, Any]:
        return self._streams(self.model, self.settings.scaling_sizes)

    def _memory(self) -> dict[str, Any]:
        streamed = subject(
            self.settings.memory_model, encoder=None, device=self.settings.device, work=self.work
        )
        return self._streams(streamed, self.settings.memory_sizes)

    def _streams(self, streamed: Subject, sizes: Sequence[int]) -> dict[str, Any]:
        runs = [
            scaling(
                streamed,
                sizes,
                backend=backend,
                threads=self.settings.threads,
                say=self.say,
            )
            for backend in self.settings.backends
        ]
        return {
            "streamed": {"name": streamed.name, "trained": streamed.trained},
            "runs": [
                {"system": ours_name(b), **r}
                for b, r in zip(self.settings.backends, runs, strict=True)
            ],
        }


def peers_on(device: str) -> Mapping[str, Callable[..., System]]:
    """The peers of a kind of device."""
    return ON_GPU if device.startswith("cuda") else ON_CPU
