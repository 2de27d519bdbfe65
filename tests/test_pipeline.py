"""Stages on threads: order, laziness, errors, an end."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.pipeline import pipelined


def double(value: int) -> int:
    return 2 * value


def slow_if_even(value: int) -> int:
    time.sleep(0.002 * (value % 4 == 0))
    return value + 1


@given(st.lists(st.integers(), max_size=12), st.integers(0, 4), st.integers(1, 3))
def test_results_come_in_order(values: list[int], ahead: int, threads: int) -> None:
    stages = (double, slow_if_even, double)
    found = list(pipelined(values, stages, ahead=ahead, threads=(1, threads, 1)))
    assert found == [2 * (2 * v + 1) for v in values]


def test_a_stage_of_two_threads_works_on_two_items_at_once() -> None:
    both = threading.Barrier(2, timeout=20)
    assert list(pipelined([0, 1], (lambda _: both.wait() >= 0,), ahead=2, threads=[2])) == [1, 1]


def test_no_more_is_drawn_than_told() -> None:
    drawn = []

    def source():
        for i in range(1000):
            drawn.append(i)
            yield i

    stream = pipelined(source(), (double,), ahead=2)
    for seen in range(10):
        next(stream)
        assert len(drawn) <= seen + 5


def test_the_source_is_read_by_the_caller_alone() -> None:
    def source():
        for i in range(5):
            assert threading.current_thread() is threading.main_thread()
            yield i

    assert len(list(pipelined(source(), (double, double), ahead=2))) == 5


def test_an_error_of_the_source_comes_after_the_results_before_it() -> None:
    for good in range(5):

        def source(good: int = good):
            yield from range(good)
            raise KeyError("broken")

        seen = []
        with pytest.raises(KeyError, match="broken"):
            for value in pipelined(source(), (double,), ahead=2):
                seen.append(value)
        assert seen == [2 * i for i in range(good)]


def test_an_error_of_a_stage_comes_in_its_place() -> None:
    def fragile(value: int) -> int:
        if value == 3:
            raise ValueError("three")
        return value

    seen = []
    with pytest.raises(ValueError, match="three"):
        for value in pipelined(range(8), (fragile, double), ahead=3):
            seen.append(value)
    assert seen == [0, 2, 4]


def test_a_stream_that_is_left_early_leaves_no_thread() -> None:
    before = threading.active_count()
    stream = pipelined(range(100), (slow_if_even, double), ahead=2)
    next(stream)
    assert threading.active_count() > before
    stream.close()
    assert threading.active_count() == before


def test_stages_work_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)

    def first(value: int) -> int:
        if value == 1:
            both.wait()
        return value

    def second(value: int) -> int:
        if value == 0:
            both.wait()  # only passed while the first stage works on the next item
        return value

    assert list(pipelined(range(2), (first, second), ahead=2)) == [0, 1]
