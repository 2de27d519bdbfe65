"""What noise costs: scores on labelled sentences, clean and disturbed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.robustness.measures import SAMPLES, estimated, mean
from benchmarks.robustness.perturb import NOISES
from benchmarks.robustness.readings import Readings, read
from framing import Scorer
from framing.taxonomy import FRAMING, LOADED, SOURCING
from training.codebook import Codebook
from training.corpora import read_corpus
from training.example import Example
from training.formats import read as read_file
from training.metrics import Metric, bootstrap, macro_counts_f1

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "corpus.jsonl"
CLEAN = "clean"


def labelled_sets(root: Path | None) -> dict[str, list[Example]]:
    """The sample corpus, and ``documents/dev`` if there is a data root.

    BABE is not among them, although sentences of it are commonly reported on: the shipped models
    are trained on all of it.
    """
    built_in = Codebook.built_in()
    sets = {"sample corpus": read_file(SAMPLE, codebook=built_in).sound().examples}
    if root is not None:
        sets["documents/dev"] = read_corpus("documents", root, "dev")
    return sets


def noise_results(scorer: Scorer, examples: Sequence[Example]) -> dict[str, Any]:
    """Each noise's cost in AUROC and F1, paired by sentence, and how far probabilities move."""
    disturbed = {CLEAN: [e.text for e in examples]}
    disturbed |= {name: [noise(e.text) for e in examples] for name, noise in NOISES.items()}
    readings, row_of = read(scorer, [text for texts in disturbed.values() for text in texts])
    clean = _Outcome(examples, readings, [row_of[text] for text in disturbed[CLEAN]])
    found: dict[str, Any] = {"sentences": len(examples), "clean": clean.estimates(clean)}
    for name in NOISES:
        rows = [row_of[text] for text in disturbed[name]]
        (touched,) = np.nonzero(np.array(rows) != clean.rows)
        noisy = _Outcome(examples, readings, rows)
        found[name] = {
            "touched": len(touched),
            "loss": clean.estimates(noisy),
            "moved": clean.moved(noisy, touched),
        }
    return found


class _Outcome:
    """The measures of one reading of the examples, kept row by row for paired draws."""

    def __init__(
        self, examples: Sequence[Example], readings: Readings, rows: Sequence[int]
    ) -> None:
        self.rows = np.array(rows)
        self.groups = [e.group for e in examples]
        self.readings = readings
        known = {t: [i for i, e in enumerate(examples) if t in e.labels] for t in _TASKS}
        loaded = np.array([examples[i].labels[LOADED] for i in known[LOADED]], dtype=float) >= 0.5
        at = {task: self.rows[known[task]] for task in _TASKS}
        self.measured: dict[str, tuple[Metric, list[int], NDArray[Any], NDArray[Any]]] = {
            "loaded, AUROC": (_auroc, known[LOADED], loaded, readings.loaded[at[LOADED]]),
            "loaded, macro F1": (
                macro_counts_f1,
                known[LOADED],
                loaded,
                _counts(_both(loaded), _both(readings.given_loaded[at[LOADED]])),
            ),
        }
        if known[SOURCING]:
            kinds = np.array(
                [readings.kinds.index(examples[i].labels[SOURCING]) for i in known[SOURCING]]
            )
            every = np.arange(len(readings.kinds))
            self.measured["sourcing, macro F1"] = (
                macro_counts_f1,
                known[SOURCING],
                kinds,
                _counts(kinds[:, None] == every, readings.kind[at[SOURCING]][:, None] == every),
            )
        if known[FRAMING]:
            frames = np.array(
                [
                    [f in examples[i].labels[FRAMING] for f in readings.frame_names]
                    for i in known[FRAMING]
                ]
            )
            self.measured["frames, macro F1"] = (
                macro_counts_f1,
                known[FRAMING],
                frames,
                _counts(frames, readings.given_frames[at[FRAMING]]),
            )

    def estimates(self, other: _Outcome) -> dict[str, dict[str, Any]]:
        """Each measure, or, of another reading of the same examples, by how much it is lower."""
        found = {}
        for name, (metric, known, gold, mine) in self.measured.items():
            groups = [self.groups[i] for i in known]
            if other is self:
                estimate = bootstrap(metric, gold, mine, groups, samples=SAMPLES)
            else:
                both = np.stack([mine, other.measured[name][3]], axis=1)
                estimate = bootstrap(_lower(metric), gold, both, groups, samples=SAMPLES)
            found[name] = estimated(estimate.value, estimate.low, estimate.high, n=estimate.n)
        return found

    def moved(self, other: _Outcome, touched: NDArray[np.int64]) -> dict[str, dict[str, Any]]:
        """The mean absolute change of probabilities, of the sentences that the noise touched."""
        one, two = self.rows[touched], other.rows[touched]
        groups = [self.groups[i] for i in touched]
        r = self.readings
        return {
            "loaded": mean(np.abs(r.loaded[one] - r.loaded[two]), groups),
            "attributed": mean(np.abs(r.attributed[one] - r.attributed[two]), groups),
            "frames": mean(np.abs(r.frames[one] - r.frames[two]).mean(axis=1), groups),
        }


_TASKS = (LOADED, SOURCING, FRAMING)


def _lower(metric: Metric) -> Metric:
    return lambda gold, both: metric(gold, both[:, 0]) - metric(gold, both[:, 1])


def _auroc(gold: NDArray[Any], probability: NDArray[Any]) -> float:
    if gold.all() or not gold.any():
        return math.nan
    return float(roc_auc_score(gold, probability))


def _both(yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.stack([~yes, yes], axis=1)


def _counts(gold: NDArray[np.bool_], given: NDArray[np.bool_]) -> NDArray[np.int64]:
    """True positives, predicted and gold of each label of each row, [rows, labels, 3]."""
    return np.stack([gold & given, given, gold], axis=2).astype(np.int64)
