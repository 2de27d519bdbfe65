"""What a model marks in sentences that are annotated for one span task, beside the gold spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.task import Task
from training.evaluation.labels import ordered_task
from training.evaluation.reliability import Reliability, reliability
from training.evaluation.scores import LabelScore, Match, span_label_counts, span_scores
from training.example import Spans
from training.metrics import (
    Metric,
    bootstrap,
    brier_score,
    calibration_error,
    macro_counts_f1,
    micro_counts_f1,
)
from training.quality import Row

_MATCHES: tuple[tuple[Match, str], ...] = (("exact", "exact"), ("characters", "by characters"))


@dataclass(frozen=True, kw_only=True, eq=False)
class SpanResult:
    """Gold spans and the spans found, of a span task.

    Exact scores count a span whose both ends are right; scores by characters count the characters
    that spans cover, so that a span which is nearly right counts nearly in full. Neither looks at
    tokens. A span's probability is that it touches a gold span of its label.

    Parameters
    ----------
    task : the task.
    ids, groups : of each sentence.
    gold : of each sentence, label to spans; a label that is not a key was not annotated.
    found : of each sentence, label to spans.
    probability : of each sentence, label to the probability of each of its found spans.
    blank : how many annotated sentences are not here, as there is no visible character in them.
    """

    task: Task
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    gold: tuple[Mapping[str, Spans], ...]
    found: tuple[Mapping[str, Spans], ...]
    probability: tuple[Mapping[str, tuple[float, ...]], ...]
    blank: int = 0

    def __post_init__(self) -> None:
        for name in ("groups", "gold", "found", "probability"):
            if len(getattr(self, name)) != len(self.ids):
                raise ValueError(f"{name}: {len(getattr(self, name))} for {len(self.ids)} rows")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def headline(self) -> str:
        """The name of the measure that stands for the task."""
        return "macro F1 by characters"

    @property
    def annotated(self) -> tuple[str, ...]:
        """The labels that some sentence was annotated for."""
        return tuple(n for n in self.task.labels if any(n in labels for labels in self.gold))

    def counts(self, match: Match = "characters") -> NDArray[np.float64]:
        """(True positives, found, gold) by label, float [sentences, labels, 3]."""
        return span_label_counts(self.task.labels, self.gold, self.found, match)

    def rows(self, data: str, *, samples: int = 500, seed: int = 0) -> list[Row]:
        """The measures with 95 % intervals from resampling groups; ``data`` names what on."""
        found = []
        for match, name in _MATCHES:
            counts = self.counts(match)
            measures: list[tuple[str, Metric, NDArray[Any]]] = [
                (f"macro F1 {name}", macro_counts_f1, counts)
            ]
            if len(self.annotated) > 1:
                measures.append((f"micro F1 {name}", micro_counts_f1, counts))
                measures += [
                    (f"F1 of {label} {name}", macro_counts_f1, counts[:, [i]])
                    for i, label in enumerate(self.task.labels)
                    if label in self.annotated
                ]
            for measure, metric, values in measures:
                estimate = bootstrap(
                    metric, values, values, self.groups, samples=samples, seed=seed
                )
                found.append(Row(data=data, measure=measure, estimate=estimate))
        hits, likely, groups = self.hits()
        if len(hits):
            found += [
                Row(
                    data=data,
                    measure=f"{measure} of the spans found",
                    estimate=bootstrap(metric, hits, likely, groups, samples=samples, seed=seed),
                )
                for measure, metric in (("ECE", calibration_error), ("Brier score", brier_score))
            ]
        return found

    def per_label(self, match: Match = "characters") -> list[LabelScore]:
        """The scores of each label that is annotated at all."""
        scores = span_scores(self.task.labels, self.counts(match))
        return [s for s in scores if s.label in self.annotated]

    def hits(self) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
        """Whether each found span touches a gold one, its probability and its group."""
        table = list(self._hits())
        return (
            np.array([hit for hit, _, _ in table], dtype=float),
            np.array([likely for _, likely, _ in table], dtype=float),
            [group for _, _, group in table],
        )

    def _hits(self) -> Iterator[tuple[bool, float, str]]:
        rows = zip(self.gold, self.found, self.probability, self.groups, strict=True)
        for gold, found, probability, group in rows:
            for label in gold:
                for (lo, hi), likely in zip(found[label], probability[label], strict=True):
                    yield any(a < hi and lo < b for a, b in gold[label]), likely, group

    def reliability(
        self, *, bins: int = 10, samples: int = 500, seed: int = 0
    ) -> Reliability | None:
        """How often found spans of a probability touched a gold one; None if none was found."""
        hits, likely, groups = self.hits()
        if not len(hits):
            return None
        return reliability(hits, likely, groups, bins=bins, samples=samples, seed=seed)

    def ordered(self, labels: Sequence[str]) -> SpanResult:
        """The same with the columns in the order of ``labels``, which must be the task's own."""
        return replace(self, task=ordered_task(self.task, labels))
