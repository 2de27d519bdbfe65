"""Names in real sentences, replaced by others of their kind so that the sentence stays grammatical.

Only whole words are replaced, in the case they are listed in. Where the grammar cannot be told
from the words around a name, the sentence is not used: :func:`mentions` returns None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.robustness.swaps import Filler, SwapGroup
from training.grammar import FUNCTION_WORDS, TITLES, is_attributive, with_article

# Before a noun, where "was Muslim" has an adjective: "a Muslim", "the only moderate Republican".
_COUNTED = re.compile(
    r"(?i)\b(?:an?|the|one|another|every|each|any|no|this|that|only|fellow)(?: [a-z]+){0,2} $"
)
_NAMES = frozenset(("name", "surname", "bare"))


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A filler where it stands in a sentence, and in which form."""

    start: int
    end: int
    filler: Filler
    form: str


def mentions(text: str, group: SwapGroup) -> list[Mention] | None:
    """The fillers of ``group`` that ``text`` names, or None if it is not fit for a swap."""
    if group.unfit.search(text):
        return None
    found = []
    for match in group.finder.finditer(text):
        forms = group.surfaces[match[0]]
        form = _form(text, match, forms)
        if form is None:
            return None
        found.append(Mention(start=match.start(), end=match.end(), filler=forms[form], form=form))
    rest = _without(text, found)
    names = [m.filler.forms[form] for m in found for form in _NAMES & m.filler.forms.keys()]
    if any(name in rest for name in names) or (found and group.stray.search(rest)):
        return None
    return found


def swapped(text: str, found: Sequence[Mention], one: Filler, other: Filler) -> str:
    """``text`` with the two fillers in each other's place, articles set right."""
    to = {one.shown: other, other.shown: one}
    parts, at = [], 0
    for mention in found:
        if mention.filler.shown not in to:
            continue
        before = text[at : mention.start]
        word = to[mention.filler.shown].forms[mention.form]
        if article := re.search(r"(?<!\w)([Aa])n? $", before):
            before, word = before[: article.start()], with_article(article[1], word)
        parts += [before, word]
        at = mention.end
    return "".join([*parts, text[at:]])


def _form(text: str, match: re.Match[str], forms: Mapping[str, Filler]) -> str | None:
    before, after = text[: match.start()], text[match.end() :]
    (single,) = forms if len(forms) == 1 else (None,)
    if single == "people":
        return single
    if single in _NAMES:
        return single if _stands_alone(before, after) else None
    attributive = is_attributive(after)
    if attributive is None:
        # A name after a party member is the only certain case: Democrat Ann Lee.
        return single if single == "member" and re.match(" [A-Z]", after) else None
    if attributive:
        return "adjective" if "adjective" in forms else None
    return "member" if "member" in forms and _COUNTED.search(before) else None


def _stands_alone(before: str, after: str) -> bool:
    """Whether a name is no part of a longer one: not Michelle Obama, New Mexico or Trump Tower."""
    if re.match(r"[ -][A-Z]|-", after):
        return False
    word = re.search(r"([\w.’'-]+) $", before)
    if word is None or not word[1][0].isupper():
        return True
    return word[1] in TITLES or word[1].lower() in FUNCTION_WORDS


def _without(text: str, found: Sequence[Mention]) -> str:
    for mention in reversed(found):
        text = text[: mention.start] + "\0" + text[mention.end :]
    return text
