"""The little grammar that a swap needs: articles, and whether a name is used as an adjective."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SPELLED = re.compile(r"[A-Z]{2,}\b")
_LIKE_YOU = re.compile(r"(?i)u(?:kr|ni|s[ae])|eu")

PREPOSITIONS = _words(
    "about above across after against along amid among around as at before behind below beneath "
    "beside besides between beyond but by despite down during except for from in inside into like "
    "near of off on onto out outside over past per since than through throughout till to toward "
    "towards under until up upon via with within without"
)
FUNCTION_WORDS = PREPOSITIONS | _words(
    "a an the this that these those some any each every no and or nor so yet if because while when "
    "where whether which who whom whose what how why though although unless once i you he she it "
    "we they me him us them is are was were be been being am has have had having do does did will "
    "would can could may might shall should must not also too again away back there here then now "
    "today tomorrow yesterday tonight alone either just still only even both instead anyway "
    "later earlier soon together apart forward"
)
_VERBS = _words(
    "say says said tell tells told think thinks thought know knows knew want wants hope hopes get "
    "gets got go goes went come comes came take takes took make makes made give gives gave hold "
    "holds held win wins won lose loses lost lead leads led run runs ran see sees saw keep keeps "
    "kept put puts let lets begin begins began seem seems say need needs find finds found feel "
    "feels felt leave leaves left bring brings brought"
)
TITLES = _words(
    "Sen. Sens. Rep. Reps. Gov. Govs. Mr. Mrs. Ms. Dr. President Vice Senator Senators "
    "Representative Governor Speaker Secretary Leader Whip Justice Ambassador Chancellor Minister "
    "Prime Foreign Defense Congressman Congresswoman Party House Senate National Convention"
)
"""Capitalised words that stand between an adjective and a name, or before a surname."""


def with_article(article: str, word: str) -> str:
    """``word`` after "a" or "an" (or "A", "An"), whichever it wants."""
    if _SPELLED.match(word):  # initials are spelled out: an NPR, a CNN
        vowel = word[0] in "AEFHILMNORSX"
    else:
        vowel = word[0].lower() in "aeiou" and not _LIKE_YOU.match(word)
    return f"{article[0]}{'n' if vowel else ''} {word}"


def is_attributive(after: str) -> bool | None:
    """Whether a word that may be an adjective or a noun is one by what comes ``after`` it.

    True before a noun (Republican senators, Republican-led, Russian President), False before
    punctuation, a function word or a verb (a Republican who; the Russian said); None if it cannot
    be told, as before a name, a participle or "and".
    """
    if after.startswith("-"):
        return True if re.match("-[a-z]", after) else None
    match = re.match(r" ([\w.]+)", after)
    if not match:
        return False
    word = match[1]
    if word[0].isupper():
        return True if word in TITLES else None
    if word in ("and", "or"):
        return None
    if word in FUNCTION_WORDS or word in _VERBS:
        return False
    return None if re.search(r"(?:ed|ing|ly)$", word) or not word[0].isalpha() else True
