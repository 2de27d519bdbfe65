"""CSV and TSV: UTF-8, a header, and the columns that ``training.formats.tables`` describes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from framing.files import write_atomically
from training.codebook import Codebook
from training.example import Example
from training.formats.cells import to_cell
from training.formats.format import Reading, Row
from training.formats.tables import records, table_of
from training.formats.texts import read_text

__all__ = ["read", "write"]


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the records of a table in their order; a line is that on which the row begins.

    Fields are parted by whichever of comma, semicolon and tab the header has most of; in a
    ``.tsv`` by tabs.
    """
    text = read_text(path, reading.findings)
    if text is None:
        return
    first = text.lstrip("\r\n").splitlines()[0]
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    rows = _rows(text, delimiter, reading)
    _, names = next(rows, (1, []))
    names = [name.strip() for name in names]
    if len(names) == 1 and any(mark in names[0] for mark in ",;"):
        reading.findings.error("the header has no tab but other separators: name it .csv", 1)
        return
    if "" in names:
        reading.findings.once(f"column {names.index('') + 1} has no name and was left out")
    full = (
        (line, {name: cell for name, cell in zip(names, row, strict=True) if name})
        for line, row in rows
        if _is_whole(row, names, line, reading)
    )
    for line, record in records(full, [name for name in names if name], reading):
        yield (reading.findings.file, line), record


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a row an example, by tabs if the path ends in ``.tsv``."""
    table = table_of(examples, codebook)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow(["" if cell is None else to_cell(cell) for cell in row])
    if "\0" in out.getvalue():
        raise ValueError(f"{path}: a text holds a zero byte, which no table can; write .jsonl")
    write_atomically(path, out.getvalue())


def _rows(text: str, delimiter: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each after the line it begins on."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # an article may be long
    # Strict, because a quotation mark left open would otherwise swallow the rows after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            reading.findings.error(
                f"the row that begins here is broken ({error}); a quotation mark inside a quoted "
                'cell is written twice, ""',
                line,
            )
            return
        if row is None:
            return
        if row:
            yield line, row


def _is_whole(row: list[str], names: list[str], line: int, reading: Reading) -> bool:
    if len(row) == len(names):
        return True
    reading.findings.error(
        f"{len(row)} cells, but the header has {len(names)}; put a text with separators in it "
        "between quotation marks",
        line,
    )
    return False
