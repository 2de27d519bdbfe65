"""From the model's numbers to calibrated probabilities and exact spans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.task import Task
from framing.words import Words

Floats = NDArray[np.float32]
_EPSILON = 1e-6


@dataclass(frozen=True, kw_only=True)
class DecodedSpans:
    """Spans of many sentences, by sentence and start; one entry a span.

    ``start`` and ``end`` are offsets into the sentence, ``label`` indexes the task's labels,
    ``score`` is the mean word probability and ``probability`` the calibrated one; ``first`` and
    ``last`` index the span's first word and the word after its last.
    """

    sentence: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    label: NDArray[np.int64]
    score: Floats
    probability: Floats
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def logit(probability: Floats) -> Floats:
    """The log odds, kept finite."""
    clipped = np.clip(probability, _EPSILON, 1 - _EPSILON)
    odds = np.log(clipped) - np.log1p(-clipped)
    return np.asarray(odds, dtype=np.float32)


def sigmoid(values: Floats) -> Floats:
    """The logistic function, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), dtype=np.float32)


def calibrate(task: Task, logits: Floats) -> Floats:
    """Probabilities of a sentence task, both of shape (sentences, labels).

    Platt scaling (Platt 1999) label by label, or vector scaling (Guo et al. 2017) before the
    softmax of a multiclass task.
    """
    scaled = logits * np.asarray(task.scale, np.float32) + np.asarray(task.bias, np.float32)
    if task.kind != "multiclass":
        return sigmoid(scaled)
    odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def word_probabilities(words: Words, inside: Floats) -> Floats:
    """The mean over each word's tokens; (tokens, labels) in, (words, labels) out."""
    if not len(words.token):
        return inside[:0]
    counts = np.diff(np.append(words.token, len(inside)))
    return np.asarray(np.add.reduceat(inside, words.token) / counts[:, None], dtype=np.float32)


def decode_spans(task: Task, words: Words, inside: Floats, begin: Floats) -> DecodedSpans:
    """Spans of whole words.

    Parameters
    ----------
    inside, begin : the probability of a token to lie in a span, and to begin one; (tokens, labels).

    Returns
    -------
    Runs of words whose probability is at or over the label's threshold, if their mean is at or over
    that for spans; a word that is likelier to begin a span than to go on with one begins another.
    Runs of bare punctuation are no spans. Where the task says so, function words and
    punctuation are trimmed from the edges of a span.
    """
    likely = word_probabilities(words, inside)
    starts_anew = 2 * begin[words.token] > inside[words.token]
    new_sentence = np.append(True, words.sentence[1:] != words.sentence[:-1])[: len(likely)]
    parts: list[NDArray[np.float64]] = []
    for label, threshold in enumerate(task.thresholds):
        on = likely[:, label] >= threshold
        fresh = new_sentence | (on & starts_anew[:, label])
        if task.trim:
            on = _without_edges(on, words.function | ~words.plain, fresh)
        carries_on = np.append(False, on[:-1])[: len(on)] & ~fresh
        heads = on & ~carries_on
        (first,) = np.nonzero(heads)
        if not len(first):
            continue
        run = np.cumsum(heads)[on] - 1
        sizes = np.bincount(run, minlength=len(first))
        score = np.bincount(run, weights=likely[on, label]) / sizes
        kept = (np.bincount(run, weights=words.plain[on]) > 0) & (
            score >= task.span_thresholds[label]
        )
        last = first + sizes
        parts.append(
            np.stack([first, last, np.full(len(first), label), score], axis=1)[kept].astype(float)
        )
    table = np.concatenate(parts) if parts else np.empty((0, 4))
    first, last, label_of = (table[:, i].astype(np.int64) for i in range(3))
    sentence, start = words.sentence[first], words.start[first]
    order = np.lexsort((label_of, start, sentence))
    first, last, label_of = first[order], last[order], label_of[order]
    score = table[order, 3].astype(np.float32)
    scale = np.asarray(task.scale, np.float32)[label_of]
    bias = np.asarray(task.bias, np.float32)[label_of]
    return DecodedSpans(
        sentence=sentence[order],
        start=start[order],
        end=words.end[last - 1],
        label=label_of,
        score=score,
        probability=sigmoid(logit(score) * scale + bias),
        first=first,
        last=last,
    )


def _without_edges(
    on: NDArray[np.bool_], slight: NDArray[np.bool_], first: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """``on`` without the slight words at either edge of each run of words.

    A run ends where the next word is one of ``first``, too.
    """
    last = np.append(first[1:], True)[: len(on)]
    while True:
        before = np.append(False, on[:-1])[: len(on)] & ~first
        after = np.append(on[1:], False)[: len(on)] & ~last
        edge = on & slight & ~(before & after)
        if not edge.any():
            return on
        on = on & ~edge
