"""Contrastive fine-tuning: few labels make many pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from framing.encoding import SentenceTokenizer
from framing.modeling import FramingModel
from framing.task import Task
from training.dataset import sentence_target
from training.example import Example
from training.heads import pooled
from training.trainer import freeze, has_bf16_cpu, ready_encoder

_BATCH = 32
_TOKENS = 96


def contrast(
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    *,
    steps: int,
    rate: float,
    seed: int,
    tasks: Collection[str] | None = None,
) -> None:
    """Draws sentences with the same labels together and others apart, in place.

    After SetFit (Tunstall et al. 2022), whose loss this is: the squared difference between the
    cosine of two sentence embeddings and the likeness of their labels. Here every pair within a
    batch counts, not one pair of a pass, and alike and unlike pairs weigh the same in sum.

    Parameters
    ----------
    tasks : whose labels are compared; all of the model's unless given.
    """
    wanted = [t for t in model.tasks if tasks is None or t.name in tasks]
    likeness = label_likeness(wanted, examples)
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    ready_encoder(model, dropout=0.1)
    freeze(model, None)
    bf16 = torch.cuda.is_available() or has_bf16_cpu()
    weights = [w for w in model.encoder.parameters() if w.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / max(1, steps // 10)) * (1 - step / steps)
    )
    tokens = tokenizer.encode([e.text for e in examples])
    model.train()
    for _ in range(steps):
        rows = rng.permutation(len(examples))[:_BATCH]
        ids = [
            tokenizer.window_ids(
                tokens,
                int(tokens.bounds[r]),
                min(int(tokens.bounds[r + 1]), int(tokens.bounds[r]) + _TOKENS),
                False,
            )
            for r in rows
        ]
        with torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
            means = pooled(model, ids, tokenizer.pad)
        states = functional.normalize(means.float(), dim=1)
        loss = pair_loss(states, likeness[rows][:, rows].to(states.device))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
    model.train(False)


def pair_loss(states: Tensor, likeness: Tensor) -> Tensor:
    """The mean squared error of cosines, alike and unlike pairs with equal weight in sum.

    Parameters
    ----------
    states : unit vectors, of shape (sentences, width).
    likeness : 0 to 1, of shape (sentences, sentences); NaN where no task labels both.
    """
    rows, columns = torch.triu_indices(len(states), len(states), offset=1, device=states.device)
    wanted = likeness[rows, columns]
    known = ~wanted.isnan()
    wanted = wanted.nan_to_num()
    error = ((states @ states.T)[rows, columns] - wanted) ** 2 * known
    sides = torch.stack([wanted * known, (1 - wanted) * known])
    return ((error * sides).sum(dim=1) / sides.sum(dim=1).clamp(min=1e-6)).mean()


def label_likeness(tasks: Sequence[Task], examples: Sequence[Example]) -> Tensor:
    """How alike the labels of two sentences are, 0 to 1, the mean over tasks that label both.

    Of one task it is the cosine of the targets, no label at all being like itself; of a binary
    one 1 minus the difference. NaN where no sentence task labels both.
    """
    count = len(examples)
    total = np.zeros((count, count), dtype=np.float32)
    times = np.zeros((count, count), dtype=np.float32)
    for task in tasks:
        rows = np.array([i for i, e in enumerate(examples) if task.name in e.labels])
        if task.kind == "spans" or not len(rows):
            continue
        targets = np.stack([sentence_target(task, examples[i].labels[task.name]) for i in rows])
        if task.kind == "binary":
            alike = 1 - np.abs(targets - targets.T)
        else:
            whole = np.concatenate([targets, targets.sum(axis=1, keepdims=True) == 0], axis=1)
            whole /= np.linalg.norm(whole, axis=1, keepdims=True)
            alike = whole @ whole.T
        total[np.ix_(rows, rows)] += alike
        times[np.ix_(rows, rows)] += 1
    with np.errstate(invalid="ignore"):
        return torch.from_numpy(total / times)
