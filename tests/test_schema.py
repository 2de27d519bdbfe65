"""The schema of a record, in JSON and in words: both say what the readers do."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from framing.task import Task
from training.codebook import Codebook
from training.records import FIELDS, SPLITS, parse_record

DATA = Path(__file__).resolve().parents[1] / "data"
SCHEMA = json.loads((DATA / "schema.json").read_text(encoding="utf-8"))
WORDS = (DATA / "schema.md").read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(SCHEMA)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", WORDS, re.MULTILINE | re.DOTALL)


RECORDS = [json.loads(block) for block in blocks("json")] + SCHEMA["examples"]


def codebooks(folder: Path) -> list[Codebook]:
    found = []
    for number, block in enumerate(blocks("toml")):
        path = folder / f"{number}.toml"
        path.write_text(block, encoding="utf-8")
        found.append(Codebook.load(path))
    return found


@pytest.fixture(scope="module")
def codebook(tmp_path_factory: pytest.TempPathFactory) -> Codebook:
    """The built-in tasks and all those that the examples declare."""
    tasks: dict[str, Task] = {t.name: t for t in Codebook.built_in().tasks}
    for book in codebooks(tmp_path_factory.mktemp("codebooks")):
        tasks |= {t.name: t for t in book.tasks}
    return Codebook(name="all", tasks=tuple(tasks.values()))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == {*FIELDS, "labels", "annotators"}
    assert set(SPLITS) < set(SCHEMA["properties"]["split"]["enum"])


def test_every_field_is_explained() -> None:
    for field in SCHEMA["properties"]:
        assert f"`{field}`" in WORDS
        assert {"title", "description"} & set(SCHEMA["properties"][field])


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r["text"][:30])
def test_examples_are_records(record: dict[str, Any], codebook: Codebook) -> None:
    assert not list(VALIDATOR.iter_errors(record))
    example, faults = parse_record(record, codebook, corpus="c", origin=("f.jsonl", 1))
    assert example is not None
    assert [f for f in faults if "document" not in f.message] == []


def test_examples_in_the_schema_fit_where_they_stand() -> None:
    def walk(node: Any) -> int:
        if isinstance(node, list):
            return sum(map(walk, node))
        if not isinstance(node, dict):
            return 0
        own = {**node, "$defs": SCHEMA["$defs"]}
        examples = node.get("examples", [])
        for example in examples:
            assert Draft202012Validator(own).is_valid(example), example
        return len(examples) + sum(walk(v) for k, v in node.items() if k != "examples")

    assert walk({k: v for k, v in SCHEMA.items() if k != "examples"}) > 10


def test_there_is_an_example_of_each_kind() -> None:
    tasks = {t.name: t for t in Codebook.built_in().tasks}
    kinds = {tasks[name].kind for r in RECORDS for name in r.get("labels", {}) if name in tasks}
    assert kinds == {"binary", "multiclass", "multilabel", "spans"}


def test_what_the_words_say_of_the_votes_is_what_is_made_of_them(codebook: Codebook) -> None:
    record = next(r for r in RECORDS if len(r.get("annotators", {})) == 3)
    example, _ = parse_record(record, codebook, corpus="c", origin=("f.jsonl", 1))
    assert example is not None
    assert example.labels == {
        "loaded": pytest.approx(2 / 3),
        "loaded_spans": {"loaded": ((21, 29),)},
    }
    assert "`loaded` becomes 0.67 and `loaded_spans` 21 to 29" in WORDS


def test_codebooks_have_a_task_of_each_kind(tmp_path: Path) -> None:
    own, mixed = codebooks(tmp_path)
    assert [t.kind for t in own.tasks] == ["binary", "multiclass", "multilabel", "spans"]
    assert own.task("alarm").labels == ("alarm",)
    assert own.task("blame").trim
    assert own.definitions["stance"]["oppose"]
    assert mixed.names == ("alarm", "loaded", "loaded_spans")


def changed(*path: str, to: Any) -> dict[str, Any]:
    record: dict[str, Any] = deepcopy(RECORDS[1])
    inner = record
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return record


BROKEN = [
    {},
    [],
    {"labels": {"loaded": True}},
    changed("text", to=""),
    changed("text", to=" \n"),
    changed("text", to=None),
    changed("text", to=["a"]),
    changed("id", to=True),
    changed("document", to=["a1"]),
    changed("outlet", to={"name": "x"}),
    changed("date", to="1 May 2024"),
    changed("date", to="01.05.2024"),
    changed("date", to=20240501),
    changed("split", to="validation"),
    changed("quote_open", to="yes"),
    changed("quote_open", to=1),
    changed("labels", to=["loaded"]),
    changed("labels", to="loaded"),
    changed("labels", to={"no name": True}),
    changed("labels", to={"1st": True}),
    changed("labels", to={"": True}),
    changed("labels", "loaded", to=1.2),
    changed("labels", "loaded", to=-0.1),
    changed("labels", "loaded", to=""),
    changed("labels", "frames", to=["political", "political"]),
    changed("labels", "frames", to=["political", 1]),
    changed("labels", "frames", to={"political": 2}),
    changed("labels", "frames", to={"political": "yes"}),
    changed("labels", "loaded_spans", to=[{"start": 4}]),
    changed("labels", "loaded_spans", to=[{"start": -1, "end": 4}]),
    changed("labels", "loaded_spans", to=[{"start": 0, "end": 0}]),
    changed("labels", "loaded_spans", to=[{"start": 0.5, "end": 4}]),
    changed("labels", "loaded_spans", to=[{"start": "0", "end": "4"}]),
    changed("labels", "loaded_spans", to=[{"start": 0, "end": 4, "label": ""}]),
    changed("labels", "loaded_spans", to=[{"start": 0, "end": 4, "tag": "loaded"}]),
    changed("labels", "loaded_spans", to=[[0, 4, "loaded"]]),
    changed("labels", "loaded_spans", to={"loaded": {"start": 0, "end": 4}}),
    changed("annotators", to=["ann1"]),
    changed("annotators", "ann1", to=True),
    changed("annotators", "ann1", to={"loaded": 3}),
    changed("annotators", to={" ": {"loaded": True}}),
]


@pytest.mark.parametrize("record", BROKEN, ids=lambda r: json.dumps(r)[-60:])
def test_what_is_no_record(record: Any) -> None:
    assert not VALIDATOR.is_valid(record)


@pytest.mark.parametrize(
    "record",
    [
        {"text": "A text without a label."},
        changed("id", to=12),
        changed("id", to=None),
        changed("document", to=""),
        changed("labels", "loaded", to=None),
        changed("labels", "loaded", to=0),
        changed("labels", "loaded_spans", to=[]),
        changed("labels", to=None),
        changed("annotators", to={}),
        changed("date", to="2024-05-01T06:30:00+02:00"),
        changed("rater_mood", to="tired"),
    ],
    ids=lambda r: json.dumps(r)[-60:],
)
def test_what_is_one_to_the_schema_is_one_to_the_reader(
    record: dict[str, Any], codebook: Codebook
) -> None:
    assert VALIDATOR.is_valid(record)
    example, _ = parse_record(record, codebook, corpus="c", origin=("f.jsonl", 1))
    assert example is not None


@given(st.text(max_size=20), st.data())
def test_the_conversions_of_offsets_hold(text: str, data: st.DataObject) -> None:
    functions: dict[str, Any] = {}
    exec(blocks("python")[0], functions)
    at = data.draw(st.integers(0, len(text)))
    assert functions["from_utf8_bytes"](text, len(text[:at].encode())) == at
    assert functions["from_utf16"](text, len(text[:at].encode("utf-16-le")) // 2) == at


def test_the_offsets_that_the_words_name() -> None:
    quoted, emoji = "« Vive »", "😀 bill"
    for text, word, rows in ((quoted, "Vive", "2 to 6|2 to 6|3 to 7"), (emoji, "bill", "2|3|5")):
        at = text.index(word)
        units = [len, lambda t: len(t.encode("utf-16-le")) // 2, lambda t: len(t.encode())]
        for count, row in zip(units, rows.split("|"), strict=True):
            start, *end = map(int, row.split(" to "))
            assert count(text[:at]) == start
            assert not end or count(text[: at + len(word)]) == end[0]
        assert text in WORDS
    cells = re.findall(r"^\| (?:code points|UTF-16 units|bytes of UTF-8) \|.*", WORDS, re.MULTILINE)
    assert [line.split(" | ")[2:] for line in cells] == [
        ["2 to 6", "2 |"],
        ["2 to 6", "3 |"],
        ["3 to 7", "5 |"],
    ]
