"""The front door of the formats: which one a source is in, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from corpora_files import folder as corpus_folder
from corpora_files import write as write_text
from hypothesis import given
from labelled_examples import CODEBOOK, content, errors, example, examples, write_lines

from framing.task import Task
from training.codebook import Codebook
from training.corpora import CorpusError
from training.corpus import Corpus
from training.example import Example
from training.faults import Fault, FaultyCorpusError
from training.formats import FORMATS, read, write

RECORD = {"text": "The reckless bill passed.", "document": "d", "labels": {"loaded": True}}


def only_error(source: Path, **options: Any) -> Fault:
    (fault,) = errors(source, **options)
    assert fault.file == str(source)
    return fault


# JSON lines


@given(examples())
def test_jsonl_there_and_back(made: Example) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.jsonl"
        write([made], path, codebook=CODEBOOK)
        corpus = read(path, codebook=CODEBOOK).sound()
    assert content(corpus.examples) == content([made])


def test_a_json_array_holds_records_too(tmp_path: Path) -> None:
    path = write_text(tmp_path / "c.json", "[\n" + ",\n".join([json.dumps(RECORD)] * 3) + "\n]")
    corpus = read(path, codebook=CODEBOOK)
    assert corpus.faults == []
    assert [e.origin for e in corpus.examples] == [(str(path), line) for line in (2, 3, 4)]


def test_tasks_may_stand_beside_the_text_and_keys_have_other_names(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "c.jsonl", {"body": "A bill.", "doc": 3, "loaded": 1, "tone": "none"}
    )
    columns = {"text": "body", "document": "doc", "sourcing": "tone"}
    corpus = read(path, codebook=CODEBOOK, columns=columns)
    assert corpus.faults == []
    (found,) = corpus.examples
    assert (found.text, found.document) == ("A bill.", "3")
    assert found.labels == {"loaded": 1.0, "sourcing": "none"}


def test_faults_of_every_line_are_said_in_order(tmp_path: Path) -> None:
    lines = [
        json.dumps(RECORD),
        '{"text": "A bill.", "labels": {"loaded": true}',
        json.dumps({**RECORD, "labels": {"loaded": 7}}),
        "[1]",
        '{"text": "A bill.", "text": "Another."}',
        '{"text": "A bill.", "labels": {"loaded": NaN}}',
        json.dumps({**RECORD, "note": "x"}),
    ]
    path = write_text(tmp_path / "c.jsonl", "\n".join(lines))
    corpus = read(path, codebook=CODEBOOK)
    assert [e.origin for e in corpus.examples] == [(str(path), 1), (str(path), 7)]
    assert [(f.line, f.severity) for f in corpus.faults] == [
        (None, "warning"), *((n, "error") for n in (2, 3, 4, 5, 6))
    ]  # fmt: skip
    said = {f.line: f.message for f in corpus.faults}
    assert "column 47" in said[2]
    assert "'text' is given twice" in said[5]
    assert "NaN is no number" in said[6]
    with pytest.raises(FaultyCorpusError, match=f"{path}:3: error: labels.loaded: "):
        corpus.sound()


def test_an_object_over_many_lines_is_told(tmp_path: Path) -> None:
    path = write_text(tmp_path / "c.jsonl", json.dumps(RECORD, indent=1))
    assert "over many lines" in only_error(path).message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[\n{"text": "x"}\n{"text": "y"}]', 3, "comma"),
        ('[\n{"text": "x"},\n]', 3, "Comma before the end"),
        ('[\n{"text": "x"}', 2, "comma or the end"),
        ('[{"text": "x"}]\nmore', 1, "does not end where the file ends"),
        ('[{"text": \n"x}]', 2, "string"),
    ],
)
def test_where_an_array_is_broken(tmp_path: Path, text: str, line: int, said: str) -> None:
    wrong = errors(write_text(tmp_path / "c.json", text), format="jsonl")
    assert [f.line for f in wrong if said in f.message] == [line]


def test_whole_file_warnings_are_said_once(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "c.jsonl", *[{"text": "A bill.", "x": 1, "labels": {}}] * 3)
    corpus = read(path, codebook=CODEBOOK)
    assert len(corpus.examples) == 3
    assert len(corpus.faults) == 2


# Files that are not what they should be


@pytest.mark.parametrize("name", ["c.jsonl", "c.json", "c.csv", "c.tsv"])
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \n\n"])
def test_empty_files(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert only_error(path).message == "the file is empty"


def test_no_rows(tmp_path: Path) -> None:
    assert "no sentence" in only_error(write_text(tmp_path / "a.csv", "text,loaded\n")).message
    assert "no sentence" in only_error(write_text(tmp_path / "a.json", "[]")).message


def test_encodings(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes("text,loaded\nplain,1\ncafé,0\n".encode("cp1252"))
    fault = only_error(path)
    assert fault.line == 3
    assert "iconv -f CP1252" in fault.message
    path.write_bytes("text,loaded\nnaïve,1\n".encode() + "café,0\n".encode("cp1252"))
    fault = only_error(path)
    assert fault.line == 3
    assert "mixed encodings" in fault.message
    path.write_bytes("text,loaded\ncafé,0\n".encode("utf-16"))
    assert "this is UTF-16" in only_error(path).message
    path.write_bytes("text,loaded\nbill,0\n".encode("utf-16-le"))
    assert "zero byte" in only_error(path).message
    path.write_bytes("text,loaded,document\ncafé,0,d\n".encode("utf-8-sig"))
    (found,) = read(path, codebook=CODEBOOK).sound().examples
    assert found.text == "café"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("c.csv", b'{"text": "x"}\n', "holds JSON: name it .jsonl"),
        ("c.csv", b"PK\x03\x04rest", "Excel workbook or a zip"),
        ("c.jsonl", b"text,loaded\nx,1\n", "begins with 'text,loaded"),
        ("c.jsonl", b"PAR1....PAR1", "a Parquet file, not text"),
        ("c.jsonl", b"\x1f\x8b....", "gunzip"),
        ("c.parquet", b"text,loaded\nx,1\n", "no Parquet file; it seems to be text"),
        ("c.parquet", b"<html>", "a web page"),
        ("c.parquet", b"PAR1 cut short", "not a whole Parquet file"),
        ("c.xlsx", b"PK\x03\x04", "CSV UTF-8"),
        ("c.docx", b"PK\x03\x04", r"--format NAME"),
        ("c.tsv", b"text,loaded\nx,1\n", "name it .csv"),
        ("c", b"text", "no extension"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert said in only_error(path).message


# Options


def test_a_format_that_is_named_goes_before_the_extension(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "c.txt", RECORD)
    assert len(read(path, codebook=CODEBOOK, format="jsonl").sound().examples) == 1


def test_options_that_are_none(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "c.jsonl", RECORD)
    with pytest.raises(ValueError, match="format: 'json' is none; did you mean 'jsonl'"):
        read(path, codebook=CODEBOOK, format="json")
    with pytest.raises(ValueError, match="group_by: 'author' is none of document"):
        read(path, codebook=CODEBOOK, group_by="author")
    with pytest.raises(ValueError, match="split: 'val' is none of train"):
        read(path, codebook=CODEBOOK, split="val")
    with pytest.raises(ValueError, match="columns: 'txt' is no field; did you mean 'text'"):
        read(path, codebook=CODEBOOK, columns={"txt": "text"})
    with pytest.raises(FileNotFoundError, match="there is no file or folder"):
        read(tmp_path / "none.jsonl", codebook=CODEBOOK)
    with pytest.raises(TypeError, match=r"a datasets\.Dataset"):
        read([RECORD], codebook=CODEBOOK)


def test_a_task_has_not_the_name_of_a_field(tmp_path: Path) -> None:
    codebook = Codebook(name="c", tasks=(Task(name="event", kind="binary", labels=("event",)),))
    path = write_lines(tmp_path / "c.jsonl", RECORD)
    with pytest.raises(ValueError, match="'event' is a field of every record"):
        read(path, codebook=codebook)
    with pytest.raises(ValueError, match="'event' is a field of every record"):
        write([], tmp_path / "out.csv", codebook=codebook)


def test_name_group_and_split(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "mine.jsonl", RECORD, {**RECORD, "split": "dev"})
    found = read(path, codebook=CODEBOOK).sound().examples
    assert {(e.corpus, e.group, e.split) for e in found} == {
        ("mine", "mine:d", None), ("mine", "mine:d", "dev")
    }  # fmt: skip
    found = read(path, codebook=CODEBOOK, name="n", split="test", group_by="outlet").examples
    assert [(e.corpus, e.split) for e in found] == [("n", "test"), ("n", "dev")]
    assert [e.group for e in found] == ["n:mine.jsonl:1", "n:mine.jsonl:2"]
    train = write_lines(tmp_path / "press" / "train.jsonl", RECORD)
    (alone,) = read(train, codebook=CODEBOOK).examples
    assert (alone.corpus, alone.split) == ("press", None)


def test_a_folder_of_files_is_one_corpus(tmp_path: Path) -> None:
    folder = tmp_path / "press"
    write_text(folder / "licence.txt", "Free.")
    for name in ("train", "validation", "test-00000-of-00002", "rest"):
        write_lines(folder / f"{name}.jsonl", RECORD)
    write_text(folder / "README.md", "Notes.")
    write_text(folder / ".hidden", "x")
    corpus = read(folder, codebook=CODEBOOK)
    assert {e.group for e in corpus.examples} == {"press:d"}
    assert [e.split for e in corpus.examples] == [None, "test", "train", "dev"]
    assert [(f.file, f.severity) for f in corpus.faults] == [
        (f"{folder}/README.md", "warning"), (f"{folder}/licence.txt", "warning")
    ]  # fmt: skip
    assert corpus.examples[0].origin == (f"{folder}/rest.jsonl", 1)


def test_folders_that_are_no_corpus(tmp_path: Path) -> None:
    assert "no file of a corpus" in only_error(tmp_path).message
    write_lines(tmp_path / "a.jsonl", RECORD)
    write_text(tmp_path / "b.csv", "text,loaded\nA bill.,1\n")
    assert "several formats (delimited: b.csv; jsonl: a.jsonl)" in only_error(tmp_path).message
    corpus = read(tmp_path, codebook=CODEBOOK, format="jsonl")
    assert len(corpus.examples) == 1
    assert [f.file for f in corpus.faults] == [f"{tmp_path}/b.csv"]


# Writing


def test_what_is_written_by_what_name(tmp_path: Path) -> None:
    made = [example(labels={"loaded": 1.0})]
    with pytest.raises(ValueError, match="its name tells no format"):
        write(made, tmp_path / "a.docx", codebook=CODEBOOK)
    with pytest.raises(ValueError, match="brat is only read"):
        write(made, tmp_path / "a.txt", codebook=CODEBOOK)
    with pytest.raises(ValueError, match="cannot be written"):
        write(made, tmp_path / "none" / "a.parquet", codebook=CODEBOOK)
    (tmp_path / "a.parquet").mkdir()
    write_text(tmp_path / "a.parquet" / "precious", "x")
    with pytest.raises(ValueError, match="is a folder"):
        write(made, tmp_path / "a.parquet", codebook=CODEBOOK)
    assert (tmp_path / "a.parquet" / "precious").read_text() == "x"
    assert not [p for p in tmp_path.rglob(".*")], "parts were left behind"


def test_a_corpus_with_an_error_is_not_written(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "c.jsonl", RECORD, {**RECORD, "labels": {"loaded": 7}})
    corpus = read(path, codebook=CODEBOOK)
    with pytest.raises(FaultyCorpusError, match=":2: error"):
        write(corpus, tmp_path / "out.jsonl", codebook=CODEBOOK)
    assert not (tmp_path / "out.jsonl").exists()
    sound = Corpus(codebook=CODEBOOK, examples=corpus.examples)
    write(sound, tmp_path / "out.jsonl", codebook=CODEBOOK)
    assert len(read(tmp_path / "out.jsonl", codebook=CODEBOOK).sound().examples) == 1


def test_the_registry_is_whole() -> None:
    assert all(name == kind.name for name, kind in FORMATS.items())
    assert [name for name, kind in FORMATS.items() if kind.write is None] == ["brat"]
    assert all(e.startswith(".") and e.islower() for f in FORMATS.values() for e in f.extensions)


# The public corpora


def _articles(root: Path) -> None:
    text = "The reckless bill passed. Fine."
    sentences = [
        {
            "start": 0, "end": 25, "loaded": True, "kind": "none", "sources": [], "run_on": None,
            "words": [{"start": 4, "end": 12, "text": "reckless", "voice": "reporter"}],
        },
        {"start": 26, "end": 31, "loaded": False, "kind": "none", "sources": [], "run_on": None,
         "words": []},
    ]  # fmt: skip
    folder = corpus_folder(root, "documents")
    for part in ("train", "dev"):
        article = {
            "id": part, "source": "The Daily", "date": "2024-05-01", "allsides_bias": "center",
            "title": "Bill", "text": text, "sentences": sentences,
        }  # fmt: skip
        write_lines(folder / f"{part}.jsonl", article)


def test_public_corpora_by_part(tmp_path: Path) -> None:
    _articles(tmp_path)
    source = f"documents:{tmp_path}"
    corpus = read(source, codebook=Codebook.built_in()).sound()
    assert corpus.faults == []
    assert [e.split for e in corpus.examples] == ["train", "train", "dev", "dev"]
    first = corpus.examples[0]
    assert (first.group, first.document, first.outlet) == ("allsides:train", "train", "The Daily")
    assert first.labels["loaded_spans"] == {"loaded": ((4, 12),)}
    assert first.labels["source_spans"] == {"source": ()}
    (only,) = {e.split for e in read(source, codebook=Codebook.built_in(), split="dev").examples}
    assert only == "dev"
    by_outlet = read(source, codebook=Codebook.built_in(), group_by="outlet").examples
    assert {e.group for e in by_outlet} == {"documents:The Daily"}
    with pytest.raises(ValueError, match="documents has no split 'test', only train, dev"):
        read(source, codebook=Codebook.built_in(), split="test")
    with pytest.raises(CorpusError, match="babe is not under the data root"):
        read(f"babe:{tmp_path}", codebook=Codebook.built_in())
    write(corpus, tmp_path / "out.jsonl", codebook=Codebook.built_in())
    again = read(tmp_path / "out.jsonl", codebook=Codebook.built_in()).sound()
    assert content(again.examples) == content(corpus.examples)


def test_tasks_of_a_public_corpus_that_the_codebook_lacks_are_warned_of(tmp_path: Path) -> None:
    _articles(tmp_path)
    loaded = Codebook(name="l", tasks=(Codebook.built_in().task("loaded"),))
    corpus = read(f"documents:{tmp_path}", codebook=loaded)
    assert all(set(e.labels) == {"loaded"} for e in corpus.examples)
    said = [f.message for f in corpus.faults if f.file == "documents:train"]
    assert len(said) == 3
    assert any("'loaded_spans' is not in the codebook" in s for s in said)
