"""Sourcing: PolNeAR dev by the sentence protocol of published systems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framing.engine import Engine
from framing.taxonomy import SOURCE_SPAN_TASK, SOURCE_SPANS, SOURCING
from training.example import Example
from training.metrics import (
    bootstrap,
    calibration_error,
    counts_f1,
    macro_f1,
    positive_f1,
    span_counts,
)
from training.prediction import predict, spans_of
from training.quality import Row


def polnear_rows(engine: Engine, examples: Sequence[Example]) -> list[Row]:
    """Kinds with and without context, and spans cut at sentence ends."""
    groups = [e.group for e in examples]
    kinds = engine.tasks[SOURCING].labels
    gold = np.array([kinds.index(e.labels[SOURCING]) for e in examples])
    rows = []
    for context in (False, True):
        columns = predict(engine, examples, context=context)
        scores = columns.scores[SOURCING]
        found = scores.argmax(axis=1)
        data = "PolNeAR dev, " + ("in context" if context else "each sentence alone")
        published = (
            ("floor .90; on test, BERT .888", "floor .85; on test, BERT .854 to .863")
            if not context
            else ("", "")
        )
        rows += [
            Row(
                data=data,
                measure="attributed, F1",
                estimate=bootstrap(positive_f1, gold > 0, found > 0, groups),
                beside=published[0],
            ),
            Row(
                data=data,
                measure="four kinds, macro F1",
                estimate=bootstrap(macro_f1, gold, found, groups),
                beside=published[1],
            ),
            Row(
                data=data,
                measure="attributed, ECE",
                estimate=bootstrap(calibration_error, gold > 0, 1 - scores[:, 0], groups),
            ),
        ]
    for label in SOURCE_SPANS:  # as found in context, which was read last
        predicted = spans_of(columns, SOURCE_SPAN_TASK, label)
        for exact, measure in ((True, "exact span F1"), (False, "character F1")):
            counts = np.array(
                [
                    span_counts(e.labels[SOURCE_SPAN_TASK][label], p, exact=exact)
                    for e, p in zip(examples, predicted, strict=True)
                ]
            )
            rows.append(
                Row(
                    data=f"PolNeAR dev, {label} spans",
                    measure=measure,
                    estimate=bootstrap(counts_f1, counts, counts, groups),
                    beside="on test, BERT .828 over all three" if exact else "",
                )
            )
    return rows
