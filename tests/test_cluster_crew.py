"""The crew: each part once, few at a time, whichever actors die; with a Ray that is made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.archive.part import PartKey, PendingPart, ScoredPart
from framing.archive.row import Row, Rows
from framing.cluster.crew import Crew
from framing.errors import InputError, ModelError


class Died(Exception):
    pass


class Raised(Died):
    def __init__(self, cause: Exception) -> None:
        self.cause = cause


class FakeRay:
    """Ray with actors that do one thing at a time, in the order that ``pick`` chooses.

    ``deaths`` says how many actors die over which part, or over loading (None), and ``death`` what
    Ray says then; ``faults`` what scoring a part raises.
    """

    exceptions = SimpleNamespace(RayError=Died, RayTaskError=Raised)

    def __init__(
        self,
        pick: Callable[[int], int] = lambda count: 0,
        deaths: dict[int | None, int] | None = None,
        faults: dict[int, Exception] | None = None,
        death: Exception | None = None,
    ) -> None:
        self.death = death or Died("the worker is gone\nout of memory")
        self.pick, self.deaths, self.faults = pick, dict(deaths or {}), faults or {}
        self.queues: dict[Any, list[tuple[object, PendingPart | None]]] = {}
        self.results: dict[object, Any] = {}
        self.hired = 0

    def hire(self) -> Any:
        self.hired += 1
        actor = SimpleNamespace()

        def call(part: PendingPart | None = None) -> object:
            ref = object()
            self.queues[id(actor)].append((ref, part))
            return ref

        self.queues[id(actor)] = []
        actor.load = actor.score = SimpleNamespace(remote=call)
        self.actors = [*getattr(self, "actors", []), actor]
        return actor

    def wait(self, refs: list[object], num_returns: int) -> tuple[list[object], list[object]]:
        while not (ready := [ref for ref in refs if ref in self.results]):
            busy = [queue for queue in self.queues.values() if queue]
            self._step(busy[self.pick(len(busy))])
        return [ready[self.pick(len(ready))]], []

    def _step(self, queue: list[tuple[object, PendingPart | None]]) -> None:
        ref, part = queue[0]
        block = part and part.key.block
        if self.deaths.get(block, 0):
            self.deaths[block] -= 1
            for ref, _ in queue:
                self.results[ref] = self.death
            queue.clear()
            return
        del queue[0]
        fault = None if block is None else self.faults.get(block)
        self.results[ref] = Raised(fault) if fault else part and made(part)

    def get(self, ref: object) -> Any:
        if isinstance(result := self.results[ref], Exception):
            raise result
        return result

    def kill(self, actor: Any) -> None:
        self.queues.pop(id(actor), None)


def made(part: PendingPart) -> ScoredPart:
    """What an actor makes of a part: tables that tell which one it was, and no rows."""
    block = part.key.block
    without_rows = replace(part, rows=Rows())
    return ScoredPart(
        pending=without_rows, sentences=[f"s{block}"], documents=[f"d{block}"], repeated=block
    )


def pending(block: int) -> PendingPart:
    return PendingPart(
        key=PartKey(0, block),
        path="a.csv",
        first_row=block,
        rows=Rows.of([Row(block, f"a.csv:{block}", "It rained.")]),
        rejected=[],
        last=False,
    )


def scored(ray: FakeRay, parts: Iterator[PendingPart], size: int = 2) -> list[int]:
    """The blocks in the order they come, each with its own tables; no actor is left."""
    found = []
    crew = Crew(ray, ray.hire, size=size)
    try:
        for part in crew.work(parts):
            block = part.pending.key.block
            assert part == replace(made(pending(block)), pending=pending(block))
            found.append(block)
    finally:
        crew.close()
        assert ray.queues == {}
        ray.found = found
    return found


@given(
    st.integers(0, 12),
    st.integers(1, 4),
    st.dictionaries(st.none() | st.integers(0, 11), st.integers(1, 2)),
    st.randoms(use_true_random=False),
)
def test_each_part_comes_once_whichever_actors_die(
    count: int, size: int, deaths: dict[int | None, int], random: Any
) -> None:
    ray = FakeRay(random.randrange, deaths)
    drawn = 0

    def parts() -> Iterator[PendingPart]:
        nonlocal drawn
        for block in range(count):
            drawn += 1
            yield pending(block)
            assert sum(map(len, ray.queues.values())) <= 2 * size

    assert sorted(scored(ray, parts(), size)) == list(range(count))
    assert ray.hired <= size + sum(deaths.values())


def test_parts_are_drawn_no_faster_than_they_are_done() -> None:
    ray, drawn = FakeRay(), []
    crew = Crew(ray, ray.hire, size=3)
    work = crew.work(drawn.append(block) or pending(block) for block in range(100))
    for done in range(1, 20):
        next(work)
        assert len(drawn) <= done + 2 * 3
    assert ray.hired == 3


def test_a_part_that_actors_die_over_ends_the_run() -> None:
    ray = FakeRay(deaths={3: 3})
    with pytest.raises(ModelError, match=r"3 actors died over part-00000-00003.*a\.csv.*memory"):
        scored(ray, map(pending, range(100)))
    assert {0, 1, 2} <= set(ray.found) and len(ray.found) < 10
    assert len(set(ray.found)) == len(ray.found)


def test_a_model_that_actors_die_of_ends_the_run() -> None:
    with pytest.raises(ModelError, match="died over loading the model"):
        scored(FakeRay(deaths={None: 100}), map(pending, range(3)))


def test_that_a_machine_is_taken_away_is_held_against_no_part() -> None:
    death = Died("gone")
    vars(death)["preempted"] = True
    ray = FakeRay(deaths={1: 7, None: 5}, death=death)
    assert sorted(scored(ray, map(pending, range(4)))) == [0, 1, 2, 3]
    assert ray.hired == 2 + 12


def test_an_actor_that_cannot_be_made_ends_the_run_at_once() -> None:
    death = Died("No module named 'framing'")
    vars(death)["actor_init_failed"] = True
    ray = FakeRay(deaths={None: 9}, death=death)
    with pytest.raises(ModelError, match=r"on every machine.*No module named 'framing'"):
        scored(ray, map(pending, range(9)), size=1)
    assert ray.hired == 1


def test_what_scoring_raises_comes_out_after_what_was_under_way() -> None:
    ray = FakeRay(faults={2: ModelError("no memory left")})
    with pytest.raises(ModelError, match=r"^no memory left$"):
        scored(ray, map(pending, range(100)))
    assert {0, 1} <= set(ray.found) and 2 not in ray.found and len(ray.found) < 10


def test_what_reading_raises_comes_out_after_the_parts_before_it() -> None:
    def parts() -> Iterator[PendingPart]:
        yield from map(pending, range(5))
        raise InputError("line 9")

    ray = FakeRay()
    with pytest.raises(InputError, match="line 9"):
        scored(ray, parts())
    assert sorted(ray.found) == list(range(5))
