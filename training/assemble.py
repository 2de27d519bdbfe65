"""Sorts the corpora into what is trained on, what is fitted on and what is reported on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.corpora import read_corpus
from training.duplicates import drop_near_duplicates
from training.example import Example
from training.splits import part_of

TRAINED_ON: tuple[tuple[str, str], ...] = (
    ("babe", "train"),
    ("anno_lexical", "train"),
    ("anno_lexical", "dev"),
    ("anno_lexical", "test"),
    ("semeval2023", "train"),
    ("ptc", "train"),
    ("ptc", "dev"),
    ("polnear", "train"),
    ("newsdiscourse", "train"),
    ("newsdiscourse", "validation"),
    ("inhouse_frames", "train"),
    ("documents", "train"),
)
"""Corpus and part of everything that the shipped models may learn from."""

REPORTED_ON: tuple[tuple[str, str], ...] = (
    ("polnear", "dev"),
    ("documents", "dev"),
    ("basil", "train"),
)
"""Corpus and part of what is only reported on, besides the test articles of SemEval-2023."""

FITTED_ON: tuple[str, ...] = ("documents", "inhouse_frames", "polnear", "semeval2023")
"""The corpora whose held-out documents thresholds and calibration are fitted on: those that are
like what users score. The held-out parts of the others are left unused."""

_SHARES = {"train": 0.73, "heldout": 0.12, "test": 0.15}
_DOCUMENT_SHARES = {"train": 0.75, "heldout": 0.25}


@dataclass(frozen=True, kw_only=True)
class Material:
    """The examples by their use; no document, and no near-duplicate, is in two of them.

    ``apart`` holds the examples of corpora that were asked to be kept apart: neither they nor
    their near-duplicates are in ``train``. ``dropped`` counts near-duplicates that were left out
    of ``train`` and ``heldout``, by corpus. ``teacher`` is the model that labelled what no corpus
    has labelled (:func:`training.lessons.with_lessons`), and its weights.
    """

    train: list[Example]
    heldout: list[Example]
    reported: dict[str, list[Example]]
    apart: dict[str, list[Example]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    teacher: str = ""

    def counts(self) -> dict[str, dict[str, int]]:
        """Sentences by use and corpus."""
        uses = {"train": self.train, "heldout": self.heldout, **self.reported}
        return {use: dict(Counter(e.corpus for e in examples)) for use, examples in uses.items()}


def part_of_example(example: Example, seed: int) -> str:
    """``train``, ``heldout`` or ``test``; the last only for the articles of SemEval-2023.

    A larger share of the whole articles is held out, because they are what probabilities are
    calibrated to.
    """
    if example.corpus == "documents":
        return part_of(example.group, seed=seed, shares=_DOCUMENT_SHARES)
    part = part_of(example.group, seed=seed, shares=_SHARES)
    if part == "test" and not example.group.startswith("ptc:"):
        return "train"
    return part


def assemble(root: Path, *, seed: int, apart: Sequence[str] = ()) -> Material:
    """Reads every corpus under ``root`` and sorts its sentences.

    Parameters
    ----------
    seed : decides which documents are held out.
    apart : corpora to be kept out of everything else, near-duplicates too: for a
        cross-validation whose folds start from a model that must not have seen any of it.
    """
    pool = [e for name, part in TRAINED_ON for e in read_corpus(name, root, part)]
    reported = {f"{c}/{p}": read_corpus(c, root, p) for c, p in REPORTED_ON}
    parts = [part_of_example(e, seed) for e in pool]
    reported["semeval2023/test"] = [
        e for e, p in zip(pool, parts, strict=True) if p == "test" and e.corpus == "semeval2023"
    ]
    kept_apart = {name: [e for e in pool if e.corpus == name] for name in apart}
    reference = [e for examples in (*reported.values(), *kept_apart.values()) for e in examples]
    free = [(e, p) for e, p in zip(pool, parts, strict=True) if e.corpus not in kept_apart]
    heldout, lost = drop_near_duplicates(
        [e for e, p in free if p == "heldout" and e.corpus in FITTED_ON], reference
    )
    # Two corpora hold out different shares of the articles that both have.
    closed = {e.group for e in heldout}
    train, lost_too = drop_near_duplicates(
        [e for e, p in free if p == "train" and e.group not in closed], reference + heldout
    )
    return Material(
        train=train,
        heldout=heldout,
        reported=reported,
        apart=kept_apart,
        dropped=dict(Counter(lost) + Counter(lost_too)),
    )
