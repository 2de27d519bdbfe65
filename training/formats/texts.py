"""Files as text and as JSON, with the line of everything that cannot be read."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.findings import Findings

__all__ = ["EXCEL", "json_text", "json_value", "json_values", "kind_of", "read_text"]

EXCEL = "open it in Excel and save it as CSV UTF-8 (File, Save As, CSV UTF-8)"

_SIGNATURES = (
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"ARROW1", "an Arrow file"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_WAYS_OUT = {
    "a Parquet file": "name it .parquet",
    "an Excel workbook or a zip archive": f"if it is a workbook, {EXCEL}; unpack an archive first",
    "an old Excel or Word file": EXCEL,
    "a gzip archive": "unpack it with gunzip first",
    "an Arrow file": "give the folder that datasets.save_to_disk wrote",
    "UTF-16": "save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 IN > OUT",
}
_SHOWN = 5


def kind_of(data: bytes) -> str | None:
    """What a file is that is no text in UTF-8, by how it begins; None if that is not known."""
    return next((kind for mark, kind in _SIGNATURES if data.startswith(mark)), None)


def read_text(path: Path, findings: Findings) -> str | None:
    """The text of a UTF-8 file, a byte-order mark taken off, line ends as they are.

    None, with an error, if it is empty or no such file.
    """
    data = path.read_bytes()
    kind = kind_of(data)
    if kind:
        way_out = _WAYS_OUT.get(kind, "give one of the formats that can be read")
        findings.error(f"this is {kind}, not text in UTF-8: {way_out}")
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        _report_bytes(data, findings)
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        findings.error("a zero byte: this is no text file, or one in UTF-16 or UTF-32", line)
        return None
    if not text.strip():
        findings.error("the file is empty")
        return None
    return text


def json_values(text: str, findings: Findings) -> Iterator[tuple[int, Any]]:
    """Each value after its line: one a line (JSON lines), or the items of one JSON array."""
    if text.lstrip()[:1] == "[":
        yield from _items(text, findings)
        return
    if text.lstrip()[:1] != "{":
        begins = text.lstrip()[:20]
        findings.error(f"not JSON: it begins with {begins!r}, where {{ or [ would stand")
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, _DECODER.decode(line)
        except json.JSONDecodeError as error:
            where = f"column {error.colno}"
            if number == 1 and _is_json(text):
                findings.error("one JSON object over many lines: write each record on one", 1)
                return
            findings.error(f"not JSON, {where}: {error.msg}; a line holds one whole object", number)
        except (ValueError, RecursionError) as error:
            findings.error(f"not usable as JSON: {error}", number)


def json_value(text: str) -> Any:
    """The value of a JSON text; ValueError, saying where and why, if it is none."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON, character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise ValueError("not usable as JSON: nested too deeply") from None


def json_text(value: Any) -> str:
    """A value as JSON on one line, letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def _items(text: str, findings: Findings) -> Iterator[tuple[int, Any]]:
    """The items of an array, parsed one by one so that each has its line."""
    at = text.index("[") + 1
    line, counted = 1, 0
    try:
        while (at := _skip(text, at)) < len(text) and text[at] != "]":
            line += text.count("\n", counted, at)
            counted = at
            value, at = _DECODER.raw_decode(text, at)
            yield line, value
            at = _skip(text, at)
            if text[at : at + 1] == ",":
                at = _skip(text, at + 1)
                if text[at : at + 1] == "]":
                    raise json.JSONDecodeError("Comma before the end of the array", text, at)
            elif text[at : at + 1] != "]":
                raise json.JSONDecodeError("Expecting a comma or the end of the array", text, at)
        if at >= len(text) or text[at + 1 :].strip():
            raise json.JSONDecodeError("The array does not end where the file ends", text, at)
    except json.JSONDecodeError as error:
        findings.error(f"not JSON, column {error.colno}: {error.msg}", error.lineno)
    except (ValueError, RecursionError) as error:
        findings.error(f"not usable as JSON: {error}", line)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} is given twice in one object; take one out")
    return values


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number; write null, or leave it out")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _report_bytes(data: bytes, findings: Findings) -> None:
    """Says which lines are not UTF-8, and whether others are, which is another mistake."""
    bad, good = [], False
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            good |= not line.decode("utf-8").isascii()
        except UnicodeDecodeError as error:
            bad.append((number, line[error.start]))
    number, byte = bad[0]
    lines = ", ".join(str(n) for n, _ in bad[:_SHOWN]) + (", ..." if len(bad) > _SHOWN else "")
    if good:
        findings.error(
            f"mixed encodings: byte 0x{byte:02x} is not UTF-8, but other lines hold letters that "
            f"are; {len(bad):,} lines are not ({lines}): convert them, they may be Windows-1252",
            number,
        )
    else:
        findings.error(
            f"not UTF-8: byte 0x{byte:02x}; {len(bad):,} lines are not ({lines}). Convert the "
            "file, if it is Windows-1252: iconv -f CP1252 -t UTF-8 IN > OUT; or save it in Excel "
            "as CSV UTF-8",
            number,
        )
