"""Quotations of a text: which characters stand inside quotation marks, and where one is open."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["open_at", "quoted_spans"]

# A mark, or one of the line breaks that `str.splitlines` knows.
_MARK_OR_BREAK = re.compile('["“”„‟«»\n\r\v\f\x1c-\x1e\x85\u2028\u2029]')
_FAMILY = {'"': "straight", "«": "guillemets", "»": "guillemets"}
_OPENERS = frozenset("“„‟«")
_CLOSERS = frozenset("”»")
_MARKS = _OPENERS | _CLOSERS | {'"'}
_BEFORE_OPENING = "([{<-–—―/‘'“\"„«…"


@dataclass(frozen=True, slots=True)
class _Mark:
    at: int
    text: str
    opens: bool
    closes: bool

    @property
    def family(self) -> str:
        return _FAMILY.get(self.text, "curly")


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return `[start, end)` of each quotation of `text`, in order, in code points.

    A range takes in both marks, and ends at the latest at the line break: a quotation that runs
    over paragraphs repeats its opening mark. Ranges are not empty and do not overlap; a quotation
    within a quotation is part of the outer one where its marks are of another kind. Curly marks
    and guillemets go by their shape; straight marks, and curly ones turned the wrong way, by their
    neighbours: an opening mark follows a space or a bracket, a closing one precedes a space or
    punctuation. A mark that can do neither, or closes what was never opened, is passed over (the
    inches of 6'2"). Single quotes, which look like apostrophes, do not count, nor do two of them.
    Linear in time.
    """
    spans: list[tuple[int, int]] = []
    marks: list[int] = []
    start = 0
    for match in _MARK_OR_BREAK.finditer(text):
        if match.group() in _MARKS:
            marks.append(match.start())
            continue
        end = match.start()
        spans += _quotations([_mark(text, at, start, end) for at in marks], end)
        marks, start = [], match.end()
    return spans + _quotations([_mark(text, at, start, len(text)) for at in marks], len(text))


def open_at(text: str, positions: Iterable[int]) -> list[bool]:
    """Tell for each position whether a quotation is open just before it.

    True where the opening mark stands before the position and the closing mark at it or after it,
    so that a sentence which opens a quotation does not start inside one, and one that goes on with
    a quotation from the sentence before does. Positions may come in any order.
    """
    spans = quoted_spans(text)
    starts = [start for start, _ in spans]
    found = []
    for position in positions:
        i = bisect_left(starts, position) - 1
        found.append(i >= 0 and position < spans[i][1])
    return found


def _mark(text: str, at: int, start: int, end: int) -> _Mark:
    """The mark at `at` in the paragraph `text[start:end]`: can it open, can it close?"""
    mark = text[at]
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    opens = (before.isspace() or before in _BEFORE_OPENING) and not after.isspace()
    closes = not before.isspace() and not (after.isalnum() or after in "([{$£€")
    if mark in _OPENERS:
        # Shape decides unless the neighbours plainly say the other: the German closing mark, or a
        # curly mark turned the wrong way.
        turned = closes and not opens
        opens, closes = not turned, turned
    elif mark in _CLOSERS:
        turned = opens and not closes
        opens, closes = turned, not turned
    elif not opens and not closes:
        # Between two spaces, as in tokenised text, or between two letters: what fits the state.
        opens, closes = not before.isdigit(), True
    return _Mark(at, mark, opens, closes)


def _quotations(marks: list[_Mark], end: int) -> list[tuple[int, int]]:
    """The quotations of one paragraph, which ends at `end`."""
    spans: list[tuple[int, int]] = []
    opened: _Mark | None = None
    for mark, own_closes in zip(marks, _own_kind_closes_next(marks), strict=True):
        if opened is None:
            opened = mark if mark.opens else None
        elif mark.family != opened.family and own_closes[opened.family]:
            continue
        elif mark.closes:
            spans.append((opened.at, mark.at + 1))
            opened = None
        elif mark.family == opened.family:
            # Never closed: nobody can tell where it ended, so it ends where the next begins.
            spans.append((opened.at, mark.at))
            opened = mark
    if opened is not None:
        spans.append((opened.at, end))
    return spans


def _own_kind_closes_next(marks: list[_Mark]) -> list[dict[str, bool]]:
    """For each mark and each kind of mark: can the next one of that kind after it close?"""
    ahead = {"straight": False, "guillemets": False, "curly": False}
    found = []
    for mark in reversed(marks):
        found.append(dict(ahead))
        ahead[mark.family] = mark.closes
    return found[::-1]
