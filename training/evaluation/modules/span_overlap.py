"""A metric for ``evaluate``: spans against gold spans, by both ends and by characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import datasets
import evaluate

from training.evaluation.scores import Match, SpanSet, span_label_counts, span_scores
from training.metrics import macro_counts_f1, micro_counts_f1

_INPUTS = """
Args:
    predictions, references: the spans found and the gold spans, one entry a sentence: a list of
        spans, each a dictionary with start, end (characters, end exclusive) and label.
    labels: optional, the names of the labels; else those that occur, sorted.
Returns:
    exact (both ends right) and characters (those that spans cover), for each a dictionary with
    macro_f1 (over the labels that the gold has; None if it has none), micro_f1, and per_label, a
    list of the scores of each label.
"""


class SpanOverlap(evaluate.Metric):  # type: ignore[misc]
    """Precision, recall and F1 of spans, which look at no tokens."""

    def _info(self) -> evaluate.MetricInfo:
        number, text = datasets.Value("int64"), datasets.Value("string")
        feature: Any = [{"start": number, "end": number, "label": text}]
        return evaluate.MetricInfo(
            description=str(__doc__),
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": feature, "references": feature}),
        )

    def _compute(
        self, *, predictions: Any = None, references: Any = None, labels: Any = None
    ) -> dict[str, Any]:
        occurring = {s["label"] for side in (predictions, references) for row in side for s in row}
        names = sorted(occurring) if labels is None else [str(label) for label in labels]
        if strange := occurring - set(names):
            raise ValueError(f"{min(strange)!r} is none of the labels {', '.join(names)}")
        gold, found = ([_by_label(names, row) for row in x] for x in (references, predictions))
        return {match: _scores(names, gold, found, match) for match in get_args(Match)}


def _by_label(names: Sequence[str], row: Any) -> dict[str, SpanSet]:
    return {name: [(s["start"], s["end"]) for s in row if s["label"] == name] for name in names}


def _scores(
    names: Sequence[str],
    gold: Sequence[dict[str, SpanSet]],
    found: Sequence[dict[str, SpanSet]],
    match: Match,
) -> dict[str, Any]:
    counts = span_label_counts(names, gold, found, match)
    macro = macro_counts_f1(counts, counts)
    return {
        "macro_f1": None if macro != macro else macro,
        "micro_f1": micro_counts_f1(counts, counts),
        "per_label": [s.to_dict() for s in span_scores(names, counts)],
    }
