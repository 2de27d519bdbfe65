"""Men into women and women into men: pronouns, titles and nouns of a sentence.

What cannot be told is not guessed: "her" is "his" before a noun and "him" elsewhere, and a sentence
in which that is unclear ("they gave her money", "it made her cry") is not used.
"""

from __future__ import annotations

import re

from benchmarks.robustness.swaps import SwapGroup
from training.grammar import FUNCTION_WORDS, TITLES

# After these "her" may be the one who is given, made or seen something, or whose it is.
_UNSURE_BEFORE_HER = re.compile(
    r"(?i)\b(?:gi?ve[ns]?|gave|giving|offer\w*|show\w*|tell\w*|told|ask\w*|sen[dt]\w*|teach\w*|"
    r"taught|ow(?:e|es|ed|ing)|pa(?:y|ys|id|ying)|w[io]n\w*|cost\w*|earn\w*|b(?:uy|ought)\w*|"
    r"br(?:ing|ought)\w*|ma[kd]\w*|let\w*|help\w*|see\w*|saw|hear\w*|watch\w*|call\w*|nam\w*|"
    r"f(?:ind|ound)\w*|consider\w*|elect\w*|le(?:ave|aves|aving|ft)|ke(?:ep|pt)\w*|ha[dsv]\w*|"
    r"cause\w*|want\w*|le[dn][dt]?\w*|den[iy]\w*|deem\w*|grant\w*|wish\w*|forc\w*) $"
)
_TOKEN = re.compile(r"(?<![\w’'-])(?:M(?:r|rs|s)\.|[A-Za-z]+)(?!\w)")
_CAPITALISED = re.compile(r"\b([A-Z][a-z]+) (?:[A-Z]\. )?[A-Z][a-z]+")


def swap_genders(text: str, group: SwapGroup) -> tuple[str, str] | None:
    """The sentence with men and women in each other's place, and which of them it spoke of.

    Returns
    -------
    the text, and ``male``, ``female`` or ``both``; None if the sentence names nobody of either, or
    is not fit for a swap: one with a full name in it, which would contradict the pronouns, or with
    a word that ``group`` leaves out.
    """
    if group.unfit.search(text.lower()) or _has_full_name(text):
        return None
    to_female = {male: female for male, female in group.pairs}
    to_male = {female: male for male, female in group.pairs} | {"Mrs.": "Mr."}
    parts, at, seen = [], 0, set()
    for match in _TOKEN.finditer(text):
        word = match[0]
        key = word if word.endswith(".") else word.lower()
        if key in ("his", "him", "her", "hers"):
            new = _pronoun(key, text[: match.start()], text[match.end() :])
            if new is None:
                return None
        else:
            new = to_female.get(key) or to_male.get(key)
            if new is None:
                continue
        seen.add("male" if key in to_female or key in ("his", "him") else "female")
        new = new[0].upper() + new[1:] if word[0].isupper() else new
        parts += [text[at : match.start()], new]
        at = match.end()
    if not seen:
        return None
    return "".join([*parts, text[at:]]), seen.pop() if len(seen) == 1 else "both"


def _has_full_name(text: str) -> bool:
    """Whether two capitalised words follow each other, but for "The President" or "In Ohio"."""
    return any(
        first not in TITLES and first.lower() not in FUNCTION_WORDS
        for first in _CAPITALISED.findall(text)
    )


def _pronoun(key: str, before: str, after: str) -> str | None:
    if key == "him":
        return "her"
    if key == "hers":
        return "his"
    following = re.match(r" ([\w’'-]+)", after)
    last = following is None  # punctuation or the end: nothing that it could belong to
    word = "" if following is None else following[1].lower()
    if key == "his":
        if last:
            return None if after.startswith((" ", "-")) else "hers"
        return None if word in FUNCTION_WORDS else "her"
    if last:
        return None if after.startswith((" ", "-")) else "him"
    if word == "own":
        return "his"
    if word in FUNCTION_WORDS:
        return None if word in ("once", "then", "past", "inside", "back") else "him"
    if _UNSURE_BEFORE_HER.search(before) or re.search(r"(?:ing|ly)$", word):
        return None
    return "his"
