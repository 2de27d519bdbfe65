"""From numbers to calibrated probabilities, whole words and exact spans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.decoding import calibrate, decode_spans, sigmoid
from framing.encoding import SentenceTokenizer, Tokens
from framing.task import Task
from framing.words import Words

SPANS = Task(name="s", kind="spans", labels=("a", "b"))


def whitespace_tokens(sentences: list[str]) -> Tokens:
    """One token a piece between spaces, cut in two if it is long."""
    rows = []
    for i, sentence in enumerate(sentences):
        at = 0
        for piece in sentence.split(" "):
            middle = at + (len(piece) + 1) // 2
            rows.append((i, at, middle))
            if middle < at + len(piece):
                rows.append((i, middle, at + len(piece)))
            at += len(piece) + 1
    table = np.array(rows)
    return Tokens(
        ids=np.zeros(len(table), dtype=np.int64),
        start=table[:, 1],
        end=table[:, 2],
        bounds=np.searchsorted(table[:, 0], np.arange(len(sentences) + 1)),
    )


def marked(sentences: list[str], parts: dict[str, list[str]]) -> list[tuple[int, str, str]]:
    """Decodes a model that is sure of exactly the tokens inside the given parts."""
    tokens = whitespace_tokens(sentences)
    inside = np.full((len(tokens.ids), 2), 0.1, dtype=np.float32)
    begin = np.full_like(inside, 0.01)
    for column, label in enumerate(SPANS.labels):
        for i, sentence in enumerate(sentences):
            for part in parts.get(label, []):
                if part not in sentence:
                    continue
                lo = sentence.index(part)
                here = np.arange(tokens.bounds[i], tokens.bounds[i + 1])
                touched = here[(tokens.start[here] < lo + len(part)) & (tokens.end[here] > lo)]
                inside[touched, column] = 0.9
                begin[touched[0], column] = 0.8
    found = decode_spans(SPANS, Words.of(sentences, tokens), inside, begin)
    return [
        (int(s), SPANS.labels[k], sentences[s][a:b])
        for s, a, b, k in zip(found.sentence, found.start, found.end, found.label, strict=True)
    ]


def test_spans_are_found_in_the_sentence_they_stand_in() -> None:
    sentences = ["one vile plan", "another vile thing", "none"]
    assert marked(sentences, {"a": ["vile"]}) == [(0, "a", "vile"), (1, "a", "vile")]


def test_spans_of_two_labels_may_overlap() -> None:
    found = marked(["he said it was a vile plan"], {"a": ["it was a vile plan"], "b": ["vile"]})
    assert found == [(0, "a", "it was a vile plan"), (0, "b", "vile")]


def test_neighbours_that_each_begin_are_two_spans() -> None:
    found = marked(["the mayor officials said"], {"a": ["the mayor", "officials"]})
    assert found == [(0, "a", "the mayor"), (0, "a", "officials")]


def test_a_span_does_not_run_over_the_end_of_a_sentence() -> None:
    found = marked(["so vile", "words here"], {"a": ["vile", "words"]})
    assert found == [(0, "a", "vile"), (1, "a", "words")]


def test_half_a_word_is_never_a_span() -> None:
    tokens = whitespace_tokens(["unspeakable acts"])
    inside = np.array([[0.9, 0], [0.3, 0], [0, 0], [0, 0]], dtype=np.float32)
    words = Words.of(["unspeakable acts"], tokens)
    found = decode_spans(SPANS, words, inside, inside * 0.9)
    assert [(int(a), int(b)) for a, b in zip(found.start, found.end, strict=True)] == [(0, 11)]
    assert found.score[0] == pytest.approx(0.6)


def test_function_words_are_trimmed_where_the_task_says_so() -> None:
    sentences = ['it was a " shameless act of the board "', "of the"]
    tokens = whitespace_tokens(sentences)
    sure = np.ones((len(tokens.ids), 1), dtype=np.float32)
    words = Words.of(sentences, tokens)
    trimmed = Task(name="s", kind="spans", labels=("a",), trim=True)
    found = decode_spans(trimmed, words, sure, sure * 0.1)
    assert [sentences[0][a:b] for a, b in zip(found.start, found.end, strict=True)] == [
        "shameless act of the board"
    ]


def test_function_words_are_trimmed_where_one_span_follows_another() -> None:
    sentences = ["waged a ruthless crusade"]
    tokens = whitespace_tokens(sentences)
    words = Words.of(sentences, tokens)
    sure = np.ones((len(tokens.ids), 1), dtype=np.float32)
    begin = np.zeros_like(sure)
    begin[words.token[[0, 1, 2]]] = 0.9
    trimmed = Task(name="s", kind="spans", labels=("a",), trim=True)
    found = decode_spans(trimmed, words, sure, begin)
    assert [sentences[0][a:b] for a, b in zip(found.start, found.end, strict=True)] == [
        "waged",
        "ruthless crusade",
    ]


def test_a_weak_word_inside_a_strong_span_does_not_break_it() -> None:
    sentences = ["one two three four", "five six"]
    tokens = whitespace_tokens(sentences)
    sure = {"one": 0.9, "two": 0.4, "three": 0.9, "four": 0.1, "five": 0.4, "six": 0.1}
    words = Words.of(sentences, tokens)
    places = zip(words.sentence, words.start, words.end, strict=True)
    text = [sentences[s][a:b] for s, a, b in places]
    of_word = np.array([sure[t] for t in text], dtype=np.float32)
    inside = np.repeat(of_word, np.diff(np.append(words.token, len(tokens.ids))))[:, None]

    def found(low: float, high: float) -> list[str]:
        task = Task(
            name="s", kind="spans", labels=("a",), thresholds=(low,), span_thresholds=(high,)
        )
        spans = decode_spans(task, words, inside, np.zeros_like(inside))
        places = zip(spans.sentence, spans.start, spans.end, strict=True)
        return [sentences[s][a:b] for s, a, b in places]

    assert found(0.5, 0.0) == ["one", "three"]
    assert found(0.3, 0.0) == ["one two three", "five"]
    assert found(0.3, 0.5) == ["one two three"]


def test_bare_punctuation_is_no_span() -> None:
    assert marked(["well , yes"], {"a": [","]}) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the far-right didn't", ["the", "far-right", "didn't"]),
        ("“U.S. costs” rose 3.5%", ["“", "U.S", ".", "costs", "”", "rose", "3.5", "%"]),
        ("a—b", ["a", "—", "b"]),
    ],
)
def test_what_a_word_is(tiny_encoder: Path, text: str, words: list[str]) -> None:
    found = Words.of([text], SentenceTokenizer(tiny_encoder, pad=0).encode([text]))
    assert [text[a:b] for a, b in zip(found.start, found.end, strict=True)] == words


@given(st.lists(st.text(st.characters(), max_size=40), max_size=5))
def test_every_token_is_in_one_word_of_its_sentence(tiny_encoder: Path, texts: list[str]) -> None:
    tokens = SentenceTokenizer(tiny_encoder, pad=0).encode(texts)
    words = Words.of(texts, tokens)
    assert (np.diff(words.token) > 0).all()
    if len(tokens.ids):
        assert words.token[0] == 0
    owner = np.repeat(np.arange(len(texts)), np.diff(tokens.bounds))
    assert (owner[words.token] == words.sentence).all()


def test_calibration_moves_probabilities_as_told() -> None:
    binary = Task(name="b", kind="binary", labels=("x",), scale=(2.0,), bias=(-1.0,))
    logits = np.array([[0.5], [2.0]], dtype=np.float32)
    np.testing.assert_allclose(calibrate(binary, logits), sigmoid(2 * logits - 1))
    many = Task(name="m", kind="multiclass", labels=("x", "y"), bias=(0.0, np.log(3)))
    np.testing.assert_allclose(
        calibrate(many, np.zeros((1, 2), dtype=np.float32)), [[0.25, 0.75]], rtol=1e-6
    )


def test_extreme_logits_stay_probabilities() -> None:
    binary = Task(name="b", kind="binary", labels=("x",))
    values = calibrate(binary, np.array([[-1e4], [1e4]], dtype=np.float32))
    assert values.tolist() == [[0.0], [1.0]]
