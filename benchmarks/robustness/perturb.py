"""Noise that news text comes with: marks of another shape, capitals, slips of the keyboard."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

_STRAIGHT = str.maketrans("“”„‘’", '"""\'\'')
_FINAL_STOP = re.compile(r"\.+(?=[\"”’')\]]*\s*$)")


def straight(text: str) -> str:
    """Every curly quotation mark and apostrophe as a straight one."""
    return text.translate(_STRAIGHT)


def curly(text: str) -> str:
    """Every straight mark as a curly one, which opens after a space, a bracket or another mark."""
    text = re.sub(r"(^|[\s(\[{—–“‘\"'-])\"(?=\S)", "\\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[{—–“])'(?=\w)", "\\1‘", text).replace("'", "’")


def without_stop(text: str) -> str:
    """The sentence without the full stop that ends it, inside a quotation mark too."""
    return _FINAL_STOP.sub("", text)


def doubled_spaces(text: str) -> str:
    """Every blank twice."""
    return text.replace(" ", "  ")


def typos(text: str, rate: float) -> str:
    """A share ``rate`` of the letters dropped, or swapped with the next; the same every time."""
    dice = random.Random(f"{rate}:{text}")
    kept, at = [], 0
    while at < len(text):
        here, after = text[at], text[at + 1 : at + 2]
        if here.isalpha() and dice.random() < rate:
            if after.isalpha() and dice.random() < 0.5:
                kept.append(after + here)
                at += 2
                continue
            at += 1
            continue
        kept.append(here)
        at += 1
    return "".join(kept)


NOISES: Mapping[str, Callable[[str], str]] = {
    "straight quotes": straight,
    "curly quotes": curly,
    "all capitals": str.upper,
    "lower case": str.lower,
    "no full stop": without_stop,
    "doubled spaces": doubled_spaces,
    "typos, 1 %": lambda text: typos(text, 0.01),
    "typos, 3 %": lambda text: typos(text, 0.03),
}
