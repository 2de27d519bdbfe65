"""The words of generated news: some hundred listed by class, and no end of made-up ones."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LISTED = Path(__file__).with_suffix(".toml")

_ONSETS = ["b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p"]
_ONSETS += ["pr", "qu", "r", "s", "sh", "st", "t", "th", "tr", "v", "w", "z"]
_VOWELS = ["a", "ai", "e", "ea", "i", "o", "ou", "u"]
_CODAS = ["", "", "", "l", "n", "nd", "r", "rt", "s", "ck", "m", "t"]
_PREFIXES = ["", "", "", "re", "un", "over", "out", "co", "mis", "non", "under", "up"]
_SYLLABLES = [o + v + c for o in _ONSETS for v in _VOWELS for c in _CODAS]


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(LISTED.read_text(encoding="utf-8"))


@cache
def words(name: str) -> list[str]:
    """The listed words of a class, the commoner ones first; inflected forms are classes, too."""
    inflect = {
        "NOUNS": ("NOUN", _plural),
        "DOES": ("VERB", _plural),  # the third person is formed as the plural is
        "PAST": ("VERB", _past),
        "ING": ("VERB", _participle),
    }
    if name in inflect:
        base, rule = inflect[name]
        irregular = _listed()["irregular"].get(name, {})
        return [irregular.get(word) or rule(word) for word in words(base)]
    return list(_listed()["words"][name].split())


def phrases(name: str) -> list[str]:
    """Those of one kind: subject, predicate or modifier."""
    return list(_listed()["phrases"][name])


@lru_cache(maxsize=1 << 16)
def made_word(rank: int, ending: str = "") -> str:
    """A word of one's own for every rank: a name, or with an ending a word like others of it.

    Of those with an ending two in three are made from listed words, as rare words mostly are.
    """
    # An odd factor spreads neighbouring ranks over the words.
    number = rank * 2_654_435_761 % (1 << 32)
    if ending and rank % 3:
        number, which = divmod(number, len(_PREFIXES))
        bases = words("NOUN") + words("VERB") + words("ADJ")
        return _PREFIXES[which] + bases[number % len(bases)] + ending
    word = ""
    for _ in range(1 + (rank % 2 if ending else 1)):
        number, which = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[which]
    return word + ending if ending else word.capitalize()


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if _ends_in_y(verb) else f"{verb}ed"


def _participle(verb: str) -> str:
    return f"{verb[:-1]}ing" if verb.endswith("e") else f"{verb}ing"


def _plural(noun: str) -> str:
    if noun.endswith(("s", "ch", "sh", "x")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if _ends_in_y(noun) else f"{noun}s"


def _ends_in_y(word: str) -> bool:
    return word[-1] == "y" and word[-2] not in "aeiou"
