"""What the corpus readers share: opening files, and errors that name the file and the row."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "CorpusError",
    "csv_rows",
    "json_lines",
    "read_json",
    "read_text",
    "require",
    "tar_texts",
    "typed",
    "workbook_rows",
    "zip_texts",
]

Row = Mapping[str, Any]


class CorpusError(ValueError):
    """A corpus file is absent or not in the format that its reader knows."""


def require(path: Path) -> Path:
    """Return `path` if it exists, else raise CorpusError with the way out."""
    if not path.exists():
        raise CorpusError(f"{path} is missing: fetch the corpus again, or give another data root")
    return path


def read_text(path: Path) -> str:
    """The text of a UTF-8 file with its line breaks as they are, so that offsets hold."""
    try:
        return require(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 ({error})") from error


def read_json(path: Path) -> Any:
    """The value in a JSON file."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise CorpusError(f"{path}: not JSON ({error})") from error


def json_lines(path: Path, fields: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object of a JSON-lines file after `file, row n`, all of `fields` in it."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, row {number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{where}: not JSON ({error})") from error
        if not isinstance(value, dict):
            raise CorpusError(f"{where}: a JSON object was expected")
        yield where, _with(value, fields, where)


def csv_rows(path: Path, fields: Iterable[str], delimiter: str) -> Iterator[tuple[str, Row]]:
    """Yield each record of a CSV file after `file, row n` (the header is row 1)."""
    text = io.StringIO(read_text(path).removeprefix("\ufeff"), newline="")
    reader = csv.DictReader(text, delimiter=delimiter, strict=True)
    number = 1
    while True:
        number += 1
        where = f"{path}, row {number}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise CorpusError(f"{where}: not CSV ({error})") from error
        if row is None:
            return
        if None in row or None in row.values():
            raise CorpusError(f"{where}: it has not as many columns as the header")
        yield where, _with(row, fields, where)


def workbook_rows(path: Path, fields: Iterable[str]) -> Iterator[tuple[str, Row]]:
    """Yield each row of the first sheet of an Excel file after `file, row n`; needs openpyxl."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ImportError(f"{path} is an Excel file: pip install openpyxl") from error
    with warnings.catch_warnings():
        # It warns of extensions (data validation) that carry no values.
        warnings.filterwarnings("ignore", message="Unknown extension", category=UserWarning)
        try:
            book = load_workbook(require(path), read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError) as error:
            raise CorpusError(f"{path}: not an Excel file ({error})") from error
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
    header = [str(name) for name in rows[0]] if rows else []
    for number, cells in enumerate(rows[1:], start=2):
        where = f"{path}, row {number}"
        if len(cells) != len(header):
            raise CorpusError(f"{where}: it has not as many columns as the header")
        yield where, _with(dict(zip(header, cells, strict=True)), fields, where)


def zip_texts(path: Path) -> dict[str, str]:
    """The `.txt`, `.ann` and `.json` members of a zip by name, sorted; macOS clutter left out."""
    try:
        with zipfile.ZipFile(require(path)) as archive:
            names = [n for n in archive.namelist() if not n.startswith("__MACOSX/")]
            contents = {n: archive.read(n) for n in names if _is_text(n)}
    except zipfile.BadZipFile as error:
        raise CorpusError(f"{path}: not a whole zip file ({error})") from error
    return _decoded(path, contents)


def tar_texts(path: Path) -> dict[str, str]:
    """The `.txt` and `.ann` members of a tar archive by name, sorted."""
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(require(path)) as archive:
            for member in archive:
                stream = archive.extractfile(member) if _is_text(member.name) else None
                if stream is not None:
                    contents[member.name] = stream.read()
    except (tarfile.ReadError, EOFError) as error:
        raise CorpusError(f"{path}: not a whole tar archive ({error})") from error
    return _decoded(path, contents)


def typed(row: Row, field: str, kind: type | tuple[type, ...], where: str) -> Any:
    """Return `row[field]`, which must be of `kind`."""
    value = row[field]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise CorpusError(f"{where}: {field} is {value!r}, which is not of the expected type")
    return value


def _with(row: dict[str, Any], fields: Iterable[str], where: str) -> dict[str, Any]:
    missing = [field for field in fields if field not in row]
    if missing:
        raise CorpusError(f"{where}: no {', '.join(missing)} (it has {', '.join(row)})")
    return row


def _is_text(name: str) -> bool:
    return name.endswith((".txt", ".ann", ".json")) and not name.split("/")[-1].startswith("._")


def _decoded(path: Path, contents: Mapping[str, bytes]) -> dict[str, str]:
    texts = {}
    for name in sorted(contents):
        try:
            texts[name] = contents[name].decode("utf-8")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{path}, {name}: not UTF-8 ({error})") from error
    return texts
