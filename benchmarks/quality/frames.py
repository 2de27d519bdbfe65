"""Framing: the 14 policy frames in folds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.quality.folds import out_of_fold
from framing.task import default_tasks
from framing.taxonomy import FRAMES, FRAMING
from training.build import fresh_model
from training.corpora import read_corpus
from training.dataset import sentence_target
from training.metrics import bootstrap, calibration_error, macro_f1, positive_f1
from training.quality import Row
from training.recipe import Recipe
from training.splits import grouped_folds


def frame_rows(data_root: Path, recipe: Recipe, encoder: Path, work: Path) -> list[Row]:
    """Five folds by group from the raw encoder; thresholds from a tenth of each training part."""
    examples = read_corpus("inhouse_frames", data_root)
    (task,) = (t for t in default_tasks() if t.name == FRAMING)
    groups = np.array([e.group for e in examples])
    probability, given = out_of_fold(
        examples,
        grouped_folds(list(groups), 5, recipe.seed),
        lambda: fresh_model(encoder, recipe, [task]),
        recipe,
        encoder,
        work / "frames",
        task=FRAMING,
        heldout_share=10,
    )
    gold = np.stack([sentence_target(task, e.labels[FRAMING]) for e in examples]) >= 0.5
    data = "in-house frames, 5 folds by group"
    rows = [
        Row(
            data=data,
            measure="macro F1 of 14",
            estimate=bootstrap(macro_f1, gold, given, list(groups)),
            beside="floor .70; language-model annotators among themselves about .91 (kappa)",
        ),
        Row(
            data=data,
            measure="micro F1",
            estimate=bootstrap(positive_f1, gold, given, list(groups)),
        ),
        Row(
            data=data,
            measure="ECE over all frames",
            estimate=bootstrap(
                lambda g, p: calibration_error(g.ravel(), p.ravel()),
                gold,
                probability,
                list(groups),
            ),
        ),
    ]
    draws = np.array([e.extra["draw"] for e in examples])
    for draw in sorted(set(draws)):
        here = draws == draw
        rows.append(
            Row(
                data=f"{data}, draw {draw}",
                measure="macro F1 of 14",
                estimate=bootstrap(macro_f1, gold[here], given[here], list(groups[here])),
            )
        )
    for i, frame in enumerate(FRAMES):
        rows.append(
            Row(
                data=f"{data}, {frame}",
                measure="F1",
                estimate=bootstrap(positive_f1, gold[:, i], given[:, i], list(groups)),
            )
        )
    return rows
