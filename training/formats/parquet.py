"""Parquet: the columns that ``training.formats.tables`` describes, as typed values or as cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from framing.task import Task
from training.codebook import Codebook
from training.example import Example
from training.formats.cells import to_cell
from training.formats.format import Reading, Row
from training.formats.placing import placed
from training.formats.tables import records, table_of

__all__ = ["arrow_table", "read", "write"]


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the records of a file in their order; a line is a row, counted from 1."""
    pyarrow, parquet = _pyarrow()
    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        said = str(error).split(". ")[0]
        reading.findings.error(f"not a whole Parquet file: {said}; write it again")
        return
    rows = (
        row
        for batch in table.to_batches(max_chunksize=1024)
        for row in batch.to_pylist(maps_as_pydicts="strict")
    )
    for line, record in records(enumerate(rows, start=1), table.column_names, reading):
        yield (reading.findings.file, line), record


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a row an example."""
    _, parquet = _pyarrow()
    table = arrow_table(examples, codebook)
    with placed(path) as part:
        parquet.write_table(table, part)


def arrow_table(examples: Sequence[Example], codebook: Codebook) -> Any:
    """The examples as a ``pyarrow.Table``, a column a field.

    Labels are floats, strings, lists of strings or lists of structs, by the kind of their task; a
    column in which any is soft, or annotates some labels only, holds cells as in CSV.
    """
    pyarrow, _ = _pyarrow()
    columns = {}
    for name, values in table_of(examples, codebook).items():
        task = codebook.task(name) if name in codebook.names else None
        kind = pyarrow.bool_() if name == "quote_open" else pyarrow.string()
        if task is not None and all(v is None or _is_native(task, v) for v in values):
            kind = _type(task)
            if task.kind == "binary":
                values = [None if v is None else float(v) for v in values]
        elif task is not None:
            values = [None if v is None else to_cell(v) for v in values]
        columns[name] = pyarrow.array(values, kind)
    return pyarrow.table(columns)


def _is_native(task: Task, value: Any) -> bool:
    kinds = {"binary": (bool, int, float), "multiclass": (str,)}
    return isinstance(value, kinds.get(task.kind, (list,)))


def _type(task: Task) -> Any:
    pyarrow, _ = _pyarrow()
    if task.kind == "binary":
        return pyarrow.float64()
    if task.kind == "multiclass":
        return pyarrow.string()
    if task.kind == "multilabel":
        return pyarrow.list_(pyarrow.string())
    offsets = {"start": pyarrow.int64(), "end": pyarrow.int64()}
    return pyarrow.list_(pyarrow.struct({**offsets, "label": pyarrow.string()}))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError('Parquet needs pyarrow: pip install "framing-score[train]"') from error
    return pyarrow, pyarrow.parquet
