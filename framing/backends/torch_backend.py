"""The model in torch, on a processor or a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from framing.backends.base import Readings
from framing.encoding import Ints
from framing.modeling import FramingModel
from framing.task import Task

_CPU_BATCH, _CPU_COST = 2048, 32  # activations that stay in the cache
_GPU_BATCH, _GPU_COST = 65_536, 2048
_GPU_SHARE = 0.5  # of the free memory, for activations


class TorchBackend:
    """Runs a model that stands on its device already.

    On a GPU nothing waits: copies come from and go to pinned memory, and the numbers of a batch
    are looked at when later ones are under way.
    """

    name = "torch"

    def __init__(self, model: FramingModel) -> None:
        self.model = model.eval()
        where = torch.device(model.device)
        self.device = str(where)
        self._cuda = where.type == "cuda"
        self.batch_tokens = _gpu_budget(model) if self._cuda else _CPU_BATCH
        self.batch_cost = _GPU_COST if self._cuda else _CPU_COST

    @torch.inference_mode()
    def read(self, ids: Ints, lengths: Ints, tasks: Sequence[Task]) -> Callable[[], Readings]:
        """See :class:`framing.backends.base.Backend`."""
        try:
            found = self._found(ids, lengths, tasks)
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise MemoryError(str(error)) from error
        except RuntimeError as error:
            if "can't allocate memory" in str(error):
                raise MemoryError(str(error)) from error
            raise
        if not self._cuda:
            return lambda: {name: values.numpy() for name, values in found.items()}
        here = {
            name: torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            for name, values in found.items()
        }
        for name, values in found.items():
            here[name].copy_(values, non_blocking=True)
        done = torch.cuda.Event()
        # Of the model's GPU: the current one of this thread may be another.
        done.record(torch.cuda.current_stream(self.model.device))

        def wait() -> Readings:
            done.synchronize()
            return {name: values.numpy() for name, values in here.items()}

        return wait

    def _found(self, ids: Ints, lengths: Ints, tasks: Sequence[Task]) -> dict[str, Tensor]:
        rows = self._there(torch.from_numpy(ids))
        mask = None
        if int(lengths.min()) < ids.shape[1]:  # without padding the model needs no mask
            mask = (torch.arange(ids.shape[1]) < torch.from_numpy(lengths)[:, None]).long()
            mask = self._there(mask)
        logits = self.model(rows, mask, tasks=[task.name for task in tasks])
        return {task.name: readings(task, logits[task.name]) for task in tasks}

    def _there(self, values: Tensor) -> Tensor:
        if not self._cuda:
            return values
        return values.pin_memory().to(self.device, non_blocking=True)


def readings(task: Task, logits: Tensor) -> Tensor:
    """What a back end hands over of a task's logits, see :data:`framing.backends.base.Readings`."""
    if task.kind == "spans":
        classes = logits.softmax(dim=-1)
        return torch.stack([1 - classes[..., 0], classes[..., 1]], dim=-1)
    return logits.log_softmax(dim=-1) if task.kind == "multiclass" else logits


def _gpu_budget(model: FramingModel) -> int:
    """Tokens whose activations fit into the free memory of the model's GPU, at most a plenty."""
    config = model.config.encoder_config()
    wide = max(4 * config.hidden_size, getattr(config, "intermediate_size", 0))
    # Of a layer under inference a dozen tensors live at once, the widest of them twice; attention
    # that is not fused holds a square of the window besides.
    heads = int(getattr(config, "num_attention_heads", 1))
    bytes_a_token = 4 * (12 * config.hidden_size + 2 * wide + 2 * heads * model.config.window)
    free, _ = torch.cuda.mem_get_info(model.device)
    return int(min(_GPU_BATCH, max(model.config.window, _GPU_SHARE * free / bytes_a_token)))
