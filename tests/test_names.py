"""Sentences under other names: what is replaced, and that labels and spans go with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import training.names
from training.example import Example, Label
from training.names import with_other_names
from training.soft import SoftSpans

GROUPS = tomllib.loads(
    Path(training.names.__file__).with_name("names.toml").read_text(encoding="utf-8")
)
NAMES = sorted({word for g in GROUPS.values() for row in g["rows"] for word in row if word})
WORDS = ["the", "a", "said", "reckless", "plan", "of", "and", "“no”", "voters,", "left."]


def example(text: str, labels: dict[str, Label] | None = None) -> Example:
    return Example(text=text, corpus="c", id="1", group="g", labels=labels or {})


def renamed(text: str, labels: dict[str, Label] | None = None, seed: int = 0) -> Example:
    (found,) = with_other_names([example(text, labels)], 1.0, seed=seed)
    return found


def row_of(group: str, form: str, word: str) -> list[str]:
    column = GROUPS[group]["forms"].index(form)
    return next(row for row in GROUPS[group]["rows"] if row[column] == word)


def test_rows_have_a_place_for_every_form_and_a_name() -> None:
    for group in GROUPS.values():
        assert len(group["rows"]) > 1
        for row in group["rows"]:
            assert len(row) == len(group["forms"])
            assert row[0]


def test_one_name_is_replaced_alike_in_all_its_forms() -> None:
    text = renamed(
        "Russia closed the border, Russian officials said in Moscow, and Russians left."
    ).text
    match = re.fullmatch(
        "(.+) closed the border, (.+) officials said in (.+), and (.+) left[.]", text
    )
    assert match
    assert list(match.groups()) in [[r[0], r[1], r[3], r[2]] for r in GROUPS["countries"]["rows"]]
    assert match[1] != "Russia"


@pytest.mark.parametrize("seed", range(5))
def test_two_names_stay_two(seed: int) -> None:
    text = renamed("Republicans blamed Democrats, and Iran blamed Iraq.", seed=seed).text
    match = re.fullmatch("Democrats blamed Republicans, and (.+) blamed (.+)[.]", text)
    assert match
    assert match[1] != match[2]


@pytest.mark.parametrize(
    "text",
    [
        "Michelle Obama spoke.",
        "Work on Trump Tower began.",
        "Christian Bale won.",
        "In the Democratic Republic of Congo it rained.",
        "The Trumps arrived.",
        "It was cold.",
    ],
)
def test_what_is_not_such_a_name_stays(text: str) -> None:
    assert renamed(text) == example(text)


def test_a_member_becomes_a_member_and_an_adjective_an_adjective() -> None:
    seen = {renamed("He is a Muslim.", seed=s).text for s in range(40)}
    assert "He is a Jew." in seen
    seen = {renamed("He asked a Muslim voter.", seed=s).text for s in range(60)}
    assert {"He asked a Jewish voter.", "He asked an Evangelical voter."} <= seen


def test_labels_stay_and_spans_move_with_their_words() -> None:
    text = "An Iranian aide called it reckless, CNN said."
    labels: dict[str, Label] = {
        "loaded": 1.0,
        "frames": ("Politics",),
        "source_spans": {
            "source": ((0, 15), (36, 39)),
            "cue": ((16, 22), (40, 44)),
            "content": (),
        },
    }
    found = renamed(text, labels)
    assert found.labels["loaded"] == 1.0
    assert found.labels["frames"] == ("Politics",)
    spans = found.labels["source_spans"]
    assert isinstance(spans, dict)
    words = {name: [found.text[a:b] for a, b in s] for name, s in spans.items()}
    assert words["cue"] == ["called", "said"]
    assert words["content"] == []
    aide, outlet = words["source"]
    assert re.fullmatch("An? .+ aide", aide)
    assert row_of("countries", "adjective", aide.split(" ", 1)[1].removesuffix(" aide"))
    assert row_of("broadcasters", "name", outlet)
    assert found.text != text


def test_a_span_with_an_edge_in_a_name_leaves_the_sentence_alone() -> None:
    labels: dict[str, Label] = {"loaded_spans": {"loaded": ((0, 3),)}}
    assert renamed("North Korea fired.", labels).text == "North Korea fired."


def test_what_a_teacher_said_of_the_tokens_leaves_the_sentence_alone() -> None:
    ones = np.zeros(1, dtype=np.int32)
    soft = SoftSpans(
        labels=("loaded",),
        start=ones,
        end=ones + 4,
        inside=np.zeros((1, 1), dtype=np.float16),
        begin=np.zeros((1, 1), dtype=np.float16),
    )
    assert renamed("Iran fired.", {"loaded_spans": soft}).text == "Iran fired."


def test_a_share_is_renamed_and_the_same_one_for_the_same_seed() -> None:
    examples = [example("Voters in Ohio left.") for _ in range(400)]
    found = with_other_names(examples, 0.25, seed=3)
    assert 60 < sum(e.text != "Voters in Ohio left." for e in found) < 140
    assert found == with_other_names(examples, 0.25, seed=3)
    assert found != with_other_names(examples, 0.25, seed=4)
    assert with_other_names(examples, 0.0, seed=3) == examples


@given(
    st.lists(st.sampled_from(NAMES + WORDS * 12), min_size=1, max_size=12),
    st.integers(0, 2**16),
    st.data(),
)
def test_a_word_that_is_no_name_keeps_its_span(
    words: list[str], seed: int, data: st.DataObject
) -> None:
    text = " ".join(words)
    starts = [len(" ".join(words[:i])) + (i > 0) for i in range(len(words))]
    i = data.draw(st.integers(0, len(words) - 1))
    span = (starts[i], starts[i] + len(words[i]))
    found = renamed(text, {"loaded_spans": {"loaded": (span,)}}, seed)
    labels = found.labels["loaded_spans"]
    assert isinstance(labels, dict)
    ((lo, hi),) = labels["loaded"]
    if words[i] not in NAMES and words[i] != "a":
        assert found.text[lo:hi] == words[i]
    elif found.text == text:
        assert (lo, hi) == span
    assert found.text[lo:hi].strip() == found.text[lo:hi] != ""
