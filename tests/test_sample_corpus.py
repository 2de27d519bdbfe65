"""The sample corpus: exact offsets, known labels, and as much of everything as it promises."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from datetime import date
from itertools import chain, groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from framing.quotes import open_at, quoted_spans
from framing.task import default_tasks
from framing.taxonomy import FRAMES, FRAMING, LOADED, LOADED_SPANS, SOURCE_SPAN_TASK, SOURCING

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
TASKS = {task.name: task for task in default_tasks()}
READ_TWICE = (LOADED, LOADED_SPANS, SOURCING, FRAMING)

Record = dict[str, Any]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    lines = (SAMPLE / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def documents(records: list[Record]) -> dict[str, list[Record]]:
    return {name: list(rows) for name, rows in groupby(records, lambda r: r["document"])}


@pytest.fixture(scope="module")
def roles() -> list[dict[str, str]]:
    with (SAMPLE / "roles.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def role_codebook() -> Record:
    return tomllib.loads((SAMPLE / "roles.toml").read_text(encoding="utf-8"))


def readings(record: Record) -> list[Record]:
    """What was settled on, and what each annotator said."""
    return [record["labels"], *record.get("annotators", {}).values()]


def names(reading: Record, task: str) -> list[str]:
    """The labels that a reading gives for a task, whatever its kind."""
    label = reading[task]
    if TASKS[task].kind == "spans":
        return [span["label"] for span in label]
    if TASKS[task].kind == "binary":
        return ["true" if label else "false"]
    return label if isinstance(label, list) else [label]


def count(records: list[Record], task: str) -> Counter[str]:
    return Counter(chain.from_iterable(names(r["labels"], task) for r in records))


def kind(share: float | None) -> str:
    """The kind of sourcing by the quoted share of the content; None without any."""
    if share is None:
        return "none"
    return "direct" if share > 0.9 else "mixed" if share else "indirect"


def test_every_record_has_what_the_format_asks_for(records: list[Record]) -> None:
    fields = {"id", "text", "document", "outlet", "event", "date", "labels"}
    for record in records:
        assert set(record) - {"quote_open", "annotators"} == fields
        assert set(record["labels"]) == set(TASKS)
        assert record["text"] == record["text"].strip() != ""
        assert "\n" not in record["text"]
        date.fromisoformat(record["date"])
        for reading in record.get("annotators", {}).values():
            assert set(reading) == set(READ_TWICE)


def test_no_id_and_no_sentence_comes_twice(records: list[Record]) -> None:
    assert len({r["id"] for r in records}) == len(records)
    assert len({r["text"] for r in records}) == len(records)


def test_a_document_is_one_piece_of_one_outlet(documents: dict[str, list[Record]]) -> None:
    for name, rows in documents.items():
        assert len({(r["outlet"], r["event"], r["date"]) for r in rows}) == 1
        assert [r["id"] for r in rows] == [f"{name}-{n:02}" for n in range(1, len(rows) + 1)]
        assert 14 <= len(rows) <= 20


def test_every_label_is_one_of_its_task(records: list[Record]) -> None:
    for record in records:
        for reading in readings(record):
            assert type(reading[LOADED]) is bool
            for task in set(reading) - {LOADED}:
                given = names(reading, task)
                assert set(given) <= set(TASKS[task].labels), record["id"]
                assert TASKS[task].kind != "multiclass" or len(given) == 1
                assert TASKS[task].kind == "spans" or len(set(given)) == len(given)


def test_spans_lie_in_the_text_and_cut_no_word(records: list[Record]) -> None:
    for record in records:
        text = record["text"]
        spans = chain.from_iterable(
            reading.get(task, [])
            for reading in readings(record)
            for task in (LOADED_SPANS, SOURCE_SPAN_TASK)
        )
        for span in spans:
            start, end = span["start"], span["end"]
            assert 0 <= start < end <= len(text), record["id"]
            assert text[start:end] == text[start:end].strip()
            for at in (start, end):
                assert not text[max(at - 1, 0) : at + 1].isalnum() or at in (0, len(text)), (
                    record["id"],
                    text[start:end],
                )


def test_spans_of_one_label_are_in_order_and_apart(records: list[Record]) -> None:
    for record in records:
        for task in (LOADED_SPANS, SOURCE_SPAN_TASK):
            for label in TASKS[task].labels:
                spans = [s for s in record["labels"][task] if s["label"] == label]
                assert all(a["end"] <= b["start"] for a, b in pairwise(spans)), record["id"]


def test_a_sentence_is_loaded_where_it_has_loaded_words(records: list[Record]) -> None:
    for record in records:
        for reading in readings(record):
            assert reading[LOADED] == bool(reading[LOADED_SPANS]), record["id"]
            for span in reading[LOADED_SPANS]:
                words = record["text"][span["start"] : span["end"]]
                assert len(words.split()) <= 9, words
                assert words[0].isalnum() and words[-1].isalnum(), words


def test_sourcing_and_open_quotations_follow_from_the_quotation_marks(
    documents: dict[str, list[Record]],
) -> None:
    for rows in documents.values():
        article = " ".join(r["text"] for r in rows)
        starts = [sum(len(r["text"]) + 1 for r in rows[:i]) for i in range(len(rows))]
        inside = {at for start, end in quoted_spans(article) for at in range(start, end)}
        opened = open_at(article, starts)
        for record, base, quote_open in zip(rows, starts, opened, strict=True):
            assert record.get("quote_open", False) == quote_open, record["id"]
            letters = [
                base + at in inside
                for span in record["labels"][SOURCE_SPAN_TASK]
                if span["label"] == "content"
                for at in range(span["start"], span["end"])
                if record["text"][at].isalnum()
            ]
            share = sum(letters) / len(letters) if letters else None
            assert record["labels"][SOURCING] == kind(share), record["id"]


def test_a_source_or_a_cue_has_content(records: list[Record]) -> None:
    for record in records:
        labels = {span["label"] for span in record["labels"][SOURCE_SPAN_TASK]}
        assert not labels or "content" in labels, record["id"]


def test_there_is_as_much_of_everything_as_promised(
    records: list[Record], documents: dict[str, list[Record]]
) -> None:
    assert len(records) >= 440
    assert len(documents) >= 26
    assert 4 <= len({r["outlet"] for r in records}) <= 6
    frames = count(records, FRAMING)
    assert all(frames[frame] >= 12 for frame in FRAMES), frames
    assert 0.2 <= count(records, LOADED)["true"] / len(records) <= 0.25
    assert all(n >= 40 for n in count(records, SOURCING).values())
    assert sum(r.get("quote_open", False) for r in records) >= 20
    told_twice = Counter(rows[0]["event"] for rows in documents.values())
    assert sum(n > 1 for n in told_twice.values()) >= 4


def test_two_readings_differ_about_once_in_eight(records: list[Record]) -> None:
    twice = [r["annotators"] for r in records if "annotators" in r]
    assert len(twice) >= 80
    assert all(set(votes) == {"first", "second"} for votes in twice)
    differs = [
        set(names(votes["first"], task)) != set(names(votes["second"], task))
        for votes in twice
        for task in (LOADED, SOURCING, FRAMING)
    ]
    assert 1 / 10 <= sum(differs) / len(differs) <= 1 / 6


def test_the_settled_label_is_one_that_an_annotator_gave(records: list[Record]) -> None:
    for record in records:
        votes = list(record.get("annotators", {}).values())
        for task in (LOADED, SOURCING) if votes else ():
            assert record["labels"][task] in [v[task] for v in votes], record["id"]
        if votes:
            given = set(chain.from_iterable(v[FRAMING] for v in votes))
            assert set(record["labels"][FRAMING]) <= given, record["id"]


def test_the_roles_are_of_the_same_sentences(
    records: list[Record], roles: list[dict[str, str]]
) -> None:
    assert list(roles[0]) == ["sentence", "article", "outlet", "role"]
    assert [(r["sentence"], r["article"], r["outlet"]) for r in roles] == [
        (r["text"], r["document"], r["outlet"]) for r in records
    ]


def test_the_roles_are_declared_and_all_used(
    roles: list[dict[str, str]], role_codebook: Record
) -> None:
    task = role_codebook["tasks"]["role"]
    assert task["kind"] == "multiclass"
    assert task["question"].endswith("?")
    assert all(definition.strip() for definition in task["labels"].values())
    assert set(task["labels"]) == {r["role"] for r in roles}


def test_its_readme_counts_what_is_there(
    records: list[Record], roles: list[dict[str, str]], role_codebook: Record
) -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    stated = {
        (task, label): int(n)
        for task, label, n in re.findall(r"^\| `(\w+)` \| `(\S+)` \| (\d+) \|$", readme, re.M)
    }
    counted = {(t, x): n for t in TASKS for x, n in count(records, t).items()}
    counted[FRAMING, "(none)"] = sum(not r["labels"][FRAMING] for r in records)
    found = Counter(r["role"] for r in roles)
    counted |= {("role", x): found[x] for x in role_codebook["tasks"]["role"]["labels"]}
    assert stated == counted
    for outlet, rows in groupby(sorted(records, key=lambda r: r["outlet"]), lambda r: r["outlet"]):
        of = list(rows)
        pieces, loaded = len({r["document"] for r in of}), count(of, LOADED)["true"]
        row = rf"^\| {outlet} \| .* \| {pieces} \| {len(of)} \| {loaded} \|$"
        assert re.search(row, readme, re.M), outlet
