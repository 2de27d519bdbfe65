"""Fits thresholds and calibration on held-out documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from framing.decoding import (
    Floats,
    calibrate,
    decode_spans,
    logit,
    word_probabilities,
)
from framing.encoding import Tokens
from framing.engine import Engine, Forwarded
from framing.preparation import Prepared
from framing.ragged import bounds, ranges
from framing.task import Task
from framing.words import Words
from training.dataset import sentence_target
from training.example import Example
from training.metrics import best_threshold

_PENALTY = 1e-3
_PRIOR = 8.0
"""Chosen on draws of GVFC's headlines (docs/experiments.md)."""
_SHRINKAGE = 0.5
_CUTS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""What the thresholds of spans are chosen from."""


def fit_tasks(engine: Engine, heldout: Sequence[Example]) -> tuple[Task, ...]:
    """The engine's tasks with calibration and thresholds fitted on ``heldout``.

    A task that no example labels stays as it is. A threshold is the one with the best F1; those
    of a task of many labels are drawn half way to the best common one, since a rare label has few
    held-out sentences to choose by. Each sentence counts twice, in context and alone, as it may be
    scored either way.
    """
    names = {name for e in heldout for name in e.labels} & set(engine.tasks)
    if not names:
        return tuple(engine.tasks.values())
    heldout = [e for e in heldout if names.intersection(e.labels)]
    # Each is read once, and once more alone only if that is not the same.
    opened = [i for i, e in enumerate(heldout) if e.quote_open]
    read = [*heldout, *(replace(heldout[i], quote_open=False) for i in opened)]
    alone = np.arange(len(heldout))
    alone[opened] = len(heldout) + np.arange(len(opened))
    prepared = engine.prepare([e.text for e in read], [e.quote_open for e in read])
    forwarded = engine.forward(prepared, tasks=names)
    fitted = []
    for task in engine.tasks.values():
        labelled = np.array([i for i, e in enumerate(heldout) if task.name in e.labels], dtype=int)
        if len(labelled):
            rows = np.append(labelled, alone[labelled])
            part = _rows(prepared, forwarded, rows)
            task = fit_task(task, [read[i] for i in rows], *part)
        fitted.append(task)
    return tuple(fitted)


def _rows(
    prepared: Prepared, forwarded: Forwarded, rows: NDArray[np.int64]
) -> tuple[Words, Forwarded]:
    """The words of some sentences, and what a model says of them."""
    edges = prepared.tokens.bounds
    counts = np.diff(edges)[rows]
    token = ranges(edges[rows], counts)
    tokens = Tokens(
        ids=prepared.tokens.ids[token],
        start=prepared.tokens.start[token],
        end=prepared.tokens.end[token],
        bounds=bounds(counts),
    )
    words = Words.of([prepared.sentences[i] for i in rows], tokens)
    said = Forwarded(
        logits={name: values[rows] for name, values in forwarded.logits.items()},
        inside={name: values[token] for name, values in forwarded.inside.items()},
        begin={name: values[token] for name, values in forwarded.begin.items()},
    )
    return words, said


def fit_task(task: Task, examples: Sequence[Example], words: Words, forwarded: Forwarded) -> Task:
    """``task`` fitted on what a model says of ``examples``, whose words are ``words``.

    It stays as it is where none of them is labelled for it.
    """
    if task.kind == "spans":
        inside, begin = forwarded.inside[task.name], forwarded.begin[task.name]
        labels = [e.labels.get(task.name) for e in examples]
        if not any(isinstance(label, Mapping) for label in labels):
            return task
        return _fit_spans(task, labels, words, inside, begin)
    rows = [i for i, e in enumerate(examples) if task.name in e.labels]
    if not rows:
        return task
    gold = np.stack([sentence_target(task, examples[i].labels[task.name]) for i in rows])
    return _fit_sentences(task, forwarded.logits[task.name][rows], gold)


def _fit_sentences(task: Task, logits: Floats, gold: Floats) -> Task:
    if task.kind == "multiclass":
        return _vector_scaling(task, logits, gold)
    pairs = [platt(logits[:, i], gold[:, i]) for i in range(len(task.labels))]
    task = replace(task, scale=tuple(a for a, _ in pairs), bias=tuple(b for _, b in pairs))
    probability = calibrate(task, logits)
    hard = gold >= 0.5
    common = best_threshold(hard.ravel(), probability.ravel())
    own = [best_threshold(hard[:, i], probability[:, i]) for i in range(len(task.labels))]
    share = _SHRINKAGE if len(own) > 1 else 1.0
    return replace(task, thresholds=tuple(share * t + (1 - share) * common for t in own))


def platt(logits: NDArray[Any], gold: NDArray[Any]) -> tuple[float, float]:
    """Scale and bias of Platt scaling (Platt 1999), drawn slightly towards none at all."""

    def loss(x: NDArray[Any]) -> float:
        z = x[0] * logits + x[1]
        fit = np.mean(np.logaddexp(0, z) - gold * z)
        return float(fit + _PENALTY * ((x[0] - 1) ** 2 + 0.1 * x[1] ** 2))

    scale, bias = _minimum(loss, np.array([1.0, 0.0]))
    return max(float(scale), 1e-2), float(bias)


def _vector_scaling(task: Task, logits: Floats, gold: Floats) -> Task:
    """Vector scaling (Guo et al. 2017) with one scale for all classes, a bias for each.

    Of few sentences, biases would say little but how common each class was among them, and with
    the scale small every sentence be given the commonest: they have a normal prior around none.
    """
    size = len(task.labels)
    penalty = max(_PENALTY, _PRIOR / len(logits))

    def loss(x: NDArray[Any]) -> float:
        z = x[0] * logits + x[1:]
        nll = np.logaddexp.reduce(z, axis=1) - (gold * z).sum(axis=1)
        return float(nll.mean() + _PENALTY * (x[0] - 1) ** 2 + penalty * (x[1:] ** 2).sum())

    found = _minimum(loss, np.append(1.0, np.zeros(size)))
    return replace(task, scale=(float(found[0]),) * size, bias=tuple(map(float, found[1:])))


def _minimum(loss: Callable[[NDArray[Any]], float], start: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(minimize(loss, start, method="L-BFGS-B").x)


def _fit_spans(
    task: Task, labels: Sequence[Any], words: Words, inside: Floats, begin: Floats
) -> Task:
    """Thresholds; then the probability that a span overlaps an annotated one.

    A task that trims its spans is one of single words, so its threshold is that with the best F1
    of words. The extent of other spans matters, too: theirs are the pair of cuts, on words and on
    spans, with the best sum of the F1 of words and of exact spans.
    """
    likely = word_probabilities(words, inside)
    thresholds: list[float] = []
    cuts: list[float] = []
    scales, biases = [], []
    for column, label in enumerate(task.labels):
        known, gold = word_labels(labels, label, words)
        plain = known & words.plain
        single = Task(name=task.name, kind="spans", labels=(label,), trim=task.trim)
        said = inside[:, [column]], begin[:, [column]]
        if task.trim or not (gold & plain).any():
            threshold = best_threshold(gold[plain], likely[plain, column])
            single = replace(single, thresholds=(threshold,))
        else:
            exact = {
                (row, start, end)
                for row, spans in enumerate(labels)
                if isinstance(spans, Mapping)
                for start, end in spans.get(label, ())
            }
            single = _best_cuts(single, words, *said, plain, gold, exact)
        thresholds += single.thresholds
        cuts += single.span_thresholds
        found = decode_spans(single, words, *said)
        right = np.array(
            [gold[a:b].any() for a, b in zip(found.first, found.last, strict=True)], dtype=float
        )
        kept = np.array([known[a] for a in found.first], dtype=bool)
        if kept.any() and 0 < right[kept].mean() < 1:
            scale, bias = platt(logit(found.score[kept]), right[kept])
        else:
            scale, bias = 1.0, 0.0
        scales.append(scale)
        biases.append(bias)
    return replace(
        task,
        thresholds=tuple(thresholds),
        scale=tuple(scales),
        bias=tuple(biases),
        span_thresholds=tuple(cuts),
    )


def _best_cuts(
    single: Task,
    words: Words,
    inside: Floats,
    begin: Floats,
    plain: NDArray[np.bool_],
    gold: NDArray[np.bool_],
    exact: Collection[tuple[int, int, int]],
) -> Task:
    """A task of one label with the best pair of cuts.

    Parameters
    ----------
    plain, gold : bool [words], which of them count, and which lie in an annotated span.
    exact : the annotated spans, as sentence, start and end.
    """
    marked = int((plain & gold).sum())
    counted = np.append(0, np.cumsum(plain))
    hit = np.append(0, np.cumsum(plain & gold))
    best, chosen = -1.0, single
    for low in _CUTS:
        found = decode_spans(replace(single, thresholds=(low,)), words, inside, begin)
        here = counted[found.last] > counted[found.first]  # elsewhere nothing is known
        places = zip(found.sentence.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
        right = np.fromiter((place in exact for place in places), bool, len(here))
        for high in _CUTS[_CUTS.index(low) :]:
            kept = here & (found.score >= high)
            first, last = found.first[kept], found.last[kept]
            of_words = (
                2
                * (hit[last] - hit[first]).sum()
                / (marked + (counted[last] - counted[first]).sum())
            )
            of_spans = 2 * right[kept].sum() / (len(exact) + kept.sum())
            if of_words + of_spans > best:
                best = of_words + of_spans
                chosen = replace(single, thresholds=(low,), span_thresholds=(high,))
    return chosen


def word_labels(
    labels: Sequence[Any], label: str, words: Words
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each word: whether its sentence was annotated for ``label``, and whether it is in a span.

    ``labels`` has the span label of each sentence, a mapping of label to spans; of a sentence
    with anything else, nothing is known.
    """
    known = np.array([isinstance(x, Mapping) and label in x for x in labels], dtype=bool)
    gold = np.zeros(len(words.start), dtype=bool)
    bounds = np.searchsorted(words.sentence, np.arange(len(labels) + 1))
    for row, spans in enumerate(labels):
        here = slice(bounds[row], bounds[row + 1])
        for lo, hi in spans.get(label, ()) if isinstance(spans, Mapping) else ():
            gold[here] |= (words.start[here] < hi) & (words.end[here] > lo)
    return known[words.sentence], gold
