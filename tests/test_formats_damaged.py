"""Whatever a file holds, there are sentences or faults, and never anything else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from corpora_files import write as write_text
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_examples import CODEBOOK, write_lines

from training.formats import read

RECORD = {"text": "The reckless bill passed.", "document": "d", "labels": {"loaded": True}}

SPAN = {"start": 0, "end": 1, "label": "loaded", "text": "a"}
ENTITY = {"id": 1, "label": "cue", "start_offset": 2, "end_offset": 6}
RESULTS = [
    {"type": "labels", "from_name": "x", "value": {**SPAN, "labels": ["loaded"]}},
    {"type": "choices", "from_name": "frames", "value": {"choices": ["economic"]}},
]
SOUND: dict[str, list[dict[str, Any]]] = {
    "jsonl": [
        {**RECORD, "labels": {"loaded_spans": [SPAN], "sourcing": {"direct": 1.0}}, "n": 1},
        {**RECORD, "annotators": {"a": {"frames": ["economic"], "source_spans": {"cue": []}}}},
        {"text": "a bill", "loaded": 1, "frames": [], "loaded_spans": [], "quote_open": True},
    ],
    "label_studio": [
        {
            "id": 1, "data": {"text": "a bill", "document": "d"}, "predictions": [],
            "annotations": [
                {"completed_by": {"id": 1, "email": "a"}, "ground_truth": True, "result": RESULTS},
                {"completed_by": 2, "was_cancelled": False, "result": RESULTS},
            ],
        }
    ],
    "doccano": [
        {"id": 1, "text": "a bill", "label": [[0, 1, "loaded"]], "document": "d"},
        {"text": "a bill", "label": ["direct", "economic"]},
        {"text": "a bill", "entities": [ENTITY], "cats": ["mixed"], "relations": []},
    ],
    "prodigy": [
        {"text": "a bill", "meta": {"document": "d"}, "answer": "accept", "spans": [SPAN],
         "options": [{"id": "direct"}], "accept": ["direct"], "_annotator_id": "a"},
        {"text": "a bill", "_input_hash": 1, "label": "loaded", "answer": "reject"},
    ],
}  # fmt: skip
SCALARS = st.sampled_from([None, True, 0, 1, -1, 99, 0.5, "", "a bill", "direct", "é😀", "{", "["])
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.just("start"), SCALARS)


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """The value with something else somewhere in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    if not keys:
        return draw(VALUES)
    key = draw(st.sampled_from(keys))
    deeper = isinstance(value[key], dict | list) and draw(st.booleans())
    put = draw(damaged(value[key])) if deeper else draw(VALUES)
    if isinstance(value, dict):
        return {**value, key: put}
    return [*value[:key], put, *value[key + 1 :]]


@pytest.mark.parametrize("name", SOUND)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_records_give_sentences_or_faults(name: str, data: st.DataObject) -> None:
    rows = [data.draw(damaged(row)) for row in SOUND[name]]
    with TemporaryDirectory() as folder:
        path = write_lines(Path(folder) / "c.jsonl", *rows)
        corpus = read(path, codebook=CODEBOOK, format=name)
        assert corpus.examples or corpus.errors
        read(path, codebook=CODEBOOK)


@given(st.text(alphabet='text,loaded;\t"\n\r10[]{}', max_size=60))
def test_any_table_gives_sentences_or_faults(rows: str) -> None:
    with TemporaryDirectory() as folder:
        path = write_text(Path(folder) / "c.csv", f"text,loaded,frames,loaded_spans\n{rows}")
        corpus = read(path, codebook=CODEBOOK)
    assert corpus.examples or corpus.errors


@given(st.binary(max_size=60))
def test_any_bytes_give_faults(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        for name in ("c.jsonl", "c.json", "c.csv", "c.parquet"):
            path = Path(folder) / name
            path.write_bytes(data)
            corpus = read(path, codebook=CODEBOOK)
            assert corpus.examples or corpus.errors
