"""Arithmetic on character spans: trim, widen to words, join, cut at sentence ends."""

from __future__ import annotations

from collections.abc import Iterable

from training.example import Spans

__all__ = ["cut", "join", "touches", "trim", "whole_words"]

Span = tuple[int, int]


def trim(text: str, span: Span) -> Span | None:
    """Return `span` without the white space at its ends, None if nothing is left."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def whole_words(text: str, span: Span) -> Span:
    """Widen `span` so that it begins and ends at the edge of a run of letters and digits."""
    start, end = span
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def join(text: str, spans: Iterable[Span], *, over_space: bool = False) -> list[Span]:
    """Return the union of trimmed spans, sorted: those that overlap or touch become one.

    With `over_space` so do those with nothing but white space between them.
    """
    joined: list[Span] = []
    for span in sorted(s for s in (trim(text, s) for s in spans) if s):
        if joined:
            start, end = joined[-1]
            near = span[0] <= end or (over_space and text[end : span[0]].isspace())
            if near:
                joined[-1] = (start, max(end, span[1]))
                continue
        joined.append(span)
    return joined


def cut(text: str, spans: Iterable[Span], start: int, end: int) -> Spans:
    """Return the parts of `spans` inside `text[start:end]`, trimmed, as offsets into that slice."""
    parts = (trim(text, (max(s, start), min(e, end))) for s, e in spans if s < end and e > start)
    return tuple((part[0] - start, part[1] - start) for part in parts if part)


def touches(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether any of `spans` shares a character with `[start, end)`."""
    return any(s < end and e > start for s, e in spans)
