"""Linear heads on a frozen encoder: what few labels can carry without overfitting."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

from framing.encoding import SentenceTokenizer, batches_by_tokens
from framing.modeling import FramingModel
from framing.task import Task
from training.dataset import sentence_target
from training.example import Example
from training.splits import grouped_folds

Floats = NDArray[np.float32]

STRENGTHS = (0.5, 2.0, 8.0, 32.0, 128.0)
"""The inverse regularisations tried, on features scaled to a mean square norm of 1."""

_FOLDS = 4
_BATCH_TOKENS = 4096


@torch.inference_mode()
def mean_states(
    model: FramingModel, tokenizer: SentenceTokenizer, texts: Sequence[str], *, window: int = 160
) -> Floats:
    """The mean token state of each sentence, its first window; shape (sentences, width)."""
    tokens = tokenizer.encode(texts)
    counts = np.minimum(np.diff(tokens.bounds), window - tokenizer.specials)
    out = np.zeros((len(texts), int(model.config.encoder_config().hidden_size)), dtype=np.float32)
    model.train(False)
    for rows in batches_by_tokens(counts + tokenizer.specials, _BATCH_TOKENS):
        ids = [
            tokenizer.window_ids(
                tokens, int(tokens.bounds[r]), int(tokens.bounds[r] + counts[r]), False
            )
            for r in rows
        ]
        out[rows] = pooled(model, ids, tokenizer.pad).float().cpu().numpy()
    return out


def pooled(model: FramingModel, ids: Sequence[Sequence[int]], pad: int) -> torch.Tensor:
    """The mean of the encoder's token states; shape (sentences, width)."""
    width = max(map(len, ids))
    device = model.device
    padded = torch.tensor([[*i, *[pad] * (width - len(i))] for i in ids], device=device)
    read = torch.tensor([[1] * len(i) + [0] * (width - len(i)) for i in ids], device=device)
    states = model.encoder(input_ids=padded, attention_mask=read).last_hidden_state
    mean: torch.Tensor = (states * read.unsqueeze(-1)).sum(dim=1) / read.sum(dim=1, keepdim=True)
    return mean


def fit_heads(
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    *,
    seed: int,
    tasks: Collection[str] | None = None,
) -> dict[str, float]:
    """Sets the head of each sentence task that ``examples`` label by logistic regression.

    The regularisation of each task, and for multiclass whether classes are balanced, is chosen by
    cross-validation over the groups. The head reads the plain mean of the token states. Span tasks
    are left alone. Soft labels count by their shares.

    Parameters
    ----------
    tasks : the tasks whose heads are fitted; all of the model's unless given.

    Returns
    -------
    The inverse regularisation chosen, by task.
    """
    chosen: dict[str, float] = {}
    for task in model.tasks:
        labelled = [e for e in examples if task.name in e.labels]
        if task.kind == "spans" or not labelled or (tasks is not None and task.name not in tasks):
            continue
        features = mean_states(model, tokenizer, [e.text for e in labelled])
        targets = np.stack([sentence_target(task, e.labels[task.name]) for e in labelled])
        center = features.mean(axis=0)
        scale = float(np.sqrt(((features - center) ** 2).sum(axis=1).mean())) or 1.0
        scaled = (features - center) / scale
        strength, balanced = _choose(task, scaled, targets, [e.group for e in labelled], seed)
        weight, bias = _fit(task, scaled, targets, strength, balanced)
        with torch.no_grad():
            query, head = model.linears(task)
            if query is not None:
                query.weight.zero_()
            head.weight.copy_(torch.from_numpy(weight / scale))
            head.bias.copy_(torch.from_numpy(bias - weight @ center / scale))
        chosen[task.name] = strength
    return chosen


def _choose(
    task: Task, features: Floats, targets: Floats, groups: Sequence[str], seed: int
) -> tuple[float, bool]:
    """The best strength of :data:`STRENGTHS`, and whether to balance, in pooled folds."""
    count = min(_FOLDS, len(set(groups)))
    if count < 2:
        return STRENGTHS[1], False
    fold = grouped_folds(groups, count, seed)
    best, choice = -np.inf, (STRENGTHS[1], False)
    for balanced in (False, True) if task.kind == "multiclass" else (False,):
        for strength in STRENGTHS:
            logits = np.zeros_like(targets)
            for k in range(count):
                weight, bias = _fit(
                    task, features[fold != k], targets[fold != k], strength, balanced
                )
                logits[fold == k] = features[fold == k] @ weight.T + bias
            value = _value(task, targets, logits)
            if value > best + 1e-9:
                best, choice = value, (strength, balanced)
    return choice


def _value(task: Task, targets: Floats, logits: Floats) -> float:
    """Macro F1 of the likeliest class, or mean average precision, higher being better."""
    if task.kind == "multiclass":
        gold = targets.argmax(axis=1)
        return float(f1_score(gold, logits.argmax(axis=1), average="macro", zero_division=0))
    hard = targets >= 0.5
    ranked = [
        average_precision_score(hard[:, i], logits[:, i])
        for i in range(targets.shape[1])
        if hard[:, i].any() and not hard[:, i].all()
    ]
    return float(np.mean(ranked)) if ranked else 0.0


def _fit(
    task: Task, features: Floats, targets: Floats, strength: float, balanced: bool
) -> tuple[Floats, Floats]:
    """Weights of shape (labels, width) and biases of shape (labels,)."""
    size, width = targets.shape[1], features.shape[1]
    weight = np.zeros((size, width), dtype=np.float32)
    share = (targets.sum(axis=0) + 0.5) / (len(targets) + 1)
    if task.kind == "multiclass":
        bias = np.log(share / share.sum()).astype(np.float32)
        seen = np.flatnonzero(targets.sum(axis=0) > 0)
        if len(seen) > 1:
            found = _regression(features, targets[:, seen], strength, balanced)
            if len(seen) == 2:
                weight[seen], bias[seen] = _two_sided(found)
            else:
                weight[seen], bias[seen] = found.coef_, found.intercept_
            unseen = np.setdiff1d(np.arange(size), seen)
            bias[unseen] = bias[seen].min() + np.log(share[unseen] / share[seen].min())
        return weight, bias
    bias = np.log(share / (1 - share)).astype(np.float32)
    for i in range(size):
        both = np.stack([1 - targets[:, i], targets[:, i]], axis=1)
        if (both.sum(axis=0) > 0).all():
            found = _regression(features, both, strength, balanced)
            weight[i], bias[i] = found.coef_[0], found.intercept_[0]
    return weight, bias


def _two_sided(found: Any) -> tuple[Floats, Floats]:
    """A regression between two classes as one with a logit for each."""
    half = found.coef_[0] / 2
    return np.stack([-half, half]), np.array([-1, 1]) * found.intercept_[0] / 2


def _regression(features: Floats, targets: Floats, strength: float, balanced: bool) -> Any:
    rows, classes = np.nonzero(targets > 0)
    model = LogisticRegression(
        C=strength, class_weight="balanced" if balanced else None, max_iter=200
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features[rows], classes, sample_weight=targets[rows, classes])
