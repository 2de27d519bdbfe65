"""Runs killed at random instants, resumed until they end, and held against undisturbed ones."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.archives.articles import LONGEST, articles
from benchmarks.archives.engines import LOCAL, Engine
from benchmarks.archives.formats import FORMATS, Archive, write_archive
from benchmarks.archives.outputs import Output
from benchmarks.archives.phases import phase_of
from benchmarks.archives.processes import Nursery, command
from benchmarks.archives.reference import Pace, Reference, parts_done
from benchmarks.archives.trials import Kill, Trial

OUTPUTS = {"parquet": (), "jsonl": ("--once",)}
"""Formats of output, and what else is asked for with each."""
PART_ROWS, PART_CHARS = 6, 1_500
KILLS, KILL_WEIGHTS = (1, 2, 3), (2, 1, 1)
"""A run is killed so often, and how often that is."""
TERMS = 0.2
"""The share of SIGTERM; all other signals are SIGKILL."""
ENDS = (0, 3)
"""What a run ends with that is done; 3 says that rows were rejected."""


class Campaign:
    """Runs under one engine.

    Parameters
    ----------
    engine : which.
    work : a folder for archives and outputs; where something differs they are left there.
    model : the folder of the model.
    nursery : makes the processes.
    rows : of each archive.
    seed : of archives, instants and signals.
    """

    def __init__(
        self, engine: Engine, work: Path, model: Path, nursery: Nursery, *, rows: int, seed: int
    ) -> None:
        self.engine = engine
        self.work = work / engine.name
        self.model = model
        self.nursery = nursery
        self.articles = list(articles(rows, seed=seed))
        self.draw = random.Random(f"{seed} {engine.name}")
        self.pace: Pace | None = None  # the latest

    def run(self, count: int, say: Callable[[str], None]) -> list[Trial]:
        """So many runs, shared out among the formats of input and output."""
        # In no order, each input once before any twice, so that a few runs are of many formats.
        names = self.draw.sample(FORMATS, len(FORMATS))
        settings = [
            (name, list(OUTPUTS)[(place + turn) % 2])
            for turn in (0, 1)
            for place, name in enumerate(names)
        ]
        trials: list[Trial] = []
        for place, (name, form) in enumerate(settings):
            share = count // len(settings) + (place < count % len(settings))
            if share:
                trials += self.trials(name, form, share)
                say(f"{self.engine.name}: {len(trials)} of {count} runs, now {name} to {form}")
        return trials

    def trials(self, name: str, form: str, count: int) -> list[Trial]:
        """So many runs of one format of input and one of output."""
        folder = self.work / f"{name}-{form}"
        reference = self.reference(write_archive(name, self.articles, folder / "in"), form, folder)
        trials = [self.trial(reference, folder / f"killed-{n}") for n in range(count)]
        if not any(trial.found for trial in trials):
            shutil.rmtree(folder)
        return trials

    def reference(self, archive: Archive, form: str, folder: Path) -> Reference:
        """An undisturbed run by the local engine; that it took every row once is checked."""
        made = self.undisturbed(archive, form, folder / "whole", LOCAL)
        if wrong := made.output.faults(archive.sources):
            raise RuntimeError(f"{folder}: not every row is there once: {wrong.to_dict()}")
        if self.pace is None:  # a run under Ray takes much the same time whatever it reads
            other = self.undisturbed(archive, form, folder / "other", self.engine)
            if wrong := made.output.differences(other.output):
                raise RuntimeError(f"{folder}: the engines differ: {wrong.to_dict()}")
        return made

    def undisturbed(self, archive: Archive, form: str, out: Path, engine: Engine) -> Reference:
        """A run that nothing is done to."""
        began = time.time()
        code = self.nursery.end(self.begin(archive, form, out, engine))
        if code not in ENDS:
            raise RuntimeError(
                f"{out}: a run that nothing was done to ended with {code}; see {self.nursery.log}"
            )
        if engine is self.engine:
            self.pace = Pace.of(out, began)
        return Reference(archive=archive, form=form, output=Output.read(out), parts=parts_done(out))

    def trial(self, reference: Reference, out: Path) -> Trial:
        """One run, killed and resumed, in the end undisturbed."""
        kills: list[Kill] = []
        odd: list[int] = []
        late = 0
        wanted = self.draw.choices(KILLS, KILL_WEIGHTS)[0]
        process: BaseProcess | None = None
        while len(kills) < wanted:
            if process is None:
                began = time.time()
                process = self.begin(reference.archive, reference.form, out, self.engine)
            kill = self.kill(process, reference, out)
            if kill.victim == "worker":  # and the run is to get over it
                kills.append(kill)
                continue
            code, process = self.nursery.end(process), None
            if code not in ENDS:
                kills.append(replace(kill, phase=phase_of(out, reference.parts)))
                odd += [code] * (code not in (-signal.Signals[kill.signal], _code(kill.signal)))
                continue
            late += 1
            if kills:
                break
            # It was not disturbed at all, so it tells how long that takes now; then once more.
            self.pace = Pace.of(out, began)
            shutil.rmtree(out)
        if process is None:
            process = self.begin(reference.archive, reference.form, out, self.engine)
        if (code := self.nursery.end(process)) not in ENDS:
            odd.append(code)
        found = reference.output.differences(Output.read(out))
        if not found:
            shutil.rmtree(out)
        return Trial(
            engine=self.engine.name,
            input=reference.archive.format,
            output=reference.form,
            kills=kills,
            late=late,
            odd=odd,
            found=found,
        )

    def kill(self, process: BaseProcess, reference: Reference, out: Path) -> Kill:
        """Waits until a random instant of what a run has before it, and kills."""
        assert self.pace is not None
        name = "SIGTERM" if self.draw.random() < TERMS else "SIGKILL"
        at = self.draw.random()
        process.join(at * self.pace.left(parts_done(out) / reference.parts))
        victim = self.engine.strike(process, signal.Signals[name], self.draw)
        return Kill(
            signal="SIGKILL" if victim == "worker" else name,
            victim=victim,
            at=round(at, 4),
            phase=phase_of(out, reference.parts),
        )

    def begin(self, archive: Archive, form: str, out: Path, engine: Engine) -> BaseProcess:
        """A process that does a run, or goes on with it."""
        sizes = {"--part-rows": PART_ROWS, "--part-chars": PART_CHARS, "--max-chars": LONGEST}
        words: Sequence[str] = [
            *("archive", *archive.options, "--out", str(out), "--format", form, *OUTPUTS[form]),
            *("--model", str(self.model), "--device", "cpu"),
            *(word for name, value in sizes.items() for word in (name, str(value))),
            *engine.arguments,
        ]
        return self.nursery.begin(command, words)


def _code(name: str) -> int:
    """What a command ends with that a signal has ended in good order."""
    return 128 + signal.Signals[name]
