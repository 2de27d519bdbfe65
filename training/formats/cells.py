"""The values of a table's cells: labels as text, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from framing.task import Task
from training.formats.texts import json_text, json_value
from training.labels import truth_values

__all__ = ["cleaned", "from_cell", "to_cell", "truth"]


def from_cell(task: Task, cell: str) -> Any:
    """The value of ``labels`` that a text stands for; None if the cell is empty.

    Binary: 0, 1, yes, no, true, false, the label or "not LABEL", or a share; multiclass: a label;
    multilabel: labels joined by semicolons, ``[]`` for none; spans, and shares: JSON. What is none
    of them is given back as it is, and refused when the record is checked.

    Raises
    ------
    ValueError
        if the cell begins like JSON and is none.
    """
    if cell in task.labels and task.kind != "spans":
        return [cell] if task.kind == "multilabel" else cell
    cell = cell.strip()
    if not cell:
        return None
    if cell[0] in "[{":
        return json_value(cell)
    if task.kind == "binary":
        return truth(task.labels[0], cell)
    if task.kind == "multilabel":
        return [part.strip() for part in cell.split(";") if part.strip()]
    return cell


def to_cell(value: Any) -> str:
    """The inverse, for any value of ``labels``."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        joined = ";".join(value)
        if joined[0] not in "[{" and all(v == v.strip() for v in value):
            return joined
    return json_text(value)


def truth(label: str, cell: str) -> Any:
    """A share from 0 to 1 for the words of yes and no and for numbers; else the cell itself."""
    known = truth_values(label)
    if cell.casefold() in known:
        return known[cell.casefold()]
    try:
        return float(cell)
    except ValueError:
        return cell


def cleaned(value: Any) -> Any:
    """A value of a typed table in JSON's types: no fields that are null, no days, no NaN."""
    if isinstance(value, Mapping):
        pairs = {str(key): cleaned(item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not None}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value != value:
        return None
    return value
