"""The one thing that the engine asks of a back end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from framing.decoding import Floats
from framing.encoding import Ints
from framing.task import Task

Readings = dict[str, Floats]
"""By task, float32: of a binary or multilabel task logits [rows, labels], of a multiclass task
log probabilities [rows, labels], of a span task [rows, width, labels, 2], the probabilities of a
token to lie in a span and to begin one."""


class Backend(Protocol):
    """Reads batches of windows with one model."""

    name: str
    device: str
    batch_tokens: int
    """Padded tokens a batch: it bounds the memory of a forward pass."""
    batch_cost: int
    """What a batch costs before its first token, in tokens: so much padding is worth a batch."""

    def read(self, ids: Ints, lengths: Ints, tasks: Sequence[Task]) -> Callable[[], Readings]:
        """Starts to read a batch; what is returned waits for it and hands the readings over.

        Parameters
        ----------
        ids : int64 [rows, width], padded on the right.
        lengths : int64 [rows], tokens of each row.
        tasks : the tasks wanted.

        Raises
        ------
        MemoryError
            if the batch does not fit into the memory of the device.
        """
        ...
