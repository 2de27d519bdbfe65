"""Scoring parts on this machine, the next one read while the model works on one."""

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

    def stream_columns(
        self, texts: Iterable[str], *, split: bool = True, once: bool = False
    ) -> Iterator[ScoredTexts]:
        """Scores texts, many at a time, in their order."""


class PartEngine(Protocol):
    """Anything that scores parts; results may come in any order, each part once."""

    def run(self, parts: Iterable[PendingPart]) -> Iterator[ScoredPart]:
        """The parts, scored."""


def score_part(
    scorer: TextScorer, part: PendingPart, layout: Layout, tick: Tick | None = None
) -> ScoredPart:
    """Scores a part by itself, so that its numbers do not depend on what else is scored."""
    tables: dict[str, list[Any]] = {"sentences": [], "documents": []}
    at = repeated = 0
    texts = (row.text for row in part.rows)
    with closed(scorer.stream_columns(texts, split=layout.split, once=layout.once)) as lots:
        for scored in lots:
            rows = part.rows[at : at + len(scored)]
            at += len(scored)
            repeated += scored.repeated
            for name, batch in layout.batches(part.path, rows, scored).items():
                tables[name].append(batch)
            if tick is not None:
                tick(len(scored), len(scored.columns))
    if at != len(part.rows):
        raise RuntimeError(f"{part.key}: {at} texts came back of {len(part.rows)}")
    return ScoredPart(
        pending=part,
        sentences=tables["sentences"],
        documents=tables["documents"],
        repeated=repeated,
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
        with closed(ahead(parts)) as waiting:
            for part in waiting:
                yield score_part(self.scorer, part, self.layout, self.tick)


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
