"""Scores label by label: of labels given to sentences, and of spans."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef, precision_recall_fscore_support

from training.metrics import span_counts

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
SpanSet = Sequence[tuple[int, int]]

Match = Literal["exact", "characters"]
"""How spans are held against each other: both ends right, or by the characters they cover."""


@dataclass(frozen=True, kw_only=True)
class LabelScore:
    """How well one label is found, the others aside.

    Parameters
    ----------
    label : its name.
    precision, recall, f1 : 0 where nothing was found, or there was nothing to find.
    support : how often the gold has it: sentences, spans or characters.
    found : how often it was given.
    mcc, auroc, ap : Matthews' correlation, area under the ROC curve, average precision. None
        where they are not defined, or, the last two, where no scores are given.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    found: int
    mcc: float | None = None
    auroc: float | None = None
    ap: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The scores as JSON-ready values."""
        return asdict(self)


def label_scores(
    labels: Sequence[str], gold: Bools, given: Bools, scores: Floats | None = None
) -> list[LabelScore]:
    """The scores of each label, one against the rest.

    Parameters
    ----------
    gold, given : bool [sentences, labels].
    scores : [sentences, labels], the higher the likelier; any scale does.
    """
    precision, recall, f1, support = precision_recall_fscore_support(
        gold, given, average=None, zero_division=0, labels=range(len(labels))
    )
    return [
        LabelScore(
            label=label,
            precision=float(precision[i]),
            recall=float(recall[i]),
            f1=float(f1[i]),
            support=int(support[i]),
            found=int(given[:, i].sum()),
            mcc=_defined(correlation(gold[:, i], given[:, i])),
            auroc=None if scores is None else _defined(auroc(gold[:, i], scores[:, i])),
            ap=None if scores is None else _defined(average_precision(gold[:, i], scores[:, i])),
        )
        for i, label in enumerate(labels)
    ]


def auroc(gold: NDArray[Any], scores: NDArray[Any]) -> float:
    """The area under the ROC curve; of matrices the mean over the labels that have one.

    NaN where no label has both a positive and a negative.
    """
    return _mean_over_labels(_auroc, gold, scores)


def average_precision(gold: NDArray[Any], scores: NDArray[Any]) -> float:
    """The average precision, which unlike the AUROC tells rare labels well found from lucky ones.

    Of matrices the mean over labels; NaN where no label has both a positive and a negative.
    """
    return _mean_over_labels(_average_precision, gold, scores)


def correlation(gold: NDArray[Any], given: NDArray[Any]) -> float:
    """Matthews' correlation coefficient of two arrays of classes (Matthews 1975; Gorodkin 2004).

    Of matrices the mean over labels. NaN where the gold has a single class, 0 where only what is
    given has.
    """
    if gold.ndim > 1:
        return _mean_over_labels(matthews_corrcoef, gold, given)
    return math.nan if len(np.unique(gold)) < 2 else float(matthews_corrcoef(gold, given))


def span_label_counts(
    labels: Sequence[str],
    gold: Sequence[Mapping[str, SpanSet]],
    found: Sequence[Mapping[str, SpanSet]],
    match: Match,
) -> NDArray[np.float64]:
    """(True positives, found, gold), [sentences, labels, 3].

    A label that ``gold`` of a sentence does not have was not annotated there: its counts are 0,
    whatever was found.
    """
    counts = np.zeros((len(gold), len(labels), 3))
    for row, (wanted, marked) in enumerate(zip(gold, found, strict=True)):
        for i, label in enumerate(labels):
            if label in wanted and (wanted[label] or marked.get(label)):
                counts[row, i] = span_counts(
                    wanted[label], marked.get(label, ()), exact=match == "exact"
                )
    return counts


def span_scores(labels: Sequence[str], counts: NDArray[np.float64]) -> list[LabelScore]:
    """The scores of each span label from :func:`span_label_counts`."""
    return [
        LabelScore(
            label=label,
            precision=float(true / found) if found else 0.0,
            recall=float(true / gold) if gold else 0.0,
            f1=float(2 * true / (found + gold)) if found + gold else 0.0,
            support=int(gold),
            found=int(found),
        )
        for label, (true, found, gold) in zip(labels, counts.sum(axis=0), strict=True)
    ]


# The two below give what scikit-learn gives. They are taken of every label in every resample, where
# its checks of the input would cost ten times as much as the sorting.


def _auroc(gold: Bools, scores: Floats) -> float:
    negative, positive = np.sort(scores[~gold]), scores[gold]
    under = np.searchsorted(negative, positive, "left")
    up_to = np.searchsorted(negative, positive, "right")
    return float((under + up_to).mean() / 2 / len(negative))


def _average_precision(gold: Bools, scores: Floats) -> float:
    every, positive = np.sort(scores), np.sort(scores[gold])
    found = len(every) - np.searchsorted(every, positive, "left")
    right = len(positive) - np.searchsorted(positive, positive, "left")
    return float((right / found).mean())


def _mean_over_labels(metric: Any, gold: NDArray[Any], other: NDArray[Any]) -> float:
    gold, other = (x.reshape(len(gold), -1) for x in (np.asarray(gold, dtype=bool), other))
    known = [i for i in range(gold.shape[1]) if 0 < gold[:, i].sum() < len(gold)]
    return float(np.mean([metric(gold[:, i], other[:, i]) for i in known])) if known else math.nan


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
