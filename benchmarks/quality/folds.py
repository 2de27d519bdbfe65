"""Cross-validation: every sentence is scored by a model that never saw its group."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from framing.encoding import SentenceTokenizer
from framing.engine import Engine
from framing.modeling import FramingModel
from training.build import DRAFT, calibrated, tokenizer_of
from training.calibration import platt
from training.duplicates import near_duplicates
from training.example import Example
from training.prediction import predict
from training.recipe import Recipe
from training.soup import train_runs
from training.splits import grouped_folds

log = logging.getLogger(__name__)

_CLIP = 1e-6
"""What single precision rounds to 0 or 1 has no logarithm of its odds."""


def out_of_fold(
    examples: Sequence[Example],
    fold_of: NDArray[np.int64],
    start: Callable[[], FramingModel],
    recipe: Recipe,
    encoder: Path,
    work: Path,
    *,
    task: str,
    heldout_share: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Probabilities of ``task`` for each example, and the labels given.

    Near-duplicates of a fold's test sentences are left out of its training part.

    Parameters
    ----------
    fold_of : [examples], the fold that each is tested in, from 0.
    start : makes the model that each fold starts from.
    heldout_share : if k, a k-th of the groups of the training part is not trained on, and
        thresholds and calibration are fitted on it; if 0, thresholds are 0.5 uncalibrated.
    work : where what was trained is kept, to go on from there if it is stopped.
    """
    probabilities: list[NDArray[np.float32]] = []
    given: list[NDArray[np.bool_]] = []
    folds = range(fold_of.max() + 1)
    for fold in folds:
        (test,) = np.nonzero(fold_of == fold)
        rest = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
        repeated = near_duplicates([e.text for e in rest], [examples[i].text for i in test])
        rest = [e for e, r in zip(rest, repeated, strict=True) if not r]
        log.info("fold %d: %d to train on, %d repeat test", fold, len(rest), repeated.sum())
        model = _trained(rest, start(), recipe, encoder, work / f"fold{fold}", heldout_share)
        engine = Engine(model, tokenizer_of(model, encoder), DRAFT)
        columns = predict(engine, [examples[i] for i in test], context=False)
        probabilities.append(columns.scores[task])
        given.append(columns.given(task, 0, len(test)))
    order = np.argsort(np.concatenate([np.nonzero(fold_of == f)[0] for f in folds]))
    return np.concatenate(probabilities)[order], np.concatenate(given)[order]


def cross_calibrated(
    gold: NDArray[np.bool_], probability: NDArray[np.floating], fold_of: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Out-of-fold probabilities of a binary task, those of each fold calibrated on all the others.

    Platt scaling is fitted on what the other folds' models said of their own test sentences, so
    that no sentence has a part in its own calibration. All arrays have shape [examples].
    """
    logits = logit(np.clip(probability.astype(np.float64), _CLIP, 1 - _CLIP))
    fitted = np.empty_like(logits)
    for fold in np.unique(fold_of):
        here = fold_of == fold
        scale, bias = platt(logits[~here], gold[~here])
        fitted[here] = expit(scale * logits[here] + bias)
    return fitted


def _trained(
    examples: Sequence[Example],
    model: FramingModel,
    recipe: Recipe,
    encoder: Path,
    work: Path,
    heldout_share: int,
) -> FramingModel:
    tokenizer: SentenceTokenizer = tokenizer_of(model, encoder)
    heldout: list[Example] = []
    if heldout_share:
        parts = grouped_folds([e.group for e in examples], heldout_share, recipe.seed + 1)
        heldout = [e for e, p in zip(examples, parts, strict=True) if p == 0]
        examples = [e for e, p in zip(examples, parts, strict=True) if p != 0]
    for stage in recipe.stages:
        train_runs(model, tokenizer, examples, stage, folder=work / stage.name, seed=recipe.seed)
    return calibrated(model, tokenizer, heldout, "fold") if heldout else model
