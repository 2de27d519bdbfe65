"""Prodigy: a line an answer, put together by sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labelled_examples import CODEBOOK, errors, said, write_lines

from training.formats import read

TEXT = "The 😀 reckless bill passed."


def answer(**more: Any) -> dict[str, Any]:
    return {"text": TEXT, "_input_hash": 11, "_task_hash": 2, "answer": "accept",
            "meta": {"document": "d"}, **more}  # fmt: skip


def test_prodigy_spans_and_options_of_one_sentence(tmp_path: Path) -> None:
    span = {"start": 6, "end": 14, "label": "loaded", "token_start": 2, "token_end": 2}
    options = [{"id": "direct", "text": "direct"}, {"id": "mixed", "text": "mixed"}]
    path = write_lines(
        tmp_path / "c.jsonl",
        answer(spans=[span], tokens=[], _annotator_id="db-ann", _view_id="ner_manual"),
        answer(spans=[], tokens=[], _annotator_id="db-ben"),
        answer(options=options, accept=["direct"], _annotator_id="db-ann"),
        answer(options=options, accept=["mixed"], _annotator_id="db-cat", answer="ignore"),
        answer(label="loaded", answer="reject", _annotator_id="db-ann"),
    )
    corpus = read(path, codebook=CODEBOOK).sound()
    (found,) = corpus.examples
    assert found.group == "c:d"
    assert found.votes == {
        "db-ann": {"loaded_spans": {"loaded": ((6, 14),)}, "sourcing": "direct", "loaded": 0.0},
        "db-ben": {"loaded_spans": {"loaded": ()}},
    }
    assert found.labels == {
        "loaded_spans": {"loaded": ()}, "sourcing": "direct", "loaded": 0.0
    }  # fmt: skip
    assert "1 answers are 'ignore'" in said(corpus)


def test_prodigy_answers_without_an_annotator(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        answer(label="loaded"),
        answer(text="Fine.", _input_hash=12, label="direct"),
        answer(text="Fine.", _input_hash=12, label="loaded", outlet="O"),
        answer(text="Well.", _input_hash=13, spans=[], answer="reject"),
    )
    corpus = read(path, codebook=CODEBOOK).sound()
    assert [dict(e.labels) for e in corpus.examples] == [
        {"loaded": 1.0},
        {"sourcing": "direct", "loaded": 1.0},
        {},
    ]
    assert [e.votes for e in corpus.examples] == [{}, {}, {}]
    assert corpus.examples[1].outlet == "O"


def test_prodigy_faults(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        answer(label="economic"),
        answer(label="mixed", answer="reject", _input_hash=2),
        answer(answer="maybe", _input_hash=3),
        answer(spans=[{"start": 0, "end": 3}], _input_hash=4),
        answer(spans="x", _input_hash=5),
        answer(text="Other.", _input_hash=5),
        answer(accept=["tone"], _input_hash=6),
    )
    found = errors(path)
    assert [f.line for f in found] == [1, 2, 3, 4, 5, 6, 7]
    assert "leaves the other labels of 'frames' open" in found[0].message
    assert "leaves the other labels of 'sourcing' open" in found[1].message
    assert "none of accept, reject, ignore" in found[2].message
    assert "another text in line 5" in found[5].message
    assert [e.origin for e in read(path, codebook=CODEBOOK).examples] == []


def test_prodigy_conflicts_of_one_annotator_are_warned_of(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl",
        answer(label="loaded", _annotator_id="a"),
        answer(label="loaded", _annotator_id="a", answer="reject"),
    )
    corpus = read(path, codebook=CODEBOOK).sound()
    assert corpus.examples[0].labels == {"loaded": 0.0}
    assert "annotated twice by a; the later one counts" in said(corpus)
