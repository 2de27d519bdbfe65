"""What a model says of sentences that are labelled for one task, beside the gold labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix

from framing.task import Task
from training.evaluation.reliability import Reliability, calibration_pairs, reliability
from training.evaluation.scores import (
    LabelScore,
    auroc,
    average_precision,
    label_scores,
)
from training.metrics import (
    Estimate,
    Metric,
    bootstrap,
    brier_score,
    calibration_error,
    counts_correlation,
    log_loss,
    macro_counts_f1,
    micro_counts_f1,
    weighted_counts_f1,
)
from training.quality import Row


@dataclass(frozen=True, kw_only=True, eq=False)
class SentenceResult:
    """Gold labels, probabilities and labels given, of a binary, multiclass or multilabel task.

    Gold labels may be soft (shares of annotators). F1, precision, recall, MCC, AUROC, average
    precision and confusion take a label as there from a share of 0.5, and of a multiclass task
    the label with the largest share; Brier score, log loss and calibration take the shares.

    Parameters
    ----------
    task : the task.
    ids, groups : of each sentence.
    gold : float [sentences, labels], 0 to 1.
    probability : float [sentences, labels], calibrated.
    given : bool [sentences, labels], what the model's thresholds make of the probabilities.
    blank : how many labelled sentences are not here, as there is no visible character in them.
    """

    task: Task
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    gold: NDArray[np.float32]
    probability: NDArray[np.float32]
    given: NDArray[np.bool_]
    blank: int = 0

    def __post_init__(self) -> None:
        wanted = (len(self.ids), len(self.task.labels))
        for name in ("gold", "probability", "given"):
            if getattr(self, name).shape != wanted:
                raise ValueError(f"{name}: shape {getattr(self, name).shape}, wanted {wanted}")
        if len(self.groups) != len(self.ids):
            raise ValueError(f"{len(self.groups)} groups for {len(self.ids)} sentences")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def classes(self) -> tuple[str, ...]:
        """What is scored one by one: the labels, of a binary task its label and its absence."""
        labels = self.task.labels
        return (f"not {labels[0]}", labels[0]) if self.task.kind == "binary" else labels

    @cached_property
    def gold_classes(self) -> NDArray[np.bool_]:
        """The gold made hard, bool [sentences, classes]."""
        if self.task.kind == "multiclass":
            largest = self.gold.argmax(axis=1)[:, None]
            return np.asarray(np.arange(len(self.task.labels)) == largest)
        return self._with_absence(self.gold >= 0.5)

    @cached_property
    def given_classes(self) -> NDArray[np.bool_]:
        """The labels given, bool [sentences, classes]."""
        return self._with_absence(self.given)

    def _with_absence(self, labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.hstack([~labels, labels]) if self.task.kind == "binary" else labels

    @property
    def headline(self) -> str:
        """The name of the measure that stands for the task."""
        return "macro F1"

    def counts(self) -> NDArray[np.int64]:
        """(True positives, given, gold) for the F1 of each class, int [sentences, classes, 3]."""
        gold, given = self.gold_classes, self.given_classes
        return np.stack([gold & given, given, gold], axis=2).astype(np.int64)

    def rows(self, data: str, *, samples: int = 500, seed: int = 0) -> list[Row]:
        """The measures with 95 % intervals from resampling groups; ``data`` names what on."""
        counts = self.counts()
        kind, single = self.task.kind, self.task.kind != "multilabel"
        measures: list[tuple[str, Metric, Any, Any]] = [
            ("macro F1", macro_counts_f1, counts, counts),
            ("weighted F1", weighted_counts_f1, counts, counts),
            ("accuracy" if single else "micro F1", micro_counts_f1, counts, counts),
        ]
        if single:
            measures.append(("MCC", counts_correlation, counts, counts))
        if kind == "binary":
            label, one = self.task.labels[0], counts[:, 1:]
            measures.insert(0, (f"F1 of {label}", macro_counts_f1, one, one))
        if kind != "multiclass":
            hard, mean = self.gold >= 0.5, "" if single else ", mean over labels"
            measures.append((f"AUROC{mean}", auroc, hard, self.probability))
            measures.append((f"average precision{mean}", average_precision, hard, self.probability))
        measures += [
            ("ECE", self._calibration_error, self.gold, self.probability),
            ("Brier score", self._brier, self.gold, self.probability),
            ("log loss", self._log_loss, self.gold, self.probability),
        ]
        return [
            Row(data=data, measure=measure, estimate=self._estimate(metric, a, b, samples, seed))
            for measure, metric, a, b in measures
        ]

    def _estimate(self, metric: Metric, a: Any, b: Any, samples: int, seed: int) -> Estimate:
        return bootstrap(metric, a, b, self.groups, samples=samples, seed=seed)

    def _calibration_error(self, gold: NDArray[Any], probability: NDArray[Any]) -> float:
        right, likely, _ = calibration_pairs(self.task.kind, gold, probability)
        return calibration_error(right, likely)

    def _brier(self, gold: NDArray[Any], probability: NDArray[Any]) -> float:
        return brier_score(gold, probability, exclusive=self.task.kind == "multiclass")

    def _log_loss(self, gold: NDArray[Any], probability: NDArray[Any]) -> float:
        return log_loss(gold, probability, exclusive=self.task.kind == "multiclass")

    @property
    def calibration(self) -> dict[str, tuple[Metric, NDArray[Any], NDArray[Any]]]:
        """The measures of calibration (lower is better), each with what it is taken of."""
        return {
            "ECE": (self._calibration_error, self.gold, self.probability),
            "Brier score": (self._brier, self.gold, self.probability),
        }

    def per_label(self) -> list[LabelScore]:
        """The scores of each class."""
        positive = self.probability
        scores = np.hstack([1 - positive, positive]) if self.task.kind == "binary" else positive
        return label_scores(self.classes, self.gold_classes, self.given_classes, scores)

    def confusion(self) -> NDArray[np.int64]:
        """How often each gold class was given each class.

        Returns
        -------
        array of shape (classes, classes), gold by given, or of shape (labels, 2, 2) for a
        multilabel task, each label's absence first.
        """
        if self.task.kind == "multilabel":
            found = multilabel_confusion_matrix(
                self.gold_classes, self.given_classes, labels=range(len(self.task.labels))
            )
        else:
            found = confusion_matrix(
                self.gold_classes.argmax(axis=1),
                self.given_classes.argmax(axis=1),
                labels=range(len(self.classes)),
            )
        return np.asarray(found, dtype=np.int64)

    def reliability(self, *, bins: int = 10, samples: int = 500, seed: int = 0) -> Reliability:
        """How often what was given a probability came true (:func:`.reliability.reliability`)."""
        right, likely, row = calibration_pairs(self.task.kind, self.gold, self.probability)
        groups = [self.groups[i] for i in row]
        return reliability(right, likely, groups, bins=bins, samples=samples, seed=seed)

    def ordered(self, labels: Sequence[str]) -> SentenceResult:
        """The same with the columns in the order of ``labels``, which must be the task's own."""
        if tuple(labels) == self.task.labels:
            return self
        place = [self.task.labels.index(label) for label in labels]
        return replace(
            self,
            task=ordered_task(self.task, labels),
            gold=self.gold[:, place],
            probability=self.probability[:, place],
            given=self.given[:, place],
        )


def ordered_task(task: Task, labels: Sequence[str]) -> Task:
    """The task with its labels, and what belongs to each of them, in another order."""
    place = [task.labels.index(label) for label in labels]
    fields = ("labels", "thresholds", "scale", "bias", "span_thresholds")
    values = {name: getattr(task, name) for name in fields if getattr(task, name)}
    found = {name: [each[i] for i in place] for name, each in values.items()}
    return Task.from_dict({**task.to_dict(), **found})
