"""brat standoff annotation: text-bound spans and the events that join them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training.corpora.offsets import Span
from training.corpora.reading import CorpusError

__all__ = ["Event", "parse_events"]

# A text or a note may itself hold line breaks: lines that begin with no id go on with the last.
_ENTRY = re.compile(r"([TE]\d+)\t(.*)")
_BROKEN = re.compile(r"[TE]\d+(?!\S)")
_TEXT_BOUND = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)\t")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event: its type and, by role, the spans of each argument, in fragments."""

    kind: str
    roles: dict[str, list[list[Span]]]


def parse_events(notes: str, text: str, where: str) -> list[Event]:
    """Return the events of a `.ann` file on `text`; `Content2` and the like count as `Content`.

    Spans that no event joins are left out. Raises CorpusError, which names `where` and the row,
    for an entry that cannot be read or that lies outside the text.
    """
    spans: dict[str, list[Span]] = {}
    events: list[tuple[int, str]] = []
    for row, line in enumerate(notes.split("\n"), start=1):
        entry = _ENTRY.match(line)
        if entry is None:
            if _BROKEN.match(line):
                raise CorpusError(f"{where}, row {row}: no tab after the id: {line!r}")
            continue
        key, rest = entry.groups()
        if key[0] == "E":
            events.append((row, rest))
            continue
        bound = _TEXT_BOUND.match(rest)
        if bound is None:
            raise CorpusError(f"{where}, row {row}: not a text-bound annotation: {line!r}")
        pairs = (pair.split() for pair in bound[2].split(";"))
        spans[key] = [(int(start), int(end)) for start, end in pairs]
        if not all(0 <= start < end <= len(text) for start, end in spans[key]):
            raise CorpusError(f"{where}, row {row}: outside a text of {len(text)} characters")
    return [_event(line, spans, f"{where}, row {row}") for row, line in events]


def _event(line: str, spans: dict[str, list[Span]], where: str) -> Event:
    arguments = [argument.partition(":") for argument in line.split()]
    if not arguments or not all(key in spans for _, _, key in arguments):
        raise CorpusError(f"{where}: an event over annotations that are not there: {line!r}")
    roles: dict[str, list[list[Span]]] = {}
    for role, _, key in arguments[1:]:
        roles.setdefault(role.rstrip("0123456789"), []).append(spans[key])
    return Event(kind=arguments[0][0], roles=roles)
