"""Data sets of the ``datasets`` library: the columns of ``training.formats.tables``, decoded.

A ``DatasetDict`` gives its parts as splits: train, test, and validation or dev as dev. Numbers of a
``ClassLabel`` become its names, and -1 "not annotated".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from training.codebook import Codebook
from training.example import Example
from training.formats.format import Reading, Row
from training.formats.parquet import arrow_table
from training.formats.placing import placed
from training.formats.tables import records
from training.records import SPLITS, split_named

__all__ = ["is_saved", "read", "rows_of", "write"]

_MARKS = ("dataset_dict.json", "state.json")


def is_saved(folder: Path) -> bool:
    """Whether a folder is one that ``save_to_disk`` wrote."""
    return any((folder / mark).is_file() for mark in _MARKS)


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the records of a folder that ``save_to_disk`` wrote."""
    if not is_saved(path):
        reading.findings.error(f"no data set: a folder of save_to_disk has {' or '.join(_MARKS)}")
        return
    datasets = _datasets()
    try:
        source = datasets.load_from_disk(str(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        reading.findings.error(f"not a whole data set ({error}); save it again")
        return
    yield from rows_of(source, reading)


def rows_of(source: Any, reading: Reading) -> Iterator[Row]:
    """Yields the records of a ``Dataset`` or ``DatasetDict``; a line is a row, counted from 1.

    Raises
    ------
    TypeError
        if it is neither.
    ValueError
        if the one part that is wanted is not there.
    """
    datasets = _datasets()
    if isinstance(source, datasets.Dataset):
        yield from _part(source, reading, None)
        return
    if not isinstance(source, datasets.DatasetDict):
        kind = type(source).__name__
        raise TypeError(f"give a path, a datasets.Dataset or a datasets.DatasetDict, not {kind}")
    wanted = [n for n in source if reading.split is None or split_named(n) == reading.split]
    if not wanted:
        raise ValueError(f"the data set has no split {reading.split!r}: {', '.join(source)}")
    for name in wanted:
        findings = reading.findings.of(f"{reading.findings.file}/{name}")
        part = Reading(codebook=reading.codebook, findings=findings, columns=reading.columns)
        if split_named(name) is None:
            findings.once(f"part {name!r} is none of {', '.join(SPLITS)}; it is taken as no split")
        yield from _part(source[name], part, split_named(name))


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a folder as ``save_to_disk`` does, with a row an example; replaces only such a one."""
    datasets = _datasets()
    if path.is_dir() and any(path.iterdir()) and not is_saved(path):
        raise ValueError(f"{path} is a folder with other files in it; name a new one")
    table = datasets.table.InMemoryTable(arrow_table(examples, codebook))
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        with placed(path) as part:
            datasets.Dataset(table).save_to_disk(str(part))
    finally:
        if shown:
            datasets.enable_progress_bars()


def _part(dataset: Any, reading: Reading, split: str | None) -> Iterator[Row]:
    rows = (
        {name: _decoded(dataset.features[name], value) for name, value in row.items()}
        for row in dataset.with_format(None)
    )
    for line, record in records(enumerate(rows, start=1), dataset.column_names, reading):
        if split is not None:
            record.setdefault("split", split)
        yield (reading.findings.file, line), record


def _decoded(feature: Any, value: Any) -> Any:
    """A value with the numbers of class labels as their names."""
    if value is None:
        return None
    if hasattr(feature, "int2str"):
        return feature.int2str(value) if value >= 0 else None
    if isinstance(feature, Mapping) and isinstance(value, Mapping):
        return {key: _decoded(feature[key], item) for key, item in value.items()}
    inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
    if inner is not None and isinstance(value, list):
        return [_decoded(inner, item) for item in value]
    return value


def _datasets() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise ImportError('data sets need datasets: pip install "framing-score[train]"') from error
    return datasets
