"""Records: checked one by one, all that is wrong said at once; and written again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_examples import CODEBOOK, content, example, examples

from training.example import Example
from training.faults import Fault
from training.records import parse_record, to_record
from training.votes import target_of

TEXT = "The reckless bill passed."


def parse(values: dict[str, Any], group_by: str = "document") -> tuple[Example | None, list[Fault]]:
    values = {"document": "d1", **values}
    return parse_record(values, CODEBOOK, corpus="c", origin=("data/f.jsonl", 7), group_by=group_by)


def good(**values: Any) -> Example:
    found, faults = parse({"text": TEXT, **values})
    assert faults == []
    assert found is not None
    return found


def errors(**values: Any) -> str:
    """The messages, after a check that they are errors of that line and there is no example."""
    found, faults = parse({"text": TEXT, **values})
    assert found is None
    wrong = [f for f in faults if f.severity == "error"]
    assert wrong and all((f.file, f.line) == ("data/f.jsonl", 7) for f in wrong)
    return "\n".join(f.message for f in wrong)


def warnings(**values: Any) -> list[Fault]:
    found, faults = parse({"text": TEXT, **values})
    assert found is not None
    assert {f.severity for f in faults} <= {"warning"}
    return faults


def span(start: Any, end: Any, label: str | None = "loaded", **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, **({"label": label} if label else {}), **more}


# What is read


def test_every_form_of_label() -> None:
    for value, meant in ((True, 1.0), (False, 0.0), (0, 0.0), (0.67, 0.67), ("loaded", 1.0)):
        assert good(labels={"loaded": value}).labels == {"loaded": meant}
    shares = {"direct": 0.7, "mixed": 0.3}
    assert good(labels={"sourcing": "direct"}).labels == {"sourcing": "direct"}
    assert good(labels={"sourcing": shares}).labels == {"sourcing": shares}
    assert good(labels={"frames": []}).labels == {"frames": ()}
    assert good(labels={"frames": ["political", "economic"]}).labels == {
        "frames": ("economic", "political")
    }
    assert good(labels={"frames": {"economic": 0.6}}).labels == {"frames": {"economic": 0.6}}
    assert good(labels={"loaded_spans": [span(4, 12, None)]}).labels == {
        "loaded_spans": {"loaded": ((4, 12),)}
    }
    assert good(labels={"source_spans": []}).labels == {"source_spans": {"source": (), "cue": ()}}
    assert good(labels={"source_spans": {"cue": [{"start": 0, "end": 3}]}}).labels == {
        "source_spans": {"cue": ((0, 3),)}
    }


def test_what_is_null_or_absent_was_not_annotated() -> None:
    assert good().labels == {}
    assert good(labels=None, annotators=None, outlet=None, split="").labels == {}
    assert good(labels={"loaded": None, "frames": None}).labels == {}


def test_spans_are_sorted_and_may_tell_their_text() -> None:
    found = good(labels={"loaded_spans": [span(13, 17), span(4, 12, text="reckless")]})
    assert found.labels == {"loaded_spans": {"loaded": ((4, 12), (13, 17))}}


def test_rounded_shares_add_up_to_one() -> None:
    found = good(labels={"sourcing": {"none": 0.33, "direct": 0.33, "mixed": 0.33}})
    shares = found.labels["sourcing"]
    assert isinstance(shares, dict)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["none"] == pytest.approx(1 / 3)


def test_fields_group_and_name() -> None:
    found = good(
        id=12, outlet="O", event="E", date="2024-05-01", split="dev", quote_open=True, labels={}
    )
    assert (found.id, found.outlet, found.event, found.date) == ("12", "O", "E", "2024-05-01")
    assert (found.split, found.quote_open, found.group) == ("dev", True, "c:d1")
    assert found.origin == ("data/f.jsonl", 7)
    by_event, _ = parse({"text": TEXT, "event": "E"}, group_by="event")
    assert by_event is not None
    assert by_event.group == "c:E"
    assert by_event.id == "f.jsonl:7"


def test_without_the_field_a_record_is_a_group_and_the_file_is_warned_of() -> None:
    found, faults = parse({"text": TEXT, "id": "x"}, group_by="event")
    assert found is not None
    assert found.group == "c:x"
    (fault,) = faults
    assert (fault.severity, fault.line) == ("warning", None)
    assert "no event" in fault.message
    with pytest.raises(ValueError, match="'author' is none of document, event, outlet"):
        parse({"text": TEXT}, group_by="author")


def test_unknown_keys_are_kept_with_a_warning() -> None:
    found, faults = parse({"text": TEXT, "documnet": "x", "n": 3, "tags": [1], "empty": None})
    assert found is not None
    assert found.extra == {"documnet": "x", "n": "3"}
    said = {f.message for f in faults}
    assert all(f.severity == "warning" and f.line is None for f in faults)
    assert any("'documnet'" in s and "'document'" in s for s in said)
    assert any("'tags'" in s and "left out" in s for s in said)


# What is wrong


def test_all_faults_of_a_record_are_said() -> None:
    said = errors(
        labels={"loaded": 2, "sourcing": "durect", "tone": 1, "loaded_spans": [span(3, 3)]},
        date="May 1st",
        split="val",
        outlet=["x"],
        quote_open="no",
        annotators={"a": {"frames": "economic"}},
    )
    parts = ("2", "'direct'", "'tone'", "3:3", "May 1st", "'dev'", "outlet", "quote_open")
    assert len(said.splitlines()) == 9
    assert all(part in said for part in (*parts, "annotators.a.frames"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "give a string, not None"),
        (17, "give a string, not 17"),
        (" \u200b\n", "blank"),
        ("half \ud83d here", r"half a character \(U\+D83D\) at 5"),
    ],
)
def test_texts_that_are_none(value: Any, said: str) -> None:
    assert re.search(said, errors(text=value))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"lodaed": 1}, "no task 'lodaed'; did you mean 'loaded'"),
        ({"sourcing": "Dirct"}, "'Dirct' is none of its labels; did you mean 'direct'"),
        ({"sourcing": ["direct"]}, "give one label or its shares"),
        ({"sourcing": {"direct": 0.7, "mixed": 0.2}}, "add up to 0.9, not to 1"),
        ({"sourcing": {"direct": 1.2}}, "from 0 to 1, not 1.2"),
        ({"sourcing": {"direct": "half"}}, "not 'half'"),
        ({"frames": "economic"}, "give a list of labels"),
        ({"frames": ["economic", 3]}, "give a list of labels"),
        ({"frames": ["economc"]}, "did you mean 'economic'"),
        ({"frames": {"economic": -0.1}}, "from 0 to 1"),
        ({"loaded": "yes"}, "'loaded'"),
        ({"loaded": float("nan")}, "from 0 to 1"),
        ({"loaded": 10**400}, "from 0 to 1"),
        ({"loaded_spans": True}, "give a list of spans"),
        ({"loaded_spans": {}}, "annotates no label"),
        ({"loaded_spans": [[4, 12]]}, "start"),
        ({"loaded_spans": [span("4", 12)]}, "whole numbers"),
        ({"loaded_spans": [span(4.0, 12)]}, "whole numbers"),
        ({"loaded_spans": [span(True, 12)]}, "whole numbers"),
        ({"loaded_spans": [span(12, 4)]}, "12:4 is reversed"),
        ({"loaded_spans": [span(4, 4)]}, "4:4 is empty"),
        ({"loaded_spans": [span(-1, 4)]}, "outside the text of 25 characters"),
        ({"loaded_spans": [span(4, 26)]}, "outside the text of 25 characters"),
        ({"loaded_spans": [span(4, 12, "laoded")]}, "did you mean 'loaded'"),
        ({"source_spans": [span(4, 12, None)]}, "a label is missing"),
        ({"source_spans": {"cues": []}}, "did you mean 'cue'"),
        ({"source_spans": {"cue": span(4, 12, None)}}, "give a list of spans"),
        ({"source_spans": {"cue": [span(4, 12, "source")]}}, "stands under 'cue'"),
        ({"loaded_spans": [span(0, 3, text="bill")]}, "stands 'The', not 'bill'; .* at 13:17"),
        ({"loaded_spans": [span(0, 3, text="mill")]}, "stands nowhere in the text"),
        ([], "labels: give an object"),
    ],
)
def test_labels_that_are_none(labels: Any, said: str) -> None:
    assert re.search(said, errors(labels=labels))


@pytest.mark.parametrize("date", ["1/5/2024", "2024-5-1", "2024-13-01", "2024", "20240501", 2024])
def test_days_that_are_none(date: Any) -> None:
    assert "ISO 8601" in errors(date=date)


def test_a_task_beside_its_labels_is_an_error() -> None:
    assert 'under "labels"' in errors(loaded=True)


def test_a_record_without_text_says_what_it_has() -> None:
    found, faults = parse({"txt": TEXT})
    assert found is None
    assert "there is no text; the record has: document, txt" in [f.message for f in faults]


def test_names_of_annotators() -> None:
    assert "blank name" in errors(annotators={" ": {"loaded": True}})
    assert "annotators: give an object" in errors(annotators=[{"loaded": True}])
    assert "annotators.a: give an object" in errors(annotators={"a": 1})


def test_cut_words_and_doubles_are_warned_of() -> None:
    (cut,) = warnings(labels={"loaded_spans": [span(5, 10)]})
    assert "5:10 cuts a word, 'eckle'; the whole words are 'reckless' at 4:12" in cut.message
    assert cut.line == 7
    (double,) = warnings(labels={"loaded_spans": [span(4, 12), span(4, 12)]})
    assert "4:12 is given twice" in double.message
    (twice,) = warnings(labels={"frames": ["economic", "economic"]})
    assert "twice" in twice.message


@given(st.text(alphabet="ab1 -'é", min_size=1, max_size=12).filter(str.strip), st.data())
def test_a_word_is_cut_where_both_sides_of_an_edge_are_alphanumeric(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    _, faults = parse({"text": text, "labels": {"loaded_spans": [span(start, end)]}})
    cuts = any(
        0 < edge < len(text) and text[edge - 1].isalnum() and text[edge].isalnum()
        for edge in (start, end)
    )
    assert any("cuts a word" in f.message for f in faults) == cuts


@given(
    st.text(alphabet="ab ", max_size=5),
    st.text(alphabet="é😀日", min_size=1, max_size=4),
    st.sampled_from([("utf-8", 1, "bytes of UTF-8"), ("utf-16-le", 2, "UTF-16 units")]),
)
def test_offsets_in_other_units_are_recognised(
    before: str, odd: str, unit: tuple[str, int, str]
) -> None:
    encoding, width, name = unit
    lead = before + odd
    text = f"{lead} reckless bill"
    start = len(f"{lead} ".encode(encoding)) // width
    if start == len(lead) + 1:
        return  # these characters are one unit each
    given_span = span(start, start + 8, text="reckless")
    _, faults = parse({"text": text, "labels": {"loaded_spans": [given_span]}})
    (fault,) = faults
    assert fault.severity == "error"
    assert name in fault.message
    assert f"{len(lead) + 1}:{len(lead) + 9}" in fault.message


# Votes


def test_votes_make_the_target_that_is_not_given() -> None:
    found = good(
        labels={"sourcing": "none", "frames": None},
        annotators={
            "a": {"loaded": True, "sourcing": "direct", "frames": ["economic"]},
            "b": {"loaded": 0, "sourcing": "mixed", "frames": ["economic", "political"]},
            "c": {"loaded": "loaded", "frames": []},
            "d": {"loaded": None},
        },
    )
    assert found.labels["loaded"] == pytest.approx(2 / 3)
    assert found.labels["sourcing"] == "none"
    assert found.labels["frames"] == pytest.approx({"economic": 2 / 3, "political": 1 / 3})
    assert set(found.votes) == {"a", "b", "c"}
    assert found.votes["b"] == {
        "loaded": 0.0, "sourcing": "mixed", "frames": ("economic", "political")
    }  # fmt: skip


def test_multiclass_votes_are_shares() -> None:
    votes = {"a": {"sourcing": "direct"}, "b": {"sourcing": "direct"}, "c": {"sourcing": "none"}}
    assert good(annotators=votes).labels["sourcing"] == pytest.approx(
        {"direct": 2 / 3, "none": 1 / 3}
    )


def test_a_single_vote_is_the_target() -> None:
    found = good(annotators={"a": {"sourcing": "direct", "frames": ["economic"], "loaded": False}})
    assert found.labels == {"sourcing": "direct", "frames": ("economic",), "loaded": 0.0}


def test_spans_of_more_than_half_of_the_annotators() -> None:
    votes = {
        "a": {"loaded_spans": [span(0, 17)]},
        "b": {"loaded_spans": [span(4, 12)]},
        "c": {"loaded_spans": [span(4, 17)]},
        "d": {"loaded_spans": []},
        "e": {"sourcing": "none"},
    }
    assert good(annotators=votes).labels["loaded_spans"] == {"loaded": ((4, 12),)}


@given(st.lists(st.sets(st.tuples(st.integers(0, 9), st.integers(1, 9))), min_size=1, max_size=4))
def test_majority_spans_hold_the_majority_characters(marked: list[set[tuple[int, int]]]) -> None:
    task = CODEBOOK.task("loaded_spans")
    votes = [{"loaded": tuple(sorted(s for s in spans if s[0] < s[1]))} for spans in marked]
    target = target_of(task, votes)
    assert isinstance(target, dict)
    covered = [i for start, end in target["loaded"] for i in range(start, end)]
    wanted = [
        i for i in range(9)
        if 2 * sum(any(s <= i < e for s, e in v["loaded"]) for v in votes) > len(votes)
    ]  # fmt: skip
    assert sorted(set(covered)) == wanted
    assert len(votes) == 1 or len(covered) == len(wanted)


def test_unanimous_spans_that_touch_stay_two() -> None:
    task = CODEBOOK.task("loaded_spans")
    vote = {"loaded": ((0, 4), (4, 9))}
    assert target_of(task, [vote, vote]) == vote


def test_annotators_of_some_labels_count_for_these_only() -> None:
    task = CODEBOOK.task("source_spans")
    votes = [{"source": ((0, 3),)}, {"source": ((0, 3),), "cue": ((4, 9),)}]
    assert target_of(task, votes) == {"source": ((0, 3),), "cue": ((4, 9),)}


# There and back


@given(examples())
def test_a_record_is_the_inverse(made: Example) -> None:
    record = to_record(made, CODEBOOK)
    found, faults = parse_record(record, CODEBOOK, corpus="c", origin=("f", 1))
    assert [f for f in faults if f.severity == "error"] == []
    assert found is not None
    assert content([found]) == content([made])
    assert to_record(found, CODEBOOK) == record


def test_what_no_record_can_hold() -> None:
    with pytest.raises(ValueError, match="'tests' has no task 'tone'"):
        to_record(example(labels={"tone": 1.0}), CODEBOOK)
    with pytest.raises(ValueError, match="extra 'split' has the name of a field"):
        to_record(example(extra={"split": "x"}), CODEBOOK)
    with pytest.raises(ValueError, match="no label of the multilabel task 'frames'"):
        to_record(example(labels={"frames": "economic"}), CODEBOOK)
