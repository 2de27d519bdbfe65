"""Cross-validation in the quality benchmark."""

from __future__ import annotations

import numpy as np

from benchmarks.quality.folds import cross_calibrated
from training.metrics import calibration_error


def overconfident(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=count)
    gold = rng.random(count) < 1 / (1 + np.exp(-logits))
    return gold, 1 / (1 + np.exp(-4 * logits)), rng.integers(5, size=count)


def test_overconfident_folds_are_calibrated_by_the_others() -> None:
    gold, said, fold_of = overconfident(4000)
    assert calibration_error(gold, said) > 0.1
    found = cross_calibrated(gold, said, fold_of)
    assert calibration_error(gold, found) < 0.03
    for fold in range(5):  # one map a fold, and it rises
        order = np.argsort(said[fold_of == fold])
        assert (np.diff(found[fold_of == fold][order]) >= 0).all()


def test_no_sentence_has_a_part_in_its_own_calibration() -> None:
    gold, said, fold_of = overconfident(400)
    changed = np.where(fold_of == 2, ~gold, gold)
    before, after = (cross_calibrated(g, said, fold_of) for g in (gold, changed))
    np.testing.assert_array_equal(before[fold_of == 2], after[fold_of == 2])
    assert not np.allclose(before[fold_of != 2], after[fold_of != 2])


def test_certainty_in_single_precision_stays_finite() -> None:
    gold = np.array([True, False, True, False])
    said = np.array([1, 0, 1, 0], dtype=np.float32)
    assert np.isfinite(cross_calibrated(gold, said, np.array([0, 0, 1, 1]))).all()
