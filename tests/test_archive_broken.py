"""What ends a source of an archive before its end: always an error that names file and row."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_tables import TABLES, put, put_table, read, reasons, texts

from framing.archive.inputs import find_sources
from framing.archive.row import Columns, Row
from framing.archive.rows import kept_schema, read_rows
from framing.errors import InputError


@pytest.mark.parametrize("kind", TABLES)
def test_a_column_that_is_not_there(kind: str, tmp_path: Path) -> None:
    path = put_table(tmp_path / f"x.{kind}", {"id": ["1"], "body": ["x"]})
    if kind.startswith("jsonl"):
        assert reasons(path) == {0: "no 'text'; the object has 'id', 'body'"}
        return
    for columns in (Columns(), Columns(text="body", keep=("text",))):
        with pytest.raises(InputError, match=r"x\.\S+: no column 'text'; .* 'id', 'body'"):
            read(path, columns)
        with pytest.raises(InputError, match="no column 'text'"):
            kept_schema(find_sources([path]), columns)


def test_a_column_that_is_there_twice_or_not_of_strings(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 columns 'text'"):
        read(put(tmp_path / "x.csv", "text,text\na,b\n"))
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="'text' is a column of int64, not of strings"):
        read(tmp_path / "x.parquet")


def test_plain_texts_have_no_columns(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "x")
    for columns in (Columns(id="url"), Columns(keep=("url",))):
        with pytest.raises(InputError, match="plain texts have no columns, so none such as 'url'"):
            read(path, columns)
        with pytest.raises(InputError, match="plain texts have no columns"):
            kept_schema(find_sources([path]), columns)


@pytest.mark.parametrize("kind", [k for k in TABLES if k.endswith((".gz", ".zst"))])
def test_a_stream_that_is_cut_off_is_never_an_end(kind: str, tmp_path: Path) -> None:
    path = put_table(tmp_path / f"x.{kind}", {"text": [f"text {n}" for n in range(50)]})
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"x\.\S+, row \d+: its (gzip|zstd) stream is cut off"):
            read(path)
    path.write_bytes(whole + b"more")
    [source] = find_sources([path])
    rows = []
    with pytest.raises(InputError, match=r"row 50: its (gzip|zstd) stream is"):
        rows.extend(read_rows(source, Columns()))
    path.write_bytes(whole[:12] + bytes(20) + whole[32:])
    with pytest.raises(InputError, match=r"x\.\S+, row \d+: "):
        read(path)


@pytest.mark.parametrize("kind", ["jsonl.gz", "jsonl.zst"])
def test_streams_may_follow_one_another(kind: str, tmp_path: Path) -> None:
    first = put(tmp_path / f"a.{kind}", '{"text": "one"}\n{"text": ').read_bytes()
    second = put(tmp_path / f"b.{kind}", '"two"}\n').read_bytes()
    both = tmp_path / f"c.{kind}"
    both.write_bytes(first + second + (bytes(512) if kind.endswith("gz") else b""))
    assert texts(both) == ["one", "two"]


def test_a_broken_parquet_file(tmp_path: Path) -> None:
    path = put_table(tmp_path / "x.parquet", {"text": [f"text {n}" for n in range(100)]}, group=10)
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], whole[:200], b"\xa5" * 60 + whole[60:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"x\.parquet, row \d+: "):
            read(path)


@pytest.mark.parametrize("text", ["", "\n\n", '"text\na\n', "t\0e\0x\0t\0", "caf\xe9\n"])
def test_a_header_that_cannot_be_read(text: str, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"x\.csv, row 0: (no header|the row that begins in line 1)"
    ):
        read(put(tmp_path / "x.csv", text.encode("latin-1")))


def test_an_open_quotation_mark_names_the_row_that_opens_it(tmp_path: Path) -> None:
    path = put(tmp_path / "x.csv", 'id,text\n1,a\n2,"never\nclosed\n' + "3,b\n" * 5)
    with pytest.raises(InputError, match=r"x\.csv, row 1: the row that begins in line 3 opens"):
        read(path)
    with pytest.raises(InputError, match="row 1: the row that begins in line 3 opens"):
        read(path, start=2)


@pytest.mark.parametrize("kind", TABLES)
def test_a_file_that_shrinks_or_vanishes(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{kind}"
    noise = [random.Random(n).randbytes(300).hex() for n in range(5_000)]
    put_table(path, {"text": noise}, group=1_000)
    [source] = find_sources([path])
    rows = read_rows(source, Columns())
    assert isinstance(next(rows), Row)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)
    with pytest.raises(InputError, match=r"x\.\S+, row [\d,]+: "):
        for _ in rows:
            pass
    path.unlink()
    with pytest.raises(InputError, match=r"x\.\S+, row 0: .*[Nn]o such file"):
        list(read_rows(source, Columns()))


def test_a_text_that_vanishes(tmp_path: Path) -> None:
    for name in "abc":
        put(tmp_path / f"{name}.txt", name)
    [source] = find_sources([tmp_path])
    (tmp_path / "b.txt").unlink()
    rows = read_rows(source, Columns())
    assert next(rows).id == "a.txt"
    with pytest.raises(InputError, match=r"b\.txt, row 1: No such file"):
        next(rows)
