"""Runs over small archives: a scorer without a model, articles to score, folders to compare."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from fakes import MODEL, SENTENCE, score_columns

import framing
from framing.archive.run import score_archive
from framing.archive.summary import Summary
from framing.scored_texts import ScoredTexts
from framing.task import Task
from framing.taxonomy import LOADED, LOADED_SPANS, SOURCING, SOURCING_KINDS

TASKS = (
    Task(name=LOADED, kind="binary", labels=("loaded",)),
    Task(name=LOADED_SPANS, kind="spans", labels=("loaded",), trim=True),
    Task(name=SOURCING, kind="multiclass", labels=SOURCING_KINDS),
)

ROWS = 12
BAD = (3, 7)


class KeywordScorer:
    """Takes the place of ``framing.Scorer`` where no model is needed; two texts at a time."""

    pause = 0.0
    model = MODEL
    device = "cpu"

    def __init__(self, model: str = "small", *, precision: str = "auto", **how: str) -> None:
        self.backend = f"keywords {precision}"
        self.engine = SimpleNamespace(tasks={task.name: task for task in TASKS})

    def stream_groups(
        self, groups: Iterable[Iterable[str]], *, split: bool = True, once: bool = False
    ) -> Iterator[ScoredTexts]:
        for group in groups:
            yield from self.group(list(group), split=split)

    def group(self, texts: list[str], *, split: bool) -> Iterator[ScoredTexts]:
        for first in range(0, len(texts), 2):
            if self.pause:
                time.sleep(self.pause)
            some = texts[first : first + 2]
            spans = [
                [m.span() for m in SENTENCE.finditer(text)] if split else [(0, len(text))]
                for text in some
            ]
            columns = score_columns(
                [(t, *span) for t, found in zip(some, spans, strict=True) for span in found], TASKS
            )
            indptr = np.cumsum([0, *map(len, spans)], dtype=np.int64)
            yield ScoredTexts(texts=some, indptr=indptr, columns=columns)


def article(number: int) -> str:
    """An article of a few sentences, each article another one."""
    said = f"Mayor Ann Reyl told reporters that line {number} would open." if number % 2 else ""
    smug = "The smug budget is a betrayal." if number % 3 == 0 else "It rained."
    return " ".join(filter(None, [f"The council met on day {number}.", said, smug]))


def write_lines(path: Path, count: int, *, bad: Iterable[int] = (), first: int = 0) -> Path:
    """JSON lines of articles; the rows ``bad`` have no text."""
    bad = set(bad)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(first, first + count):
            row = {"text": None if number in bad else article(number), "outlet": f"o{number % 3}"}
            file.write(json.dumps(row) + "\n")
    return path


def run(inputs: Any, out: Path, **options: Any) -> Summary:
    """A run whose parts are small."""
    return score_archive(inputs, out, **{"part_rows": 5, "keep": ["outlet"]} | options)


def output(folder: Path) -> dict[str, bytes]:
    """Every file of an output folder but those that tell of the time: path to content."""
    untold = {"summary.json", "_manifest/log.jsonl", "_manifest/lock"}
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {name: content for name, content in found.items() if name not in untold}


class Crash(BaseException):
    """The process ends here."""


@contextmanager
def crashing(step: int | None = None) -> Iterator[list[int]]:
    """Within it, what brings files to the disk and under their names fails from a call on.

    Gives how many such calls there were; with no step all of them go well.
    """
    calls = [0]
    real = {"fsync": lambda handle: None, "replace": os.replace, "link": os.link}

    def counted(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            calls[0] += 1
            if step is not None and calls[0] >= step:
                raise Crash
            return work(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name, work in real.items():
            patch.setattr(os, name, counted(work))
        yield calls


def killed_again_and_again(lines: str, out: str, times: int) -> None:
    """Begins a run in a process of its own and kills it at a random instant, so many times."""
    KeywordScorer.pause = 0.03
    vars(framing)["Scorer"] = KeywordScorer
    os.fsync = lambda handle: None  # the system goes on, so what it holds is not lost
    parts = Path(out) / "_manifest" / "parts"
    for _ in range(times):
        before = len(list(parts.glob("*.json")))
        child = os.fork()
        if not child:
            run(lines, Path(out), part_rows=2)
            os._exit(0)
        while len(list(parts.glob("*.json"))) == before:
            if os.waitpid(child, os.WNOHANG) != (0, 0):
                return  # on a busy machine a run may end before it is killed: nothing is left to do
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def rows(folder: Path) -> list[dict[str, Any]]:
    """The rows of a table, in the order of the parts."""
    return [
        row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()
    ]
