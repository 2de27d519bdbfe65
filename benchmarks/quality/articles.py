"""Framing, transfer: whole articles whose frames human coders named (SemEval-2023 Task 3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from framing.engine import Engine
from framing.taxonomy import FRAMES, FRAMING
from training.assemble import Material
from training.corpora import CorpusError
from training.corpora.reading import tar_texts
from training.corpora.techniques import article_group
from training.example import Example
from training.metrics import best_threshold, bootstrap, positive_f1
from training.prediction import predict
from training.quality import Row

_ARCHIVE = "framing/semeval2023_task3_st2/en_train.tar.gz"
_LABELS = "train-labels-subtask-2.txt"


def article_frames(path: Path) -> dict[str, frozenset[str]]:
    """The frames that human coders named, by the group of the article.

    Raises
    ------
    CorpusError
        if the archive is damaged, or names a frame that is none of the 14.
    """
    texts = [text for name, text in tar_texts(path).items() if name.endswith(f"/{_LABELS}")]
    if len(texts) != 1:
        raise CorpusError(f"{path}: one {_LABELS} was expected in it, not {len(texts)}")
    named: dict[str, frozenset[str]] = {}
    for number, line in enumerate(texts[0].splitlines(), start=1):
        article, _, frames = line.partition("\t")
        found = frozenset(frame.strip().lower() for frame in frames.split(","))
        if unknown := found - set(FRAMES):
            raise CorpusError(f"{path}, {_LABELS}, row {number}: unknown frames {sorted(unknown)}")
        named[article_group(article)] = found
    return named


def article_rows(engine: Engine, material: Material, data_root: Path) -> list[Row]:
    """The frames of unseen articles by the mean probability of their sentences.

    No sentence of these articles was trained on and no label of an article at all: the model knows
    single sentences and the labels of language models. Only the cut on each frame's mean, which is
    what makes a share of sentences a frame of the article, is fitted on other articles with labels.
    Beside it a linear model of words that is trained on the labels of the articles left.
    """
    named = article_frames(data_root / _ARCHIVE)
    trained, fitted, tested = (
        _articles([e for e in part if e.corpus == "semeval2023" and e.group in named])
        for part in (material.train, material.heldout, material.reported["semeval2023/test"])
    )
    gold = {
        name: np.array([[frame in named[group] for frame in FRAMES] for group in part])
        for name, part in (("trained", trained), ("fitted", fitted), ("tested", tested))
    }
    words = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced")),
    ).fit([_text(a) for a in trained.values()], gold["trained"])
    scores = {
        "": [_means(engine, part) for part in (fitted, tested)],
        f", words of {len(trained)} articles": [
            words.predict_proba([_text(a) for a in part.values()]) for part in (fitted, tested)
        ],
    }
    data = f"SemEval-2023 T3, {len(tested)} unseen articles, frames by human coders"
    groups = list(tested)
    rows = []
    for name, (known, new) in scores.items():
        cuts = [best_threshold(gold["fitted"][:, i], known[:, i]) for i in range(len(FRAMES))]
        for measure, metric, values in (
            ("mean AUROC of 14", mean_auroc, new),
            (f"micro F1, cuts from {len(fitted)} others", positive_f1, new >= np.array(cuts)),
        ):
            rows.append(
                Row(
                    data=data,
                    measure=f"{measure}{name}",
                    estimate=bootstrap(metric, gold["tested"], values, groups),
                )
            )
    for i, frame in enumerate(FRAMES):
        rows.append(
            Row(
                data=f"{data}, {frame}, named in {gold['tested'][:, i].sum()}",
                measure="AUROC",
                estimate=bootstrap(
                    mean_auroc, gold["tested"][:, [i]], scores[""][1][:, [i]], groups
                ),
            )
        )
    return rows


def mean_auroc(gold: NDArray[np.bool_], scores: NDArray[np.floating]) -> float:
    """The mean area under the ROC curve over the columns that have both outcomes; NaN if none."""
    areas = [
        roc_auc_score(g, s) for g, s in zip(gold.T, scores.T, strict=True) if 0 < g.sum() < len(g)
    ]
    return float(np.mean(areas)) if areas else float("nan")


def _articles(examples: Sequence[Example]) -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for example in examples:
        found.setdefault(example.group, []).append(example)
    return found


def _text(article: Sequence[Example]) -> str:
    return " ".join(e.text for e in article)


def _means(engine: Engine, articles: dict[str, list[Example]]) -> NDArray[np.float64]:
    """[articles, frames], the expected share of an article's sentences that show each frame."""
    columns = predict(engine, [e for a in articles.values() for e in a], context=True)
    ends = np.cumsum([len(a) for a in articles.values()])[:-1]
    # A blank sentence has no score and shows no frame.
    parts = np.split(np.nan_to_num(columns.scores[FRAMING]), ends)
    return np.array([part.mean(axis=0, dtype=np.float64) for part in parts])
