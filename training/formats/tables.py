"""Tables and records: which column holds which field, and a row as a record.

A column has the name of its field, or the name that the caller's map gives. Labels stand in a
column a task, as ``training.formats.cells`` says or as native values; the labels of a multilabel
task may instead stand in a 0/1 column each, named ``TASK_LABEL``. ``annotators`` holds the votes as
JSON. An empty cell is a task that was not annotated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framing.task import Task
from training.codebook import Codebook
from training.example import Example
from training.findings import did_you_mean, shown
from training.formats.cells import cleaned, from_cell, truth
from training.formats.format import Reading, Record
from training.formats.texts import json_text, json_value
from training.records import FIELDS, to_record

__all__ = ["check_codebook", "check_columns", "records", "table_of"]

_WHOLE = ("labels", "annotators")


def check_codebook(codebook: Codebook) -> None:
    """Refuses, with a ValueError, a task by the name of a field, whose columns would be one."""
    if taken := set(codebook.names) & {*FIELDS, *_WHOLE}:
        raise ValueError(
            f"codebook {codebook.name!r}: {min(taken)!r} is a field of every record; give the task "
            "another name"
        )


def _fields_of(codebook: Codebook) -> list[str]:
    """Every field that a column may hold."""
    names = [*FIELDS, *_WHOLE, *codebook.names]
    for task in codebook.tasks:
        if task.kind == "multilabel":
            names += [f"{task.name}_{label}" for label in task.labels]
    return names


def check_columns(columns: Mapping[str, str], codebook: Codebook) -> None:
    """Refuses a map whose fields are none, with a ValueError that names those there are."""
    fields = _fields_of(codebook)
    for field in columns:
        if field not in fields:
            raise ValueError(f"columns: {field!r} is no field; {did_you_mean(field, fields)}")


def records(
    rows: Iterable[tuple[int, Mapping[str, Any]]], names: Sequence[str], reading: Reading
) -> Iterator[tuple[int, Record]]:
    """Yields the record of each row after its line; nothing, with errors, if the columns are wrong.

    Parameters
    ----------
    rows : the line and the cells by column; texts are taken as cells of CSV where they are labels.
    names : the columns there are.
    """
    layout = _layout(names, reading)
    if layout is not None:
        for line, row in rows:
            yield line, _record(row, layout, line, reading)


def table_of(examples: Sequence[Example], codebook: Codebook) -> dict[str, list[Any]]:
    """The columns of a table of examples: those that any of them has a value in.

    Labels are the values of a record; the votes are JSON; None is a field that is not there.
    """
    found = []
    for example in examples:
        record = to_record(example, codebook)
        labels = record.pop("labels")
        if "annotators" in record:
            record["annotators"] = json_text(record["annotators"])
        found.append({**record, **labels})
    order = [*FIELDS, *codebook.names, "annotators"]
    names = dict.fromkeys(name for row in found for name in row)
    ordered = [*(n for n in order if n in names), *(n for n in names if n not in order)]
    return {name: [row.get(name) for row in found] for name in ordered}


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """The column of each field; the fields that are one label of a task; columns that are taken."""

    columns: Mapping[str, str]
    owners: Mapping[str, tuple[Task, str]]
    taken: frozenset[str]


def _layout(names: Sequence[str], reading: Reading) -> _Layout | None:
    """None, with errors, if a column is missing."""
    findings, codebook = reading.findings, reading.codebook
    errors = findings.errors
    if twice := next((name for name in names if names.count(name) > 1), None):
        findings.error(f"column {twice!r} is there twice; rename one")
    there = f"the columns are {', '.join(map(repr, names))}"
    columns = dict(reading.columns)
    for field, column in columns.items():
        if column not in names:
            findings.error(f"there is no column {column!r} for {field!r}; {there}")
    fields = _fields_of(codebook)
    columns |= {f: f for f in fields if f in names and f not in columns}
    if "text" not in columns:
        findings.error(
            f"there is no column 'text'; {there}; say which holds it: --columns text=COLUMN"
        )
    if all(field in FIELDS for field in columns):
        findings.error(
            f"there is no column of labels; {there}; name one like a task of the codebook "
            f"({', '.join(codebook.names)}), or say which it is: --columns TASK=COLUMN"
        )
    owners: dict[str, tuple[Task, str]] = {}
    for task in codebook.tasks:
        single = {f"{task.name}_{label}": label for label in task.labels}
        several = task.kind == "multilabel" and not set(single) & set(codebook.names)
        found = [f for f in single if f in columns] if several else []
        if found and task.name in columns:
            findings.error(f"columns {task.name!r} and {found[0]!r} both label {task.name!r}")
        elif found and len(found) < len(single):
            missing = ", ".join(f for f in single if f not in found)
            findings.error(
                f"task {task.name!r} has no column for {missing}; add them, or give a codebook "
                "with the labels there are"
            )
        owners |= {field: (task, single[field]) for field in found}
    for field in sorted(set(names) & set(reading.columns) - set(columns.values())):
        findings.once(f"column {field!r} is not used: {columns[field]!r} holds the {field}")
    if findings.errors > errors:
        return None
    taken = frozenset({*columns.values(), *reading.columns})
    return _Layout(columns=columns, owners=owners, taken=taken)


def _record(row: Mapping[str, Any], layout: _Layout, line: int, reading: Reading) -> Record:
    record: Record = {}
    labels: dict[str, Any] = {}
    singles: dict[str, dict[str, Any]] = {}
    for field, column in layout.columns.items():
        value = cleaned(row.get(column))
        if value == "" and field != "text" and field not in layout.owners:
            continue
        try:
            if field in reading.codebook.names:
                labels[field] = _label(reading.codebook.task(field), value)
            elif field in layout.owners:
                task, label = layout.owners[field]
                singles.setdefault(task.name, {})[label] = value
            elif field in _WHOLE:
                record[field] = json_value(value) if isinstance(value, str) else value
            else:
                record[field] = _field(field, value)
        except ValueError as error:
            reading.findings.error(f"{column}: {error}", line)
    for name, cells in singles.items():
        try:
            labels[name] = _together(cells)
        except ValueError as error:
            reading.findings.error(f"{name}: {error}", line)
    labels = {name: value for name, value in labels.items() if value is not None}
    if labels:
        whole = record.get("labels")
        record["labels"] = {**whole, **labels} if isinstance(whole, Mapping) else labels
    notes = {name: cleaned(value) for name, value in row.items() if name not in layout.taken}
    return {**notes, **{key: v for key, v in record.items() if v is not None}}


def _label(task: Task, value: Any) -> Any:
    if isinstance(value, str):
        return from_cell(task, value)
    if task.kind == "spans" and isinstance(value, Mapping) and _is_columnar(value):
        keys = list(value)
        return [dict(zip(keys, item, strict=True)) for item in zip(*value.values(), strict=True)]
    if task.kind in ("multiclass", "multilabel") and str(value) in task.labels:
        return str(value) if task.kind == "multiclass" else [str(value)]
    return value


def _is_columnar(value: Mapping[str, Any]) -> bool:
    """Whether spans are a list a field, as older tables of structs have them."""
    sizes = {len(v) if isinstance(v, list) else -1 for v in value.values()}
    return {"start", "end"} <= set(value) and len(sizes) == 1 and sizes != {-1}


def _field(field: str, value: Any) -> Any:
    if field == "quote_open" and isinstance(value, str) and value.strip():
        answer = truth(field, value.strip())
        return bool(answer) if answer in (0.0, 1.0) else answer
    if field != "text" and isinstance(value, float) and value.is_integer():
        return int(value)  # a column of whole numbers with gaps
    return value


def _together(cells: Mapping[str, Any]) -> Any:
    """The value of a multilabel task whose labels have a column each."""
    values = {
        label: truth(label, cell.strip()) if isinstance(cell, str) and cell.strip() else cell
        for label, cell in cells.items()
    }
    empty = [label for label, value in values.items() if value in (None, "")]
    if len(empty) == len(values):
        return None
    if empty:
        raise ValueError(f"no value for {', '.join(empty)}; give 0 or 1, or leave all empty")
    for label, value in values.items():
        if isinstance(value, str):
            raise ValueError(f"{label}: give 0 or 1, not {shown(value)}")
    if all(value in (0, 1) for value in values.values()):
        return [label for label, value in values.items() if value]
    return values
