"""How far scores move when only a name is swapped (counterfactual consistency).

After counterfactual token fairness (Garg et al. 2019, AIES) and name perturbation (Prabhakaran,
Hutchinson and Mitchell 2019, EMNLP), with intervals over templates or documents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.robustness.families import STYLES, Family
from benchmarks.robustness.measures import mean, means
from benchmarks.robustness.readings import Readings

AIM = 0.03
"""The mean change of P(loaded) that is aimed at."""

_STYLES = (*STYLES, "not called loaded", "called loaded")


def changes(
    families: Sequence[Family], readings: Readings, row_of: Mapping[str, int]
) -> dict[str, Any]:
    """Absolute changes, labels flipped, and P(loaded) by filler, of one group of swaps.

    Changes are averaged over the pairs of a family first, so that each sentence counts once. A
    label of frames is flipped if any of the frames given is another one.
    """
    families = [f for f in families if next(f.pairs(), None)]
    if not families:
        return {"families": 0}
    tables, largest = [], []
    for family in families:
        pairs = list(family.pairs())
        one, other = (
            np.array([row_of[family.versions[pair[side]]] for pair in pairs]) for side in (0, 1)
        )
        table = _differences(readings, one, other)
        tables.append(table.mean(axis=0))
        largest.append([(table[:, c].max(), pairs[table[:, c].argmax()]) for c in (0, 1)])
        frames = table[:, 2:-3]
        largest[-1].append((frames.max(), pairs[frames.max(axis=1).argmax()]))
    values = np.array(tables)
    groups = [f.group for f in families]
    loaded, attributed, *frames_each, flip_loaded, flip_sourcing, flip_frames = means(
        values, groups
    )

    def peak(column: int) -> dict[str, Any]:
        at = max(range(len(families)), key=lambda i: largest[i][column][0])
        size, between = largest[at][column]
        return {"max": round(float(size), 5), "max_in": families[at].id, "max_between": between}

    return {
        "families": len(families),
        "documents": len(set(groups)),
        "pairs": sum(1 for f in families for _ in f.pairs()),
        "loaded": {"mean": loaded, **peak(0)},
        "attributed": {"mean": attributed, **peak(1)},
        "frames": {
            "mean": mean(values[:, 2:-3].mean(axis=1), groups),
            **peak(2),
            "each": dict(zip(readings.frame_names, frames_each, strict=True)),
        },
        "flipped": {"loaded": flip_loaded, "sourcing": flip_sourcing, "frames": flip_frames},
        "by_style": {
            style: mean(values[rows, 0], [groups[i] for i in rows])
            for style, rows in _rows_by_style(families, readings, row_of).items()
        },
        "by_filler": _by_filler(families, readings, row_of),
    }


def _differences(
    readings: Readings, one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.float64]:
    """A row a pair: P(loaded), P(attributed), each frame, then whether the three labels flip."""
    flips = [
        readings.given_loaded[one] != readings.given_loaded[other],
        readings.kind[one] != readings.kind[other],
        (readings.given_frames[one] != readings.given_frames[other]).any(axis=1),
    ]
    return np.column_stack(
        [
            np.abs(readings.loaded[one] - readings.loaded[other]),
            np.abs(readings.attributed[one] - readings.attributed[other]),
            np.abs(readings.frames[one] - readings.frames[other]),
            *flips,
        ]
    )


def _rows_by_style(
    families: Sequence[Family], readings: Readings, row_of: Mapping[str, int]
) -> dict[str, list[int]]:
    """Families by how they are written; real ones by whether the model called them loaded."""
    rows: dict[str, list[int]] = defaultdict(list)
    for i, family in enumerate(families):
        style = family.style
        if family.written is not None:
            row = row_of[family.versions[family.written]]
            style = "called loaded" if readings.given_loaded[row] else "not called loaded"
        rows[style].append(i)
    return dict(sorted(rows.items(), key=lambda item: _STYLES.index(item[0])))


def _by_filler(
    families: Sequence[Family], readings: Readings, row_of: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """P(loaded) with each filler, and how far it is over the mean of the sentence's other versions.

    Sentences that name several fillers are left out: their score belongs to none alone.
    """
    loaded, over, groups = defaultdict(list), defaultdict(list), defaultdict(list)
    for family in families:
        if family.mixed:
            continue
        scores = {f: readings.loaded[row_of[text]] for f, text in family.versions.items()}
        total = sum(scores.values())
        for filler, score in scores.items():
            loaded[filler].append(score)
            over[filler].append(score - (total - score) / (len(scores) - 1))
            groups[filler].append(family.group)
    return {
        filler: {
            "mean": mean(loaded[filler], groups[filler]),
            "over_others": mean(over[filler], groups[filler]),
        }
        for filler in loaded
    }
