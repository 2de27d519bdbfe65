"""What single annotators said, made into one target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from framing.task import Task
from training.example import Label, Spans

__all__ = ["target_of"]


def target_of(task: Task, votes: Sequence[Label]) -> Label:
    """The target of a task on a sentence, from the labels of those who annotated it.

    A single annotator's label is the target. Else annotators count alike, and their disagreement
    is kept as a soft label (Uma et al. 2021, *Learning from Disagreement*): binary, the share of
    yes; multiclass and multilabel, the share of each label that anybody gave; spans, by label, the
    characters that more than half of those who annotated the label marked, so an edge of a span
    is always the edge of somebody's span.

    Parameters
    ----------
    votes : the labels, at least one, all of them of the task's kind.

    Raises
    ------
    ValueError
        if there is no vote.
    """
    if not votes:
        raise ValueError(f"{task.name}: there is no vote to make a target of")
    if len(votes) == 1:
        return votes[0]
    if task.kind == "binary":
        return math.fsum(v for v in votes if isinstance(v, int | float)) / len(votes)
    if task.kind == "spans":
        found = [vote for vote in votes if isinstance(vote, Mapping)]
        names = [label for label in task.labels if any(label in vote for vote in found)]
        return {name: _majority([_spans(v[name]) for v in found if name in v]) for name in names}
    given = [_shares(vote) for vote in votes]
    sums = {label: math.fsum(vote.get(label, 0.0) for vote in given) for label in task.labels}
    return {label: total / len(votes) for label, total in sums.items() if total > 0}


def _shares(vote: Label) -> Mapping[str, float]:
    if isinstance(vote, Mapping):
        return {label: share for label, share in vote.items() if isinstance(share, float)}
    labels = vote if isinstance(vote, tuple) else (str(vote),)
    return dict.fromkeys(labels, 1.0)


def _spans(value: float | Spans) -> Spans:
    return value if isinstance(value, tuple) else ()


def _majority(annotators: Sequence[Spans]) -> Spans:
    """The stretches that more than half of the annotators' spans cover.

    Two that touch are one, unless more than half part them there too.
    """
    edges = sorted({edge for spans in annotators for span in spans for edge in span})
    covered: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        marked = sum(any(s <= start and end <= e for s, e in spans) for spans in annotators)
        if 2 * marked <= len(annotators):
            continue
        parted = sum(
            {start} <= {e for _, e in spans} & {s for s, _ in spans} for spans in annotators
        )
        if covered and covered[-1][1] == start and 2 * parted <= len(annotators):
            covered[-1] = (covered[-1][0], end)
        else:
            covered.append((start, end))
    return tuple(covered)
