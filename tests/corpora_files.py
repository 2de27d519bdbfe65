"""Tiny corpora, written by the tests in the formats of the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.corpora import CORPORA
from training.example import Example


def folder(root: Path, name: str) -> Path:
    path = root / CORPORA[name].folder
    path.mkdir(parents=True)
    return path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def write_workbook(path: Path, rows: list[list[Any]]) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def pieces(example: Example, task: str, label: str = "loaded") -> list[str]:
    spans = example.labels[task]
    assert isinstance(spans, dict)
    return [example.text[start:end] for start, end in spans[label]]
