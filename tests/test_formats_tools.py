"""What annotation tools export: Label Studio, doccano and Prodigy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from corpora_files import write as write_text
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_examples import CODEBOOK, content, errors, example, examples, said, write_lines

from training.example import Example
from training.formats import read, write

TEXT = "The 😀 reckless bill passed."
TOOLS = ("label_studio", "doccano", "prodigy")


def array(path: Path, *rows: Any) -> Path:
    return write_text(path, json.dumps(rows, indent=1))


def labels_of(source: Path, **options: Any) -> list[dict[str, Any]]:
    return [dict(e.labels) for e in read(source, codebook=CODEBOOK, **options).sound().examples]


# There and back


def whole(made: Sequence[Example], *, votes: bool) -> list[Example]:
    """Examples as a tool can hold them: what is asked of one is asked of all, and marked once."""
    full: dict[str, Any] = {
        "loaded": 1.0, "sourcing": "direct", "frames": ("economic", "political", "health care"),
        "loaded_spans": {"loaded": ((0, 1),)}, "source_spans": {"source": ((0, 1),), "cue": ()},
    }  # fmt: skip
    marked = ("frames", "loaded_spans", "source_spans")
    found = []
    for number, one in enumerate(made):
        kept = {a: {**{t: full[t] for t in marked}, **v} for a, v in one.votes.items() if votes}
        given_labels = {**{t: full[t] for t in marked}, **one.labels}
        found.append(replace(one, id=f"s{number}", labels=given_labels, votes=kept))
    last = {annotator: full for one in found for annotator in one.votes}
    return [
        *found,
        example(id="voted", labels=full, votes=last),
        example(id="settled", labels=full),
    ]


@pytest.mark.parametrize("tool", TOOLS)
@settings(max_examples=20)
@given(made=st.lists(examples(soft=False), min_size=1, max_size=2))
def test_tools_there_and_back(tool: str, made: list[Example]) -> None:
    labelled = whole(made, votes=tool != "doccano")
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("c.json" if tool == "label_studio" else "c.jsonl")
        write(labelled, path, codebook=CODEBOOK, format=tool)
        corpus = read(path, codebook=CODEBOOK)
    assert corpus.errors == []
    assert content(corpus.examples) == content(labelled)


def test_votes_are_the_target_where_nothing_else_was_settled(tmp_path: Path) -> None:
    votes = {"a": {"loaded": 1.0}, "b": {"loaded": 0.0}, "c": {"loaded": 0.0}}
    made = [example(labels={"loaded": 1 / 3}, votes=votes)]
    for tool in ("label_studio", "prodigy"):
        write(made, tmp_path / "c.json", codebook=CODEBOOK, format=tool)
        found = read(tmp_path / "c.json", codebook=CODEBOOK).sound().examples
        assert content(found) == content(made)


def test_what_an_annotator_never_used_was_not_asked_for(tmp_path: Path) -> None:
    some: dict[str, Any] = {"frames": ("political",), "loaded_spans": {"loaded": ((0, 3),)}}
    none: dict[str, Any] = {"frames": (), "loaded_spans": {"loaded": ()}}
    votes = [
        {"a": some, "b": {"loaded": 1.0}},
        {"a": none, "b": {"loaded": 1.0}},
    ]
    made = [
        example(id=f"s{n}", labels={**vote["a"], **vote["b"]}, votes=vote)
        for n, vote in enumerate(votes)
    ]
    for tool in ("label_studio", "prodigy"):
        write(made, tmp_path / "c.json", codebook=CODEBOOK, format=tool)
        found = read(tmp_path / "c.json", codebook=CODEBOOK).sound().examples
        assert content(found) == content(made)


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_cannot_hold_is_refused(tool: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    some = {"loaded_spans": {"loaded": ((0, 3),)}}
    refused = [
        ([example(labels={"loaded": 0.5})], "only whole answers"),
        ([example(labels={"sourcing": {"none": 0.5, "mixed": 0.5}})], "only whole answers"),
        ([example(labels={"source_spans": {"cue": ()}})], "only whole answers"),
        ([example(labels={"frames": ()})], "'frames' was looked for, as it is nowhere"),
        ([example(labels=some), example(labels={"loaded": 1.0})], "was not annotated"),
    ]
    if tool == "doccano":
        refused.append(([example(labels={"loaded": 1.0}, votes={"a": {"loaded": 1.0}})], "votes"))
    for made, message in refused:
        with pytest.raises(ValueError, match=message):
            write(made, path, codebook=CODEBOOK, format=tool)
    assert not path.exists()


# Label Studio


def result(kind: str, control: str, names: list[str], **value: Any) -> dict[str, Any]:
    return {
        "id": "x", "type": kind, "from_name": control, "to_name": "text",
        "value": {**value, kind: names},
    }  # fmt: skip


def task(*annotations: Any, **data: Any) -> dict[str, Any]:
    return {
        "id": 5, "annotations": list(annotations), "predictions": [],
        "data": {"text": TEXT, "document": "d", **data},
    }  # fmt: skip


def annotation(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": 1, "completed_by": 7, "was_cancelled": False, "result": list(results), **more}


def test_label_studio_controls_and_labels(tmp_path: Path) -> None:
    path = array(
        tmp_path / "c.json",
        task(
            annotation(
                result("labels", "words", ["Loaded"], start=6, end=14, text="reckless"),
                result("labels", "source_spans", ["cue"], start=0, end=3),
                result("choices", "tone", ["no"]),
                result("choices", "any", ["economic", "political"]),
            )
        ),
        task(annotation()),
        task(),
    )
    corpus = read(path, codebook=CODEBOOK, columns={"loaded": "tone"})
    assert corpus.errors == []
    assert [dict(e.labels) for e in corpus.examples] == [
        {
            "loaded": 0.0, "frames": ("economic", "political"),
            "loaded_spans": {"loaded": ((6, 14),)},
            "source_spans": {"source": (), "cue": ((0, 3),)},
        },
        {
            "frames": (), "loaded_spans": {"loaded": ()},
            "source_spans": {"source": (), "cue": ()},
        },
        {},
    ]  # fmt: skip
    begins = [n for n, line in enumerate(path.read_text().split("\n"), start=1) if line == " {"]
    assert [e.origin for e in corpus.examples] == [(str(path), line) for line in begins]
    assert corpus.examples[0].id == "5"
    assert "frames: 1 times a sentence was worked on and has no mark" in said(corpus)
    assert "health care never occurs" in said(corpus)


def test_label_studio_votes_and_ground_truth(tmp_path: Path) -> None:
    yes = result("choices", "loaded", ["loaded"])
    no = result("choices", "loaded", ["not loaded"])
    direct = result("choices", "sourcing", ["direct"])
    path = array(
        tmp_path / "c.json",
        task(
            annotation(yes, direct, completed_by={"id": 3, "email": "a@b.c"}),
            annotation(no, completed_by=8),
            annotation(no, completed_by=9, was_cancelled=True),
        ),
        task(annotation(yes), annotation(no, completed_by=8, ground_truth=True)),
        task(annotation(yes, completed_by=None), annotation(no, completed_by=None)),
    )
    corpus = read(path, codebook=CODEBOOK).sound()
    voted, settled, unnamed = corpus.examples
    assert voted.votes == {"a@b.c": {"loaded": 1.0, "sourcing": "direct"}, "8": {"loaded": 0.0}}
    assert voted.labels == {"loaded": 0.5, "sourcing": "direct"}
    assert settled.votes == {"7": {"loaded": 1.0}, "8": {"loaded": 0.0}}
    assert settled.labels == {"loaded": 0.0}
    assert unnamed.labels == {"loaded": 0.5}
    assert len(unnamed.votes) == 2
    assert "skipped" in said(corpus)


def test_label_studio_offsets_of_older_versions(tmp_path: Path) -> None:
    utf16 = result("labels", "words", ["loaded"], start=7, end=15, text="reckless")
    wrong = result("labels", "words", ["loaded"], start=4, end=12, text="reckless")
    corpus = read(array(tmp_path / "c.json", task(annotation(utf16))), codebook=CODEBOOK)
    assert corpus.examples[0].labels == {"loaded_spans": {"loaded": ((6, 14),)}}
    assert "UTF-16" in said(corpus)
    (fault,) = errors(array(tmp_path / "c.json", task(annotation(wrong))))
    assert "it stands at 6:14" in fault.message


def test_label_studio_faults(tmp_path: Path) -> None:
    path = array(
        tmp_path / "c.json",
        task(annotation(result("choices", "frames", ["economical"]))),
        task(annotation(result("labels", "words", ["person"], start=0, end=3))),
        task(annotation(result("choices", "x", ["direct"]), result("choices", "x", ["mixed"]))),
        task({"result": None}),
        {"text": "min", "label": "x"},
    )
    messages = [(f.line, f.message) for f in errors(path)]
    assert [m[:38] for _, m in messages] == [
        "'economical' is no sentence label of f",
        "'person' is no span label of the codeb",
        "sourcing: two answers, 'direct' and 'm",
        "an annotation without a list of result",
        "no task of Label Studio: it has no dat",
    ]
    assert [line for line, _ in messages] == sorted({line for line, _ in messages if line})
    (fault,) = errors(array(tmp_path / "d.json", {"data": {"body": "x"}, "annotations": []}))
    assert "no text but 'body'" in fault.message
    found = read(
        array(tmp_path / "d.json", {"data": {"body": "x y"}, "annotations": []}),
        codebook=CODEBOOK, columns={"text": "body"},
    )  # fmt: skip
    assert [e.text for e in found.sound().examples] == ["x y"]


def test_label_studio_leaves_the_rest_out_with_a_warning(tmp_path: Path) -> None:
    path = array(
        tmp_path / "c.json",
        {
            **task(
                annotation(
                    result("rating", "r", [], rating=3),
                    result("choices", "c", ["direct"], start=0, end=3),
                )
            ),
            "predictions": [{"result": []}],
        },
    )
    corpus = read(path, codebook=CODEBOOK).sound()
    assert corpus.examples[0].labels == {}
    for part in ("'rating'", "about a span", "predictions"):
        assert part in said(corpus)


# doccano


def test_doccano_sequence_labelling(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        {"id": 1, "text": TEXT, "label": [[6, 14, "loaded"]], "document": "d", "Comments": []},
        {"id": 2, "text": TEXT, "label": [], "document": "d", "Comments": []},
    )
    assert labels_of(path) == [
        {"loaded_spans": {"loaded": ((6, 14),)}},
        {"loaded_spans": {"loaded": ()}},
    ]
    assert "1 times a sentence was worked on" in said(read(path, codebook=CODEBOOK))


def test_doccano_entities_with_relations_and_cats(tmp_path: Path) -> None:
    entity = {"id": 3, "label": "cue", "start_offset": 0, "end_offset": 3}
    path = write_lines(
        tmp_path / "c.jsonl",
        {"id": 1, "text": TEXT, "entities": [entity], "relations": [], "document": "d"},
        {"id": 2, "text": TEXT, "entities": [[6, 14, "loaded"]], "cats": ["mixed", "economic"],
         "document": "d"},
    )  # fmt: skip
    first, second = labels_of(path)
    assert first["source_spans"] == {"source": (), "cue": ((0, 3),)}
    assert second["loaded_spans"] == {"loaded": ((6, 14),)}
    assert (second["sourcing"], second["frames"]) == ("mixed", ("economic",))
    assert "frames" not in first, "its sentence was not asked about"


def test_doccano_classification(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        {"id": 1, "text": TEXT, "label": ["not loaded", "direct"], "document": "d"},
        {"id": 2, "text": TEXT, "label": [], "document": "d"},
    )
    assert labels_of(path) == [{"loaded": 0.0, "sourcing": "direct"}, {}]
    path = write_lines(tmp_path / "d.jsonl", {"text": TEXT, "label": ["yes"], "document": "d"})
    assert labels_of(path, columns={"loaded": "label"}) == [{"loaded": 1.0}]


def test_doccano_files_of_annotators_are_votes(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    for name, names in (("ann", ["loaded"]), ("ben", ["not loaded"])):
        write_lines(
            folder / f"{name}.jsonl",
            {"id": 1, "text": TEXT, "label": names, "document": "d"},
            {"id": 2 if name == "ann" else 3, "text": "Fine.", "label": names, "document": "d"},
        )
    corpus = read(folder, codebook=CODEBOOK).sound()
    first, second, third = corpus.examples
    assert first.votes == {"ann": {"loaded": 1.0}, "ben": {"loaded": 0.0}}
    assert first.labels == {"loaded": 0.5}
    assert (second.labels, second.votes) == ({"loaded": 1.0}, {})
    assert (third.labels, third.origin) == ({"loaded": 0.0}, (f"{folder}/ben.jsonl", 2))


def test_doccano_faults(tmp_path: Path) -> None:
    rows = [[[6, 14, "person"]], [[6, 99, "loaded"]], [[6, 14]], ["direct"], [[6, 9, "loaded"]]]
    path = write_lines(
        tmp_path / "c.jsonl", *({"text": TEXT, "label": row, "document": "d"} for row in rows)
    )
    found = errors(path)
    assert [f.line for f in found] == [1, 2, 3, 4]
    assert "'person' is no span label of the codebook" in found[0].message
    assert "outside the text" in found[1].message
    assert "give [start, end, label], not" in found[2].message


def test_a_name_of_two_tasks_needs_a_word_more(tmp_path: Path) -> None:
    tasks = (*CODEBOOK.tasks, replace(CODEBOOK.task("sourcing"), name="second"))
    codebook = replace(CODEBOOK, tasks=tasks)
    path = write_lines(tmp_path / "c.jsonl", {"text": TEXT, "label": ["mixed"], "document": "d"})
    (fault,) = read(path, codebook=codebook).errors
    assert "'mixed' is a label of sourcing and second" in fault.message
    (found,) = read(path, codebook=codebook, columns={"second": "label"}).sound().examples
    assert found.labels == {"second": "mixed"}
    made = [example(labels={"sourcing": "mixed", "second": "none"})]
    for tool in TOOLS:
        write(made, tmp_path / "out.json", codebook=codebook, format=tool)
        again = read(tmp_path / "out.json", codebook=codebook, format=tool).sound().examples
        assert content(again) == content(made)
