"""CSV rows against Python's csv module, wherever blocks end and however little is held."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from framing.archive import blocks
from framing.archive.compression import UnreadableError
from framing.archive.fields import Fields

MALFORMED = "malformed"
OPEN = "open"
SOUP = st.text(st.sampled_from('ab,"\n\ré'), max_size=60)


def as_csv_reads(text: str) -> list[tuple[int, list[str] | str]]:
    """The line and the fields of each row, as the csv module has them, or what is wrong."""
    found: list[tuple[int, list[str] | str]] = []
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = 1
    while True:
        try:
            fields = next(rows)
        except StopIteration:
            return found
        except csv.Error as error:
            if "unexpected end" in str(error):
                return [*found, (first, OPEN)]
            fields = MALFORMED
        if fields:
            found.append((first, fields))
        first = rows.line_num + 1


def as_fields_reads(text: str, limit: int, start: int = 0) -> list[tuple[int, list[str] | str]]:
    found: list[tuple[int, list[str] | str]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.csv")
        path.write_bytes(text.encode())
        table = Fields(path, "utf-8", limit=limit, tabs=False)
        try:
            for _ in table.pass_over(start):
                pass
            for line, fields, fault in table:
                found.append((line, fault or fields))
        except UnreadableError as error:
            assert "quotation mark" in str(error)
            line = int(str(error).split(" opens")[0].rsplit(" ", 1)[1])
            found.append((line, OPEN))
    return found


@given(text=SOUP, block=st.integers(1, 9))
@example(text='"a""\n', block=1)
@example(text="a\r\n\r\nb", block=2)
def test_rows_are_those_of_the_csv_module(text: str, block: int) -> None:
    text = "h,i\n" + text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", block)
        found = as_fields_reads(text, 1 << 20)
    expected = as_csv_reads(text)[1:]
    assert [(line, MALFORMED if MALFORMED in row else row) for line, row in found] == expected


@given(text=SOUP, block=st.integers(1, 9), limit=st.integers(4, 20), start=st.integers(0, 6))
@example(text='"aaaaaaa""aaaaaaa"""""\n\naaaaa",b\nc', block=1, limit=4, start=0)
@example(text='aaaaaaaaa"a,a"a\nb', block=2, limit=4, start=0)
@example(text='"aaaaaaaa"a,"aaa\nb,""\n', block=2, limit=4, start=0)
def test_a_row_too_long_to_hold_ends_where_the_csv_module_ends_it(
    text: str, block: int, limit: int, start: int
) -> None:
    text = "h\n" + text
    expected = as_csv_reads(text)[1:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", block)
        found = as_fields_reads(text, limit)
        if not expected or expected[-1][1] != OPEN:
            assert as_fields_reads(text, limit, start) == found[start:]
    assert [line for line, _ in found] == [line for line, _ in expected]
    for (_, row), (_, wanted) in zip(found, expected, strict=True):
        if "of more than" in row:
            # At the least, the row was longer than the limit.
            assert wanted == MALFORMED or len(repr(wanted).encode()) > limit
        else:
            assert row == wanted or (wanted == MALFORMED and MALFORMED in row)
