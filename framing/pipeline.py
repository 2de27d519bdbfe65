"""Stages of work on threads of their own, so that each has something to do at all times."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

_END = object()


def pipelined(
    items: Iterable[Any],
    stages: tuple[Callable[[Any], Any], ...],
    *,
    ahead: int,
    threads: Sequence[int] = (),
) -> Iterator[Any]:
    """Passes each item through all stages and yields what the last one returns, in order.

    Items are drawn on the thread of the caller, at most ``ahead`` more than have been yielded; a
    database cursor may be among them. An item that comes alone is worked on there, too. What
    raises, the source or a stage, raises here, after the results of the items before it.

    Parameters
    ----------
    threads : how many each stage has; one each unless given. A stage with several may work on
        several items at once.
    """
    source = iter(items)
    item = next(source, _END)
    if item is _END:
        return
    error: Exception | None = None
    try:
        following = next(source, _END)
    except Exception as raised:
        error, following = raised, _END
    if following is _END:
        for stage in stages:
            item = stage(item)
        yield item
        if error:
            raise error
        return
    with ExitStack() as stack:
        pools = [
            ThreadPoolExecutor(count, thread_name_prefix=stage.__name__)
            for stage, count in zip(stages, threads or [1] * len(stages), strict=True)
        ]
        for pool in pools:
            stack.callback(pool.shutdown, cancel_futures=True)
        under_way: deque[Future[Any]] = deque()
        while item is not _END:
            under_way.append(_through(item, stages, pools))
            if len(under_way) > ahead:
                yield under_way.popleft().result()
            item = following
            if following is not _END:
                try:
                    following = next(source, _END)
                except Exception as raised:
                    error, following = raised, _END
        while under_way:
            yield under_way.popleft().result()
    if error:
        raise error


def _through(
    item: Any, stages: tuple[Callable[[Any], Any], ...], pools: list[ThreadPoolExecutor]
) -> Future[Any]:
    first, *others = zip(stages, pools, strict=True)
    future: Future[Any] = first[1].submit(first[0], item)
    for stage, pool in others:
        future = pool.submit(_after, future, stage)
    return future


def _after(before: Future[Any], stage: Callable[[Any], Any]) -> Any:
    return stage(before.result())
