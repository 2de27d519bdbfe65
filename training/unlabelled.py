"""Unlabelled text, and its sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from framing.files import is_table, read_texts
from framing.quotes import open_at
from framing.sentences import is_blank, sentence_spans
from training.example import Example


def read_unlabelled(files: Sequence[str], column: str) -> list[tuple[str, str]]:
    """The texts of all files, each with a name: plain text, CSV, TSV, JSON lines or Parquet.

    ``column`` is where tables have the text.
    """
    return [(f"{name}:{i}", text) for name in files for i, text in enumerate(_read(name, column))]


def unlabelled(texts: Iterable[tuple[str, str]], *, corpus: str = "text") -> list[Example]:
    """The sentences of texts, each given with its name; repeated and blank ones left out."""
    found: dict[str, Example] = {}
    for name, text in texts:
        spans = sentence_spans(text)
        opened = open_at(text, [start for start, _ in spans])
        for (start, end), is_open in zip(spans, opened, strict=True):
            sentence = text[start:end]
            if sentence not in found and not is_blank(sentence):
                found[sentence] = Example(
                    text=sentence,
                    corpus=corpus,
                    id=f"{name}#{start}",
                    group=f"{corpus}:{name}",
                    labels={},
                    document=name,
                    quote_open=is_open,
                )
    return list(found.values())


def _read(name: str, column: str) -> list[str]:
    """The texts of a file: Parquet, a table or plain text."""
    if not name.endswith(".parquet"):
        return read_texts(name, column=column if is_table(name) else None)
    from pyarrow import parquet

    path = Path(name)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {name}")
    columns = parquet.read_schema(path).names
    if column not in columns:
        raise ValueError(f"{name} has no column {column!r}; it has {', '.join(columns)}")
    values = parquet.read_table(path, columns=[column])[column].to_pylist()
    return [value for value in values if isinstance(value, str)]
