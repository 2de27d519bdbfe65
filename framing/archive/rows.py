"""The rows of a source, of whatever format, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from framing.archive.compression import UnreadableError
from framing.archive.delimited import Delimited
from framing.archive.encodings import known
from framing.archive.inputs import Source
from framing.archive.json_lines import JsonLines
from framing.archive.paths import printable, shared_folder
from framing.archive.plain_texts import PlainTexts
from framing.archive.reader import Reader
from framing.archive.row import Columns, Rejected, Row
from framing.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Columns", "Rejected", "Row", "kept_schema", "read_rows"]


def read_rows(
    source: Source,
    columns: Columns,
    *,
    start: int = 0,
    encoding: str = "utf-8",
    max_chars: int = 1_000_000,
    kept: pa.Schema | None = None,
) -> Iterator[Row | Rejected]:
    """Each row of a source, in order, in memory that does not grow with the source.

    Parameters
    ----------
    source : from :func:`framing.archive.inputs.find_sources`.
    columns : what is read of each row.
    start : the first row wanted; those before it are passed over faster than they are read.
    encoding : of CSV, TSV, JSON lines and plain texts; a byte-order mark at the start of a file
        is taken off and, under the default, obeyed.
    max_chars : the longest text in characters; longer ones are rejected, and so is a row of a
        line format that has many more bytes than eight times as many.
    kept : what :func:`kept_schema` says of all sources; kept values come in its types. Without
        it, in those of this source.

    Yields
    ------
    Row or Rejected. A row is rejected, alone and with the reason, whose text is missing, null,
    not a string, too long or not in the encoding, and one that is not a well-formed line.

    Raises
    ------
    InputError
        What ends the whole source: a column that its header or schema lacks, a broken compressed
        stream or Parquet file, a quotation mark that nothing closes, a file that vanishes or
        changes its size while it is read. Names the file and, where there is one, the row.
    ImportError
        Parquet without pyarrow, ``.zst`` without zstandard.
    """
    if start < 0 or max_chars < 1:
        raise InputError("start: it must be 0 or more, and max_chars 1 or more")
    return _rows(_reader(source, columns, start, known(encoding), max_chars, kept))


def kept_schema(
    sources: Sequence[Source], columns: Columns, *, encoding: str = "utf-8"
) -> pa.Schema:
    """The types of the kept columns, one for all sources.

    A column of Parquet files keeps its type if it has the same in all of them (strings of every
    kind are one type); all else is string: CSV and TSV cells, JSON strings, and any other JSON
    value as JSON text. Every column that a header or schema should have is looked for, those of
    texts and ids too, so that what is missing is known before the work begins.

    Raises
    ------
    InputError
        A column that a source lacks; one to keep that the first rows of no JSON lines have; a
        column of ids or to keep of plain texts, which have none.
    """
    from framing.archive.arrow import pa

    found: dict[str, list[pa.DataType]] = {name: [] for name in columns.keep}
    seen: set[str] = set()
    for source in sources:
        reader = _reader(source, columns, 0, known(encoding), 1, None)
        with _named(reader):
            types = reader.kept_types()
        seen |= types.keys()
        for name in columns.keep:
            found[name].append(types.get(name, pa.string()))
    if sources and (missing := [name for name in columns.keep if name not in seen]):
        raise InputError(
            f"{printable(sources[0].files[0])}: no row among the first has a {missing[0]!r} to keep"
            f"{', nor has one of another source' * (len(sources) > 1)}; check how it is spelt"
        )
    return pa.schema(
        [(name, types[0] if len(set(types)) == 1 else pa.string()) for name, types in found.items()]
    )


def _rows(reader: Reader) -> Iterator[Row | Rejected]:
    with _named(reader):
        yield from reader.rows()


@contextmanager
def _named(reader: Reader) -> Iterator[None]:
    try:
        yield
    except (UnreadableError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"{printable(reader.file)}, row {reader.row:,}: {reason}") from None


def _reader(
    source: Source,
    columns: Columns,
    start: int,
    encoding: str,
    max_chars: int,
    kept: pa.Schema | None,
) -> Reader:
    options: dict[str, Any] = {
        "file": source.files[0],
        "columns": columns,
        "start": start,
        "encoding": encoding,
        "max_chars": max_chars,
        "kept": kept,
    }
    if source.format == "text":
        folder = source.folder or shared_folder(source.files)
        return PlainTexts(files=source.files, folder=folder, **options)
    if source.format == "jsonl":
        return JsonLines(**options)
    if source.format == "parquet":
        from framing.archive.parquet_rows import ParquetRows  # which needs pyarrow

        return ParquetRows(**options)
    return Delimited(tabs=source.format == "tsv", **options)
