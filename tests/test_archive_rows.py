"""Rows of an archive: what was written is read, and what cannot be scored is rejected alone."""

from __future__ import annotations

import datetime
import json
import sys
import tempfile
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_tables import LINE_FORMATS, TABLES, delimited, put, put_table, read, reasons, texts
from hypothesis import given
from hypothesis import strategies as st

from framing.archive import blocks
from framing.archive.compression import read_pieces
from framing.archive.inputs import find_sources
from framing.archive.row import Columns, Rejected, Row
from framing.archive.rows import kept_schema, read_rows
from framing.errors import InputError

CELLS = st.text(st.characters(codec="utf-8"), max_size=30) | st.text(
    st.sampled_from('a,;\t"\n\r \u2028é😀'), max_size=12
)
IDS = CELLS.filter(bool)


# --- what was written is read ---------------------------------------------------------------


@pytest.mark.parametrize("kind", TABLES)
@given(
    rows=st.lists(st.tuples(IDS, CELLS, CELLS), max_size=12),
    start=st.integers(0, 14),
    block=st.sampled_from([1, 7, 1 << 18]),
)
def test_what_was_written_is_read(
    kind: str, rows: list[tuple[str, str, str]], start: int, block: int
) -> None:
    names = "id", "text", "note"
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", block)
        if kind == "parquet" and not rows:
            columns = {name: pa.array([], pa.string()) for name in columns}
        path = put_table(Path(folder, f"table.{kind}"), columns)
        wanted = Columns(id="id", keep=("note",))
        expected = [Row(n, key, text, (note,)) for n, (key, text, note) in enumerate(rows)]
        assert read(path, wanted) == expected
        assert read(path, wanted, start=start) == expected[start:]


@pytest.mark.parametrize("kind", TABLES)
def test_rows_without_ids_are_numbered(kind: str, tmp_path: Path) -> None:
    path = put_table(tmp_path / f"news.{kind}", {"text": ["one", " ", ""]})
    assert read(path) == [
        Row(0, f"news.{kind}:0", "one"),
        Row(1, f"news.{kind}:1", " "),
        Row(2, f"news.{kind}:2", ""),
    ]


@given(
    found=st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=1, max_size=6),
    start=st.integers(0, 7),
)
def test_plain_texts_are_rows_in_the_order_of_their_paths(found: list[str], start: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(found):
            ending = ("", ".gz", ".zst")[number % 3]
            put(Path(folder, f"{number % 2}", f"{number}.txt{ending}"), text.replace("\0", " "))
        rows = read(Path(folder), start=start)
    names = sorted((n % 2, n) for n in range(len(found)))
    assert [row.id for row in rows] == [
        f"{folder}/{n}.txt{('', '.gz', '.zst')[n % 3]}" for folder, n in names
    ][start:]
    expected = [found[n].replace("\0", " ").removeprefix("\ufeff") for _, n in names]
    assert [row.text for row in rows] == expected[start:]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_header_tells_the_separator(separator: str, end: str, tmp_path: Path) -> None:
    rows = [["id", "text"], ["a", "x, y; z\tw"], ["b", f"two{end}lines"], ["c", ""]]
    path = put(tmp_path / "table.csv", delimited(rows, separator, end).removesuffix(end))
    assert texts(path) == ["x, y; z\tw", f"two{end}lines", ""]


def test_a_tsv_has_tabs_whatever_its_header_has_most_of(tmp_path: Path) -> None:
    assert texts(put(tmp_path / "table.tsv", "a,b,c\ttext\n1\tone, two\n")) == ["one, two"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_byte_order_marks_and_encodings(kind: str, tmp_path: Path) -> None:
    table = {"csv": "text\ncafé “x” 😀\n", "jsonl": '{"text": "café “x” 😀"}\n'}[kind]
    path = tmp_path / f"table.{kind}"
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):  # each writes its mark
        assert texts(put(path, table.encode(encoding))) == ["café “x” 😀"]
        assert texts(put(path, table.encode(encoding)), encoding=encoding) == ["café “x” 😀"]
    assert texts(put(path, table.encode("utf-16-le")), encoding="utf-16-le") == ["café “x” 😀"]
    old = table.replace("😀", "€").encode("cp1252")
    assert texts(put(path, old), encoding="cp1252") == ["café “x” €"]
    assert list(reasons(put(path, old))) == [0]
    with pytest.raises(InputError, match="unknown encoding 'latin1000'"):
        read(path, encoding="latin1000")


def test_the_kept_values_of_json_are_text(tmp_path: Path) -> None:
    lines = [{"text": "a", "n": 1, "b": True, "l": ["é", None]}, {"text": "b", "n": None, "l": "s"}]
    path = put(tmp_path / "x.jsonl", "\n".join(map(json.dumps, lines)))
    found = read(path, Columns(keep=("n", "b", "l")))
    assert [row.kept for row in found] == [("1", "true", '["é", null]'), (None, None, "s")]


def test_kept_columns_have_the_type_that_all_sources_give_them(tmp_path: Path) -> None:
    when = pa.array([1_600_000_000_123_456_789, None], pa.timestamp("ns", tz="UTC"))
    first = {
        "text": ["a", "b"],
        "n": pa.array([1, 2]),
        "day": [datetime.date(2020, 1, 2), None],
        "when": when,
        "tags": [["x"], []],
        "kind": pa.array(["u", "v"]).dictionary_encode(),
    }
    second = dict(first, n=pa.array([1.5, 2]), kind=pa.array(["u", "v"], pa.large_string()))
    for name, table in (("a", first), ("b", second)):
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
    columns = Columns(keep=("n", "day", "when", "tags", "kind"))
    sources = find_sources([tmp_path])
    schema = kept_schema(sources, columns)
    assert schema.field("n").type == pa.string()
    assert schema.field("day").type == pa.date32()
    assert schema.field("when").type == when.type
    assert schema.field("tags").type == pa.list_(pa.string())
    assert schema.field("kind").type == pa.string()
    rows = list(read_rows(sources[1], columns, kept=schema))
    assert [row.kept[0] for row in rows] == ["1.5", "2"]
    for place, name in enumerate(schema.names[1:], 1):
        again = pa.array([row.kept[place] for row in rows], schema.field(name).type)
        assert again.to_pylist() == pa.array(second[name]).to_pylist()

    put(tmp_path / "c.csv", "text,n,day,when,tags,kind\nc,1,2,3,4,5\n")
    schema = kept_schema(find_sources([tmp_path]), columns)
    assert set(schema.types) == {pa.string()}
    [row, _] = read_rows(sources[0], columns, kept=schema)
    assert row.kept == ("1", "2020-01-02", "2020-09-13 12:26:40.123456789Z", '["x"]', "u")


# --- what cannot be scored is rejected alone ------------------------------------------------


def test_rejected_lines_of_json(tmp_path: Path) -> None:
    lines = [
        (b'{"id": 7, "text": "good"}', None),
        (b'{"id": "b", "text": null}', "'text' is null"),
        (b'{"id": "c", "text": 5.5}', "'text' is a number (float), not a string"),
        (b'{"id": "d", "text": ["x"]}', "'text' is a list (list), not a string"),
        (b'{"id": "e", "body": "x"}', "no 'text'; the object has 'id', 'body'"),
        (b'{"id": "f", "text": "caf\xe9"}', "not utf-8: byte 0xe9 at offset 24 of the line"),
        (b'{"id": "g", "text": "x"', "malformed JSON at character 24: Expecting ',' delimiter"),
        (b'["h", "x"]', "not a JSON object but a list"),
        (b"[" * 100_000, "JSON that cannot be read: "),
        (
            b'{"id": "i", "text": "0123456789!"}',
            "a text of 11 characters, over the 10 of max_chars",
        ),
        (b'{"id": "j", "text": "\\ud83d"}', "'text' has half a surrogate pair"),
        (b'{"id": null, "text": "x"}', "no id: 'id' is missing or empty"),
        (b'{"id": "l", "text": "\\ud83d\\ude00"}', None),
        (b'{"id": "m", "text": ""}', None),
    ]
    path = put(tmp_path / "x.jsonl", b"\n\n".join(line for line, _ in lines))
    found = read(path, Columns(id="id"), max_chars=10)
    for number, (item, (_, reason)) in enumerate(zip(found, lines, strict=True)):
        assert item.row == number
        if reason is None:
            assert isinstance(item, Row)
        else:
            assert isinstance(item, Rejected)
            assert item.reason.startswith(reason)
            assert item.line == 2 * number + 1
    assert [item.id for item in found] == [*"7bcde", None, None, None, None, "i", "j", None, *"lm"]
    assert [row.text for row in found if isinstance(row, Row)] == ["good", "\U0001f600", ""]
    for start in range(len(lines) + 1):
        assert read(path, Columns(id="id"), max_chars=10, start=start) == found[start:]


def test_rejected_rows_of_csv(tmp_path: Path) -> None:
    path = put(
        tmp_path / "x.csv",
        b'id,text\n1,"two\nlines"\n\n2\n3,x,y\n4,"a ""b"" c"\n5,"a "b" c"\n6,"one\n\xff"\n,x\n'
        b"7,0123456789!\n8,last",
    )
    found = read(path, Columns(id="id"), max_chars=10)
    assert found == [
        Row(0, "1", "two\nlines"),
        Rejected(1, 5, None, "the header names 2 fields, this row has 1"),
        Rejected(2, 6, None, "the header names 2 fields, this row has 3"),
        Row(3, "4", 'a "b" c'),
        Rejected(4, 8, None, "malformed: ',' expected after '\"' in line 8"),
        Rejected(5, 9, None, "not utf-8: byte 0xff at offset 0 of line 10"),
        Rejected(6, 11, None, "no id: 'id' is empty"),
        Rejected(7, 12, "7", "a text of 11 characters, over the 10 of max_chars"),
        Row(8, "8", "last"),
    ]
    for start in range(10):
        assert read(path, Columns(id="id"), max_chars=10, start=start) == found[start:]
    assert [item.id for item in read(path)] == [f"x.csv:{n}" for n in range(9)]


def test_rejected_rows_of_parquet(tmp_path: Path) -> None:
    latin = pa.Array.from_buffers(pa.string(), 3, pa.array([b"ok", b"caf\xe9", b"z"]).buffers())
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": latin, "id": ["a", "b", None], "note": latin}), path)
    assert read(path, Columns(id="id")) == [
        Row(0, "a", "ok"),
        Rejected(1, None, "b", "not utf-8: byte 0xe9 at offset 3 of 'text'"),
        Rejected(2, None, None, "no id: 'id' is null or empty"),
    ]
    assert reasons(path, Columns(text="id", keep=("note",))) == {
        1: "not utf-8: byte 0xe9 at offset 3 of 'note'",
        2: "'id' is null",
    }
    pq.write_table(pa.table({"text": [b"bytes", b"", b"0123456789!", None]}), path)
    found = read(path, max_chars=10)
    assert [item.text for item in found[:2]] == ["bytes", ""]
    assert [item.reason for item in found[2:]] == [
        "a text of 11 characters, over the 10 of max_chars",
        "'text' is null",
    ]


def test_rejected_plain_texts(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", b"caf\xe9")
    put(tmp_path / "b.txt", b"\x7fELF\0")
    put(tmp_path / "c.txt", "0123456789!")
    put(tmp_path / "d.txt", "x" * (1 << 21))
    put(tmp_path / "e.txt", "fine".encode("utf-16"))
    put(tmp_path / "f.txt", "")
    assert read(tmp_path, max_chars=10) == [
        Rejected(0, None, "a.txt", "not utf-8: byte 0xe9 at offset 3 of the file"),
        Rejected(1, None, "b.txt", "not a text: a zero byte at offset 4"),
        Rejected(2, None, "c.txt", "a text of 11 characters, over the 10 of max_chars"),
        Rejected(3, None, "d.txt", "a file of more than 1,048,576 bytes"),
        Row(4, "e.txt", "fine"),
        Row(5, "f.txt", ""),
    ]


def test_a_row_of_utf_16_with_half_a_character_is_rejected(tmp_path: Path) -> None:
    table = "text\none\ntwo\ud83d\nthree\n".encode("utf-16-le", "surrogatepass")
    path = put(tmp_path / "x.csv", table)
    assert reasons(path, encoding="utf-16-le") == {
        1: "not utf-16-le: half a surrogate pair in line 3"
    }


# --- rows and files larger than memory ------------------------------------------------------


@pytest.mark.parametrize("kind", LINE_FORMATS)
def test_a_row_of_any_size_takes_little_memory(kind: str, tmp_path: Path) -> None:
    huge = ("a, few; words\t" * 100 + '"",\n') * 40_000
    path = tmp_path / f"x.{kind}.zst"
    if kind == "jsonl":
        huge = huge.replace("\n", "").replace('"', "")
        put(path, f'{{"text": "a"}}\n{{"text": "{huge}"}}\n{{"text": "b"}}\n')
    else:
        tab = "," if kind == "csv" else "\t"
        put(path, f'text{tab}n\na{tab}1\n"{huge}"{tab}2\nb{tab}3\n')
    tracemalloc.start()
    try:
        found = read(path, max_chars=1_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [item.row for item in found] == [0, 1, 2]
    assert isinstance(found[1], Rejected)
    assert "of more than 1,048,576 bytes" in found[1].reason
    assert found[1].line == (2 if kind == "jsonl" else 3)
    assert found[2].text == "b"
    assert peak < 20_000_000  # the text has 56 MB
    assert read(path, max_chars=1_000, start=2) == found[2:]


def test_a_row_group_of_any_size_takes_little_memory(tmp_path: Path) -> None:
    rows = [f"{n:06d}" * 1_000 for n in range(10_000)]
    put_table(tmp_path / "x.parquet", {"text": rows}, group=len(rows))
    del rows
    before = pa.total_allocated_bytes()
    [source] = find_sources([tmp_path])
    peak = max(pa.total_allocated_bytes() for _ in read_rows(source, Columns()))
    assert peak - before < 20_000_000  # the texts are 60 MB


@pytest.mark.parametrize("end", [".gz", ".zst"])
def test_what_a_small_file_inflates_to_takes_little_memory(end: str, tmp_path: Path) -> None:
    path = put(tmp_path / f"x.jsonl{end}", bytes(60_000_000))
    tracemalloc.start()
    try:
        size = sum(map(len, read_pieces(path)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 60_000_000
    assert peak < 20_000_000


def test_options_that_cannot_be(tmp_path: Path) -> None:
    [source] = find_sources([put(tmp_path / "x.csv", "text\na\n")])
    for options in ({"start": -1}, {"max_chars": 0}):
        with pytest.raises(InputError, match="0 or more, and max_chars 1 or more"):
            read_rows(source, Columns(), **options)
    with pytest.raises(InputError, match="'url' named twice"):
        Columns(keep=("url", "url"))
    with pytest.raises(InputError, match="a tuple of column names"):
        Columns(keep="url")


def test_without_zstandard_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "x.csv.zst", "text\na\n")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(ImportError, match=r'pip install "framing-score\[archive\]"'):
        read(path)


def test_a_column_to_keep_that_no_first_row_has_is_misspelt(tmp_path: Path) -> None:
    rows = [{"text": "One.", "outlet": "A"}, {"text": "Two.", "byline": None}]
    put(tmp_path / "a.jsonl", "{bad\n" + "".join(json.dumps(row) + "\n" for row in rows))
    put(tmp_path / "b.jsonl", json.dumps({"text": "Three."}) + "\n")
    sources = find_sources([tmp_path])
    kept = kept_schema(sources, Columns(keep=("outlet", "byline")))
    assert kept == pa.schema([("outlet", pa.string()), ("byline", pa.string())])
    with pytest.raises(InputError, match=r"a\.jsonl: no row .* 'outlets'"):
        kept_schema(sources, Columns(keep=("byline", "outlets")))
    put(tmp_path / "bad" / "c.jsonl", "{bad\n")
    assert kept_schema(find_sources([tmp_path / "bad"]), Columns(keep=("outlet",))).names == [
        "outlet"
    ]
