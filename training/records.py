"""The record: one labelled sentence as a JSON object, checked and made into an example.

``text`` is required; ``id``, ``document``, ``outlet``, ``event``, ``date``, ``split`` and
``quote_open`` may be given. ``labels`` has a value for each task of the codebook that the sentence
was annotated for; a task that is absent or null was not annotated, it is never a negative:

- binary: true, false, the name of the label, or a number from 0 to 1 (the share of yes);
- multiclass: a label, or a mapping of label to share, which add up to 1;
- multilabel: a list of labels, [] for none, or a mapping of label to share (a label that is not in
  it has 0);
- spans: a list of ``{"start": 4, "end": 12, "label": "loaded"}``, [] for none, in characters (code
  points) of ``text``, ``end`` exclusive; or a mapping of label to such a list, where only some
  labels of the task were annotated. A span may say its ``text``, which is then checked.

``annotators`` has one such object for each annotator, by name. A task that is there and not in
``labels`` gets its target from the votes, as ``training.votes`` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from framing.sentences import is_blank
from training.codebook import Codebook
from training.example import Example, Label
from training.faults import Fault
from training.findings import Findings, did_you_mean, shown
from training.labels import label_value, parse_label
from training.votes import target_of

__all__ = ["FIELDS", "GROUP_FIELDS", "SPLITS", "parse_record", "split_named", "to_record"]

FIELDS = ("id", "text", "document", "outlet", "event", "date", "split", "quote_open")
"""The keys of a record besides ``labels`` and ``annotators``."""

GROUP_FIELDS = ("document", "event", "outlet")
"""What sentences may be grouped by: what is never split between training and testing."""

SPLITS = ("train", "dev", "test")
"""The parts that a corpus may put a sentence in."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?![\d-])", re.ASCII)
_OTHER_SPLITS = {"training": "train", "validation": "dev", "valid": "dev", "val": "dev"}


def parse_record(
    values: Mapping[str, Any],
    codebook: Codebook,
    *,
    corpus: str,
    origin: tuple[str, int],
    group_by: str = "document",
) -> tuple[Example | None, list[Fault]]:
    """The example that a record describes, and everything that is wrong with the record.

    Parameters
    ----------
    values : the record, in JSON's types.
    codebook : the tasks that it may be labelled for.
    corpus : the name of the corpus.
    origin : the file and the line the record stands in.
    group_by : the field whose sentences are never split: document, event or outlet. A record
        without it is a group of its own.

    Returns
    -------
    the example, None if there is an error; and the faults, all of them. A fault without a line is
    the same for every record of the file that has it.

    Raises
    ------
    ValueError
        if ``group_by`` is no such field.
    """
    if group_by not in GROUP_FIELDS:
        raise ValueError(f"group_by: {group_by!r} is none of {', '.join(GROUP_FIELDS)}")
    findings = Findings(*origin)
    text = _text(values, findings)
    names = {f: _name(values, f, findings) for f in ("id", "document", "outlet", "event")}
    date, split = _date(values, findings), _split(values, findings)
    quote_open = values.get("quote_open")
    if quote_open is not None and not isinstance(quote_open, bool):
        findings.error(f"quote_open: give true or false, not {shown(quote_open)}")
    labels = _labels(values.get("labels"), codebook, text, findings, "labels")
    votes = _votes(values.get("annotators"), codebook, text, findings)
    extra = _extra(values, codebook, findings)
    if names[group_by] is None:
        findings.once(
            f"no {group_by}: a sentence without one is a group of its own, so that sentences of "
            f"one {group_by} can be trained on and tested on; give each its {group_by}"
        )
    if findings.errors or text is None:
        return None, findings.faults
    for task in codebook.tasks:
        given = [vote[task.name] for vote in votes.values() if task.name in vote]
        if given and task.name not in labels:
            labels[task.name] = target_of(task, given)
    name = names["id"] or f"{PurePath(origin[0]).name}:{origin[1]}"
    example = Example(
        text=text,
        corpus=corpus,
        id=name,
        group=f"{corpus}:{names[group_by] or name}",
        labels=labels,
        outlet=names["outlet"],
        quote_open=bool(quote_open),
        document=names["document"],
        event=names["event"],
        date=date,
        split=split,
        votes=votes,
        origin=origin,
        extra=extra,
    )
    return example, findings.faults


def to_record(example: Example, codebook: Codebook) -> dict[str, Any]:
    """The record that :func:`parse_record` makes ``example`` of, in JSON's types.

    The name of the corpus and the group are no part of it: they are made again when it is read.

    Raises
    ------
    ValueError
        if a label belongs to no task of the codebook, or ``extra`` has a key of a record.
    """
    where = f"{example.corpus} {example.id}"
    record: dict[str, Any] = {}
    for field in FIELDS:
        value = getattr(example, field)
        if value is not None and value is not False:
            record[field] = value
    record["labels"] = _values(example.labels, codebook, where)
    if example.votes:
        record["annotators"] = {
            name: _values(vote, codebook, where) for name, vote in example.votes.items()
        }
    for key, text in example.extra.items():
        if key in (*FIELDS, "labels", "annotators", *codebook.names):
            raise ValueError(f"{where}: extra {key!r} has the name of a field; rename it")
        record[key] = text
    return record


def split_named(name: str) -> str | None:
    """The split that a part of that name is, as dev for ``validation``; None if it is none."""
    name = _OTHER_SPLITS.get(name.casefold(), name.casefold())
    return name if name in SPLITS else None


def _values(labels: Mapping[str, Label], codebook: Codebook, where: str) -> dict[str, Any]:
    if unknown := set(labels) - set(codebook.names):
        raise ValueError(
            f"{where}: codebook {codebook.name!r} has no task {min(unknown)!r}; add it there, or "
            "leave its labels out"
        )
    return {name: label_value(codebook.task(name), label) for name, label in labels.items()}


def _text(values: Mapping[str, Any], findings: Findings) -> str | None:
    text = values.get("text")
    if "text" not in values:
        findings.error(f"there is no text; the record has: {', '.join(map(str, values)) or '-'}")
    elif not isinstance(text, str):
        findings.error(f"text: give a string, not {shown(text)}")
    elif is_blank(text):
        findings.error(f"text: {shown(text)} is blank; give a sentence or take the record out")
    elif broken := next((c for c in text if "\ud800" <= c <= "\udfff"), None):
        findings.error(
            f"text: half a character (U+{ord(broken):04X}) at {text.index(broken)}; whatever wrote "
            "the file cut an emoji or the like in two, so export it again"
        )
    else:
        return text
    return None


def _name(values: Mapping[str, Any], field: str, findings: Findings) -> str | None:
    value = values.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        findings.error(f"{field}: give a string, not {shown(value)}")
        return None
    return value


def _date(values: Mapping[str, Any], findings: Findings) -> str | None:
    value = values.get("date")
    if value is None or value == "":
        return None
    try:
        known = _DAY.match(value) is not None and bool(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        known = False
    if not known:
        findings.error(f"date: {shown(value)} is no day of the form 2024-05-01 (ISO 8601)")
        return None
    return str(value)


def _split(values: Mapping[str, Any], findings: Findings) -> str | None:
    value = values.get("split")
    if value is None or value == "":
        return None
    if value not in SPLITS:
        meant = split_named(value) if isinstance(value, str) else None
        hint = f"; write {meant!r}" if meant else ""
        findings.error(f"split: {shown(value)} is none of {', '.join(SPLITS)}{hint}")
        return None
    return str(value)


def _labels(
    value: Any, codebook: Codebook, text: str | None, findings: Findings, where: str
) -> dict[str, Label]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        findings.error(f'{where}: give an object such as {{"TASK": ...}}, not {shown(value)}')
        return {}
    labels = {}
    for name, given in value.items():
        if name not in codebook.names:
            findings.error(
                f"{where}: codebook {codebook.name!r} has no task {name!r}; "
                f"{did_you_mean(str(name), codebook.names)}"
            )
        elif given is not None:
            task = codebook.task(name)
            label = parse_label(task, given, text, findings, f"{where}.{name}")
            if label is not None:
                labels[name] = label
    return labels


def _votes(
    value: Any, codebook: Codebook, text: str | None, findings: Findings
) -> dict[str, dict[str, Label]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        findings.error(
            'annotators: give an object such as {"ANNOTATOR": {"TASK": ...}}, '
            f"not {shown(value)}"
        )
        return {}
    votes = {}
    for name, given in value.items():
        labels = _labels(given, codebook, text, findings, f"annotators.{name}")
        if not str(name).strip():
            findings.error("annotators: an annotator has a blank name; give each a name")
        elif labels:
            votes[str(name)] = labels
    return votes


def _extra(values: Mapping[str, Any], codebook: Codebook, findings: Findings) -> dict[str, str]:
    extra = {}
    for key, value in values.items():
        if key in (*FIELDS, "labels", "annotators") or value is None or value == "":
            continue
        if key in codebook.names:
            findings.error(f'{key!r} is a task: put it under "labels"')
        elif isinstance(value, str | int | float):
            known = (*FIELDS, *codebook.names)
            guess, _, _ = did_you_mean(str(key), known).partition("There are")
            findings.once(f"key {key!r} is not known; {guess or 'it is '}kept as a note")
            extra[str(key)] = str(value)
        else:
            findings.once(f"key {key!r} is not known and no text or number; it was left out")
    return extra
