"""Prodigy: the JSON lines of ``db-out``, a line an answer.

``spans`` and ``accept`` (of ``options``) are the labels of an accepted answer; with a single
``label`` the answer itself is the label of a binary task. An ignored answer is none, nor is a
rejected one with spans or options. Lines about one sentence (the same id in ``meta``,
``_input_hash`` or, without these, text) are put together; ``_annotator_id`` tells whose votes they
are. Fields of the record stand at the top or in ``meta``, where they are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.files import write_atomically
from training.codebook import Codebook
from training.example import Example
from training.findings import Findings, shown
from training.formats.format import Reading, Record, Row
from training.formats.jsonl import list_at, objects
from training.formats.label_names import LabelNames
from training.formats.sheets import Item, Sheet, rows_of, sheets_of
from training.formats.texts import json_text
from training.records import FIELDS, to_record

__all__ = ["is_answer", "read", "write"]

_OWN = {"text", "meta", "spans", "tokens", "options", "accept", "answer", "label", "config",
        "priority", "score", "html", "style"}  # fmt: skip
_ANSWERS = ("accept", "reject", "ignore")


def is_answer(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object looks like a line of Prodigy."""
    return "_input_hash" in value or ("text" in value and value.get("answer") in _ANSWERS)


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the record of each sentence, in the order of their first lines."""
    names = LabelNames(reading.codebook, reading.columns)
    items: dict[Any, Item] = {}
    left_out: Counter[str] = Counter()
    for line, row in objects(path, reading):
        fields = _fields(row, reading)
        key = fields.get("id", row.get("_input_hash", fields.get("text")))
        origin = (reading.findings.file, line)
        item = items.setdefault(str(key), Item(origin=origin, fields=fields))
        if item.fields.get("text") != fields.get("text"):
            reading.findings.error(f"id {key!r} has another text in line {item.origin[1]}", line)
            continue
        item.fields = {**fields, **item.fields}
        answer = row.get("answer", "accept")
        if answer not in _ANSWERS:
            known = ", ".join(_ANSWERS)
            reading.findings.error(f"answer: {shown(answer)} is none of {known}", line)
        elif answer == "ignore" or (answer == "reject" and "label" not in row):
            left_out[answer] += 1
        else:
            sheet = _sheet(row, answer == "accept", names, line, reading.findings)
            if sheet.asked:
                item.sheets.append(sheet)
    for answer, count in left_out.items():
        reading.findings.once(
            f"{count:,} answers are {answer!r}, which gives no label; they are left out"
        )
    yield from rows_of(list(items.values()), reading)


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a line an annotator and sentence; one without an answer if there is no label."""
    names = LabelNames(codebook, {})
    lines = []
    for example, sheets in sheets_of(examples, codebook, "Prodigy"):
        record = to_record(example, codebook)
        meta = {k: v for k, v in record.items() if k not in ("text", "labels", "annotators")}
        row = {"text": example.text, "meta": meta}
        lines += [{**row, **_answer(sheet, names)} for sheet in sheets] or [row]
    write_atomically(path, "".join(json_text(line) + "\n" for line in lines))


def _fields(row: Mapping[str, Any], reading: Reading) -> Record:
    meta = row.get("meta") if isinstance(row.get("meta"), Mapping) else {}
    top = {k: v for k, v in row.items() if k in FIELDS or not (k in _OWN or k.startswith("_"))}
    found = {**(meta or {}), **top}
    columns = {f: c for f, c in reading.columns.items() if f in FIELDS}
    fields = {key: value for key, value in found.items() if key not in columns.values()}
    return fields | {f: found[column] for f, column in columns.items() if column in found}


def _sheet(
    row: Mapping[str, Any], accepted: bool, names: LabelNames, line: int, findings: Findings
) -> Sheet:
    annotator = row.get("_annotator_id") or row.get("_session_id")
    sheet = Sheet(annotator=None if annotator is None else str(annotator))
    problems = []
    if "accept" in row or "options" in row:
        sheet.asked.add("sentence")
        problems += [
            sheet.mark(names, str(name), "accept")
            for name in list_at(row, "accept", line, findings)
        ]
    elif "label" in row:
        sheet.asked.add("answer")
        problems.append(_judged(sheet, str(row["label"]), accepted, names))
    if ("spans" in row or "tokens" in row) and accepted:
        sheet.asked.add("spans")
        for span in list_at(row, "spans", line, findings):
            if not isinstance(span, Mapping) or "label" not in span:
                problems.append(f"spans: {shown(span)} has no label")
                continue
            offsets = {"start": span.get("start"), "end": span.get("end")}
            offsets |= {"text": span["text"]} if "text" in span else {}
            problems.append(sheet.mark(names, str(span["label"]), "spans", **offsets))
    for problem in problems:
        if problem:
            findings.error(problem, line)
            sheet.broken = True
    return sheet


def _judged(sheet: Sheet, name: str, accepted: bool, names: LabelNames) -> str | None:
    """A single label that was accepted or rejected: the answer of a binary task."""
    try:
        task, label = names.find(name, spans=False, control="label")
    except LookupError as error:
        return str(error)
    if task.kind == "binary":
        sheet.labels[task.name] = label is accepted
    elif task.kind == "multiclass" and accepted:
        sheet.labels[task.name] = label
    else:
        return (
            f"{name!r} alone was judged, which leaves the other labels of {task.name!r} open; ask "
            "for all of them at once (options), or make each a binary task of the codebook"
        )
    return None


def _answer(sheet: Sheet, names: LabelNames) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in sheet.labels.items():
        task = names.codebook.task(name)
        if task.kind == "spans":
            spans = [{**span, "label": names.name_of(task, span["label"])} for span in value]
            row["spans"] = sorted(
                [*row.get("spans", ()), *spans], key=lambda s: (s["start"], s["end"])
            )
            continue
        answers = [True, False] if task.kind == "binary" else list(task.labels)
        options = [names.name_of(task, answer) for answer in answers]
        row.setdefault("options", []).extend({"id": o, "text": o} for o in options)
        chosen = value if isinstance(value, list) else [value]
        row.setdefault("accept", []).extend(names.name_of(task, c) for c in chosen)
    row["answer"] = "accept"
    return row if sheet.annotator is None else {**row, "_annotator_id": sheet.annotator}
