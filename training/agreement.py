"""How far the annotators of a corpus agree: Krippendorff's alpha, task by task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from framing.task import Task
from training.example import Example, Label

__all__ = ["RELIABLE", "TENTATIVE", "Agreement", "agreement"]

RELIABLE = 0.8
"""From here on data are usually taken to be reliable (Krippendorff 2019, chapter 12)."""

TENTATIVE = 0.667
"""From here on they bear tentative conclusions; under it, none."""

YES = 0.5
"""An annotator who gives a share, not an answer, is taken to say yes from here on."""

_SAMPLES = 500


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Krippendorff's alpha of one task.

    1 is full agreement, 0 what chance would give, under 0 is worse than chance. The usual reading
    is :data:`RELIABLE` and :data:`TENTATIVE`. It says how well the coding can be repeated, not
    whether a model can learn it; alpha is low for a rare label even where few answers differ.

    Parameters
    ----------
    task : its name.
    alpha : None where no sentence has two annotators, or all of them gave the same answer to
        everything (there is nothing that chance could have got wrong).
    low, high : its 95 % interval; None where alpha is, or where there is one group only.
    sentences : that two annotators or more labelled; the others tell nothing of agreement.
    units : what was compared: those sentences or, for spans, their characters.
    annotators : who labelled any of those sentences.
    labels : alpha of each label, where labels are judged one by one (multilabel, spans).
    """

    task: str
    alpha: float | None
    low: float | None
    high: float | None
    sentences: int
    units: int
    annotators: int
    labels: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def reading(self) -> str:
        """Alpha in words."""
        if not self.sentences:
            return "no sentence has two annotators"
        if self.alpha is None:
            return "the same answer throughout: alpha is not defined"
        if self.alpha >= RELIABLE:
            return f"reliable ({RELIABLE} or more)"
        if self.alpha >= TENTATIVE:
            return f"for tentative conclusions ({TENTATIVE} to {RELIABLE})"
        return f"low (under {TENTATIVE})"

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON-ready values."""
        return asdict(self)


def agreement(
    task: Task, examples: Iterable[Example], *, samples: int = _SAMPLES, seed: int = 0
) -> Agreement | None:
    """Krippendorff's alpha of a task over the votes of single annotators; None without any vote.

    The nominal alpha of Krippendorff (2019, *Content Analysis*, 4th edition, chapter 12), which
    takes any number of annotators and sentences that some of them left out. The unit is the
    sentence for binary and multiclass tasks. Multilabel tasks are taken label by label (does it
    apply?) and span tasks label by label and character by character (does it lie in a span?), and
    alpha is then the mean over the labels that have one. The interval is the percentile interval
    from resampling whole groups (Efron 1979), as the sentences of a document resemble each other.

    Linear in the votes. Coincidences are summed by group, once, so that a resample costs no more
    than a sum over groups; the package ``krippendorff``, which the tests hold this against, takes
    every unit anew, and for spans every character is one.

    Parameters
    ----------
    samples : resamples for the interval.
    seed : of their random draw.
    """
    voted, seen = False, set()
    cells: list[_Cell] = []
    groups: list[str] = []
    for example in examples:
        votes = {a: v[task.name] for a, v in example.votes.items() if v.get(task.name) is not None}
        voted = voted or bool(votes)
        if len(votes) < 2:
            continue
        cells += _cells(task, example.text, list(votes.values()), len(groups))
        seen |= set(votes)
        groups.append(example.group)
    if not voted:
        return None
    judged = task.labels if task.kind in ("multilabel", "spans") else ()
    by_group = _tallies(cells, groups, max(len(judged), 1))
    by_label = _alphas(by_group.sum(axis=0))
    alpha = _mean(by_label)
    low, high = _interval(by_group, samples, seed) if alpha is not None else (None, None)
    return Agreement(
        task=task.name,
        alpha=alpha,
        low=low,
        high=high,
        sentences=len(groups),
        units=sum(cell.size for cell in cells if cell.label == 0),
        annotators=len(seen),
        labels={n: _mean(by_label[i : i + 1]) for i, n in enumerate(judged)},
    )


class _Cell(NamedTuple):
    """How many annotators gave each value to ``size`` units of a sentence, for one label."""

    sentence: int
    label: int
    size: int
    counts: tuple[int, ...]


def _cells(task: Task, text: str, votes: Sequence[Label], sentence: int) -> Iterator[_Cell]:
    if task.kind == "multiclass":
        answers = [_answer(task, vote) for vote in votes]
        yield _Cell(sentence, 0, 1, tuple(answers.count(label) for label in task.labels))
        return
    for label, name in enumerate(task.labels):
        if task.kind == "spans":
            judged = [vote[name] for vote in votes if isinstance(vote, Mapping) and name in vote]
            for size, inside in _stretches(len(text), judged):
                yield _Cell(sentence, label, size, (len(judged) - inside, inside))
        else:
            yes = sum(_says(vote, name) for vote in votes)
            yield _Cell(sentence, label, 1, (len(votes) - yes, yes))


def _stretches(length: int, votes: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The stretches of a text in order: their characters, and how many votes cover them."""
    edges = Counter({0: 0, length: 0})
    for spans in votes:
        reached = 0
        for start, end in sorted(spans):
            if end > reached:  # spans of one annotator may overlap
                edges[max(start, reached)] += 1
                edges[end] -= 1
                reached = end
    inside = 0
    for start, end in pairwise(sorted(edges)):
        inside += edges[start]
        yield end - start, inside


def _answer(task: Task, vote: Label) -> str:
    """The label with the largest share, the first of them if there are several."""
    if isinstance(vote, Mapping):
        return max(task.labels, key=lambda label: _share(vote, label))
    return str(vote)


def _says(vote: Label, name: str) -> bool:
    if isinstance(vote, tuple):
        return name in vote
    return _share(vote if isinstance(vote, Mapping) else {name: vote}, name) >= YES


def _share(shares: Mapping[str, Any], name: str) -> float:
    return float(shares.get(name, 0.0))


def _tallies(cells: Sequence[_Cell], groups: Sequence[str], labels: int) -> NDArray[np.float64]:
    """Observed disagreement, then the pairable answers of each value, by group and label judged.

    They are the coincidences off the diagonal and the marginal sums of Krippendorff's coincidence
    matrix: both add up over units, and the nominal alpha needs nothing else.
    """
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    values = len(cells[0].counts) if cells else 1
    out = np.zeros((len(names), labels, 1 + values))
    if not cells:
        return out
    counts = np.array([cell.counts for cell in cells], dtype=np.float64)
    size = np.array([cell.size for cell in cells], dtype=np.float64)
    answers = counts.sum(axis=1, keepdims=True)
    counts[answers[:, 0] < 2] = 0
    apart = (counts * (answers - counts)).sum(axis=1) / np.maximum(answers[:, 0] - 1, 1)
    group = member[[cell.sentence for cell in cells]]
    label = np.array([cell.label for cell in cells])
    np.add.at(out, (group, label), np.column_stack([apart, counts]) * size[:, None])
    return out


def _alphas(tally: NDArray[np.float64]) -> NDArray[np.float64]:
    """Alpha of each row of tallies, NaN where only one value occurs."""
    apart, values = tally[..., 0], tally[..., 1:]
    total = values.sum(axis=-1)
    expected = total**2 - (values**2).sum(axis=-1)
    out = np.full(apart.shape, np.nan)
    np.divide((total - 1) * apart, expected, out=out, where=expected > 0)
    return 1 - out


def _mean(alphas: NDArray[np.float64]) -> float | None:
    known = alphas[~np.isnan(alphas)]
    return float(known.mean()) if len(known) else None


def _interval(
    by_group: NDArray[np.float64], samples: int, seed: int
) -> tuple[float | None, float | None]:
    size = len(by_group)
    if size < 2:
        return None, None
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(samples):
        times = np.bincount(rng.integers(size, size=size), minlength=size)
        drawn.append(_mean(_alphas(np.tensordot(times, by_group, axes=1))))
    known = [alpha for alpha in drawn if alpha is not None]
    if not known:
        return None, None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
