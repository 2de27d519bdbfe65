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
from framing.taxonomy import LOADED_SPANS
from training.example import Example, Label
from training.losses import class_weights
from training.soft import SoftSpans

log = logging.getLogger(__name__)


class SentenceDataset(Dataset[dict[str, Any]]):
    """Examples tokenised once, with a target array for each task that labels them.

    A sentence whose tokens overflow the model's window is cut to its first window for training,
    and the log says how many were; scoring reads all of it.

    Parameters
    ----------
    masking : the share of tokens that are hidden behind the mask token, other ones each time a
        sentence is read (word dropout; Iyyer et al. 2015). It costs no time, unlike dropout inside
        the encoder. Loaded words and punctuation marks are never hidden: without them, labels that
        hang on a word or on a quotation mark would be wrong.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        tokenizer: SentenceTokenizer,
        tasks: Sequence[Task],
        *,
        window: int,
        masking: float = 0.0,
    ) -> None:
        self.examples = list(examples)
        self.masking = masking
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

    def class_weights(self, powers: Mapping[str, float]) -> dict[str, NDArray[np.float32]]:
        """:func:`training.losses.class_weights` of the sentence tasks that ``powers`` names."""
        found: dict[str, NDArray[np.float32]] = {}
        for task in self.tasks:
            labels = [e.labels[task.name] for e in self.examples if task.name in e.labels]
            if labels and task.name in powers and task.kind != "spans":
                targets = np.stack([sentence_target(task, label) for label in labels])
                found[task.name] = class_weights(task, targets, powers[task.name])
        return found

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Token ids and targets; an open quotation is shown to the model every second time."""
        example = self.examples[index]
        lo = int(self.tokens.bounds[index])
        hi = min(int(self.tokens.bounds[index + 1]), lo + self.size)
        quote = example.quote_open and bool(torch.rand(()) < 0.5)
        ids = np.array(self.tokenizer.window_ids(self.tokens, lo, hi, quote), dtype=np.int64)
        offset = len(self.tokenizer.prefix) + (len(self.tokenizer.quote) if quote else 0)
        if self.masking:
            hidden = torch.rand(hi - lo).numpy() < self.masking
            hidden &= [example.text[at].isalnum() for at in self.tokens.start[lo:hi]]
            loaded = example.labels.get(LOADED_SPANS)
            if isinstance(loaded, SoftSpans):
                soft = loaded.on(self.tokens.start[lo:hi], self.tokens.end[lo:hi])
                hidden &= soft[..., 0].min(axis=1) > 0.5
            for spans in loaded.values() if isinstance(loaded, Mapping) else ():
                for start, end in spans if isinstance(spans, tuple) else ():
                    hidden &= (self.tokens.start[lo:hi] >= end) | (self.tokens.end[lo:hi] <= start)
            ids[offset : offset + hi - lo][hidden] = self.tokenizer.mask
        targets: dict[str, NDArray[Any]] = {}
        for task in self.tasks:
            label = example.labels.get(task.name)
            if label is None:
                continue
            if task.kind == "spans":
                found = np.full((len(ids), len(task.labels), 3), np.nan, dtype=np.float32)
                found[offset : offset + hi - lo] = token_target(
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
    elif task.kind == "multilabel" and isinstance(label, (tuple, Mapping)):
        shares = label if isinstance(label, Mapping) else dict.fromkeys(label, 1.0)
    else:
        raise ValueError(f"{label!r} is no label of the {task.kind} task {task.name!r}")
    for name, share in shares.items():
        if name not in task.labels:
            raise ValueError(f"{name!r} is no label of task {task.name!r}")
        out[task.labels.index(name)] = share
    return out


def token_target(
    task: Task, label: Label, start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The target of a span task: outside, begin, inside for each token and span label.

    Returns
    -------
    array of shape (tokens, labels, 3); NaN for a label that was not annotated.

    Raises
    ------
    ValueError
        if the label does not fit the task.
    """
    known = set(task.labels)
    if not (
        (isinstance(label, SoftSpans) and set(label.labels) <= known)
        or (isinstance(label, Mapping) and set(label) <= known)
    ):
        raise ValueError(f"{label!r} is no label of the span task {task.name!r}")
    out = np.full((len(start), len(task.labels), 3), np.nan, dtype=np.float32)
    if isinstance(label, SoftSpans):
        out[:, [task.labels.index(name) for name in label.labels]] = label.on(start, end)
        return out
    for name, spans in label.items():
        column = out[:, task.labels.index(name)]
        column[:] = (1, 0, 0)
        for lo, hi in spans if isinstance(spans, tuple) else ():
            (inside,) = np.nonzero((start < hi) & (end > lo))
            column[inside] = (0, 0, 1)
            column[inside[:1]] = (0, 1, 0)
    return out


class Collator:
    """Pads items into one batch: ``input_ids``, ``attention_mask`` and ``targets`` by task.

    Targets have shape (batch, labels), or (batch, tokens, labels, 3) for spans. What was not
    annotated is NaN.
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
            ids[row, :length] = torch.from_numpy(item["input_ids"])
            mask[row, :length] = 1
        for task in self.tasks:
            size = len(task.labels)
            shape = (rows, longest, size, 3) if task.kind == "spans" else (rows, size)
            target = torch.full(shape, torch.nan)
            for row, item in enumerate(items):
                found = item["targets"].get(task.name)
                if found is not None:
                    values = torch.from_numpy(found)
                    target[row, : len(values)] = values
            targets[task.name] = target
        return {"input_ids": ids, "attention_mask": mask, "targets": targets}
