"""Spans as they stand in a file: character offsets, checked against the sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from framing.task import Task
from training.corpora.offsets import whole_words
from training.example import Spans
from training.findings import Findings, did_you_mean, shown

__all__ = ["in_units", "parse_spans", "spans_value"]

Span = tuple[int, int]
_FIELDS = ("start", "end", "label", "text")
_UNITS = {"bytes of UTF-8": "utf-8", "UTF-16 units": "utf-16-le"}


def parse_spans(
    task: Task, value: Any, text: str | None, findings: Findings, where: str
) -> dict[str, Spans] | None:
    """The spans by label, sorted; None, with an error, if the value is at fault.

    Parameters
    ----------
    value : a list of ``{"start": 4, "end": 12, "label": "loaded"}``, which annotates every label
        of the task, or a mapping of label to such a list, which annotates those that it names.
        ``label`` may be left out where it is plain; ``text``, if given, must be what stands there.
    """
    errors = findings.errors
    if not isinstance(value, Mapping | list | tuple):
        findings.error(f"{where}: give a list of spans ([] if there is none), not {shown(value)}")
    elif isinstance(value, Mapping) and not value:
        findings.error(f"{where}: {{}} annotates no label; give [] if there is none, or null")
    found: dict[str, dict[Span, None]] = {label: {} for label in task.labels}
    if isinstance(value, Mapping):
        found = {label: {} for label in value}
    for place, label, item in _items(task, value, where, findings):
        span = _span(item, text, findings, place)
        if span in found[label]:
            findings.warning(f"{place}: the {label!r} span {_at(span)} is given twice")
        elif span is not None:
            found[label][span] = None
    if findings.errors > errors:
        return None
    return {label: tuple(sorted(spans)) for label, spans in found.items()}


def spans_value(task: Task, label: Mapping[str, Any]) -> Any:
    """The inverse: a list where every label of the task is annotated, else a mapping."""
    if set(label) == set(task.labels):
        items = sorted(
            (start, end, order, name)
            for order, name in enumerate(task.labels)
            for start, end in label[name]
        )
        return [{"start": start, "end": end, "label": name} for start, end, _, name in items]
    return {name: [{"start": s, "end": e} for s, e in spans] for name, spans in label.items()}


def in_units(text: str, span: Span, encoding: str) -> Span | None:
    """The code points of a span that counts code units of ``encoding``; None if it cuts one.

    Parameters
    ----------
    encoding : ``utf-8`` or ``utf-16-le``.
    """
    width = 2 if encoding.startswith("utf-16") else 1
    units = text.encode(encoding)
    start, end = (width * offset for offset in span)
    if not 0 <= start < end <= len(units):
        return None
    try:
        return len(units[:start].decode(encoding)), len(units[:end].decode(encoding))
    except UnicodeDecodeError:
        return None


def _items(
    task: Task, value: Any, where: str, findings: Findings
) -> Iterator[tuple[str, str, Any]]:
    """Each span whose label is known, after its place and its label."""
    if isinstance(value, Mapping):
        for label, spans in value.items():
            if label not in task.labels:
                known = did_you_mean(str(label), task.labels)
                findings.error(f"{where}: {label!r} is none of its labels; {known}")
            elif not isinstance(spans, list | tuple):
                findings.error(f"{where}.{label}: give a list of spans, not {shown(spans)}")
            else:
                for number, item in enumerate(spans):
                    place = f"{where}.{label}[{number}]"
                    if isinstance(item, Mapping) and item.get("label") not in (None, label):
                        findings.error(f"{place}: label {item['label']!r} stands under {label!r}")
                    else:
                        yield place, label, item
    elif isinstance(value, list | tuple):
        only = task.labels[0] if len(task.labels) == 1 else None
        for number, item in enumerate(value):
            label = item.get("label") if isinstance(item, Mapping) else only
            label = only if label is None else label
            place = f"{where}[{number}]"
            if label in task.labels:
                yield place, label, item
            else:
                said = (
                    f"{label!r} is none of its labels"
                    if label is not None
                    else "a label is missing"
                )
                findings.error(f"{place}: {said}; {did_you_mean(str(label), task.labels)}")


def _span(item: Any, text: str | None, findings: Findings, where: str) -> Span | None:
    if not isinstance(item, Mapping):
        findings.error(f'{where}: give {{"start": 4, "end": 12}}, not {shown(item)}')
        return None
    for key in item:
        if key not in _FIELDS:
            findings.once(f"spans: key {key!r} is not known and was left out")
    start, end = _offset(item.get("start")), _offset(item.get("end"))
    if start is None or end is None:
        findings.error(
            f"{where}: start and end are whole numbers of characters, not "
            f"{shown(item.get('start'))} and {shown(item.get('end'))}"
        )
        return None
    span = (start, end)
    if start >= end:
        what = "empty" if start == end else "reversed"
        findings.error(
            f"{where}: {_at(span)} is {what}; end is the offset after the last character"
        )
        return None
    if text is None:
        return span
    given = item.get("text")
    if start < 0 or end > len(text):
        findings.error(
            f"{where}: {_at(span)} lies outside the text of {len(text)} characters"
            f"{_hint(text, span, given)}"
        )
        return None
    if given is not None and text[start:end] != given:
        findings.error(
            f"{where}: at {_at(span)} stands {shown(text[start:end])}, not {shown(given)}"
            f"{_hint(text, span, given)}"
        )
        return None
    whole = whole_words(text, span)
    if whole != span:
        findings.warning(
            f"{where}: {_at(span)} cuts a word, {shown(text[start:end])}; the whole words are "
            f"{shown(text[slice(*whole)])} at {_at(whole)}"
        )
    return span


def _hint(text: str, span: Span, given: Any) -> str:
    """Where the span would fit, or in which unit it may count."""
    for name, encoding in _UNITS.items() if not text.isascii() else ():
        there = in_units(text, span, encoding)
        if there and (given is None or text[slice(*there)] == given):
            return (
                f"; offsets count characters (code points), these seem to count {name}: in "
                f"characters it is {_at(there)}, {shown(text[slice(*there)])}"
            )
    if isinstance(given, str) and given:
        places = [at for at in range(len(text)) if text.startswith(given, at)]
        if not places:
            return "; it stands nowhere in the text: was the text changed after the annotation?"
        nearest = min(places, key=lambda at: abs(at - span[0]))
        more = f", one of {len(places)} places" if len(places) > 1 else ""
        return f"; it stands at {_at((nearest, nearest + len(given)))}{more}"
    return ""


def _offset(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _at(span: Span) -> str:
    return f"{span[0]}:{span[1]}"
