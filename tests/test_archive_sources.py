"""Which files an archive is read from: found, sorted, told apart, and named when they cannot be."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from archive_tables import put

from framing.archive.inputs import Source, find_sources
from framing.archive.row import Columns
from framing.archive.rows import read_rows
from framing.errors import InputError


def found(*inputs: str | Path) -> list[tuple[str, str, int]]:
    sources = find_sources(inputs)
    assert [source.index for source in sources] == [*range(len(sources))]
    return [(Path(s.path).name, s.format, len(s.files)) for s in sources]


def ids(source: Source) -> list[str]:
    return [row.id or "" for row in read_rows(source, Columns())]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for name in ("b.csv", "a.TSV.gz", "deep/c.ndjson.zst", "deep/d.parquet"):
        put(folder / name, "text\n")
    for name in ("z.txt", "deep/y.txt.gz", "deep/er/x.txt.zst"):
        put(folder / name, name)
    put(folder / ".hidden.csv", "")
    put(folder / ".git/x.csv", "")
    put(folder / "_SUCCESS", "")
    return folder


def test_a_folder_holds_its_tables_in_order_and_then_its_texts(archive: Path) -> None:
    assert found(archive) == [
        ("a.TSV.gz", "tsv", 1),
        ("b.csv", "csv", 1),
        ("c.ndjson.zst", "jsonl", 1),
        ("d.parquet", "parquet", 1),
        ("archive", "text", 3),
    ]
    assert ids(find_sources([archive])[-1]) == ["deep/er/x.txt.zst", "deep/y.txt.gz", "z.txt"]
    assert found(str(archive)) == found(archive)
    assert find_sources(archive) == find_sources([archive])


def test_sources_come_in_the_order_in_which_they_are_named(archive: Path) -> None:
    assert found(archive / "deep/d.parquet", archive / "z.txt", f"{archive}/*.[ct]sv*") == [
        ("d.parquet", "parquet", 1),
        ("z.txt", "text", 1),
        ("b.csv", "csv", 1),
    ]
    assert found(f"{archive}/**/*.txt*") == [("archive", "text", 3)]
    assert found(f"{archive}/d*") == found(archive / "deep")


def test_a_file_named_twice_is_taken_once(archive: Path) -> None:
    (archive / "again.csv").symlink_to(archive / "b.csv")
    (archive / "deep" / "round").symlink_to(archive)
    everything = found(archive)
    assert len(everything) == 5
    assert found(archive / "z.txt", archive, f"{archive}/*", archive / "deep/../b.csv")[1:] == [
        *everything[:-1],
        ("archive", "text", 2),
    ]


def test_texts_named_one_by_one_are_one_source(archive: Path) -> None:
    inputs = [archive / "z.txt", archive / "deep/y.txt.gz", archive / "deep/er/x.txt.zst"]
    [source] = find_sources(inputs)
    assert ids(source) == ["z.txt", "deep/y.txt.gz", "deep/er/x.txt.zst"]
    assert source.path == str(archive)
    [single] = find_sources([archive / "deep/y.txt.gz"])
    assert (single.path, ids(single)) == (str(archive / "deep/y.txt.gz"), ["y.txt.gz"])
    assert found(inputs[0], archive / "b.csv", *inputs[1:]) == [
        ("z.txt", "text", 1),
        ("b.csv", "csv", 1),
        ("deep", "text", 2),
    ]


def test_names_with_brackets_and_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert found(put(tmp_path / "a[1].csv", "text\n")) == [("a[1].csv", "csv", 1)]
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    put(folder / os.fsdecode(b"na\xefve.txt"), "x")
    put(folder / os.fsdecode(b"na\xefve.jsonl"), '{"text": "x"}')
    table, texts = find_sources([folder])
    assert table.path.endswith("caf\\xe9/na\\xefve.jsonl")
    assert ids(table) == ["na\\xefve.jsonl:0"]
    assert ids(texts) == ["na\\xefve.txt"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.csv", "nowhere.csv: no such file or folder"),
        ("*.csv", r"\*.csv: nothing is there that it matches"),
        ("empty", r"empty: there is no file in it to read; known are \.csv, \.tsv, \.jsonl"),
        ("notes.pdf", r"notes.pdf: of an unknown kind; known are \.csv"),
        ("x.parquet.gz", "x.parquet.gz: of an unknown kind"),
        ("mixed", "mixed: 2 of its files are of an unknown kind, such as deep/b.pdf"),
        ("dangling.csv", "dangling.csv: cannot be read: No such file"),
        ("pipe.csv", "pipe.csv: not a file that can be read twice"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    put(tmp_path / "notes.pdf", "")
    put(tmp_path / "x.parquet.gz", "")
    for file in ("a.csv", "deep/b.pdf", "deep/c.docx"):
        put(tmp_path / "mixed" / file, "")
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "gone.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    path = str(tmp_path / name) if "*" not in name else str(tmp_path / "empty" / name)
    with pytest.raises(InputError, match=message):
        find_sources([path])


def test_nothing_is_no_input() -> None:
    with pytest.raises(InputError, match="no input: name files, folders or globs"):
        find_sources([])


def test_a_fingerprint_is_of_every_byte(archive: Path) -> None:
    table, *_, texts = find_sources([archive])
    data = (archive / "a.TSV.gz").read_bytes()
    assert table.fingerprint() == {
        "path": str(archive / "a.TSV.gz"),
        "format": "tsv",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    before = texts.fingerprint()
    assert texts.fingerprint() == before
    (archive / "z.txt").write_text("Z.txt")
    changed = find_sources([archive])[-1].fingerprint()
    assert (changed["size"], changed["sha256"] != before["sha256"]) == (before["size"], True)
    (archive / "z.txt").write_text("z.txt")
    assert find_sources([archive])[-1].fingerprint() == before
    (archive / "z.txt").rename(archive / "zz.txt")
    assert find_sources([archive])[-1].fingerprint()["sha256"] != before["sha256"]
    (archive / "zz.txt").unlink()
    with pytest.raises(InputError, match=r"z\.txt: cannot be read: No such file"):
        texts.fingerprint()


def test_the_same_texts_elsewhere_have_the_same_hash(archive: Path, tmp_path: Path) -> None:
    first = find_sources([archive])[-1].fingerprint()
    archive.rename(tmp_path / "moved")
    second = find_sources([tmp_path / "moved"])[-1].fingerprint()
    assert first["sha256"] == second["sha256"]
    assert first["path"] != second["path"]
