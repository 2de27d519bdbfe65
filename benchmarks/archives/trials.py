"""What came of the runs of a campaign, and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.archives.outputs import Differences
from benchmarks.archives.phases import PHASES


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill.

    Parameters
    ----------
    signal : ``SIGKILL`` or ``SIGTERM``.
    victim : ``run``, or under Ray ``worker``: a process that scores for it.
    at : the instant, from 0 to 1: a share of what the run had before it.
    phase : how far it had come, one of :data:`benchmarks.archives.phases.PHASES`.
    """

    signal: str
    victim: str
    at: float
    phase: str

    @property
    def kind(self) -> str:
        """Who was killed by what."""
        return f"{self.signal} to {'the run' if self.victim == 'run' else 'a worker'}"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run that was killed once or more, resumed each time, and came to its end.

    Parameters
    ----------
    engine, input, output : what ran, and the formats.
    kills : in their order.
    late : signals that found it ended; not among the kills.
    odd : exit codes that nothing is said to end with.
    found : how its output differs from that of the undisturbed run.
    """

    engine: str
    input: str
    output: str
    kills: Sequence[Kill]
    late: int
    odd: Sequence[int]
    found: Differences


def figures(trials: Iterable[Trial]) -> dict[str, Any]:
    """Counts over some trials, JSON-ready."""
    trials = list(trials)
    return {
        "runs": len(trials),
        "kills": sum(len(trial.kills) for trial in trials),
        **sum((trial.found for trial in trials), Differences()).to_dict(),
        "odd_exits": sum(len(trial.odd) for trial in trials),
        "late_signals": sum(trial.late for trial in trials),
    }


def grouped(trials: Sequence[Trial], key: Callable[[Trial], Sequence[str]]) -> list[dict[str, Any]]:
    """:func:`figures` of the trials of each engine and of whatever else ``key`` gives."""
    groups: dict[tuple[str, ...], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.engine, *key(trial)), []).append(trial)
    return [{"group": list(name), **figures(groups[name])} for name in groups]


def kills_by_phase(trials: Iterable[Trial]) -> dict[str, dict[str, int]]:
    """By phase, in the order in which a run passes them, how many kills of each kind."""
    found = Counter(
        (kill.phase, f"{trial.engine}: {kill.kind}") for trial in trials for kill in trial.kills
    )
    kinds = sorted({kind for _, kind in found})
    return {phase: {kind: found[phase, kind] for kind in kinds} for phase in PHASES}
