"""From the label names of an annotation tool to the tasks of a codebook, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from framing.task import Task
from training.codebook import Codebook
from training.findings import did_you_mean
from training.labels import truth_values

__all__ = ["LabelNames"]


class LabelNames:
    """Finds the task that a label belongs to: by what the caller maps, else by its name alone.

    A name belongs to the one task of its sort (spans, or the whole sentence) that has such a
    label; ``TASK:LABEL`` says it where several have. A binary task has its label for yes and
    "not LABEL" for no. Capital letters do not matter.

    Parameters
    ----------
    codebook : the tasks there are.
    columns : by task, the control, key or attribute of the tool that holds its labels.
    """

    def __init__(self, codebook: Codebook, columns: Mapping[str, str]) -> None:
        self.codebook = codebook
        self.columns = columns

    def find(self, name: str, *, spans: bool, control: str | None = None) -> tuple[Task, Any]:
        """The task of a label, and the label as records have it (true or false if it is binary).

        Parameters
        ----------
        spans : whether it stands on a span or on the whole sentence.
        control : what holds the label, if the tool names that.

        Raises
        ------
        LookupError
            if no task has the label, or several have.
        """
        tasks = [t for t in self.codebook.tasks if (t.kind == "spans") == spans]
        held = [t for t in tasks if control and self.columns.get(t.name, t.name) == control]
        prefix, _, rest = name.partition(":")
        named = [t for t in tasks if t.name == prefix and rest]
        found = [(t, label) for t in held or tasks if (label := _label(t, name, bool(held)))]
        found += [(t, label) for t in named if (label := _label(t, rest, True))]
        if len(found) == 1:
            return found[0][0], found[0][1][0]
        sort = "span" if spans else "sentence"
        if found:
            owners = " and ".join(t.name for t, _ in found)
            raise LookupError(
                f"{name!r} is a label of {owners}; say which, --columns TASK=NAME with the name "
                f"that the tool has for it, or label with {found[0][0].name}:{name}"
            )
        known = [label for t in held or tasks for label in t.labels]
        owner = " or ".join(t.name for t in held) or "the codebook"
        raise LookupError(f"{name!r} is no {sort} label of {owner}; {did_you_mean(name, known)}")

    def name_of(self, task: Task, label: Any) -> str:
        """The name that :meth:`find` finds it by."""
        name = label if isinstance(label, str) else task.labels[0]
        if label is False:
            name = f"not {name}"
        try:
            self.find(name, spans=task.kind == "spans")
        except LookupError:
            return f"{task.name}:{name}"
        return name


def _label(task: Task, name: str, sure: bool) -> tuple[Any] | None:
    """The label of a task that a name stands for, in a tuple; None if it has no such."""
    if task.kind == "binary":
        words = truth_values(task.labels[0])
        known = sure or task.labels[0].casefold() in name.casefold()
        truth = words.get(name.casefold()) if known else None
        return None if truth is None else (bool(truth),)
    if name in task.labels:
        return (name,)
    folded = [label for label in task.labels if label.casefold() == name.casefold()]
    return (folded[0],) if len(folded) == 1 else None
