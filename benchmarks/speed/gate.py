"""The gate before the clock: a system must say what plain ``transformers`` in fp32 says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.speed.scenarios import sample
from benchmarks.speed.subject import Floats, Subject
from benchmarks.speed.system import System
from framing.task import Task

SEED = 4


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the gate found.

    Parameters
    ----------
    deviation, mean : the largest and the mean difference of a probability.
    flipped : labels that differ although the reference is farther than the tolerance from the
        threshold; of a multiclass task, although its first label leads by over twice of it.
    """

    system: str
    sentences: int
    labels: int
    deviation: float
    mean: float
    flipped: int
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.deviation <= self.tolerance and self.flipped == 0

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {**asdict(self), "passed": self.passed}


def gate_sentences(subject: Subject, count: int) -> list[str]:
    """News and short and long sentences, as long as the library reads them at once."""
    found = [
        s
        for name, share in (("news", 0.6), ("short_zipf", 0.2), ("long_tail", 0.2))
        for s in sample(name, max(1, round(count * share)), seed=SEED).sentences
    ]
    most = min(subject.window, subject.tokenizer.model_max_length)
    kept = [s for s, n in zip(found, subject.lengths(found), strict=True) if n <= most]
    if not kept:
        raise ValueError(
            f"no sentence of {most} tokens or fewer among the {len(found)} of the gate"
        )
    return kept


def judge(
    system: System, subject: Subject, sentences: Sequence[str], reference: dict[str, Floats]
) -> Verdict:
    """Compares a system with its own reference, or with ``reference``, the subject's."""
    wanted = reference if system.reference is None else system.reference(sentences)
    said = system.probabilities(sentences)
    tasks = {t.name: t for t in subject.model.config.task_objects()}
    gaps = np.concatenate([np.abs(said[name] - wanted[name]).ravel() for name in said])
    return Verdict(
        system=system.name,
        sentences=len(sentences),
        labels=sum(values.shape[1] for values in said.values()),
        # A NaN is as far off as can be, and no comparison would tell.
        deviation=float(np.nan_to_num(gaps, nan=1.0).max()),
        mean=float(np.nan_to_num(gaps, nan=1.0).mean()),
        flipped=sum(
            flipped(tasks[name], wanted[name], said[name], system.tolerance) for name in said
        ),
        tolerance=system.tolerance,
    )


def flipped(task: Task, wanted: Floats, said: Floats, tolerance: float) -> int:
    """How many labels differ that should not; both float [sentences, labels]."""
    if task.kind == "multiclass":
        rows = np.arange(len(wanted))
        lead = wanted.max(axis=1) - wanted[rows, said.argmax(axis=1)]
        return int((lead > 2 * tolerance).sum())
    thresholds = np.asarray(task.thresholds, np.float32)
    differ = (wanted >= thresholds) != (said >= thresholds)
    return int((differ & (np.abs(wanted - thresholds) > tolerance)).sum())
