"""Loaded language: BABE in folds, spans on unseen articles, transfer to BASIL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from openpyxl import load_workbook
from sklearn.metrics import f1_score, matthews_corrcoef, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from benchmarks.quality.folds import cross_calibrated, out_of_fold
from framing.engine import Engine
from framing.modeling import FramingModel
from framing.taxonomy import LOADED, LOADED_SPANS
from framing.words import Words
from training.assemble import Material
from training.build import train_stages
from training.calibration import word_labels
from training.example import Example
from training.metrics import bootstrap, calibration_error, counts_f1, macro_f1, span_counts
from training.prediction import predict, spans_of
from training.quality import Row
from training.recipe import Recipe
from training.splits import grouped_folds

_PUBLISHED = (
    "published, same folds, weighted: BERT .789, RoBERTa .799, BERT with distant supervision .804, "
    "DA-RoBERTa .814"
)
CUTS = ("stratified", "article", "outlet")
"""How BABE is cut into folds: as published, and so that no article or outlet is in two of them."""
_OPINION_LISTS = ("strong_subjectives_riloff2003.txt", "negative_liu2005.txt")


def babe_rows(
    material: Material,
    shipped: Recipe,
    recipe: Recipe,
    encoder: Path,
    work: Path,
    cuts: Sequence[str] = CUTS,
) -> list[Row]:
    """BABE SG2 in five folds, cut in several ways, each fold from a model of everything but BABE.

    The published figures are of folds stratified by label, in which sentences of one article are
    trained on and tested on. Labels are at a probability of 0.5 as it comes, so that every sentence
    of the training part is trained on; calibrated is what the other folds calibrate
    (:func:`benchmarks.quality.folds.cross_calibrated`).

    Parameters
    ----------
    shipped : the recipe of the model whose first stage the folds start from.
    recipe : what each fold is trained by.
    cuts : of :data:`CUTS`, those that are measured.
    """
    examples = material.apart["babe"]
    first = shipped.stages[0].name

    def start() -> FramingModel:
        return train_stages(material, shipped, encoder, work, until=first)

    gold = np.array([e.labels[LOADED] for e in examples], dtype=bool)
    articles = [e.group for e in examples]
    rows = []
    for cut in cuts:
        if cut == "stratified":
            name, beside, fold_of = "stratified, seed 42", _PUBLISHED, _stratified(gold)
        else:
            name, beside = f"by {cut}", ""
            apart = articles if cut == "article" else [e.outlet or "" for e in examples]
            fold_of = grouped_folds(apart, 5, recipe.seed)
        folder = work / "babe" / cut
        probability, given = out_of_fold(
            examples, fold_of, start, recipe, encoder, folder, task=LOADED
        )
        raw = probability[:, 0]
        for measure, metric, predicted, known in (
            ("weighted F1", _weighted_f1, given[:, 0], beside),
            ("macro F1", macro_f1, given[:, 0], beside),
            ("AUROC", roc_auc_score, raw, ""),
            ("ECE", calibration_error, raw, ""),
            ("ECE, calibrated", calibration_error, cross_calibrated(gold, raw, fold_of), ""),
        ):
            rows.append(
                Row(
                    data=f"BABE SG2, 5 folds {name}",
                    measure=measure,
                    estimate=bootstrap(metric, gold, predicted, articles),
                    beside=known,
                )
            )
    return rows


def _stratified(gold: np.ndarray) -> NDArray[np.int64]:
    fold_of = np.zeros(len(gold), dtype=np.int64)
    parts = StratifiedKFold(5, shuffle=True, random_state=42).split(gold, gold)
    for fold, (_, test) in enumerate(parts):
        fold_of[test] = fold
    return fold_of


def span_rows(engine: Engine, examples: Sequence[Example], data_root: Path) -> list[Row]:
    """Loaded words on the held-back articles of SemEval-2023, beside word lists."""
    columns = predict(engine, examples, context=True)
    groups = [e.group for e in examples]
    prepared = engine.prepare([e.text for e in examples], [False] * len(examples))
    words = prepared.words
    marked = _marked_words(words, spans_of(columns, LOADED_SPANS, "loaded"), len(examples))
    lists = {
        "model": marked,
        "word list: BABE's bias lexicon": _listed(
            words, examples, _bias_words(data_root / "loaded_language/babe")
        ),
        "word list: strong subjectives and negatives": _listed(
            words, examples, _opinion_words(data_root / "loaded_language/lexicons")
        ),
    }
    rows = []
    for key, what in (
        (LOADED_SPANS, "loaded language or name calling"),
        ("loaded_language_spans", "loaded language alone"),
    ):
        _, gold = word_labels([e.labels[key] for e in examples], "loaded", words)
        for name, found in lists.items():
            counts = _word_counts(gold, found, words, len(examples))
            rows.append(
                Row(
                    data=f"SemEval-2023 T3, unseen articles, {what}",
                    measure=f"token F1, {name}",
                    estimate=bootstrap(counts_f1, counts, counts, groups),
                )
            )
    predicted = spans_of(columns, LOADED_SPANS, "loaded")
    for exact, measure in ((True, "exact span F1, model"), (False, "character F1, model")):
        counts = np.array(
            [
                span_counts(e.labels[LOADED_SPANS]["loaded"], p, exact=exact)
                for e, p in zip(examples, predicted, strict=True)
            ]
        )
        rows.append(
            Row(
                data="SemEval-2023 T3, unseen articles, loaded language or name calling",
                measure=measure,
                estimate=bootstrap(counts_f1, counts, counts, groups),
            )
        )
    return rows


def transfer_rows(engine: Engine, examples: Sequence[Example]) -> list[Row]:
    """BASIL's lexical bias, threshold as shipped; no BASIL sentence was trained on."""
    columns = predict(engine, examples, context=False)
    gold = np.array([e.labels["basil_lexical"] for e in examples], dtype=bool)
    given = columns.given(LOADED, 0, len(examples))[:, 0]
    # A few of its sentences are blank; nothing in them is loaded.
    probability = np.nan_to_num(columns.scores[LOADED][:, 0])
    groups = [e.group for e in examples]
    data = "BASIL lexical, transfer"
    return [
        Row(
            data=data,
            measure="MCC",
            estimate=bootstrap(matthews_corrcoef, gold, given, groups),
            beside="published: .205 (Anno-lexical RoBERTa)",
        ),
        Row(
            data=data,
            measure="AUROC",
            estimate=bootstrap(roc_auc_score, gold, probability, groups),
        ),
    ]


def _weighted_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    return float(f1_score(gold, predicted, average="weighted"))


def _marked_words(words: Words, spans: list[list[tuple[int, int]]], count: int) -> np.ndarray:
    labels = [{"loaded": tuple(s)} for s in spans]
    assert len(labels) == count
    return word_labels(labels, "loaded", words)[1]


def _word_counts(gold: np.ndarray, found: np.ndarray, words: Words, count: int) -> np.ndarray:
    plain = words.plain
    rows = words.sentence[plain]
    return np.stack(
        [
            np.bincount(rows, weights=values[plain].astype(float), minlength=count)
            for values in (gold & found, found, gold)
        ],
        axis=1,
    )


def _listed(words: Words, examples: Sequence[Example], listed: set[str]) -> np.ndarray:
    return np.array(
        [
            examples[s].text[a:b].lower() in listed
            for s, a, b in zip(words.sentence, words.start, words.end, strict=True)
        ]
    )


def _bias_words(folder: Path) -> set[str]:
    sheet = load_workbook(folder / "bias_word_lexicon.xlsx", read_only=True).worksheets[0]
    return {str(row[0]).strip().lower() for row in sheet.iter_rows(values_only=True) if row[0]}


def _opinion_words(folder: Path) -> set[str]:
    found: set[str] = set()
    for name in _OPINION_LISTS:
        lines = (folder / name).read_text(encoding="latin-1").splitlines()
        found |= {w.lower() for w in lines if re.match(r"\w", w)}
    return found
