"""Archives: which tables are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_runs import KeywordScorer, article, rows, run, write_lines
from fakes import MODEL, span_columns

import framing
from framing.archive.layout import Layout
from framing.archive.row import Row, Rows
from framing.columns import ScoreColumns
from framing.errors import InputError
from framing.scored_texts import ScoredTexts
from framing.scorer import Scorer
from framing.task import Task


@pytest.fixture(autouse=True)
def keyword_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)


@pytest.mark.parametrize("split", [True, False])
def test_the_sentences_are_those_that_score_gives(
    split: bool, tiny_scorer: Scorer, tmp_path: Path
) -> None:
    texts = [
        article(1),
        "",
        "“The reckless bill,” the minister said, “is a report.” It slammed on.",
    ]
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps({"text": t, "n": 7}) + "\n" for t in texts), "utf-8")
    run(path, tmp_path / "out", keep=["n"], split=split, part_rows=2)
    found = rows(tmp_path / "out" / "sentences")
    scores = tiny_scorer.score(texts, split=split)
    wanted = [
        (n, s) for n, score in enumerate(scores) for s in (score.sentences if split else [score])
    ]
    assert len(found) == len(wanted) > 2
    spans = 0
    for row, (number, sentence) in zip(found, wanted, strict=True):
        assert (row["id"], row["file"], row["row"]) == (f"news.jsonl:{number}", str(path), number)
        assert (row["n"], row["windows"]) == ("7", sentence.windows)
        table = {name: values[0] for name, values in sentence.to_columns().items()}
        for name in (
            "start",
            "end",
            "text",
            "loaded",
            "loaded_label",
            "sourcing",
            "sourcing_mixed",
        ):
            assert row[name] == pytest.approx(table[name], abs=1e-6), name
        assert row["frame_political"] == pytest.approx(table["frame_political"], abs=1e-6)
        if sentence.windows == 0:
            assert row["frames"] is None and row["loaded"] is None and row["loaded_label"] is False
            continue
        assert row["frames"] == list(sentence.framing.labels)
        for name in ("loaded_spans", "source_spans"):
            voices = {"voice"} if name == "loaded_spans" else set()
            for span, score in zip(row[name], sentence.task(name).spans, strict=True):
                spans += 1
                assert set(span) == {"start", "end", "label", "probability"} | voices
                assert (span["start"], span["end"], span["label"]) == (
                    score.start,
                    score.end,
                    score.label,
                )
                assert span["probability"] == pytest.approx(score.probability, abs=1e-6)
        loaded = sentence.loaded_language.spans
        assert [span["voice"] for span in row["loaded_spans"]] == [span.voice for span in loaded]
    assert spans > 5


def test_a_document_is_the_mean_of_its_sentences(tiny_scorer: Scorer, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "news.jsonl", 6)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"text": " ", "outlet": null}\n')
    run(path, tmp_path / "out")
    documents = rows(tmp_path / "out" / "documents")
    sentences = rows(tmp_path / "out" / "sentences")
    assert [d["row"] for d in documents] == list(range(7))
    for document in documents[:-1]:
        own = [s for s in sentences if s["id"] == document["id"]]
        assert document["sentences"] == len(own) >= 2 and document["blank"] is False
        assert document["outlet"] == own[0]["outlet"] == f"o{document['row'] % 3}"

        def mean(value: Callable[[dict[str, Any]], float], own: Any = own) -> Any:
            return pytest.approx(sum(map(value, own)) / len(own), abs=1e-6)

        assert document["loaded"] == mean(lambda s: s["loaded"])
        assert document["loaded_share"] == mean(lambda s: s["loaded_label"])
        assert document["sourcing_direct"] == mean(lambda s: s["sourcing_direct"])
        assert document["sourcing_direct_share"] == mean(lambda s: s["sourcing"] == "direct")
        assert document["frame_economic"] == mean(lambda s: s["frame_economic"])
        assert document["frame_economic_share"] == mean(lambda s: "economic" in s["frames"])
        assert document["loaded_spans"] == sum(len(s["loaded_spans"]) for s in own)
        parts = [span["label"] for s in own for span in s["source_spans"]]
        assert document["source_spans"] == len(parts)
        assert document["source_spans_cue"] == parts.count("cue")
    blank = documents[-1]
    assert blank["blank"] is True and blank["sentences"] == 0 and blank["loaded_spans"] == 0
    assert blank["loaded"] is None and blank["frame_economic_share"] is None


def test_json_lines_have_the_same_rows_as_parquet(tiny_scorer: Scorer, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "news.jsonl", 4)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"text": "", "outlet": "a\u2028b"}) + "\n")
    run(path, tmp_path / "a", split=False)
    run(path, tmp_path / "b", split=False, format="jsonl")
    for table in ("sentences", "documents"):
        (file,) = (tmp_path / "b" / table).iterdir()
        content = file.read_bytes().decode("utf-8")
        found = [json.loads(line) for line in content.splitlines()]
        schema = pq.read_schema(tmp_path / "a" / table / "part-00000-00000.parquet")
        assert pa.Table.from_pylist(found, schema).to_pylist() == rows(tmp_path / "a" / table)
    assert found[-1]["loaded"] is None and found[-1]["outlet"] == "a\u2028b"


def test_levels_text_and_the_model_in_the_metadata(lines: Path, tmp_path: Path) -> None:
    run(lines, tmp_path / "a", level="document")
    run(lines, tmp_path / "b", level="sentence", text=False)
    assert not (tmp_path / "a" / "sentences").exists()
    assert not (tmp_path / "b" / "documents").exists()
    schema = pq.read_schema(tmp_path / "b" / "sentences" / "part-00000-00000.parquet")
    assert "text" not in schema.names and "sentence" in schema.names
    assert schema.metadata[b"framing.schema"] == b"1"
    assert json.loads(schema.metadata[b"framing.model"])["weights"] == "c0ffee"


def test_a_part_is_one_row_group_and_names_are_stored_once(lines: Path, tmp_path: Path) -> None:
    run(lines, tmp_path / "out")
    path = tmp_path / "out" / "sentences" / "part-00000-00000.parquet"
    metadata = pq.read_metadata(path)
    assert metadata.num_row_groups == 1
    group = metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    coded = {c.path_in_schema for c in columns if "RLE_DICTIONARY" in c.encodings}
    strings = {c.path_in_schema for c in columns if c.physical_type == "BYTE_ARRAY"}
    assert "loaded_spans.list.element.label" in strings
    assert coded == strings - {"text"}


def test_the_tasks_of_a_model_may_have_any_names() -> None:
    tasks = (
        Task(name="text", kind="binary", labels=("yes",)),
        Task(name="a", kind="multiclass", labels=("b_label", "two words")),
        Task(name="a_b", kind="binary", labels=("x",)),
        Task(name="windows", kind="multilabel", labels=("p", "q", "r")),
        Task(name="row", kind="spans", labels=("s", "t")),
    )
    values = {
        "text": [[0.2], [0.7]],
        "a": [[0.4, 0.6], [0.9, 0.1]],
        "a_b": [[0.5], [0.1]],
        "windows": [[0.6, 0.1, 0.8], [0.2, 0.3, 0.1]],
    }
    columns = ScoreColumns(
        start=np.array([0, 5]),
        end=np.array([4, 9]),
        windows=np.array([1, 1], np.int32),
        scores={name: np.array(found, np.float32) for name, found in values.items()},
        spans={"row": span_columns([[(0, 2, 1, 0.5, 0)], [(5, 7, 0, 0.25, 0), (7, 9, 1, 1.0, 0)]])},
        tasks={task.name: task for task in tasks},
        model=MODEL,
    )
    scored = ScoredTexts(texts=["One. Two."], indptr=np.array([0, 2]), columns=columns)
    kept = pa.schema([("a", pa.int8()), ("text", pa.string())])
    layout = Layout(level="both", tasks=tasks, model=MODEL, kept=kept)
    batches = layout.batches("f", Rows.of([Row(4, "i", "One. Two.", (1, "k"))]), scored)
    [document] = batches["documents"].to_pylist()
    sentences = batches["sentences"].to_pylist()
    assert sentences[0] == {
        **{"id": "i", "file": "f", "row": 4, "sentence": 0, "start": 0, "end": 4, "text": "One."},
        **{"windows": 1, "task_text": pytest.approx(0.2), "task_text_label": False},
        **{"a": "two words", "a_b_label": pytest.approx(0.4), "a_two words": pytest.approx(0.6)},
        **{"a_b": 0.5, "task_a_b_label": True, "task_windows": ["r", "p"]},
        **{"task_windows_p": pytest.approx(0.6), "task_windows_q": pytest.approx(0.1)},
        "task_windows_r": pytest.approx(0.8),
        "task_row": [{"start": 0, "end": 2, "label": "t", "probability": 0.5}],
        **{"keep_a": 1, "keep_text": "k"},
    }
    assert [span["label"] for span in sentences[1]["task_row"]] == ["s", "t"]
    assert sentences[1]["task_windows"] == []
    assert document["task_text_share"] == 0.5 and document["a_b_label"] == pytest.approx(0.65)
    assert (document["task_row"], document["task_row_s"], document["task_row_t"]) == (3, 1, 2)
    assert (document["a"], document["keep_text"]) == (1, "k")


def test_no_column_overwrites_another(lines: Path, tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": [article(1)],
            "loaded": pa.array([1.5], pa.float64()),
            "row": pa.array([9], pa.int16()),
            "day": pa.array([3], pa.date32()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    run(tmp_path / "a.parquet", tmp_path / "out", keep=["loaded", "row", "text", "day"])
    found = pq.read_table(tmp_path / "out" / "sentences" / "part-00000-00000.parquet")
    assert found.column_names[-4:] == ["keep_loaded", "keep_row", "keep_text", "day"]
    assert found.schema.field("keep_row").type == pa.int16()
    assert found.schema.field("day").type == pa.date32()
    first = found.to_pylist()[0]
    assert (first["keep_loaded"], first["keep_row"], first["row"]) == (1.5, 9, 0)


def test_a_sentence_that_comes_again_is_scored_once(tiny_scorer: Scorer, tmp_path: Path) -> None:
    texts = ["The senator slammed the bill. It passed on Monday.", "It passed on Monday."] * 6
    path = tmp_path / "wire.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    plain = framing.score_archive(path, tmp_path / "plain")
    once = framing.score_archive(path, tmp_path / "once", once=True)
    assert (plain.sentences, plain.repeated) == (18, 0)
    assert (once.sentences, once.repeated) == (18, 16)
    tables = [pq.read_table(tmp_path / name / "sentences") for name in ("plain", "once")]
    np.testing.assert_allclose(*(table["loaded"].to_numpy() for table in tables), atol=1e-5)
    assert tables[0].drop_columns("loaded").schema == tables[1].drop_columns("loaded").schema
    assert tables[0]["text"].equals(tables[1]["text"])
    with pytest.raises(InputError, match=r"options\.once: true then, false now"):
        framing.score_archive(path, tmp_path / "once")
