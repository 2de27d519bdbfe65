"""Sentences with other names: a country for a country, a politician for a politician."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from training.example import Example, Label, Spans
from training.grammar import FUNCTION_WORDS, TITLES, is_attributive, with_article
from training.soft import SoftSpans

_FILE = Path(__file__).with_name("names.toml")
_WORD_BEFORE = re.compile(r"([\w.’'-]+) $")
_CAPITAL_AFTER = re.compile(r"[ -]([A-Z][\w.]*)")
_ARTICLE_BEFORE = re.compile(r"(?<!\w)([Aa])n? $")


@dataclass(frozen=True, kw_only=True)
class _Group:
    name: str
    forms: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class _Edit:
    start: int
    end: int
    text: str


def with_other_names(examples: Sequence[Example], share: float, *, seed: int) -> list[Example]:
    """The examples, each with the probability ``share`` under other names, where it has any.

    Countries, states, parties, faiths, politicians and outlets (``names.toml``) are replaced by
    others of their kind, drawn at random; the same one always by the same one within a sentence.
    Labels stay, spans move with their words: counterfactual data augmentation (Lu et al. 2018;
    Garg et al. 2019). A sentence is left as it is if a span has an edge inside a name, or if
    spans of it are a teacher's.
    """
    rng = np.random.default_rng(seed)
    return [_renamed(e, rng) if rng.random() < share else e for e in examples]


def _renamed(example: Example, rng: np.random.Generator) -> Example:
    if any(isinstance(label, SoftSpans) for label in example.labels.values()):
        return example
    edits = _edits(example.text, rng)
    if not edits:
        return example
    labels: dict[str, Label] = {}
    for task, label in example.labels.items():
        labels[task] = label
        if isinstance(label, Mapping):
            spans = {name: s for name, s in label.items() if isinstance(s, tuple)}
            if any(_is_cut(s, edits) for s in spans.values()):
                return example
            if spans:
                labels[task] = {name: _moved(s, edits) for name, s in spans.items()}
    parts, at = [], 0
    for edit in edits:
        parts += [example.text[at : edit.start], edit.text]
        at = edit.end
    # What single annotators marked stays behind: it is for the text that they read.
    return replace(example, text="".join([*parts, example.text[at:]]), labels=labels, votes={})


def _edits(text: str, rng: np.random.Generator) -> list[_Edit]:
    groups, surfaces, finder = _lists()
    others: dict[tuple[int, int], tuple[str, ...]] = {}
    edits: list[_Edit] = []
    for match in finder.finditer(text):
        number, row, columns = surfaces[match[0]]
        group, before = groups[number], text[: match.start()]
        if not _stands_alone(group, before, text[match.end() :]):
            continue
        other = others.get((number, row))
        if other is None:
            taken = list(others.values())
            free = [r for i, r in enumerate(group.rows) if i != row and r not in taken]
            if not free:
                continue
            other = others[number, row] = free[int(rng.integers(len(free)))]
        column = columns[0]
        if len(columns) > 1 and is_attributive(text[match.end() :]) is False:
            column = columns[1]  # "a Jew." for "a Muslim.", but "Jewish voters"
        if not other[column]:
            continue
        if article := _ARTICLE_BEFORE.search(before):
            fit = with_article(article[1], other[column]).split(" ")[0]
            edits.append(_Edit(start=article.start(1), end=match.start() - 1, text=fit))
        edits.append(_Edit(start=match.start(), end=match.end(), text=other[column]))
    return edits


def _stands_alone(group: _Group, before: str, after: str) -> bool:
    """Whether a name is no part of a longer one: not Michelle Obama, Trump Tower, Congo."""
    if group.name == "parties":
        return not after.startswith(" Republic")
    follows, precedes = _CAPITAL_AFTER.match(after), _WORD_BEFORE.search(before)
    if group.name != "countries" and follows:
        return follows[1] in TITLES
    if precedes is None or not precedes[1][0].isupper():
        return True
    return precedes[1] in TITLES or precedes[1].lower() in FUNCTION_WORDS


def _is_cut(spans: Spans, edits: Sequence[_Edit]) -> bool:
    return any(e.start < edge < e.end for e in edits for span in spans for edge in span)


def _moved(spans: Spans, edits: Sequence[_Edit]) -> Spans:
    return tuple((start + _shift(start, edits), end + _shift(end, edits)) for start, end in spans)


def _shift(at: int, edits: Sequence[_Edit]) -> int:
    return sum(len(e.text) - (e.end - e.start) for e in edits if e.end <= at)


@cache
def _lists() -> tuple[
    tuple[_Group, ...], dict[str, tuple[int, int, tuple[int, ...]]], re.Pattern[str]
]:
    """The groups; by word its group, row and the forms it may be; and what finds the words."""
    groups = tuple(
        _Group(name=name, forms=tuple(g["forms"]), rows=tuple(map(tuple, g["rows"])))
        for name, g in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
    )
    surfaces: dict[str, tuple[int, int, tuple[int, ...]]] = {}
    for number, group in enumerate(groups):
        for at, row in enumerate(group.rows):
            for column, word in enumerate(row):
                if word:
                    known = surfaces.setdefault(word, (number, at, ()))
                    if known[:2] == (number, at):
                        surfaces[word] = (number, at, (*known[2], column))
    longest = sorted(surfaces, key=len, reverse=True)
    pattern = rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?!\w)"
    return groups, surfaces, re.compile(pattern)
