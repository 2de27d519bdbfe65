"""brat standoff: a folder of texts (.txt) with their annotations (.ann), cut into sentences.

The types of text-bound annotations are the labels of span tasks, found by their names. A span that
runs over a sentence end is cut there; the parts of one in fragments are spans of their own. An
attribute of a span labels its sentence if the caller maps a task to it (``--columns
loaded=Loaded``): a flag says yes to a binary task, and sentences without it are no; a value is a
label of a multiclass or multilabel task. Relations, events and notes are left out. Sentences are
those that ``framing.sentences`` finds, and the document is the name of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from framing.quotes import open_at
from framing.sentences import sentence_spans
from training.corpora.offsets import Span, cut, join, touches
from training.findings import Findings, shown
from training.formats.format import Reading, Row
from training.formats.label_names import LabelNames
from training.formats.sheets import Item, Sheet, rows_of
from training.formats.texts import read_text

__all__ = ["has_annotations", "read"]

_SUFFIXES = (".txt", ".ann")
_BOUND = re.compile(r"(T\S+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?")
_ATTRIBUTE = re.compile(r"[AM]\S+\t(\S+) (\S+)(?: (\S+))?\s*")
_ENTRY = re.compile(r"([TAMREN]\S*|[#*]\S*)\t")
_BROKEN = re.compile(r"[TAM]\d+(?!\S)")
_LEFT_OUT = {"R": "relations", "E": "events", "N": "normalizations", "*": "equivalences",
             "#": "notes"}  # fmt: skip


@dataclass(kw_only=True)
class _Notes:
    """What an ``.ann`` file says: by id, the label of a span and its fragments; attributes."""

    spans: dict[str, tuple[str, list[Span], int]] = field(default_factory=dict)
    attributes: list[tuple[str, str, str | None, int]] = field(default_factory=list)


def has_annotations(folder: Path) -> bool:
    """Whether there is an ``.ann`` file in a folder or below it."""
    return next(folder.rglob("*.ann"), None) is not None


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Yields the sentences of a text, or of every text in a folder, document by document."""
    names = LabelNames(reading.codebook, reading.columns)
    items: list[Item] = []
    if not path.is_dir():
        _document(path.with_suffix(".txt"), path.stem, str(path.with_suffix(".txt")), reading,
                  names, items)  # fmt: skip
    else:
        stems = {file.with_suffix("") for file in path.rglob("*") if file.suffix in _SUFFIXES}
        for stem in sorted(stems):
            name = stem.relative_to(path).as_posix()
            file = f"{reading.findings.file}/{name}.txt"
            _document(Path(f"{stem}.txt"), name, file, reading, names, items)
    yield from rows_of(items, reading, complete=True)


def _document(
    path: Path, name: str, file: str, reading: Reading, names: LabelNames, items: list[Item]
) -> None:
    """Adds the sentences of a document."""
    findings = reading.findings.of(file)
    ann = findings.of(file.removesuffix(".txt") + ".ann")
    notes_file = path.with_suffix(".ann")
    for needed in (path, notes_file):
        if not needed.is_file():
            findings.error(f"there is no {needed.suffix} to it (empty if nothing was marked)")
            return
    text = read_text(path, findings)
    if text is None:
        return
    notes, errors = _Notes(), findings.errors
    if notes_file.read_bytes().strip():
        notes = _notes(read_text(notes_file, ann) or "", text, ann)
    sentences = sentence_spans(text)
    opened = open_at(text, (start for start, _ in sentences))
    sheets = [Sheet(asked={"spans"}) for _ in sentences]
    _mark_spans(notes, text, list(zip(sentences, sheets, strict=True)), names, ann)
    _mark_attributes(notes, list(zip(sentences, sheets, strict=True)), names, ann)
    if findings.errors > errors:
        return  # what was marked is not known for sure
    for (start, end), quote_open, sheet in zip(sentences, opened, sheets, strict=True):
        fields = {
            "id": f"{name}#{start}",
            "text": text[start:end],
            "document": name,
            "quote_open": quote_open,
        }
        line = text.count("\n", 0, start) + 1
        items.append(Item(origin=(file, line), fields=fields, sheets=[sheet]))


def _mark_spans(
    notes: _Notes,
    text: str,
    sentences: list[tuple[Span, Sheet]],
    names: LabelNames,
    findings: Findings,
) -> None:
    """Marks the spans, those of one label joined, in the sentences that they lie in."""
    found: dict[str, list[Span]] = {}
    for kind, spans, line in notes.spans.values():
        if kind in found:
            found[kind] += join(text, spans, over_space=True)
            continue
        try:
            names.find(kind, spans=True, control=kind)
        except LookupError as error:
            findings.error(str(error), line)
        found[kind] = join(text, spans, over_space=True)
    crossing = 0
    for kind, spans in found.items():
        joined = join(text, spans)
        for (start, end), sheet in sentences:
            for lo, hi in cut(text, joined, start, end):
                sheet.mark(names, kind, kind, start=lo, end=hi)
        crossing += sum(lo < start < hi for lo, hi in joined for (start, _), _ in sentences)
    if crossing:
        findings.once(
            f"spans run over the end of a sentence {crossing:,} times; they are cut there"
        )


def _mark_attributes(
    notes: _Notes, sentences: list[tuple[Span, Sheet]], names: LabelNames, findings: Findings
) -> None:
    """Labels the sentences of spans that have an attribute which a task is mapped to."""
    tasks = [t for t in names.codebook.tasks if t.kind != "spans" and t.name in names.columns]
    owners = {names.columns[task.name]: task for task in tasks}
    for name, target, value, line in notes.attributes:
        if name not in owners:
            findings.once(
                f"attribute {name!r} is left out; if it labels the sentence: --columns TASK={name}"
            )
        elif target not in notes.spans:
            findings.error(f"attribute {name!r} of {target!r}, which is no span", line)
        else:
            label = value or owners[name].labels[0]
            for (start, end), sheet in sentences:
                if touches(notes.spans[target][1], start, end):
                    problem = sheet.mark(names, label, name)
                    if problem:
                        findings.error(problem, line)
    for _, sheet in sentences:
        for task in tasks:
            if task.kind == "binary":
                sheet.labels.setdefault(task.name, False)
        sheet.asked.add("sentence")


def _notes(text: str, document: str, findings: Findings) -> _Notes:
    notes = _Notes()
    left_out: Counter[str] = Counter()
    # A text or a note may itself hold line breaks: lines that begin with no id go on with it.
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        entry = _ENTRY.match(line)
        if entry is None:
            if _BROKEN.match(line) or (number == 1 and line.strip()):
                findings.error(f"an id such as T1 and a tab were expected: {shown(line)}", number)
            continue
        sort = entry[1][0]
        if sort in _LEFT_OUT:
            left_out[_LEFT_OUT[sort]] += 1
        elif sort == "T":
            _bound(line, number, lines, document, notes, findings)
        elif attribute := _ATTRIBUTE.fullmatch(line):
            notes.attributes.append((attribute[1], attribute[2], attribute[3], number))
        else:
            findings.error(f"not an attribute of brat: {shown(line)}", number)
    for kind, count in left_out.items():
        findings.once(f"{count:,} {kind} are no labels of a sentence; they are left out")
    return notes


def _bound(
    line: str, number: int, lines: list[str], document: str, notes: _Notes, findings: Findings
) -> None:
    bound = _BOUND.fullmatch(line.rstrip("\r"))
    if bound is None:
        findings.error(f"not a text-bound annotation of brat: {shown(line)}", number)
        return
    fragments = [tuple(map(int, pair.split())) for pair in bound[3].split(";")]
    spans = [(start, end) for start, end in fragments]
    if not all(0 <= start < end <= len(document) for start, end in spans):
        size = len(document)
        findings.error(f"{bound[3]} lies outside the text of {size:,} characters", number)
        return
    said = bound[4]
    for more in lines[number:]:
        if said is None or _ENTRY.match(more) or _BROKEN.match(more):
            break
        said += f" {more}"
    there = " ".join(document[start:end] for start, end in spans)
    if said is not None and said.split() != there.split():
        findings.error(
            f"at {bound[3]} stands {shown(there)}, not {shown(said)}: the text was changed after "
            "it was annotated, or the offsets do not count characters (code points)",
            number,
        )
        return
    notes.spans[bound[1]] = (bound[2], spans, number)
