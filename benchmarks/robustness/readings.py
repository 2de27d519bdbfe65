"""What a scorer says of many sentences, as arrays."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing import Scorer
from framing.columns import VOICES
from framing.taxonomy import FRAMING, LOADED, LOADED_SPANS, SOURCING

Floats = NDArray[np.float64]
Found = tuple[int, int, str]
"""A loaded span of a sentence: start, end, voice."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Readings:
    """Scores of ``n`` sentences, each read alone.

    Parameters
    ----------
    loaded, attributed : P(loaded) and 1 - P(none), [n].
    frames : [n, frames].
    given_loaded, given_frames : whether the label was given, bool, shaped as the probabilities.
    kind : the likeliest kind of sourcing as an index into ``kinds``, [n].
    spans : the loaded spans of each sentence.
    """

    loaded: Floats
    attributed: Floats
    frames: Floats
    given_loaded: NDArray[np.bool_]
    given_frames: NDArray[np.bool_]
    kind: NDArray[np.int64]
    spans: Sequence[Sequence[Found]]
    kinds: tuple[str, ...]
    frame_names: tuple[str, ...]


def read(scorer: Scorer, texts: Sequence[str]) -> tuple[Readings, Mapping[str, int]]:
    """Score ``texts``, each text that recurs once, and say in which row each is.

    Raises
    ------
    ValueError
        if the model lacks one of the built-in tasks, or a text is blank.
    """
    unique = list(dict.fromkeys(texts))
    parts = [scored.columns for scored in scorer.stream_columns(unique, split=False)]
    tasks = parts[0].tasks
    missing = {LOADED, LOADED_SPANS, SOURCING, FRAMING} - set(tasks)
    if missing:
        raise ValueError(
            f"model {scorer.model.name!r} lacks {', '.join(sorted(missing))}; what is measured "
            "here are the built-in tasks"
        )
    if any((part.windows == 0).any() for part in parts):
        raise ValueError("a text is blank: nothing can be measured on it")
    scores = {
        name: np.concatenate([part.scores[name] for part in parts]).astype(float)
        for name in (LOADED, SOURCING, FRAMING)
    }
    given = {
        name: np.concatenate([part.given(name, 0, len(part)) for part in parts])
        for name in (LOADED, FRAMING)
    }
    spans: list[list[Found]] = []
    for part in parts:
        columns = part.spans[LOADED_SPANS]
        if columns.voice is None:
            raise ValueError(f"model {scorer.model.name!r} gives no voice to its loaded spans")
        bounds = columns.indptr.tolist()
        rows = [
            (int(start), int(end), VOICES[voice])
            for start, end, voice in zip(columns.start, columns.end, columns.voice, strict=True)
        ]
        spans += [rows[lo:hi] for lo, hi in itertools.pairwise(bounds)]
    kinds = tasks[SOURCING].labels
    readings = Readings(
        loaded=scores[LOADED][:, 0],
        attributed=1 - scores[SOURCING][:, kinds.index("none")],
        frames=scores[FRAMING],
        given_loaded=given[LOADED][:, 0],
        given_frames=given[FRAMING],
        kind=scores[SOURCING].argmax(axis=1),
        spans=spans,
        kinds=kinds,
        frame_names=tasks[FRAMING].labels,
    )
    return readings, {text: row for row, text in enumerate(unique)}
