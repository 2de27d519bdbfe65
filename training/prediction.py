"""What a model says about labelled sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framing.columns import ScoreColumns
from framing.engine import Engine
from training.example import Example

Spans = list[tuple[int, int]]


def predict(engine: Engine, examples: Sequence[Example], *, context: bool) -> ScoreColumns:
    """Scores of the sentences, in order, offsets counted in each sentence.

    Parameters
    ----------
    context : whether the model is told that a quotation is open where a sentence starts, as it is
        when it reads whole articles.
    """
    quotes = [context and e.quote_open for e in examples]
    return engine.run([e.text for e in examples], quotes, np.zeros(len(examples), dtype=np.int64))


def spans_of(columns: ScoreColumns, task: str, label: str) -> list[Spans]:
    """The spans of one label, a list a sentence."""
    found = columns.spans[task]
    wanted = columns.tasks[task].labels.index(label)
    return [
        [
            (int(found.start[i]), int(found.end[i]))
            for i in range(found.indptr[row], found.indptr[row + 1])
            if found.label[i] == wanted
        ]
        for row in range(len(columns))
    ]
