"""Sentences of a text, as exact code-point offsets into it.

`sentencex` (Wikimedia) finds the boundaries; docs/sentences.md holds the measurements that chose
it. This layer adds what it leaves open: every line break ends a sentence, the sentences of a
quotation or a bracket come one by one, and a boundary that news prose shows to be none is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex  # type: ignore[import-untyped]

__all__ = ["is_blank", "sentence_spans"]

# White space, controls and what Unicode calls default-ignorable (zero-width, direction marks,
# fillers, variation selectors, tags). Lone surrogates and private use do show, as a box.
_VISIBLE = re.compile(
    "[^\\0- \x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# The library keeps a quotation or a bracket whole, and a line that opens with a bullet, so their
# marks go in as blanks. So does wide white space, which makes version 1.0.32 panic after a capital.
# A closing ’ is left alone: it is an apostrophe too. A lone surrogate has no UTF-8 form.
_OPENERS, _CLOSERS = "“„‟«‹‘`([{<", "”»›’)]}>"
_WIDE = "\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BLANKED = re.compile(rf'["“”„‟«»‹›‘`()\[\]{{}}<>•◦▪■●►{_WIDE}]')
_SINGLE_OPENER = re.compile(r"'(?<!\S')")
_WINDOW = 4096  # characters; few lines are longer
_SURROGATE = re.compile("[\ud800-\udfff]")
# Words that it takes for short forms (of Maine, of article, of number): a full stop after them does
# end a sentence, and an exclamation mark says so.
_WORDS = ("arc", "ark", "art", "con", "fed", "ill", "me", "miss", "no", "ok", "ore")
_AFTER_WORD = "|".join(rf"(?<=\b{word}\.)" for word in _WORDS)
_WORD_STOP = re.compile(rf"\.(?=\s+[^\s\d])(?:{_AFTER_WORD})")

_MARKS = "\"'" + _OPENERS + _CLOSERS
_LATE_CLOSERS = "'’" + _CLOSERS
# What no sentence begins with: a small letter ("eBay" aside) or a mark that carries on.
_CARRIES_ON = re.compile(
    rf"[\s{re.escape(_MARKS)}]*(?:[a-zß-öø-ÿ](?![A-Z])|[-\u2013\u2014,.;:!?&/%])"
)
_NAME = re.compile(r"\s*\w")
_NUMBER = re.compile(r"\s*\d")
_DAY_OR_ZONE = re.compile(
    r"\s*\(?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[ECMP][DS]?T|GMT|UTC|BST|CES?T)\b"
)
# Short forms, and what shows that the sentence goes on after them.
_SHORT = (
    dict.fromkeys(("Ms.", "Mx.", "Amb.", "Assoc.", "Atty.", "Br.", "Cpt.", "Dep."), _NAME)
    | dict.fromkeys(("Ft.", "Lieut.", "Rte.", "Ste."), _NAME)
    | dict.fromkeys(("approx.", "ch.", "est.", "hrs.", "incl.", "para.", "vol."), _NUMBER)
    | dict.fromkeys(("a.m.", "p.m.", "am.", "pm.", "A.M.", "P.M."), _DAY_OR_ZONE)
)
_ENUMERATOR = re.compile(r"\s*[(\[]?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)\]]+")
_ASKER = re.compile(
    r"\s*(?:[A-Z][\w.’'-]*\s){1,4}(?:said|says|asked|asks|wrote|writes|added|told|replied)\b"
)


def is_blank(text: str) -> bool:
    """Whether `text` shows nothing: only white space, control and zero-width characters."""
    return _VISIBLE.search(text) is None


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return `[start, end)` of each sentence of `text`, in order, in code points.

    Spans are trimmed of white space, never empty and never overlap; every visible character lies
    in exactly one. Every line break that `str.splitlines` knows ends a sentence. Any string will
    do, lone surrogates included; the time taken is linear in its length.
    """
    masked = _mask(text)
    spans: list[tuple[int, int]] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        start = 0
        for cut in _cuts(line, masked[offset : offset + len(line)]):
            piece = line[start:cut]
            if not is_blank(piece):
                stop = offset + start + len(piece.rstrip())
                spans.append((stop - len(piece.strip()), stop))
                start = cut
        offset += len(line)
    return spans


def _mask(text: str) -> str:
    """Return `text` as the library is to see it: as long, character for character."""
    masked = _WORD_STOP.sub("!", _SINGLE_OPENER.sub(" ", _BLANKED.sub(" ", text)))
    return masked if masked.isascii() else _SURROGATE.sub("x", masked)


def _cuts(line: str, masked: str) -> Iterator[int]:
    """Yield where a sentence of `line` ends, the end of the line last."""
    for stop, end in _boundaries(masked):
        cut = stop + _closing(line[stop:end])
        while cut < len(line) and line[cut] in _LATE_CLOSERS:
            cut += 1
        if not _goes_on(line, cut):
            yield cut
    yield len(line)


def _boundaries(masked: str) -> Iterator[tuple[int, int]]:
    """Yield the blanks between two sentences of the library, as start and end.

    A window at a time: on odd input, such as a run of apostrophes, its time is quadratic. The
    last sentence of a window may not be whole, so the next window begins with it.
    """
    start = 0
    while start < len(masked):
        *whole, last = sentencex.segment("en", masked[start : start + _WINDOW])
        for part in whole:
            yield start + len(part.rstrip()), start + len(part)
            start += len(part)
        if not whole or start + len(last) == len(masked):
            start += len(last)


def _closing(gap: str) -> int:
    """Return how many characters of `gap`, blanked marks and white space, close what is before."""
    for index, char in enumerate(gap):
        if char.isspace():
            return index
    return len(gap.rstrip(_OPENERS))


def _goes_on(line: str, cut: int) -> bool:
    """Whether the sentence before `cut` goes on after it."""
    if _CARRIES_ON.match(line, cut):
        return True
    before = line[max(0, cut - 12) : cut]
    if before.endswith("."):
        sign = _SHORT.get(before.rsplit(None, 1)[-1].lstrip(_MARKS))
        if sign and sign.match(line, cut):
            return True
        # The full stop of a ticker or a code, as in BWD.N
        if before[-2:-1].isupper() and line[cut : cut + 1].isalnum():
            return True
    elif before.rstrip(_MARKS).endswith(("?", "!")) and _ASKER.match(line, cut):
        return True
    return cut < 12 and _ENUMERATOR.fullmatch(line, 0, cut) is not None
