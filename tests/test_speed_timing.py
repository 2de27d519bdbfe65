"""The speed benchmark: how time and memory are measured."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from speed_fakes import saying

from benchmarks.speed import contest as contest_module
from benchmarks.speed import latency as latency_module
from benchmarks.speed.bars import ratio
from benchmarks.speed.contest import race, texts_of
from benchmarks.speed.latency import latencies
from benchmarks.speed.rss import peak_memory
from benchmarks.speed.scaling import slopes
from benchmarks.speed.scenarios import Sample, sample
from benchmarks.speed.subject import Subject
from benchmarks.speed.system import System, batches_of


class Clock:
    """Time that passes only when a system says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rounds_take_turns_and_a_slow_system_is_cut(tiny_subject: Subject, monkeypatch) -> None:
    clock, calls = Clock(), []
    monkeypatch.setattr(contest_module, "time", SimpleNamespace(perf_counter=clock))

    def system(name: str, seconds_a_sentence: float) -> System:
        def run(part: Sample) -> None:
            calls.append((name, part))
            clock.now += seconds_a_sentence * len(part.sentences)

        return System(
            name=name,
            about="",
            run=run,
            probabilities=lambda sentences: {},
            padded=batches_of(4, "arrival"),
        )

    systems = {"fast": system("fast", 0.001), "slow": system("slow", 0.1)}
    rounds = sample("news", 1200).chunks(400)
    (fast, slow), broken = race(systems, tiny_subject, rounds[0], rounds, 50, patience=10.0)
    assert not broken
    assert (fast.texts, fast.whole, slow.texts, slow.whole) == (400, True, 100, False)
    assert fast.seconds == pytest.approx((0.4, 0.4, 0.4)) and fast.sentences == (400, 400, 400)
    assert slow.to_dict()["sentences_per_s"] == pytest.approx(10)
    assert fast.tokens[1] == np.minimum(tiny_subject.lengths(rounds[1].sentences), 128).sum()
    assert 0 < slow.padding < 1
    turns = [["fast"] * 8, ["slow"] * 2, ["slow"] * 2, ["fast"] * 8, ["fast"] * 8, ["slow"] * 2]
    assert [name for name, _ in calls[-30:]] == list(itertools.chain(*turns))
    # No text of a round is met in another one.
    assert len({text for _, part in calls[-30:] for text in part.texts}) == 1200


def test_a_peer_that_breaks_drops_out_and_this_library_does_not(tiny_subject: Subject) -> None:
    def fail(part: Sample) -> None:
        raise RuntimeError("out of shapes")

    right = saying({}, name="right")
    broken = replace(right, name="broken", run=fail)
    texts = sample("news", 4)
    timings, lost = race(
        {"right": right, "broken": broken}, tiny_subject, texts, [texts, texts], 2, patience=10
    )
    assert [t.system for t in timings] == ["right"] and len(timings[0].seconds) == 2
    assert lost == {"broken": "RuntimeError: out of shapes"}
    with pytest.raises(RuntimeError, match="out of shapes"):
        race({"a": replace(broken, ours=True)}, tiny_subject, texts, [texts], 2, patience=10)


def test_percentiles_of_single_calls(tiny_subject: Subject, monkeypatch) -> None:
    clock = Clock()
    monkeypatch.setattr(latency_module, "time", SimpleNamespace(perf_counter=clock))

    def run(part: Sample) -> None:
        assert len(part) == 1
        clock.now += 0.002 * len(part.sentences)

    ours = replace(saying({}, name="framing", ours=True), run=run)
    found = {row.system: row for row in latencies({"framing": ours}, tiny_subject, calls=5)}
    assert list(found) == ["framing", "plain call"]
    assert (found["framing"].p50, found["framing"].p99) == pytest.approx((2, 2))
    assert found["framing"].calls == 5 and found["plain call"].p99 == 0


def test_small_calls_are_repeated_on_several_texts() -> None:
    assert [texts_of("news", n) for n in (1, 32, 1000)] == [64, 64, 1000]
    assert texts_of("articles", 1) == 16 and texts_of("news", 48) == 96


def test_the_ratio_is_taken_round_by_round() -> None:
    ours = {"sentences": [100, 100, 100], "seconds": [1.0, 2.0, 4.0]}
    peer = {"sentences": [50, 50, 50], "seconds": [1.0, 2.0, 1.0]}
    assert ratio(ours, peer) == (2.0, 0.5, 2.0)


def test_slopes_of_a_line() -> None:
    rows = [{"texts": n, "seconds": n / 500, "growth_mb": 40 + n / 1e5} for n in (100, 1000, 10**4)]
    found = slopes(rows)
    assert found["time_slope"] == pytest.approx(1) and found["mb_per_million"] == pytest.approx(10)
    assert slopes(rows[:1]) == {"time_slope": None, "mb_per_million": None}
    rows[0]["growth_mb"] = None
    assert slopes(rows)["mb_per_million"] is None


def test_a_peak_is_seen_after_it_is_gone() -> None:
    with peak_memory("cpu") as peak:
        block = np.ones(60_000_000, dtype=np.uint8)
        del block
    if peak.growth_mb is None:
        pytest.skip("this system does not tell the peak of a process")
    assert 50 < peak.growth_mb < 200
