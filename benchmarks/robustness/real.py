"""Families from real sentences: whom a sentence names is replaced, and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping

from benchmarks.robustness.corpora import Sentence
from benchmarks.robustness.families import Family
from benchmarks.robustness.gender import swap_genders
from benchmarks.robustness.replace import mentions, swapped
from benchmarks.robustness.swaps import SwapGroup

_PER_DOCUMENT = 2
_REPLACEMENTS = 4


def real_families(
    sentences: Iterable[Sentence], swaps: Mapping[str, SwapGroup], *, size: int, seed: int
) -> dict[str, list[Family]]:
    """Up to ``size`` families a group, at most two of a document, drawn at random.

    A sentence is replaced by up to four versions, each with another filler of the same kind; a
    filler that is named too takes the place of the one that it stands for.
    """
    order = list(sentences)
    random.Random(seed).shuffle(order)
    found = {}
    for name, group in swaps.items():
        families: list[Family] = []
        used: Counter[str] = Counter()
        for sentence in order:
            if len(families) == size:
                break
            if used[sentence.document] == _PER_DOCUMENT:
                continue
            family = _of_genders(sentence, swaps) if group.pairs else _of_names(sentence, group)
            if family is not None:
                families.append(family)
                used[sentence.document] += 1
        found[name] = families
    return found


def _of_names(sentence: Sentence, group: SwapGroup) -> Family | None:
    found = mentions(sentence.text, group)
    if not found:
        return None
    one = found[0].filler
    named = {m.filler.shown for m in found}
    others = [f for f in group.fillers if f.kind == one.kind and f is not one]
    dice = random.Random(sentence.id)
    others = dice.sample(others, min(_REPLACEMENTS, len(others)))
    versions = {one.shown: sentence.text}
    versions |= {other.shown: swapped(sentence.text, found, one, other) for other in others}
    return Family(
        id=sentence.id,
        group=sentence.document,
        style="real",
        versions=versions,
        written=one.shown,
        mixed=len(named) > 1,
    )


def _of_genders(sentence: Sentence, swaps: Mapping[str, SwapGroup]) -> Family | None:
    group = next(g for g in swaps.values() if g.pairs)
    # Whoever knows the politician knows whether it is a man: the swap would not be one of words.
    if any(mentions(sentence.text, g) != [] for g in swaps.values() if "surname" in g.real):
        return None
    swap = swap_genders(sentence.text, group)
    if swap is None:
        return None
    text, spoken_of = swap
    shown = {f.kind: f.shown for f in group.fillers}
    first, second = ("male", "female") if spoken_of != "female" else ("female", "male")
    return Family(
        id=sentence.id,
        group=sentence.document,
        style="real",
        versions={shown[first]: sentence.text, shown[second]: text},
        written=shown[first],
        mixed=spoken_of == "both",
    )
