"""The masked multi-task loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from framing.task import Task
from training.dataset import MASKED


def task_losses(
    tasks: Sequence[Task], logits: Mapping[str, Tensor], targets: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """One scalar a task: the loss summed over labelled sentences, over all rows of the batch.

    Dividing by all rows, not by the labelled ones, gives each labelled sentence the same pull
    whatever company it is batched with. Soft targets are cross-entropies against a distribution.
    A span task takes the mean over the annotated tokens and labels of a sentence.
    """
    losses: dict[str, Tensor] = {}
    for task in tasks:
        found, target = logits[task.name], targets[task.name]
        if task.kind == "spans":
            per_token = functional.cross_entropy(
                found.flatten(0, 2), target.flatten(), ignore_index=MASKED, reduction="none"
            ).view(target.shape)
            annotated = (target != MASKED).sum(dim=(1, 2)).clamp(min=1)
            rows = per_token.sum(dim=(1, 2)) / annotated
        else:
            known = ~target.isnan().any(dim=1)
            target = target.nan_to_num()
            if task.kind == "multiclass":
                rows = -(target * found.log_softmax(dim=1)).sum(dim=1)
            else:
                rows = functional.binary_cross_entropy_with_logits(
                    found, target, reduction="none"
                ).sum(dim=1)
            rows = torch.where(known, rows, 0.0)
        losses[task.name] = rows.sum() / len(rows)
    return losses
