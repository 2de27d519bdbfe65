"""Which format a file or folder is in: by its extension, and by what it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from training.findings import Findings
from training.formats import brat, doccano, huggingface, label_studio, prodigy
from training.formats.format import Format
from training.formats.texts import EXCEL, json_values, kind_of
from training.records import split_named

__all__ = ["format_of", "split_of"]

_JSON = (".jsonl", ".ndjson", ".json")
_PARQUET = b"PAR1"
_HEAD = 1 << 20  # bytes, and
_LOOKED_AT = 50  # records, to tell the tools apart
_SHARD = re.compile(r"(.+)-\d+-of-\d+")


def format_of(path: Path, formats: Sequence[Format], findings: Findings) -> str | None:
    """The name of the format of a file, or of a folder that is one source; None if it has none.

    A file of another kind than its extension says is an error, which says what it seems to be. A
    folder without a format of its own gives None without an error: its files are sources.
    """
    if path.is_dir():
        if huggingface.is_saved(path):
            return "huggingface"
        return "brat" if brat.has_annotations(path) else None
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xls", ".xlsm", ".ods"):
        findings.error(f"a workbook is not read: {EXCEL}")
        return None
    named = next((f for f in formats if suffix in f.extensions), None)
    if named is None:
        known = sorted({e for f in formats for e in f.extensions})
        findings.error(
            f"{suffix or 'no extension'} tells no format; there are {', '.join(known)}; else name "
            "the format: --format NAME"
        )
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if named.name == "parquet":
        if head.startswith(_PARQUET):
            return named.name
        held = kind_of(head) or _text_kind(head) or "something else"
        findings.error(f"named {suffix}, but it is no Parquet file; it seems to be {held}")
        return None
    if suffix in _JSON:
        return _json_format(head)
    if named.name == "delimited" and _text_kind(head) == "JSON":
        findings.error(f"named {suffix}, but it holds JSON: name it .jsonl, or give --format")
        return None
    return named.name


def split_of(path: Path) -> str | None:
    """The split that a file of a folder is by its name, such as ``train.csv``; else None."""
    shard = _SHARD.fullmatch(path.stem)
    return split_named(shard[1] if shard else path.stem)


def _json_format(head: bytes) -> str:
    """Which tool wrote JSON that begins so; records of our own if none did."""
    text = head.decode("utf-8-sig", errors="ignore")
    scratch = Findings("")  # what is wrong, and what is cut off, is for the reader to say
    values = (value for _, value in json_values(text, scratch))
    found: list[Mapping[str, Any]] = [
        value for value in islice(values, _LOOKED_AT) if isinstance(value, Mapping)
    ]
    if any(label_studio.is_task(value) for value in found):
        return "label_studio"
    if any(prodigy.is_answer(value) for value in found):
        return "prodigy"
    return "doccano" if any(doccano.is_example(value) for value in found) else "jsonl"


def _text_kind(data: bytes) -> str | None:
    begins = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:64]
    if begins[:1] == b"{" or re.match(rb"\[\s*[{\[\"]", begins):
        return "JSON"
    if begins[:1] == b"<":
        return "a web page or XML"
    return "text" if begins and b"\0" not in begins else None
