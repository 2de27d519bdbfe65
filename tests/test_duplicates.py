"""Near-duplicate sentences across corpora."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.duplicates import drop_near_duplicates, near_duplicates
from training.example import Example

SENTENCE = "The council voted on Monday to close the old bridge for repairs."


def found(text: str, *reference: str, threshold: float = 0.6) -> bool:
    return bool(near_duplicates([text], reference, threshold=threshold)[0])


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        SENTENCE.upper(),
        "“The council voted, on Monday, to close the old bridge for repairs”",
        f"In a rare session {SENTENCE} It had been open for ninety years.",
        "The council voted on Monday to close the old bridge",
        "The council voted on Monday to close the old bridge for months.",
    ],
)
def test_the_same_sentence_in_other_dress(text: str) -> None:
    assert found(text, "Something else.", SENTENCE)
    assert found(SENTENCE, "Something else.", text)


@pytest.mark.parametrize(
    "text",
    [
        "The council voted on Tuesday to open a new bridge after repairs.",
        "On Monday the council voted to close a bridge.",
        "The council voted on Monday to raise the fare of every ferry by a tenth, it said.",
    ],
)
def test_another_sentence(text: str) -> None:
    assert not found(text, SENTENCE)


def test_the_shared_part_may_not_come_from_several_sentences() -> None:
    text = "one two three four five six seven eight nine ten"
    halves = ("one two three four five six", "five six seven eight nine ten")
    first = "one two three four five aa bb cc dd ee"
    second = "six seven eight nine ten aa bb cc dd ee"
    assert found(text, *halves)
    assert not found(text, first, second)


def test_threshold_is_a_share_of_the_smaller_set() -> None:
    text = "a b c d e f g h i"  # five shingles
    other = "a b c d e f g x y z q r"  # shares three, has eight
    assert found(text, other, threshold=0.6)
    assert not found(text, other, threshold=0.61)


def test_short_sentences_match_only_when_equal() -> None:
    assert found("He said no.", "he said, “No!”")
    assert not found("He said no.", "He said no to them.")
    assert not found("He said no.", "He said")
    assert not found("no said he", "he said no")


def test_repeated_words_count_once() -> None:
    assert not found(
        "ha ha ha ha ha ha ha ha so we all went home early", "ha ha ha ha ha ha b c d e"
    )


def test_nothing_to_compare() -> None:
    assert not found("— * —", "...", "— * —")
    assert near_duplicates([], ["a"]).shape == (0,)
    assert near_duplicates(["a", "b"], []).tolist() == [False, False]


@pytest.mark.parametrize("threshold", [0, -1, 1.1])
def test_a_threshold_is_a_share(threshold: float) -> None:
    with pytest.raises(ValueError, match="share over 0"):
        near_duplicates([], [], threshold=threshold)


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.lower())
    return {tuple(words[i : i + 5]) for i in range(max(len(words) - 4, 1))} if words else set()


WORDS = st.lists(st.lists(st.sampled_from("abc"), max_size=12).map(" ".join), max_size=8)


@given(WORDS, WORDS, st.sampled_from([0.2, 0.5, 0.6, 1.0]))
def test_as_the_plain_definition(texts: list[str], reference: list[str], threshold: float) -> None:
    wanted = [
        any(
            len(shingles(t) & shingles(r))
            >= threshold * min(len(shingles(t)), len(shingles(r))) - 1e-9
            for r in reference
            if shingles(t) and shingles(r)
        )
        for t in texts
    ]
    assert near_duplicates(texts, reference, threshold=threshold).tolist() == wanted


def test_more_texts_than_one_chunk() -> None:
    texts = [f"number {i} is what this sentence is about" for i in range(10_000)]
    texts[9_000] = SENTENCE
    assert np.flatnonzero(near_duplicates(texts, [SENTENCE])).tolist() == [9_000]


def test_fast_enough_for_the_corpora() -> None:
    random = np.random.default_rng(0)
    words = [f"w{i}" for i in range(20_000)]
    texts = [" ".join(words[i] for i in row) for row in random.integers(0, 20_000, (6_500, 22))]
    begin = time.process_time()
    near_duplicates(texts, texts[:1_500])
    # A twentieth of the corpora: under a minute for all of them.
    assert time.process_time() - begin < 3


def example(text: str, corpus: str) -> Example:
    return Example(text=text, corpus=corpus, id=text[:5], group="g", labels={})


def test_drop_keeps_order_and_counts_by_corpus() -> None:
    kept = [example("A ferry sank.", "a"), example("Nobody was hurt there.", "b")]
    examples = [example(SENTENCE, "b"), kept[0], example(SENTENCE, "a"), kept[1],
                example(SENTENCE, "b")]  # fmt: skip
    left, dropped = drop_near_duplicates(examples, [example(SENTENCE, "c")])
    assert left == kept
    assert dropped == {"a": 1, "b": 2}
    assert drop_near_duplicates(kept, []) == (kept, {})
