"""Progress for people: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from framing.archive.progress import Progress

_SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def display(stream: IO[str], *, every: float = _SECONDS_BETWEEN_LINES) -> Iterator[Report]:
    """Gives what a run is to report to; shows it on ``stream``, and takes a bar away at the end."""
    if not stream.isatty():
        yield _lines(stream, every)
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}")
    with Bars(*columns, console=Console(file=stream), transient=True) as bars:
        task = bars.add_task("looking at the sources", total=None)

        def show(progress: Progress) -> None:
            bars.update(
                task,
                completed=progress.fraction or 0.0,
                total=None if progress.fraction is None else 1.0,
                description=describe(progress),
            )

        yield show


def describe(progress: Progress) -> str:
    """How far a run has come, in one line."""
    facts = [
        counted(progress.documents, "document"),
        f"{counted(progress.sentences, 'sentence')} ({progress.rate:,.0f} a second)",
    ]
    if progress.fraction is not None:
        facts.insert(0, f"{progress.fraction:.0%}")
    if progress.rejected:
        facts.append(f"{progress.rejected:,} rejected")
    if progress.seconds_left is not None:
        facts.append(f"about {duration(progress.seconds_left)} left")
    return ", ".join(facts)


def counted(number: int, noun: str) -> str:
    """As in ``1 part`` and ``2,000 parts``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def duration(seconds: float) -> str:
    """A time in the two largest units that it has, as in ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h"


def _lines(stream: IO[str], every: float) -> Report:
    last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            last = time.monotonic()
            stream.write(f"framing: {describe(progress)}\n")
            stream.flush()

    return show


Report = Callable[[Progress], None]
