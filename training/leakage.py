"""Sentences that stand in a corpus more than once, and what leaks from one split to another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from framing.task import Task
from training.corpus import Corpus
from training.duplicates import SHINGLE, near_duplicates
from training.example import Example, Label
from training.faults import Fault, Severity
from training.findings import shown

__all__ = ["NEAR", "fault_at", "leakage", "place"]

NEAR = 0.6
"""The share of the shorter sentence's runs of words that two near-duplicates have in common: what
:func:`training.duplicates.near_duplicates` takes, so that check finds what training leaves out."""

STOCK = SHINGLE
"""Words under which an equal sentence in train and test is a warning, not an error: the stock
sentences of news ("He declined to comment.") recur without being copied."""

HOLDERS = 50
"""A sentence is compared with the first so many that have a run of words; more of them would take
time that grows with the square of a set phrase's frequency, and find no other fault."""

_WORD = re.compile(r"[^\W_]+")
_CHUNK = 4096
_SHOWN = 80


def leakage(corpus: Corpus) -> list[Fault]:
    """What is there twice: groups in two splits, equal sentences, near-duplicates.

    Near-duplicates are those of :func:`training.duplicates.near_duplicates`, within a group and a
    split left out, each reported once, at the later of the two. Where splits are declared, a
    sentence without one counts for train, as it is trained on. Near-linear in the words.
    """
    examples = corpus.examples
    if any(e.split for e in examples) and not all(e.split for e in examples):
        examples = [replace(e, split=e.split or "train") for e in examples]
    return [
        *_parted(examples),
        *_equal(examples, corpus.codebook.tasks),
        *_near(examples),
    ]


def place(example: Example) -> str:
    """The file and line of a sentence; where it came from no file, its corpus and id."""
    if example.origin is None:
        return f"{example.corpus} {example.id}"
    return f"{example.origin[0]}:{example.origin[1]}"


def fault_at(example: Example, severity: Severity, message: str) -> Fault:
    """A fault at the file and line of a sentence."""
    file, line = example.origin or (place(example), None)
    return Fault(severity=severity, message=message, file=file, line=line)


def _closeness(one: Example, other: Example) -> int:
    """2 for a sentence of train and one of test, 1 for other splits, 0 for one split or none."""
    if one.split is None or other.split is None or one.split == other.split:
        return 0
    return 2 if {one.split, other.split} == {"train", "test"} else 1


def _parted(examples: Sequence[Example]) -> Iterator[Fault]:
    firsts: dict[tuple[str, str, str], dict[str, Example]] = defaultdict(dict)
    for example in examples:
        if example.split is None:
            continue
        name = example.group.removeprefix(f"{example.corpus}:")
        fields = ("document", "event", "outlet")
        what = next((f for f in fields if getattr(example, f) == name), "group")
        firsts[what, example.corpus, name].setdefault(example.split, example)
        if example.document is not None and what != "document":
            key = ("document", example.corpus, example.document)
            firsts[key].setdefault(example.split, example)
    for (what, _, name), by_split in firsts.items():
        if len(by_split) < 2:
            continue
        *firsts_but_last, last = (f"in {s} ({place(e)})" for s, e in by_split.items())
        where = f"{', '.join(firsts_but_last)} and {last}"
        yield fault_at(
            list(by_split.values())[1],
            "error" if {"train", "test"} <= set(by_split) else "warning",
            f"leakage: {what} {name!r} is {where}: what is learnt by heart would count as skill; "
            f"give all sentences of a {what} one split",
        )


def _equal(examples: Sequence[Example], tasks: Sequence[Task]) -> Iterator[Fault]:
    firsts: dict[str, dict[str | None, Example]] = defaultdict(dict)
    for example in examples:
        text = " ".join(example.text.split())
        known = firsts[text]
        if known:
            other = max(known.values(), key=lambda e: _closeness(example, e))
            closeness = _closeness(example, other)
            if closeness:
                severe = closeness == 2 and len(text.split()) >= STOCK
                yield fault_at(
                    example,
                    "error" if severe else "warning",
                    f"leakage: the same sentence is in {other.split} ({place(other)}) and here in "
                    f"{example.split}; leave one of them out",
                )
            found = ((e, _apart(tasks, e, example)) for e in known.values())
            one, labels = next(((e, labels) for e, labels in found if labels), (other, None))
            if labels:
                task, theirs, ours = labels
                yield fault_at(
                    example,
                    "warning",
                    f"contradicting labels: the same sentence has {task} = {theirs} in "
                    f"{place(one)} and {task} = {ours} here; decide for one, or make them one "
                    'record with both under "annotators"',
                )
            elif not closeness:
                parts = "" if one.group == example.group else ", and splits by group can part them"
                yield fault_at(
                    example,
                    "warning",
                    f"duplicate text: the same sentence is in {place(other)}; leave one of them "
                    f"out, or it counts twice{parts}",
                )
        known.setdefault(example.split, example)


def _apart(tasks: Sequence[Task], one: Example, other: Example) -> tuple[str, str, str] | None:
    """The first task on which two equal sentences have other labels, and both labels."""
    for task in tasks:
        first, second = one.labels.get(task.name), other.labels.get(task.name)
        if first is None or second is None:
            continue
        if task.kind == "spans":
            if not isinstance(first, Mapping) or not isinstance(second, Mapping):
                continue
            both = set(first) & set(second)
            theirs, ours = _covered(one.text, first, both), _covered(other.text, second, both)
            if theirs != ours:
                return task.name, _shown(theirs), _shown(ours)
        elif _decided(task, first) != _decided(task, second):
            return task.name, _shown(first), _shown(second)
    return None


def _decided(task: Task, label: Label) -> object:
    """The answer that a label comes to, shares rounded to it."""
    if isinstance(label, int | float):
        return label >= 0.5
    if not isinstance(label, Mapping):
        return frozenset(label) if isinstance(label, tuple) else label
    if task.kind == "multiclass":
        return max(task.labels, key=lambda name: _number(label.get(name, 0.0)))
    return frozenset(name for name, share in label.items() if _number(share) >= 0.5)


def _number(share: Any) -> float:
    return float(share)


def _covered(text: str, label: Mapping[str, Any], names: set[str]) -> list[str]:
    return sorted(
        f"{name}: {' '.join(text[start:end].split())}"
        for name in names
        for start, end in label[name]
    )


def _shown(label: object) -> str:
    shown = f"{label:g}" if isinstance(label, int | float) else repr(label)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."


def _near(examples: Sequence[Example]) -> Iterator[Fault]:
    once: dict[tuple[str, str | None], Example] = {}
    for example in examples:
        once.setdefault((" ".join(example.text.split()), example.split), example)
    texts = [text for text, _ in once]
    unique = list(once.values())
    best: dict[int, tuple[int, float, int]] = {}
    for later, earlier, share in _pairs(texts):
        one, other = unique[later], unique[earlier]
        closeness = _closeness(one, other)
        if texts[later] != texts[earlier] and (closeness or one.group != other.group):
            found = (closeness, share, -earlier)
            best[later] = max(best.get(later, found), found)
    # The pairs are only found here: what a near-duplicate is, training.duplicates decides.
    laters = sorted(best)
    earliers = sorted({-best[later][2] for later in laters})
    sure = near_duplicates([texts[i] for i in laters], [texts[i] for i in earliers], threshold=NEAR)
    for later in (i for i, yes in zip(laters, sure, strict=True) if yes):
        closeness, share, earlier = best[later]
        one, other = unique[later], unique[-earlier]
        shared = f"{place(other)} has {share:.0%} of its runs of {SHINGLE} words"
        if closeness:
            message = (
                f"near-duplicate across splits: {shared}, in {other.split}, and this is in "
                f"{one.split}; leave one of them out"
            )
        else:
            message = (
                f"near-duplicate across groups: {shared}, in group {shown(other.group)}; splits by "
                "group can part them: group both together (by event, say), or leave one out"
            )
        yield fault_at(one, "warning", message)


def _pairs(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Later and earlier text, and the share of the smaller set of runs of words they have both."""
    from scipy.sparse import csr_array

    runs = [_runs(text) for text in texts]
    sizes = np.array([len(found) for found in runs], dtype=np.int64)
    hashes = np.fromiter((run for found in runs for run in found), np.int64, sizes.sum())
    _, column, times = np.unique(hashes, return_inverse=True, return_counts=True)
    recurs = times[column] > 1
    rows = np.repeat(np.arange(len(texts)), sizes)[recurs]
    columns = column[recurs]
    # The rows of a column in order, and the rank of each among them.
    order = np.lexsort((rows, columns))
    rows, columns = rows[order], columns[order]
    rank = np.arange(len(columns)) - np.searchsorted(columns, columns)
    shape = (len(texts), len(times))
    every = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    early = rank < HOLDERS
    holders = csr_array((np.ones(early.sum()), (columns[early], rows[early])), shape=shape[::-1])
    for start in range(0, len(texts), _CHUNK):
        shared = (every[start : start + _CHUNK] @ holders).tocoo()
        left, right = shared.coords[0] + start, shared.coords[1]
        share = shared.data / np.minimum(sizes[left], sizes[right])
        found = (right < left) & (share >= NEAR - 1e-9)
        yield from zip(
            left[found].tolist(), right[found].tolist(), share[found].tolist(), strict=True
        )


def _runs(text: str) -> set[int]:
    """The hashes of the runs of words in a text, none of one that is shorter than a run."""
    words = _WORD.findall(text.lower())
    return {hash(tuple(words[i : i + SHINGLE])) for i in range(len(words) - SHINGLE + 1)}
