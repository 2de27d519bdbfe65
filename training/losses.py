"""The masked multi-task loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from framing.task import Task

_MOST = 20.0


def task_losses(
    tasks: Sequence[Task],
    logits: Mapping[str, Tensor],
    targets: Mapping[str, Tensor],
    balance: Mapping[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """One scalar a task: the loss summed over labelled sentences, over all rows of the batch.

    Dividing by all rows, not by the labelled ones, gives each labelled sentence the same pull
    whatever company it is batched with. Soft targets are cross-entropies against a distribution.
    A span task takes the mean over the annotated tokens and labels of a sentence.

    Parameters
    ----------
    balance : what :func:`class_weights` returns, for the tasks whose labels shall be balanced.
    """
    losses: dict[str, Tensor] = {}
    for task in tasks:
        found, target = logits[task.name], targets[task.name]
        known = ~target.isnan().any(dim=-1)
        target = target.nan_to_num()
        weights = (balance or {}).get(task.name)
        if task.kind == "spans":
            per_token = -(target * found.log_softmax(dim=-1)).sum(dim=-1) * known
            rows = per_token.sum(dim=(1, 2)) / known.sum(dim=(1, 2)).clamp(min=1)
        elif task.kind == "multiclass":
            pulls = target if weights is None else target * weights
            rows = -(pulls * found.log_softmax(dim=1)).sum(dim=1) * known
        else:
            each = functional.binary_cross_entropy_with_logits(
                found, target, pos_weight=weights, reduction="none"
            )
            rows = each.sum(dim=1) * known
        losses[task.name] = rows.sum() / len(rows)
    return losses


def class_weights(task: Task, targets: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """How much more a rare label of a sentence task counts, one weight a label.

    The weight of a class is (mean share / its share) to ``power``; of a binary or multilabel label
    it is that of its positives, (share of the others / its share) to ``power``, at most 20. At 0
    all count the same, at 1 every class has the same pull in sum (King and Zeng 2001). What this
    does to the probabilities, calibration undoes.

    Parameters
    ----------
    targets : the targets of the labelled sentences, of shape (sentences, labels).
    """
    share = np.clip(targets.mean(axis=0), 1 / (2 * len(targets)), 1)
    if task.kind == "multiclass":
        odds = 1 / (share * len(share))
    else:
        odds = np.clip((1 - share) / share, 0.05, None)
    weights = np.minimum(odds**power, _MOST)
    if task.kind == "multiclass":
        weights /= (weights * share).sum()
    return np.asarray(weights, dtype=np.float32)
