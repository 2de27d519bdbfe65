"""Scoring parts on this machine, one read and one written while the model works on another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from framing.archive.layout import Layout
from framing.archive.part import PendingPart, ScoredPart
from framing.scored_texts import ScoredTexts

T = TypeVar("T")
R = TypeVar("R")

Tick = Callable[[int, int], None]
"""Called with how many more texts, and sentences of them, have been scored."""


class TextScorer(Protocol):
    """What is asked of a :class:`framing.Scorer`."""

    def stream_groups(
        self, groups: Iterable[Iterable[str]], *, split: bool = True, once: bool = False
    ) -> Iterator[ScoredTexts]:
        """Scores texts in their order, many at a time, but never those of two groups together."""


class PartEngine(Protocol):
    """Anything that scores parts; results may come in any order, each part once."""

    def run(self, parts: Iterable[PendingPart]) -> Iterator[ScoredPart]:
        """The parts, scored."""


def score_part(scorer: TextScorer, part: PendingPart, layout: Layout) -> ScoredPart:
    """Scores a single part."""
    (scored,) = score_parts(scorer, [part], layout)
    return scored


def score_parts(
    scorer: TextScorer,
    parts: Iterable[PendingPart],
    layout: Layout,
    tick: Tick | None = None,
) -> Iterator[ScoredPart]:
    """Scores parts in their order, the model busy across their ends.

    Each is scored by itself all the same: its numbers do not depend on what else is scored.
    """
    under_way: deque[_Tables] = deque()

    def texts() -> Iterator[Iterator[str]]:
        for part in parts:
            under_way.append(_Tables(part, layout))
            yield iter(part.rows.texts)

    with closed(scorer.stream_groups(texts(), split=layout.split, once=layout.once)) as lots:
        for scored in lots:
            while not under_way[0].missing:  # a part of nothing but rejected rows
                yield under_way.popleft().part()
            under_way[0].add(scored)
            if tick is not None:
                tick(len(scored), len(scored.columns))
            if not under_way[0].missing:
                yield under_way.popleft().part()
    while under_way:
        yield under_way.popleft().part()


class _Tables:
    """The tables of a part that is being scored."""

    def __init__(self, pending: PendingPart, layout: Layout) -> None:
        self.pending = pending
        self.layout = layout
        self.tables: dict[str, list[Any]] = {"sentences": [], "documents": []}
        self.missing = len(pending.rows)
        self.repeated = 0

    def add(self, scored: ScoredTexts) -> None:
        at = len(self.pending.rows) - self.missing
        rows = self.pending.rows[at : at + len(scored)]
        self.missing -= len(scored)
        self.repeated += scored.repeated
        for name, batch in self.layout.batches(self.pending.path, rows, scored).items():
            self.tables[name].append(batch)

    def part(self) -> ScoredPart:
        if self.missing:
            raise RuntimeError(f"{self.pending.key}: {self.missing} texts have no scores")
        return ScoredPart(
            pending=self.pending,
            sentences=self.tables["sentences"],
            documents=self.tables["documents"],
            repeated=self.repeated,
        )


class LocalEngine:
    """Scores parts with one scorer, in their order.

    Parameters
    ----------
    scorer : the loaded model.
    layout : of the tables.
    tick : called while a part is being scored, on the thread that runs the engine.
    """

    def __init__(self, scorer: TextScorer, layout: Layout, *, tick: Tick | None = None) -> None:
        self.scorer = scorer
        self.layout = layout
        self.tick = tick

    def run(self, parts: Iterable[PendingPart]) -> Iterator[ScoredPart]:
        """The parts, scored; the one after is read meanwhile."""
        with (
            closed(ahead(parts)) as waiting,
            closed(score_parts(self.scorer, waiting, self.layout, self.tick)) as scored,
        ):
            yield from scored


def ahead(items: Iterable[T], size: int = 1) -> Generator[T, None, None]:
    """The items, up to ``size`` of them made on a thread before they are asked for.

    An error in making one comes out in its place. Closing the generator waits for the one at
    work and then closes ``items``.
    """
    iterator = iter(items)
    end: Any = object()
    with ThreadPoolExecutor(1, thread_name_prefix="framing-read") as pool:
        waiting: deque[Future[Any]] = deque(pool.submit(next, iterator, end) for _ in range(size))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(next, iterator, end))
                yield item
        finally:
            for future in waiting:
                future.cancel()
            pool.shutdown()
            with closed(iterator):
                pass


def behind(work: Callable[[T], R], items: Iterable[T], size: int = 1) -> Generator[R, None, None]:
    """What ``work`` makes of each item, on a thread, while the next item is waited for.

    Results come in order, up to ``size`` items late. What was handed to the thread is finished
    even if an error, of ``items`` or the caller's, ends the generator.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="framing-write") as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            while len(waiting) > size:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def closed(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """Ends a generator that is left before its end there and then, with the threads it has."""
    try:
        yield items
    finally:
        if (close := getattr(items, "close", None)) is not None:
            close()
