"""Krippendorff's alpha over the votes of annotators."""

from __future__ import annotations

import math
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.task import Task
from training.agreement import Agreement, agreement
from training.example import Example

BINARY = Task(name="alarm", kind="binary", labels=("alarm",))
STANCE = Task(name="stance", kind="multiclass", labels=("for", "against", "neither"))
ACTORS = Task(name="actors", kind="multilabel", labels=("state", "firms"))
BLAME = Task(name="blame", kind="spans", labels=("who", "what"))
TEXT = "The port authority lost the keys again."


def corpus(task: Task, rows: list[dict[str, Any]], groups: list[str] | None = None):
    """An example a row of labels by annotator; None is a sentence that one left out."""
    return [
        Example(
            text=TEXT,
            corpus="c",
            id=str(i),
            group=groups[i] if groups else f"g{i}",
            labels={},
            votes={a: {task.name: v} for a, v in row.items() if v is not None},
        )
        for i, row in enumerate(rows)
    ]


def found(task: Task, rows: list[dict[str, Any]], **options: Any) -> Agreement:
    result = agreement(task, corpus(task, rows, options.pop("groups", None)), **options)
    assert result is not None
    return result


def reference(columns: list[list[float]]) -> float | None:
    """Alpha by the reference library, a list of values by annotator a unit; NaN is missing."""
    table = np.array(columns).T
    known = table[:, (~np.isnan(table)).sum(axis=0) > 1]
    if len(np.unique(known[~np.isnan(known)])) < 2:
        return None
    return float(krippendorff.alpha(known, level_of_measurement="nominal"))


def same(ours: float | None, theirs: float | None) -> bool:
    return ours is theirs is None or (
        ours is not None and theirs is not None and math.isclose(ours, theirs, abs_tol=1e-9)
    )


ANSWERS = st.lists(
    st.lists(st.sampled_from([None, *STANCE.labels]), min_size=4, max_size=4), min_size=1
)


def test_a_case_that_is_known_by_its_value() -> None:
    # Krippendorff's own example: four observers, twelve units, nominal alpha .743.
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    task = Task(name="t", kind="multiclass", labels=tuple("12345"))
    rows = [
        {f"o{i}": None if v is None else str(v) for i, v in enumerate(unit)}
        for unit in zip(*observers, strict=True)
    ]
    result = found(task, rows)
    assert result.alpha is not None
    assert round(result.alpha, 3) == 0.743
    assert (result.sentences, result.units, result.annotators) == (11, 11, 4)


@settings(max_examples=25)
@given(ANSWERS)
def test_multiclass_as_the_reference(answers: list[list[str | None]]) -> None:
    rows = [{f"a{i}": v for i, v in enumerate(row)} for row in answers]
    result = agreement(STANCE, corpus(STANCE, rows), samples=1)
    numbers = [[np.nan if v is None else STANCE.labels.index(v) for v in row] for row in answers]
    if all(v is None for row in answers for v in row):
        assert result is None
    else:
        assert result is not None
        assert same(result.alpha, reference(numbers))


@settings(max_examples=25)
@given(st.lists(st.lists(st.sampled_from([None, 0.0, 1.0]), min_size=3, max_size=3), min_size=1))
def test_binary_as_the_reference(answers: list[list[float | None]]) -> None:
    rows = [{f"a{i}": v for i, v in enumerate(row)} for row in answers]
    result = agreement(BINARY, corpus(BINARY, rows), samples=1)
    numbers = [[np.nan if v is None else v for v in row] for row in answers]
    assert result is None or same(result.alpha, reference(numbers))


SETS = st.lists(st.sampled_from(ACTORS.labels), unique=True).map(tuple)


@settings(max_examples=25)
@given(st.lists(st.tuples(SETS, SETS, SETS), min_size=1))
def test_multilabel_is_the_mean_over_its_labels(answers: list[tuple[tuple[str, ...], ...]]) -> None:
    result = found(ACTORS, [dict(zip("abc", row, strict=True)) for row in answers], samples=1)
    alphas = {
        label: reference([[float(label in vote) for vote in row] for row in answers])
        for label in ACTORS.labels
    }
    assert all(same(result.labels[label], alpha) for label, alpha in alphas.items())
    known = [alpha for alpha in alphas.values() if alpha is not None]
    assert same(result.alpha, sum(known) / len(known) if known else None)


SPANS = st.lists(
    st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 9)).map(
        lambda s: (s[0], min(s[0] + s[1], len(TEXT)))
    ),
    max_size=3,
).map(tuple)


@settings(max_examples=50)
@given(st.lists(st.tuples(*[SPANS | st.none()] * 3), min_size=1, max_size=4))
def test_spans_are_compared_by_characters(answers: list[tuple[Any, ...]]) -> None:
    rows = [
        {a: {"who": s} if s is not None else {"what": ()} for a, s in zip("abc", row, strict=True)}
        for row in answers
    ]
    result = found(BLAME, rows, samples=1)
    units = [
        [np.nan if s is None else float(any(a <= at < b for a, b in s)) for s in row]
        for row in answers
        for at in range(len(TEXT))
    ]
    assert same(result.labels["who"], reference(units))
    assert result.labels["what"] is None, "nobody found any"
    assert same(result.alpha, result.labels["who"])


def test_a_span_label_that_an_annotator_left_out_is_no_disagreement() -> None:
    spans = ((0, 18),)
    rows = [{"a": {"who": spans, "what": ()}, "b": {"who": spans}, "c": {"who": spans}}]
    result = found(BLAME, rows)
    assert result.labels == {"who": 1.0, "what": None}
    assert result.units == len(TEXT)


def test_shares_count_as_the_answer_they_come_to() -> None:
    clear = [{"a": 1.0, "b": 1.0}, {"a": 0.0, "b": 0.0}, {"a": 1.0, "b": 0.0}]
    soft = [{"a": 0.9, "b": 0.5}, {"a": 0.2, "b": 0.0}, {"a": 0.6, "b": 0.4}]
    assert found(BINARY, soft).alpha == found(BINARY, clear).alpha
    shares = [{"a": {"for": 0.7, "against": 0.3}, "b": "for"}, {"a": "against", "b": "against"}]
    assert found(STANCE, shares).alpha == 1
    some = [{"a": {"state": 0.8, "firms": 0.1}, "b": ("state",)}, {"a": (), "b": ()}]
    assert found(ACTORS, some).labels == {"state": 1.0, "firms": None}


def test_no_votes_at_all() -> None:
    assert agreement(BINARY, corpus(BINARY, [{}, {}])) is None
    assert agreement(BINARY, []) is None
    other = corpus(STANCE, [{"a": "for", "b": "for"}])
    assert agreement(BINARY, other) is None


@pytest.mark.parametrize("task", [BINARY, STANCE, ACTORS, BLAME])
def test_nobody_overlaps(task: Task) -> None:
    votes = {"binary": 1.0, "multiclass": "for", "multilabel": (), "spans": {"who": ()}}
    result = found(task, [{"a": votes[task.kind]}, {"b": votes[task.kind]}])
    assert (result.alpha, result.low, result.high) == (None, None, None)
    assert (result.sentences, result.units, result.annotators) == (0, 0, 0)
    assert result.reading == "no sentence has two annotators"


def test_one_answer_throughout_has_no_alpha() -> None:
    result = found(BINARY, [{"a": 1.0, "b": 1.0}] * 5)
    assert result.alpha is None
    assert result.sentences == 5
    assert "not defined" in result.reading


def test_the_interval_draws_groups_not_sentences() -> None:
    random = np.random.default_rng(1)
    agree = random.random(20) < 0.7
    rows, own, shared = [], [], []
    for group, yes in enumerate(agree):
        for i in range(10):
            value = float(i % 2)
            rows.append({"a": value, "b": value if yes else 1 - value})
            own.append(f"{group}-{i}")
            shared.append(str(group))
    single = found(BINARY, rows, groups=own)
    grouped = found(BINARY, rows, groups=shared)
    assert single.alpha == grouped.alpha
    assert single.low is not None and single.high is not None and single.alpha is not None
    assert grouped.low is not None and grouped.high is not None
    assert grouped.low < single.low < single.alpha < single.high < grouped.high
    assert grouped.high - grouped.low > 2 * (single.high - single.low)
    assert found(BINARY, rows, groups=shared) == grouped, "the same seed draws the same"
    assert found(BINARY, rows, groups=shared, seed=1).low != grouped.low


def test_one_group_has_no_interval() -> None:
    result = found(BINARY, [{"a": 1.0, "b": 1.0}, {"a": 0.0, "b": 0.0}], groups=["g", "g"])
    assert (result.alpha, result.low, result.high) == (1.0, None, None)


@pytest.mark.parametrize(
    ("disagreements", "reading"), [(0, "reliable"), (6, "tentative"), (20, "low")]
)
def test_alpha_in_words(disagreements: int, reading: str) -> None:
    rows = [{"a": float(i % 2), "b": float(i % 2)} for i in range(50)]
    rows += [{"a": 1.0, "b": 0.0}] * disagreements
    result = found(BINARY, rows)
    assert reading in result.reading
    assert result.to_dict()["alpha"] == result.alpha
