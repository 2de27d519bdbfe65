"""Labelled sentences as tensors."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from framing.encoding import SentenceTokenizer
from framing.task import Task
from training.example import Example, Label

log = logging.getLogger(__name__)

MASKED = -100
"""The class of a token that no loss is taken on."""


class SentenceDataset(Dataset[dict[str, Any]]):
    """Examples tokenised once, with a target array for each task that labels them.

    A sentence whose tokens overflow the model's window is cut to its first window for training,
    and the log says how many were; scoring reads all of it.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        tokenizer: SentenceTokenizer,
        tasks: Sequence[Task],
        *,
        window: int,
    ) -> None:
        self.examples = list(examples)
        self.tokenizer = tokenizer
        self.tasks = tuple(tasks)
        self.tokens = tokenizer.encode([e.text for e in self.examples])
        counts = np.diff(self.tokens.bounds)
        self.size = window - tokenizer.specials
        cut = int((counts > self.size).sum())
        if cut:
            log.warning("%d of %d sentences are longer than the window", cut, len(counts))
        self.lengths: NDArray[np.int64] = np.minimum(counts, self.size) + tokenizer.specials

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Token ids and targets; an open quotation is shown to the model every second time."""
        example = self.examples[index]
        lo = int(self.tokens.bounds[index])
        hi = min(int(self.tokens.bounds[index + 1]), lo + self.size)
        quote = example.quote_open and bool(torch.rand(()) < 0.5)
        ids = self.tokenizer.window_ids(self.tokens, lo, hi, quote)
        offset = len(self.tokenizer.prefix) + (len(self.tokenizer.quote) if quote else 0)
        targets: dict[str, NDArray[Any]] = {}
        for task in self.tasks:
            label = example.labels.get(task.name)
            if label is None:
                continue
            if task.kind == "spans":
                found = np.full((len(ids), len(task.labels)), MASKED, dtype=np.int64)
                found[offset : offset + hi - lo] = token_classes(
                    task, label, self.tokens.start[lo:hi], self.tokens.end[lo:hi]
                )
                targets[task.name] = found
            else:
                targets[task.name] = sentence_target(task, label)
        return {"input_ids": ids, "targets": targets}


def sentence_target(task: Task, label: Label) -> NDArray[np.float32]:
    """The target of a sentence task, one float a label.

    Raises
    ------
    ValueError
        if the label does not fit the task.
    """
    out = np.zeros(len(task.labels), dtype=np.float32)
    if task.kind == "binary" and isinstance(label, (int, float)):
        out[0] = label
        return out
    if task.kind == "multiclass" and isinstance(label, (str, Mapping)):
        shares = {label: 1.0} if isinstance(label, str) else label
    elif task.kind == "multilabel" and isinstance(label, tuple):
        shares = dict.fromkeys(label, 1.0)
    else:
        raise ValueError(f"{label!r} is no label of the {task.kind} task {task.name!r}")
    for name, share in shares.items():
        if name not in task.labels:
            raise ValueError(f"{name!r} is no label of task {task.name!r}")
        out[task.labels.index(name)] = share
    return out


def token_classes(
    task: Task, label: Label, start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Outside 0, begin 1, inside 2 for each token and span label; unannotated labels masked."""
    if not isinstance(label, Mapping) or not set(label) <= set(task.labels):
        raise ValueError(f"{label!r} is no label of the span task {task.name!r}")
    out = np.full((len(start), len(task.labels)), MASKED, dtype=np.int64)
    for column, name in enumerate(task.labels):
        if name not in label:
            continue
        out[:, column] = 0
        spans = label[name]
        for lo, hi in spans if isinstance(spans, tuple) else ():
            (inside,) = np.nonzero((start < hi) & (end > lo))
            out[inside, column] = 2
            out[inside[:1], column] = 1
    return out


class Collator:
    """Pads items into one batch: ``input_ids``, ``attention_mask`` and ``targets`` by task.

    Targets have shape (batch, labels), or (batch, tokens, labels) for spans. Rows without a label
    for a task are NaN, for spans :data:`MASKED`.
    """

    def __init__(self, tasks: Sequence[Task], pad: int) -> None:
        self.tasks = tuple(tasks)
        self.pad = pad

    def __call__(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """One batch of the items, as long as the longest of them."""
        rows, longest = len(items), max(len(i["input_ids"]) for i in items)
        ids = torch.full((rows, longest), self.pad)
        mask = torch.zeros((rows, longest), dtype=torch.long)
        targets: dict[str, Tensor] = {}
        for row, item in enumerate(items):
            length = len(item["input_ids"])
            ids[row, :length] = torch.tensor(item["input_ids"])
            mask[row, :length] = 1
        for task in self.tasks:
            size = len(task.labels)
            if task.kind == "spans":
                target = torch.full((rows, longest, size), MASKED)
            else:
                target = torch.full((rows, size), torch.nan)
            for row, item in enumerate(items):
                found = item["targets"].get(task.name)
                if found is not None:
                    values = torch.from_numpy(found)
                    target[row, : len(values)] = values
            targets[task.name] = target
        return {"input_ids": ids, "attention_mask": mask, "targets": targets}
