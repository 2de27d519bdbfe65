"""One model against another on the same labelled sentences, and a gate for what may be released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from framing.columns import ModelInfo
from framing.engine import Engine
from framing.scorer import Scorer
from framing.task import Task
from training.evaluation.labels import SentenceResult
from training.evaluation.predictions import evaluate_model
from training.evaluation.significance import Difference, McNemar, mcnemar, paired_bootstrap
from training.example import Example
from training.metrics import macro_counts_f1

Verdict = Literal["better", "worse", "maybe worse", "no worse", "undefined"]


@dataclass(frozen=True, kw_only=True)
class TaskComparison:
    """Two models at one task.

    Parameters
    ----------
    task, measure : what was measured; higher is better.
    difference : the measure of the old model (``a``), of the new one (``b``), new minus old.
    margin : by how much the new one may be worse.
    calibration : by measure (lower is better), the same of probabilities; of sentence tasks only.
    rows : of sentence tasks, the sentences that one of them alone labels rightly.
    """

    task: str
    measure: str
    difference: Difference
    margin: float
    calibration: dict[str, Difference]
    rows: McNemar | None = None

    @property
    def verdict(self) -> Verdict:
        """What the difference and its 95 % interval say of the new model.

        - better: the interval lies over 0;
        - worse: the difference lies under minus the margin; or all of the interval lies under 0
          and it reaches under minus the margin;
        - maybe worse: the difference is negative and the interval reaches from under minus the
          margin to 0 or over it, so that the sentences are too few to tell;
        - no worse: anything else;
        - undefined: the gold has no positive.
        """
        found = self.difference
        if found.value != found.value:
            return "undefined"
        if found.value < 0 and found.low < -self.margin:
            sure = found.high < 0 or found.value < -self.margin
            return "worse" if sure else "maybe worse"
        return "better" if found.low > 0 else "no worse"

    @property
    def passed(self) -> bool:
        """Whether the verdict is anything but worse."""
        return self.verdict != "worse"

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-ready values."""
        return {
            "task": self.task,
            "measure": self.measure,
            **self.difference.to_dict(),
            "verdict": self.verdict,
            "passed": self.passed,
            "calibration": {k: v.to_dict() for k, v in self.calibration.items()},
            "mcnemar": None if self.rows is None else self.rows.to_dict(),
        }


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models on the same sentences.

    Parameters
    ----------
    old, new : the models.
    data : names what they were compared on; ``sentences`` says how many there were.
    margin : by how much the new one may be worse at a task.
    tasks : those that both have and an example labels.
    only_old, only_new : tasks that one of them alone has.
    incomparable : tasks that both have, but of different kinds or labels.
    unlabelled : tasks that both have and no example labels.
    """

    old: ModelInfo
    new: ModelInfo
    data: str
    sentences: int
    margin: float
    tasks: tuple[TaskComparison, ...]
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()
    incomparable: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the new model is worse at no task, as :attr:`TaskComparison.passed` has it."""
        return all(task.passed for task in self.tasks)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-ready values."""
        return {
            "old": self.old.to_dict(),
            "new": self.new.to_dict(),
            "data": self.data,
            "sentences": self.sentences,
            "margin": self.margin,
            "passed": self.passed,
            "tasks": [task.to_dict() for task in self.tasks],
            **{
                name: list(getattr(self, name))
                for name in ("only_old", "only_new", "incomparable", "unlabelled")
            },
        }


def compare_models(
    old: Scorer | Engine,
    new: Scorer | Engine,
    examples: Sequence[Example],
    *,
    margin: float = 0.01,
    context: bool = True,
    samples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Scores labelled sentences with two models and compares them, task by task.

    Sentence tasks are compared by macro F1, span tasks by macro F1 of characters, with intervals
    from resampling groups, both models on the same draws.

    Parameters
    ----------
    margin : by how much (of F1, 0 to 1) the new model may be worse.
    context : as in :func:`.predictions.evaluate_model`.

    Raises
    ------
    ValueError
        if no task that both have is labelled, if all sentences are of one group, or if the margin
        is negative.
    """
    if not margin >= 0:
        raise ValueError(f"margin {margin}: give 0 or more, as a share of F1")
    engines = [m.engine if isinstance(m, Scorer) else m for m in (old, new)]
    first, second = (engine.tasks for engine in engines)
    both = [name for name in first if name in second]
    same = [n for n in both if _alike(first[n], second[n])]
    labelled = {n for e in examples for n, label in e.labels.items() if label is not None}
    shared = [n for n in same if n in labelled]
    if not shared:
        raise ValueError(
            f"nothing to compare: both models have {', '.join(same) or 'no task in common'}, and "
            f"the sentences are labelled for {', '.join(sorted(labelled)) or 'nothing'}"
        )
    a, b = (evaluate_model(e, examples, tasks=shared, context=context) for e in engines)
    return Comparison(
        old=engines[0].info,
        new=engines[1].info,
        data=a.data,
        sentences=len(examples),
        margin=margin,
        tasks=tuple(
            _compared(a.tasks[n], b.tasks[n].ordered(first[n].labels), margin, samples, seed)
            for n in shared
        ),
        only_old=tuple(n for n in first if n not in second),
        only_new=tuple(n for n in second if n not in first),
        incomparable=tuple(n for n in both if n not in same),
        unlabelled=tuple(n for n in same if n not in labelled),
    )


def _alike(a: Task, b: Task) -> bool:
    return a.kind == b.kind and set(a.labels) == set(b.labels)


def _compared(a: Any, b: Any, margin: float, samples: int, seed: int) -> TaskComparison:
    options = {"groups": a.groups, "samples": samples, "seed": seed}
    counts = a.counts()
    calibration, rows = {}, None
    if isinstance(a, SentenceResult):
        others = b.calibration
        for name, (metric, gold, probability) in a.calibration.items():
            calibration[name] = paired_bootstrap(
                metric, gold, probability, others[name][2], **options
            )
        rows = mcnemar(a.gold_classes, a.given_classes, b.given_classes)
    return TaskComparison(
        task=a.task.name,
        measure=a.headline,
        difference=paired_bootstrap(macro_counts_f1, counts, counts, b.counts(), **options),
        margin=margin,
        calibration=calibration,
        rows=rows,
    )
