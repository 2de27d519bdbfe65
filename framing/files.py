"""Files as texts: read and written whole, with a message to act on when they cannot be."""

from __future__ import annotations

import codecs
import csv
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from framing.errors import InputError

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DEFAULT_COLUMN = "text"


def read_text(source: str, *, encoding: str = "utf-8") -> str:
    """The text of a file, or of standard input for ``-``; line ends are left as they are.

    A byte-order mark at the start is taken off and, under the default encoding, obeyed. Raises
    InputError with the way out for anything that is not a text.
    """
    name = "standard input" if source == "-" else source
    data = _read_bytes(source)
    try:
        encoding = codecs.lookup(encoding).name
    except LookupError:
        raise InputError(
            f"unknown encoding {encoding!r}; some that are known: utf-8, cp1252, latin-1, utf-16"
        ) from None
    mark = next(
        ((mark, marked) for mark, marked in BYTE_ORDER_MARKS if data.startswith(mark)), None
    )
    if mark and encoding == "utf-8":
        encoding = mark[1]
    if not encoding.startswith(("utf-16", "utf-32")) and (zero := data.find(b"\0")) >= 0:
        raise InputError(
            f"{name}: not a text file (a zero byte at offset {zero:,}); save a PDF or a word "
            "processor's file as plain text first; UTF-16 needs --encoding utf-16"
        )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not {encoding}, see byte 0x{data[error.start]:02x} at offset "
            f"{error.start:,}; name the encoding of the file, such as --encoding cp1252"
        ) from None
    except (LookupError, UnicodeError) as error:
        raise InputError(f"{name}: cannot be read as {encoding}: {error}") from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError(f"{name}: empty, there is no text in it")
    return text


def read_texts(
    source: str, *, column: str | None = None, encoding: str = "utf-8", lines: bool = False
) -> list[str]:
    """The texts of a file: one a row of a table, else one a line (``lines``), else just one.

    A table is what :func:`is_table` says; its texts are in ``column``, or in ``text``, and its
    cells are taken as they are, empty ones too. Fields are parted by whichever of comma, tab and
    semicolon its header has most of (a ``.tsv`` by tabs).
    """
    text = read_text(source, encoding=encoding)
    if not is_table(source, column):
        return text.splitlines() if lines else [text]
    return _column(text, source, DEFAULT_COLUMN if column is None else column)


def is_table(source: str, column: str | None = None) -> bool:
    """Whether the file holds one text a row: by its name, or because a column is wanted."""
    return column is not None or Path(source).suffix.lower() in (".csv", ".tsv")


def _read_bytes(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{source}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{source}: a folder; name a file in it") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: cannot be read: {error}") from None


def _column(text: str, source: str, column: str) -> list[str]:
    header = text.lstrip("\r\n").splitlines()[0]
    tabs = Path(source).suffix.lower() == ".tsv"
    separator = "\t" if tabs else max(",\t;", key=header.count)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # an article may be long
    # Strict, because a quotation mark left open would otherwise swallow the rows after it.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    texts = []
    try:
        names = next(row for row in rows if row)
        if column not in names:
            raise InputError(
                f"{source}: no column {column!r}; choose with --text-column: "
                + ", ".join(map(repr, names))
            )
        place = names.index(column)
        for row in rows:
            if not row:  # an empty line between rows; an empty cell is written ""
                continue
            if len(row) <= place:
                raise InputError(
                    f"{source}, line {rows.line_num}: {len(row)} fields, too few for {column!r}, "
                    f"field {place + 1} of {len(names)}"
                )
            texts.append(row[place])
    except csv.Error as error:
        raise InputError(f"{source}, line {rows.line_num}: broken table: {error}") from None
    if not texts:
        raise InputError(f"{source}: empty, there is no row under its header")
    return texts


@contextmanager
def temporary_sibling(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; what stands there takes its place if all goes well."""
    target = path.resolve()  # a link stays one
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes a file, text in UTF-8, all of it or nothing; an older one stays until it is whole.

    Raises InputError if the place cannot be written to.
    """
    try:
        with temporary_sibling(path) as part:
            part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
