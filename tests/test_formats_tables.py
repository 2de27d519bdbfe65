"""Tables of sentences: CSV and TSV, Parquet, and data sets of the ``datasets`` library."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from corpora_files import write as write_text
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_examples import CODEBOOK, content, errors, example, examples, label_of

from framing.task import Task
from training.codebook import Codebook
from training.corpus import Corpus
from training.example import Example
from training.formats import read, write
from training.formats.cells import from_cell, to_cell
from training.labels import label_value

datasets = pytest.importorskip("datasets")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def csv(folder: Path, text: str, name: str = "c.csv") -> Path:
    return write_text(folder / name, text)


def labels_of(source: Any, **options: Any) -> list[dict[str, Any]]:
    corpus = read(source, codebook=CODEBOOK, **options).sound()
    return [dict(e.labels) for e in corpus.examples]


# There and back


@pytest.mark.parametrize("name", ["c.csv", "c.tsv", "c.parquet"])
@settings(max_examples=20)
@given(made=st.lists(examples(), min_size=1, max_size=3))
def test_tables_there_and_back(name: str, made: list[Example]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        labelled = [*made, example(labels={"loaded": 1.0})]  # a table has a column of labels
        write(labelled, path, codebook=CODEBOOK)
        corpus = read(path, codebook=CODEBOOK).sound()
    assert content(corpus.examples) == content(labelled)


@settings(max_examples=5)
@given(made=st.lists(examples(), min_size=1, max_size=3))
def test_data_sets_there_and_back(made: list[Example]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ds"
        labelled = [*made, example(labels={"loaded": 1.0})]
        write(labelled, path, codebook=CODEBOOK)
        corpus = read(path, codebook=CODEBOOK).sound()
        write(labelled[:1] + labelled[-1:], path, codebook=CODEBOOK)
        assert len(read(path, codebook=CODEBOOK).sound().examples) == 2
    assert content(corpus.examples) == content(labelled)


@given(st.data())
def test_a_cell_is_the_inverse(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(CODEBOOK.tasks))
    value = label_value(task, data.draw(label_of(task, "abc", soft=True)))
    assert from_cell(task, to_cell(value)) == value


def test_cells_with_line_breaks_and_quotes_keep_their_lines(tmp_path: Path) -> None:
    text = 'text,loaded,document\r\n"one ""bill""\r\nand\rmore",1,d\r\n\r\nnext,7,d\r\n'
    corpus = read(csv(tmp_path, text), codebook=CODEBOOK)
    (found,) = corpus.examples
    assert found.text == 'one "bill"\r\nand\rmore'
    assert found.origin == (str(tmp_path / "c.csv"), 2)
    assert [f.line for f in corpus.errors] == [6]


# Cells of CSV


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("1", 1.0), ("0", 0.0), ("Yes", 1.0), ("no", 0.0), ("TRUE", 1.0), ("False", 0.0),
        ("loaded", 1.0), ("Not loaded", 0.0), ("0.67", 0.67), (" 1 ", 1.0), ("1.0", 1.0),
    ],
)  # fmt: skip
def test_binary_cells(tmp_path: Path, cell: str, meant: float) -> None:
    path = csv(tmp_path, f"text,loaded,document\nA bill.,{cell},d\n")
    assert labels_of(path) == [{"loaded": meant}]


def test_cells_of_every_kind_and_empty_ones(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "text;sourcing;frames;loaded_spans;annotators;quote_open;document\n"
        'A bill.;direct;"economic; health care";"[{""start"": 2, ""end"": 6}]";'
        '"{""a"": {""loaded"": true}}";yes;d\n'
        'A bill.;"{""none"": 0.5, ""mixed"": 0.5}";[];[];;;d\n'
        "A bill.;;;;;no;d\n"
        "A bill.;;economic;;;;d\n",
    )
    corpus = read(path, codebook=CODEBOOK)
    assert corpus.faults == []
    assert [dict(e.labels) for e in corpus.examples] == [
        {
            "sourcing": "direct", "frames": ("economic", "health care"),
            "loaded_spans": {"loaded": ((2, 6),)}, "loaded": 1.0,
        },
        {
            "sourcing": {"none": 0.5, "mixed": 0.5}, "frames": (),
            "loaded_spans": {"loaded": ()},
        },
        {},
        {"frames": ("economic",)},
    ]  # fmt: skip
    assert [e.quote_open for e in corpus.examples] == [True, False, False, False]
    assert corpus.examples[0].votes == {"a": {"loaded": 1.0}}


def test_a_column_a_label(tmp_path: Path) -> None:
    header = "text,frames_economic,frames_political,frames_health care,document\n"
    rows = "a,1,0,yes,d\nb,0,0,0,d\nc,,,,d\ne,0.5,0,1,d\n"
    path = csv(tmp_path, header + rows)
    assert labels_of(path) == [
        {"frames": ("economic", "health care")},
        {"frames": ()},
        {},
        {"frames": {"economic": 0.5, "political": 0.0, "health care": 1.0}},
    ]
    (fault,) = errors(csv(tmp_path, header + "a,1,,0,d\n"))
    assert (fault.line, fault.message[:33]) == (2, "frames: no value for political; g")
    (fault,) = errors(csv(tmp_path, header + "a,1,maybe,0,d\n"))
    assert "political: give 0 or 1, not 'maybe'" in fault.message
    (fault,) = errors(csv(tmp_path, "text,frames_economic\na,1\n"))
    assert "no column for frames_political, frames_health care" in fault.message
    (fault,) = errors(csv(tmp_path, header.replace("document", "frames") + "a,1,0,1,economic\n"))
    assert "both label 'frames'" in fault.message
    mapped = header.replace("frames_economic", "eco")
    columns = {"frames_economic": "eco"}
    assert labels_of(csv(tmp_path, mapped + "a,1,0,0,d\n"), columns=columns) == [
        {"frames": ("economic",)}
    ]


def test_a_task_by_the_name_of_a_label_column_is_the_task(tmp_path: Path) -> None:
    task = Task(name="frames_economic", kind="binary", labels=("yes",))
    codebook = Codebook(name="c", tasks=(CODEBOOK.task("frames"), task))
    path = csv(tmp_path, "text,frames_economic,document\nA bill.,1,d\n")
    (found,) = read(path, codebook=codebook).sound().examples
    assert found.labels == {"frames_economic": 1.0}


def test_columns_of_other_names(tmp_path: Path) -> None:
    path = csv(tmp_path, "sentence,text,biased,article\nA bill.,ignored,1,d\n")
    columns = {"text": "sentence", "loaded": "biased", "document": "article"}
    corpus = read(path, codebook=CODEBOOK, columns=columns)
    (found,) = corpus.examples
    assert (found.text, found.labels, found.group) == ("A bill.", {"loaded": 1.0}, "c:d")
    (fault,) = corpus.faults
    assert "'text' is not used: 'sentence' holds the text" in fault.message


def test_missing_columns_are_said_with_those_there_are(tmp_path: Path) -> None:
    path = csv(tmp_path, "sentence,bias\nA bill.,1\n")
    text, labels = errors(path)
    assert "no column 'text'; the columns are 'sentence', 'bias'" in text.message
    assert "--columns text=COLUMN" in text.message
    assert "no column of labels" in labels.message
    assert "--columns TASK=COLUMN" in labels.message
    said = " ".join(f.message for f in errors(path, columns={"text": "sentense"}))
    assert "no column 'sentense' for 'text'; the columns are 'sentence', 'bias'" in said


def test_tables_that_are_broken(tmp_path: Path) -> None:
    few, many = errors(csv(tmp_path, "text,loaded,document\nbill,1\nx,1,d\nA, bill,1,d\n"))
    assert (few.line, many.line) == (2, 4)
    assert "2 cells, but the header has 3" in few.message
    assert "between quotation marks" in many.message
    (fault,) = errors(csv(tmp_path, 'text,loaded\n"A bill,1\nmore,0\n'))
    assert fault.line == 2
    assert "quotation mark" in fault.message
    (fault,) = errors(csv(tmp_path, "text,loaded,loaded\nbill,1,0\n"))
    assert "column 'loaded' is there twice" in fault.message
    (fault,) = errors(csv(tmp_path, 'text,loaded_spans\nbill,"[{""start"": 0,]"\n'))
    assert fault.line == 2
    assert fault.message.startswith("loaded_spans: not JSON, character 1")
    (fault,) = errors(csv(tmp_path, "text,loaded_spans\nbill,0-4\n"))
    assert "give a list of spans" in fault.message
    (fault,) = errors(csv(tmp_path, "text,sourcing\nbill,Dirct\n"))
    assert "did you mean 'direct'" in fault.message


def test_columns_that_nobody_knows_are_notes(tmp_path: Path) -> None:
    path = csv(tmp_path, ",text,loaded,coder,document\n0,A bill.,1,ann,d\n1,A bill.,1,,d\n")
    corpus = read(path, codebook=CODEBOOK)
    assert [e.extra for e in corpus.examples] == [{"coder": "ann"}, {}]
    assert sorted(f.message[:24] for f in corpus.faults) == [
        "column 1 has no name and",
        "key 'coder' is not known",
    ]


def test_a_zero_byte_is_not_written_to_a_table(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zero byte"):
        write([example(text="a\0b", labels={"loaded": 1.0})], tmp_path / "c.csv", codebook=CODEBOOK)


# Typed tables


def typed_rows() -> dict[str, list[Any]]:
    return {
        "text": ["A bill."] * 3,
        "document": [1.0, 2.0, None],
        "date": [date(2024, 5, 1), None, None],
        "loaded": [True, None, False],
        "sourcing": [{"none": 0.5, "direct": 0.5}, None, {"none": 1.0, "direct": None}],
        "frames": [["economic"], [], None],
        "loaded_spans": [[{"start": 2, "end": 6}], [], None],
        "annotators": [{"a": {"loaded": 1, "frames": None}, "b": None}, None, None],
    }


def assert_typed(corpus: Corpus) -> None:
    assert corpus.errors == []
    first, second, third = corpus.examples
    assert (first.document, second.document, third.document) == ("1", "2", None)
    assert first.date == "2024-05-01"
    assert first.labels == {
        "loaded": 1.0, "sourcing": {"none": 0.5, "direct": 0.5}, "frames": ("economic",),
        "loaded_spans": {"loaded": ((2, 6),)},
    }  # fmt: skip
    assert second.labels == {"frames": (), "loaded_spans": {"loaded": ()}}
    assert third.labels == {"loaded": 0.0, "sourcing": {"none": 1.0}}
    assert first.votes == {"a": {"loaded": 1.0}}
    assert third.origin is not None
    assert third.origin[1] == 3


def test_parquet_of_typed_values(tmp_path: Path) -> None:
    pq.write_table(pa.table(typed_rows()), tmp_path / "c.parquet")
    assert_typed(read(tmp_path / "c.parquet", codebook=CODEBOOK))


def test_data_set_of_typed_values(tmp_path: Path) -> None:
    assert_typed(read(datasets.Dataset.from_dict(typed_rows()), codebook=CODEBOOK))


def test_columns_of_pandas_with_gaps(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({
        "text": ["a", "b"], "loaded": [1.0, float("nan")], "document": ["d", "d"],
    })  # fmt: skip
    frame.to_parquet(tmp_path / "c.parquet")
    assert labels_of(tmp_path / "c.parquet") == [{"loaded": 1.0}, {}]


def test_class_labels_are_decoded() -> None:
    classes = datasets.ClassLabel(names=["none", "direct", "mixed"])
    frames = datasets.ClassLabel(names=["economic", "political"])
    answers = datasets.ClassLabel(names=["no", "yes"])
    features = datasets.Features({
        "text": datasets.Value("string"), "loaded": answers, "sourcing": classes,
        "frames": datasets.List(frames), "document": datasets.Value("string"),
        "loaded_spans": datasets.List({
            "start": datasets.Value("int64"), "end": datasets.Value("int64"),
            "label": datasets.ClassLabel(names=["loaded"]),
        }),
    })  # fmt: skip
    rows = {
        "text": ["a bill", "b"], "loaded": [1, 0], "sourcing": [2, -1], "frames": [[1, 0], []],
        "document": ["d", "d"], "loaded_spans": [[{"start": 2, "end": 6, "label": 0}], []],
    }  # fmt: skip
    dataset = datasets.Dataset.from_dict(rows, features=features)
    assert labels_of(dataset.with_format("numpy")) == [
        {
            "loaded": 1.0, "sourcing": "mixed", "frames": ("economic", "political"),
            "loaded_spans": {"loaded": ((2, 6),)},
        },
        {"loaded": 0.0, "frames": (), "loaded_spans": {"loaded": ()}},
    ]  # fmt: skip


def test_spans_that_are_a_list_a_field() -> None:
    rows = {"text": ["a bill"], "loaded_spans": [{"start": [2], "end": [6], "label": ["loaded"]}]}
    assert labels_of(datasets.Dataset.from_dict(rows)) == [{"loaded_spans": {"loaded": ((2, 6),)}}]


def test_parts_of_a_dataset_dict_are_splits(tmp_path: Path) -> None:
    rows = {"text": ["A bill."], "loaded": [1], "document": ["d"]}
    one = datasets.Dataset.from_dict(rows)
    parts = datasets.DatasetDict({"train": one, "validation": one, "unsupervised": one})
    parts.save_to_disk(tmp_path / "ds")
    for source in (parts, tmp_path / "ds"):
        corpus = read(source, codebook=CODEBOOK, name="n")
        assert [e.split for e in corpus.examples] == ["train", "dev", None]
        (fault,) = corpus.faults
        assert "'unsupervised' is none of train, dev, test" in fault.message
        (dev,) = read(source, codebook=CODEBOOK, split="dev").examples
        assert dev.split == "dev"
        with pytest.raises(ValueError, match="no split 'test'"):
            read(source, codebook=CODEBOOK, split="test")


def test_a_folder_of_others_is_not_replaced_by_a_data_set(tmp_path: Path) -> None:
    write_text(tmp_path / "ds" / "precious", "x")
    with pytest.raises(ValueError, match="other files in it"):
        write([example(labels={"loaded": 1.0})], tmp_path / "ds", codebook=CODEBOOK)
    assert (tmp_path / "ds" / "precious").is_file()


def test_folders_that_are_no_data_set(tmp_path: Path) -> None:
    (fault,) = errors(tmp_path, format="huggingface")
    assert "no data set" in fault.message
    write_text(tmp_path / "state.json", "{}")
    (fault,) = errors(tmp_path)
    assert "not a whole data set" in fault.message
