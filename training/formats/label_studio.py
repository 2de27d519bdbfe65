"""Label Studio: its JSON export, tasks with the annotations of one or several people.

A ``Labels`` or ``Choices`` control belongs to the task of its name, or to the one that the caller
maps to it, or its labels tell. Several annotations of a sentence are votes, except one that is
marked as ground truth: that one counts. The name of an annotator is the e-mail address or number
in ``completed_by``. What is written can be imported into a project whose controls are named as the
tasks are, and whose text is ``$text``.
"""

from __future__ import annotations

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
from training.span_labels import in_units

__all__ = ["is_task", "read", "write"]

_SPANS = ("labels", "hypertextlabels")


def is_task(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object looks like a task of Label Studio."""
    return isinstance(value.get("data"), dict) and bool({"annotations", "completions"} & set(value))


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the record of each task in their order; what a model predicted is left out."""
    names = LabelNames(reading.codebook, reading.columns)
    items = []
    for line, task in objects(path, reading):
        if not is_task(task):
            reading.findings.error(
                "no task of Label Studio: it has no data and annotations; export as JSON, not as "
                "JSON-MIN",
                line,
            )
            continue
        fields = _fields(task, reading)
        if "text" not in fields:
            reading.findings.error(
                f"data has no text but {', '.join(map(repr, task['data']))}; say which it is: "
                "--columns text=NAME",
                line,
            )
            continue
        item = Item(origin=(reading.findings.file, line), fields=fields)
        if task.get("predictions"):
            reading.findings.once("predictions of a model are no annotations; they are left out")
        key = "annotations" if "annotations" in task else "completions"
        for annotation in list_at(task, key, line, reading.findings):
            sheet = _sheet(annotation, fields["text"], names, line, reading.findings)
            if sheet is not None:
                item.sheets.append(sheet)
        items.append(item)
    yield from rows_of(items, reading, alike=False)


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a JSON array of tasks, an annotation an annotator.

    Labels that the votes do not give are an annotation marked as ground truth.
    """
    names = LabelNames(codebook, {})
    tasks = []
    for example, sheets in sheets_of(examples, codebook, "Label Studio"):
        record = to_record(example, codebook)
        data = {key: v for key, v in record.items() if key not in ("labels", "annotators")}
        annotations = [_annotation(sheet, example.text, names) for sheet in sheets]
        tasks.append({"data": data, "annotations": annotations})
    write_atomically(path, "[\n" + ",\n".join(map(json_text, tasks)) + "\n]\n")


def _fields(task: Mapping[str, Any], reading: Reading) -> Record:
    data = task["data"]
    columns = {f: c for f, c in reading.columns.items() if f in FIELDS}
    fields = {key: value for key, value in data.items() if key not in columns.values()}
    fields |= {field: data[column] for field, column in columns.items() if column in data}
    if "id" not in fields and "id" in task:
        fields["id"] = task["id"]
    return fields


def _sheet(
    annotation: Any, text: Any, names: LabelNames, line: int, findings: Findings
) -> Sheet | None:
    results = annotation.get("result") if isinstance(annotation, Mapping) else None
    if not isinstance(results, list):
        findings.error(f"an annotation without a list of results: {shown(annotation)}", line)
        return None
    if annotation.get("was_cancelled"):
        findings.warning("an annotator skipped this; it is no vote", line)
        return None
    sheet = Sheet(
        annotator=_annotator(annotation.get("completed_by")),
        gold=bool(annotation.get("ground_truth")),
        asked={"spans", "sentence"},
    )
    for result in results:
        kind = result.get("type") if isinstance(result, Mapping) else None
        value = result.get("value") if isinstance(result, Mapping) else None
        if not isinstance(value, Mapping) or (kind != "choices" and kind not in _SPANS):
            findings.once(f"results of type {kind!r} are no labels; they are left out")
            continue
        if kind == "choices" and "start" in value:
            findings.once("choices about a span are no labels of the sentence; they are left out")
            continue
        span = {} if kind == "choices" else _span(value, text, findings)
        for label in list_at(value, str(kind), line, findings):
            control = str(result.get("from_name"))
            if problem := sheet.mark(names, str(label), control, **span):
                findings.error(problem, line)
    return sheet


def _annotator(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("email") or value.get("id")
    return None if value is None else str(value)


def _span(value: Mapping[str, Any], text: Any, findings: Findings) -> dict[str, Any]:
    """The span in code points: older versions count UTF-16 units, as the text of a span shows."""
    span = {key: value.get(key) for key in ("start", "end", "text") if value.get(key) is not None}
    start, end, given = value.get("start"), value.get("end"), value.get("text")
    if not isinstance(text, str) or not isinstance(start, int) or not isinstance(end, int):
        return {"start": start, "end": end}
    if isinstance(given, str) and text[start:end] != given:
        there = in_units(text, (start, end), "utf-16-le")
        if there and text[slice(*there)] == given:
            findings.once("offsets count UTF-16 units, as a span's text shows; they are converted")
            return {"start": there[0], "end": there[1], "text": given}
    return span


def _annotation(sheet: Sheet, text: str, names: LabelNames) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for name, value in sheet.labels.items():
        task = names.codebook.task(name)
        fixed = {"from_name": name, "to_name": "text"}
        if task.kind == "spans":
            for span in value:
                start, end = span["start"], span["end"]
                labels = {"labels": [span["label"]]}
                where = {"start": start, "end": end, "text": text[start:end]}
                results.append({**fixed, "type": "labels", "value": {**where, **labels}})
            continue
        chosen = value if isinstance(value, list) else [value]
        choices = [c if isinstance(c, str) else names.name_of(task, c) for c in chosen]
        if choices:
            results.append({**fixed, "type": "choices", "value": {"choices": choices}})
    for number, result in enumerate(results):
        result["id"] = f"r{number}"
    annotator = sheet.annotator
    by: dict[str, Any] = {} if annotator is None else {"completed_by": _user(annotator)}
    return {**by, "ground_truth": sheet.gold, "was_cancelled": False, "result": results}


def _user(annotator: str) -> int | dict[str, str]:
    plain = annotator.isascii() and annotator.isdigit() and str(int(annotator)) == annotator
    return int(annotator) if plain else {"email": annotator}
