"""Labels as they stand in a file: read for each kind of task, and written again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from framing.task import Task
from training.example import Label
from training.findings import Findings, did_you_mean, shown
from training.span_labels import parse_spans, spans_value

__all__ = ["label_value", "parse_label", "truth_values"]

_SUM = 0.011  # shares that were rounded to two digits, three times 0.33, add up to 1 within this
_TRUTH = {"1": 1.0, "yes": 1.0, "true": 1.0, "0": 0.0, "no": 0.0, "false": 0.0}


def parse_label(
    task: Task, value: Any, text: str | None, findings: Findings, where: str
) -> Label | None:
    """The label that ``value`` gives to a sentence; None, with an error, if it gives none.

    Multilabel tuples come in the order of the task, spans sorted. Shares of a multiclass task that
    were rounded are made to add up to 1.

    Parameters
    ----------
    value : by the kind of the task, as ``training.records`` says; not None.
    text : the sentence that offsets count in; None if it is itself at fault.
    findings : takes the faults.
    where : names the value in messages.
    """
    if task.kind == "spans":
        return parse_spans(task, value, text, findings, where)
    if task.kind == "binary":
        return _binary(task, value, findings, where)
    if isinstance(value, Mapping):
        return _shares(task, value, findings, where)
    if task.kind == "multiclass":
        if not isinstance(value, str):
            findings.error(f"{where}: give one label or its shares, not {shown(value)}")
            return None
        return value if _known(task, [value], findings, where) else None
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        findings.error(
            f"{where}: give a list of labels ([] if none applies) or shares, not {shown(value)}"
        )
        return None
    if not _known(task, value, findings, where):
        return None
    if len(set(value)) != len(value):
        findings.warning(f"{where}: a label is given twice; once is enough")
    return tuple(label for label in task.labels if label in value)


def label_value(task: Task, label: Label) -> Any:
    """The value that :func:`parse_label` makes ``label`` of, in JSON's types.

    Raises
    ------
    ValueError
        if the label does not fit the task.
    """
    if task.kind == "spans" and isinstance(label, Mapping):
        return spans_value(task, label)
    if task.kind == "binary" and isinstance(label, int | float):
        return bool(label) if label in (0, 1) else label
    if task.kind == "multiclass" and isinstance(label, str):
        return label
    if task.kind == "multilabel" and isinstance(label, tuple):
        return list(label)
    if task.kind in ("multiclass", "multilabel") and isinstance(label, Mapping):
        return dict(label)
    raise ValueError(f"{label!r} is no label of the {task.kind} task {task.name!r}")


def truth_values(label: str) -> dict[str, float]:
    """The words for yes (1.0) and no (0.0) of a binary task, in small letters."""
    name = label.casefold()
    no = {f"not {name}": 0.0, f"not_{name}": 0.0, f"not-{name}": 0.0, f"non-{name}": 0.0}
    return {**no, name: 1.0, **_TRUTH}


def _binary(task: Task, value: Any, findings: Findings, where: str) -> float | None:
    if value == task.labels[0]:
        return 1.0
    if not isinstance(value, bool | int | float):
        findings.error(
            f"{where}: give true, false, {task.labels[0]!r} or the share of annotators who said "
            f"yes, 0 to 1, not {shown(value)}"
        )
        return None
    return _share(value, findings, where)


def _shares(
    task: Task, value: Mapping[Any, Any], findings: Findings, where: str
) -> dict[str, float] | None:
    if not _known(task, value, findings, where):
        return None
    shares = {name: _share(v, findings, f"{where}, {name}") for name, v in value.items()}
    good = {name: share for name, share in shares.items() if share is not None}
    if len(good) < len(shares):
        return None
    if task.kind == "multiclass":
        total = math.fsum(good.values())
        if abs(total - 1) > _SUM:
            findings.error(f"{where}: the shares add up to {total:g}, not to 1")
            return None
        if abs(total - 1) > 1e-9:
            good = {name: share / total for name, share in good.items()}
    return good


def _share(value: Any, findings: Findings, where: str) -> float | None:
    if not isinstance(value, bool | int | float) or not 0 <= value <= 1:
        findings.error(f"{where}: a share is a number from 0 to 1, not {shown(value)}")
        return None
    return float(value) + 0.0  # no negative zero


def _known(task: Task, names: Iterable[Any], findings: Findings, where: str) -> bool:
    unknown = [name for name in names if name not in task.labels]
    for name in unknown:
        findings.error(
            f"{where}: {name!r} is none of its labels; {did_you_mean(str(name), task.labels)}"
        )
    return not unknown
