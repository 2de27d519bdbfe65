"""A codebook with a task of each kind, and examples of it that hypothesis makes up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpora_files import write as write_text
from hypothesis import strategies as st

from framing.sentences import is_blank
from framing.task import Task
from training.codebook import Codebook
from training.corpus import Corpus
from training.example import Example, Label
from training.faults import Fault
from training.formats import read

CODEBOOK = Codebook(
    name="tests",
    tasks=(
        Task(name="loaded", kind="binary", labels=("loaded",)),
        Task(name="sourcing", kind="multiclass", labels=("none", "direct", "mixed")),
        Task(name="frames", kind="multilabel", labels=("economic", "political", "health care")),
        Task(name="loaded_spans", kind="spans", labels=("loaded",)),
        Task(name="source_spans", kind="spans", labels=("source", "cue")),
    ),
)
# Letters, marks that tables and JSON use, line breaks, emoji of several code points, right to left.
LETTERS = "abc XY19éß.,;:'\"“”\\/{}[]<>&|#\t\n\r\u2028\u00a0😀👩🏽‍⚕️שלוםمرحبا日本"
TEXTS = st.text(alphabet=LETTERS, min_size=1, max_size=40).filter(lambda t: not is_blank(t))
NAMES = st.text(alphabet=LETTERS, min_size=1, max_size=8)


def spans_in(text: str) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    pair = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    return st.sets(pair.filter(lambda p: p[0] < p[1]), max_size=3).map(lambda s: tuple(sorted(s)))


def label_of(task: Task, text: str, *, soft: bool) -> st.SearchStrategy[Label]:
    names = list(task.labels)
    if task.kind == "binary":
        return st.floats(0, 1) if soft else st.sampled_from([0.0, 1.0])
    if task.kind == "multiclass":
        shares = st.floats(0, 1).map(lambda p: {names[0]: p, names[2]: 1 - p})
        return st.sampled_from(names) | shares if soft else st.sampled_from(names)
    if task.kind == "multilabel":
        chosen = st.sets(st.sampled_from(names)).map(lambda s: tuple(n for n in names if n in s))
        shares = st.dictionaries(st.sampled_from(names), st.floats(0, 1))
        return chosen | shares if soft else chosen
    whole = st.fixed_dictionaries({name: spans_in(text) for name in names})
    parts = st.dictionaries(st.sampled_from(names), spans_in(text), min_size=1)
    return whole | parts if soft else whole


@st.composite
def examples(draw: st.DrawFn, *, soft: bool = True) -> Example:
    text = draw(TEXTS)
    each = {task.name: label_of(task, text, soft=soft) for task in CODEBOOK.tasks}
    some: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional=each)
    votes = draw(st.dictionaries(NAMES.filter(str.strip), some.filter(bool), max_size=3))
    labels = draw(some)
    for vote in votes.values():
        for task in vote:
            if task not in labels:
                labels[task] = draw(each[task])
    return Example(
        text=text,
        corpus="c",
        id=draw(NAMES),
        group="",
        labels=labels,
        outlet=draw(st.none() | NAMES),
        document=draw(st.none() | NAMES),
        event=draw(st.none() | NAMES),
        quote_open=draw(st.booleans()),
        date=draw(st.none() | st.dates().map(str)),
        split=draw(st.sampled_from([None, "train", "dev", "test"])),
        votes=votes,
        extra=draw(st.dictionaries(st.just("note"), NAMES)),
    )


def content(found: Iterable[Example]) -> list[Example]:
    """The examples without what follows from the file they stand in."""
    return [replace(example, corpus="", group="", origin=None) for example in found]


def example(text: str = "The reckless bill passed.", **fields: Any) -> Example:
    """An example with a name and a document, and what is given."""
    return Example(**{
        "text": text, "corpus": "c", "id": "s1", "group": "", "labels": {}, "document": "d1",
        **fields,
    })  # fmt: skip


def write_lines(path: Path, *records: Any) -> Path:
    """A file of JSON lines."""
    return write_text(path, "".join(json.dumps(record) + "\n" for record in records))


def errors(source: Any, **options: Any) -> list[Fault]:
    """The errors of a corpus that has some."""
    corpus = read(source, codebook=CODEBOOK, **options)
    assert corpus.errors, "no error was found"
    return corpus.errors


def said(corpus: Corpus) -> str:
    """All of its faults as text."""
    return "\n".join(map(str, corpus.faults))
