"""What one annotator marked on one sentence, and how the sheets of a sentence become its record.

Annotation tools write down what was marked, not what was asked. So a span or multilabel task that
an annotator used anywhere in a file, and made no mark of on a sentence of theirs, counts as
"none there"; a binary or multiclass task without a mark counts as not annotated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from framing.task import Task
from training.codebook import Codebook
from training.example import Example, Label
from training.findings import Findings
from training.formats.format import Reading, Record, Row
from training.formats.label_names import LabelNames
from training.labels import label_value
from training.votes import target_of

__all__ = ["Item", "Sheet", "rows_of", "sheets_of"]


@dataclass(kw_only=True)
class Sheet:
    """The labels that one annotator gave to one sentence, as values of a record.

    Parameters
    ----------
    annotator : a name, None if it is not known.
    gold : whether it is what counts, not a vote.
    asked : ``spans``, ``sentence`` or both, what was to be marked; else a single answer was.
    labels : by task.
    broken : whether anything on it could not be read, so that its sentence is not used.
    """

    annotator: str | None = None
    gold: bool = False
    asked: set[str] = field(default_factory=set)
    labels: dict[str, Any] = field(default_factory=dict)
    broken: bool = False

    def mark(
        self, names: LabelNames, name: str, control: str | None = None, **span: Any
    ) -> str | None:
        """Adds a label of the sentence, or of a span with its start and end.

        Returns
        -------
        what is wrong with it, None if nothing is.
        """
        try:
            task, label = names.find(name, spans=bool(span), control=control)
        except LookupError as error:
            self.broken = True
            return str(error)
        if task.kind == "spans":
            self.labels.setdefault(task.name, []).append({**span, "label": label})
        elif task.kind == "multilabel":
            if label not in self.labels.setdefault(task.name, []):
                self.labels[task.name].append(label)
        elif self.labels.setdefault(task.name, label) != label:
            self.broken = True
            return f"{task.name}: two answers, {self.labels[task.name]!r} and {label!r}; keep one"
        return None


@dataclass(kw_only=True)
class Item:
    """A sentence with the sheets of those who worked on it."""

    origin: tuple[str, int]
    fields: Record
    sheets: list[Sheet] = field(default_factory=list)


def rows_of(
    items: Sequence[Item], reading: Reading, *, alike: bool = True, complete: bool = False
) -> Iterator[Row]:
    """Yields the record of each item whose sheets could be read, in their order.

    Parameters
    ----------
    alike : whether annotators who were asked for a sort and used no task of it were asked for the
        tasks of that sort which others used.
    complete : whether every sentence was surely looked at, so that no warning is needed.
    """
    findings = reading.findings
    sheets = [sheet for item in items for sheet in item.sheets]
    for name, blank in _blanks(sheets, reading, alike).items():
        given = [sheet.labels[name] for sheet in sheets if name in sheet.labels]
        for sheet in blank:
            sheet.labels[name] = []
        if blank and not complete:
            findings.once(
                f"{name}: {len(blank):,} times a sentence was worked on and has no mark; that "
                "counts as none there, so take out what nobody looked at"
            )
        marks = {m["label"] if isinstance(m, dict) else m for value in given for m in value}
        labels = reading.codebook.task(name).labels
        if unused := [label for label in labels if label not in marks]:
            findings.once(
                f"{name}: {', '.join(unused)} never occurs and counts as none there; if it was "
                "not asked for, give a codebook without it"
            )
    for item in items:
        if not any(sheet.broken for sheet in item.sheets):
            yield item.origin, _record(item, findings.of(item.origin[0]))


def sheets_of(
    examples: Iterable[Example], codebook: Codebook, tool: str
) -> list[tuple[Example, list[Sheet]]]:
    """The sheets that a tool can hold the labels and votes of examples in.

    Raises
    ------
    ValueError
        for what :func:`rows_of` would not give back: shares that no votes make, or a span or
        multilabel task that one annotator labelled on some sentences only, or never marked.
    """
    found = [(example, _sheets(example, codebook, tool)) for example in examples]
    for task in codebook.tasks:
        if task.kind in ("spans", "multilabel"):
            _check_open_ended(task, found, tool)
    return found


def _blanks(sheets: Sequence[Sheet], reading: Reading, alike: bool) -> dict[str, list[Sheet]]:
    """By span or multilabel task that is used, the sheets that asked for it and have no mark."""
    used: dict[str | None, set[str]] = {sheet.annotator: set() for sheet in sheets}
    for sheet in sheets:
        used[sheet.annotator] |= set(sheet.labels)
    tasks = reading.codebook.tasks
    anywhere = set().union(*used.values(), reading.columns)
    blank: dict[str, list[Sheet]] = {
        t.name: [] for t in tasks if t.kind in ("spans", "multilabel") and t.name in anywhere
    }
    for sheet in sheets:
        own = used[sheet.annotator]
        for sort in sheet.asked:
            of_sort = {t.name for t in tasks if _sort(t) == sort}
            asked = of_sort & set(blank)
            if own & of_sort or not alike:
                asked &= own | set(reading.columns)
            for name in asked - set(sheet.labels):
                blank[name].append(sheet)
    return blank


def _sort(task: Task) -> str:
    return "spans" if task.kind == "spans" else "sentence"


def _record(item: Item, findings: Findings) -> Record:
    votes: dict[str, dict[str, Any]] = {}
    labels: dict[str, Any] = {}
    line = item.origin[1]
    unnamed = [s for s in item.sheets if s.annotator is None and not s.gold]
    tasks = Counter(name for sheet in unnamed for name in sheet.labels)
    several = any(count > 1 for count in tasks.values())
    for number, sheet in enumerate(item.sheets, start=1):
        annotator = sheet.annotator
        if several and sheet in unnamed:
            annotator = f"unnamed {number}"
        goal = labels if annotator is None or sheet.gold else votes.setdefault(annotator, {})
        for name, value in sheet.labels.items():
            if name in goal and goal[name] != value:
                findings.warning(
                    f"{name}: annotated twice by {annotator}; the later one counts", line
                )
            goal[name] = value
            if sheet.gold and annotator is not None:
                votes.setdefault(annotator, {})[name] = value
    record = {**item.fields, "labels": labels}
    return {**record, "annotators": votes} if votes else record


def _sheets(example: Example, codebook: Codebook, tool: str) -> list[Sheet]:
    sheets = [
        Sheet(annotator=name, labels=_hard_values(vote, codebook, example, tool))
        for name, vote in example.votes.items()
    ]
    derived: dict[str, Label] = {}
    for task in codebook.tasks:
        given = [vote[task.name] for vote in example.votes.values() if task.name in vote]
        if given:
            derived[task.name] = target_of(task, given)
    own = {
        name
        for name, label in example.labels.items()
        if name not in derived or label != derived[name]
    }
    if own:
        kept = {
            name: label
            for name, label in example.labels.items()
            if name in own or _hard(codebook.task(name), label) is not None
        }
        gold = Sheet(gold=True, labels=_hard_values(kept, codebook, example, tool))
        sheets.append(gold)
    if missing := set(derived) - set(example.labels):
        raise ValueError(f"{example.id}: {min(missing)!r} has votes and no label; {tool} needs one")
    return sheets


def _hard_values(
    labels: Mapping[str, Label], codebook: Codebook, example: Example, tool: str
) -> dict[str, Any]:
    values = {}
    for name, label in labels.items():
        task = codebook.task(name)
        hard = _hard(task, label)
        if hard is None:
            raise ValueError(
                f"{example.corpus} {example.id}: {tool} cannot hold {label!r} of {name}, only "
                "whole answers; write .jsonl"
            )
        values[name] = label_value(task, hard)
    return values


def _hard(task: Task, label: Label) -> Label | None:
    """The label without shares; None if it is soft, or spans of some labels only."""
    if task.kind == "binary":
        return label if label in (0, 1) else None
    if not isinstance(label, Mapping):
        return label
    if task.kind == "spans":
        return label if set(label) == set(task.labels) else None
    if any(share not in (0, 1) for share in label.values()):
        return None
    names = tuple(name for name in task.labels if label.get(name))
    return names[0] if task.kind == "multiclass" else names


def _check_open_ended(task: Task, found: Sequence[tuple[Example, list[Sheet]]], tool: str) -> None:
    annotators: dict[str | None, list[tuple[Example, Sheet]]] = {}
    for example, sheets in found:
        for sheet in sheets:
            annotators.setdefault(sheet.annotator, []).append((example, sheet))
    for annotator, own in annotators.items():
        who = "" if annotator is None else f" by {annotator}"
        having = [sheet.labels[task.name] for _, sheet in own if task.name in sheet.labels]
        if having and not any(having):
            raise ValueError(
                f"{tool} cannot tell that {task.name!r} was looked for{who}, as it is nowhere; "
                "write .jsonl"
            )
        lacking = next((e for e, sheet in own if task.name not in sheet.labels), None)
        if having and lacking is not None:
            raise ValueError(
                f"{lacking.corpus} {lacking.id}: {tool} cannot tell that {task.name!r} was not "
                f"annotated{who}, as it was elsewhere; write .jsonl, or a file for each"
            )
