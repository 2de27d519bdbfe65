"""Whole articles at natural prevalence: what a user of the library meets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from framing.columns import VOICES, ScoreColumns
from framing.engine import Engine
from framing.taxonomy import LOADED, LOADED_SPANS, SOURCE_SPAN_TASK, SOURCING
from training.corpora import read_corpus
from training.corpora.documents import ArticleSentence, read_articles
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


def document_rows(engine: Engine, data_root: Path) -> list[Row]:
    """``documents/dev``, contested fields left out, sentences as annotated, read in context."""
    examples = read_corpus("documents", data_root, "dev")
    columns = predict(engine, examples, context=True)
    data = "documents/dev, 24 articles"
    rows = []
    known = [i for i, e in enumerate(examples) if LOADED in e.labels]
    gold = np.array([examples[i].labels[LOADED] for i in known]) >= 0.5
    probability = columns.scores[LOADED][known, 0]
    given = columns.given(LOADED, 0, len(examples))[known, 0]
    groups = [examples[i].group for i in known]
    for measure, metric, values in (
        ("loaded AUROC", roc_auc_score, probability),
        ("loaded AP", average_precision_score, probability),
        ("loaded F1, threshold as shipped", positive_f1, given),
        ("loaded ECE", calibration_error, probability),
    ):
        rows.append(
            Row(data=data, measure=measure, estimate=bootstrap(metric, gold, values, groups))
        )
    known = [i for i, e in enumerate(examples) if SOURCING in e.labels]
    kinds = engine.tasks[SOURCING].labels
    kind = np.array([kinds.index(examples[i].labels[SOURCING]) for i in known])
    found = columns.scores[SOURCING][known].argmax(axis=1)
    groups = [examples[i].group for i in known]
    rows.append(
        Row(
            data=data,
            measure="sourcing kind, macro F1",
            estimate=bootstrap(macro_f1, kind, found, groups),
        )
    )
    rows.append(_word_overlap(data, examples, columns))
    rows.append(_sources_found(data, examples, columns))
    rows.append(_voice(data, data_root, columns))
    return rows


def _word_overlap(data: str, examples: list[Example], columns: ScoreColumns) -> Row:
    predicted = spans_of(columns, LOADED_SPANS, "loaded")
    known = [i for i, e in enumerate(examples) if LOADED_SPANS in e.labels]
    counts = np.array(
        [
            span_counts(examples[i].labels[LOADED_SPANS]["loaded"], predicted[i], exact=False)
            for i in known
        ]
    )
    groups = [examples[i].group for i in known]
    return Row(
        data=data,
        measure="loaded words, character F1",
        estimate=bootstrap(counts_f1, counts, counts, groups),
    )


def _sources_found(data: str, examples: list[Example], columns: ScoreColumns) -> Row:
    predicted = spans_of(columns, SOURCE_SPAN_TASK, "source")
    hits, groups = [], []
    for example, spans in zip(examples, predicted, strict=True):
        for lo, hi in example.labels.get(SOURCE_SPAN_TASK, {}).get("source", ()):
            hits.append(any(a < hi and lo < b for a, b in spans))
            groups.append(example.group)
    found = np.array(hits)
    return Row(
        data=data,
        measure="share of sources found",
        estimate=bootstrap(lambda _, h: float(h.mean()), found, found, groups),
    )


def _voice(data: str, data_root: Path, columns: ScoreColumns) -> Row:
    """Of the annotated loaded phrases that were found: is the voice the right one?"""
    sentences: list[tuple[str, ArticleSentence]] = [
        (article.id, s) for article in read_articles(data_root, "dev") for s in article.sentences
    ]
    spans = columns.spans[LOADED_SPANS]
    right, groups = [], []
    for row, (article, sentence) in enumerate(sentences):
        if "words" in sentence.contested or "loaded" in sentence.contested:
            continue
        for words in sentence.words:
            for i in range(spans.indptr[row], spans.indptr[row + 1]):
                lo, hi = words.start - sentence.start, words.end - sentence.start
                if spans.start[i] < hi and lo < spans.end[i]:
                    right.append(spans.voice is not None and VOICES[spans.voice[i]] == words.voice)
                    groups.append(article)
                    break
    hits = np.array(right)
    return Row(
        data=data,
        measure="voice right, of the loaded phrases found",
        estimate=bootstrap(lambda _, h: float(h.mean()), hits, hits, groups),
    )
