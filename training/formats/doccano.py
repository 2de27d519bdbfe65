"""doccano: its JSONL export of sequence labelling, of classification, or of both at once.

``label`` is a list of ``[start, end, label]`` or of labels; ``entities`` and ``cats`` are the same
where a project has both, and relations are left out. The caller maps a task to the key that holds
its labels, else their names tell. A folder holds the files of several annotators, each named after
one, as doccano exports a project that is not shared: sentences that more than one of them has are
put together, their labels as votes. Other keys are fields of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
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

__all__ = ["is_example", "read", "write"]

_MARKS = ("label", "labels", "entities", "cats")
_OWN = {*_MARKS, "relations", "Comments", "comments", "annotation_approver"}


def is_example(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object looks like a line of doccano."""
    marks = [value[key] for key in _MARKS if key in value]
    return "text" in value and bool(marks) and all(isinstance(mark, list) for mark in marks)


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the records of a file, or of the files of a folder, in their order."""
    names = LabelNames(reading.codebook, reading.columns)
    together = path.is_dir()
    files: list[tuple[str, Findings, list[tuple[int, Record]]]] = []
    paths = sorted(path.glob("[!._]*.json*")) if together else [path]
    for file in paths:
        findings = reading.findings
        if together:
            findings = findings.of(f"{findings.file}/{file.name}")
        files.append((file.stem, findings, objects(file, replace(reading, findings=findings))))
    sorts = _sorts((row for _, _, rows in files for _, row in rows), reading)
    found: dict[tuple[str, str], list[tuple[str, Item]]] = {}
    for annotator, findings, rows in files:
        for line, row in rows:
            fields = _fields(row, reading)
            sheet = _sheet(row, sorts, names, line, findings)
            item = Item(origin=(findings.file, line), fields=fields, sheets=[sheet])
            # In one file two sentences with the same text stay two.
            place = fields.get("id") if together else line
            found.setdefault((str(place), str(fields.get("text"))), []).append((annotator, item))
    items = []
    for entries in found.values():
        shared = len({annotator for annotator, _ in entries}) > 1
        sheets = [sheet for _, item in entries for sheet in item.sheets if sheet.asked]
        for annotator, item in entries:
            item.sheets[0].annotator = annotator if shared else None
        items.append(replace(entries[0][1], sheets=sheets))
    yield from rows_of(items, reading)


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> None:
    """Writes a line an example, without votes: doccano holds those of each annotator apart."""
    names = LabelNames(codebook, {})
    found = sheets_of(examples, codebook, "doccano")
    if voted := next((example for example, _ in found if example.votes), None):
        raise ValueError(
            f"{voted.corpus} {voted.id}: a file for doccano holds no votes; write .jsonl, or take "
            "the annotators out"
        )
    used = {
        codebook.task(n).kind == "spans" for _, sheets in found for s in sheets for n in s.labels
    }
    keys = {True: "entities", False: "cats"} if len(used) == 2 else dict.fromkeys(used, "label")
    lines = []
    for example, sheets in found:
        record = to_record(example, codebook)
        row = {k: v for k, v in record.items() if k not in ("labels", "annotators")}
        for sheet in sheets:
            row |= {key: _marks(sheet, names, spans) for spans, key in keys.items()}
        lines.append(json_text(row) + "\n")
    write_atomically(path, "".join(lines))


def _fields(row: Mapping[str, Any], reading: Reading) -> Record:
    columns = {f: c for f, c in reading.columns.items() if f in FIELDS}
    fields = {k: v for k, v in row.items() if k not in _OWN and k not in columns.values()}
    return fields | {f: row[column] for f, column in columns.items() if column in row}


def _sorts(rows: Iterable[Mapping[str, Any]], reading: Reading) -> dict[str, str]:
    """Whether each key holds labels of spans or of the sentence, which empty lists do not tell."""
    sorts = {"entities": "spans", "cats": "sentence"}
    for task in reading.codebook.tasks:
        if (key := reading.columns.get(task.name)) is not None:
            sorts[key] = "spans" if task.kind == "spans" else "sentence"
    for row in rows:
        for key in ("label", "labels"):
            for mark in row[key] if isinstance(row.get(key), list) else ():
                sorts.setdefault(key, "sentence" if isinstance(mark, str) else "spans")
    return sorts


def _sheet(
    row: Mapping[str, Any],
    sorts: Mapping[str, str],
    names: LabelNames,
    line: int,
    findings: Findings,
) -> Sheet:
    sheet = Sheet()
    for key, sort in sorts.items():
        if key not in row:
            continue
        sheet.asked.add(sort)
        for mark in list_at(row, key, line, findings):
            if sort == "sentence" and isinstance(mark, str):
                problem = sheet.mark(names, mark, key)
            elif sort == "spans" and (span := _span(mark)):
                start, end, label = span
                problem = sheet.mark(names, str(label), key, start=start, end=end)
            else:
                wanted = "a label" if sort == "sentence" else "[start, end, label]"
                problem = f"{key}: give {wanted}, not {shown(mark)}"
            if problem:
                findings.error(problem, line)
    return sheet


def _span(mark: Any) -> tuple[Any, Any, Any] | None:
    if isinstance(mark, Mapping) and {"start_offset", "end_offset", "label"} <= set(mark):
        return mark["start_offset"], mark["end_offset"], mark["label"]
    if isinstance(mark, list) and len(mark) == 3:
        return mark[0], mark[1], mark[2]
    return None


def _marks(sheet: Sheet, names: LabelNames, spans: bool) -> list[Any]:
    marks: list[Any] = []
    for name, value in sheet.labels.items():
        task = names.codebook.task(name)
        if task.kind == "spans" and spans:
            marks += [[s["start"], s["end"], names.name_of(task, s["label"])] for s in value]
        elif task.kind != "spans" and not spans:
            chosen = value if isinstance(value, list) else [value]
            marks += [names.name_of(task, label) for label in chosen]
    return sorted(marks, key=lambda mark: mark[:2]) if spans else marks
