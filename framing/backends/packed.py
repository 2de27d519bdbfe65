"""Linear layers that run in oneDNN, with weights laid out for it once."""

from __future__ import annotations

import copy
import logging
import os

import torch
from torch import Tensor, nn
from transformers.activations import GELUActivation

from framing.modeling import FramingModel

log = logging.getLogger(__name__)

_DTYPES = (torch.float32, torch.bfloat16)
_TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 0.1}  # of the largest logit

# oneDNN and what torch wraps it in keep 1,024 kernels each, one for each layer and each number of
# tokens in a batch, most of them never met again; what is freed in between lies scattered, and the
# memory grows by over a gigabyte in a long stream. Both read this once, when oneDNN first runs.
for _cache in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
    os.environ.setdefault(_cache, "32")


def packed(model: FramingModel) -> FramingModel:
    """A model of the same weights whose encoder multiplies faster on a processor.

    torch leaves products of float32 matrices to MKL, which on processors of other makers than its
    own does without AVX-512; oneDNN, which comes with torch, uses it: twice as fast on an EPYC of
    the fifth generation. Weights are laid out for it once, and GELU is applied to the product while
    it is in the cache.

    Returns
    -------
    A copy that shares everything with ``model`` but the weights of the encoder's linear layers; or
    ``model`` itself where oneDNN is not there, does not know its type of number, or gives other
    numbers.
    """
    if model.device.type != "cpu" or model.dtype not in _DTYPES or not has_onednn():
        return model
    shared = {id(p): p for p in model.parameters()}
    try:
        with torch.no_grad():
            copied: FramingModel = copy.deepcopy(model, shared).eval()
            _pack(copied.encoder)
            if _agree(copied, model):
                return copied
        reason = "oneDNN gives other numbers"
    except (AttributeError, NotImplementedError, RuntimeError, TypeError) as error:
        # Encoders that look into their layers, and what a build of oneDNN cannot do.
        reason = str(error)
    log.warning("the model runs slower than it could, its layers cannot be packed: %s", reason)
    return model


class PackedLinear(nn.Module):
    """A linear layer, for inference alone, with an activation if one is given."""

    def __init__(self, linear: nn.Linear, activation: str = "none") -> None:
        super().__init__()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach())
        self.bias = linear.bias
        self.activation = activation

    def forward(self, states: Tensor) -> Tensor:
        """The layer of ``states``, of shape (..., in), as (..., out)."""
        found: Tensor = torch.ops.mkldnn._linear_pointwise(
            states, self.packed, self.bias, self.activation, [], "none"
        )
        return found


def _pack(encoder: nn.Module) -> None:
    for module in list(encoder.modules()):
        # So BERT and those who descend from it call a layer and the activation that follows it.
        dense, activation = (getattr(module, n, None) for n in ("dense", "intermediate_act_fn"))
        if isinstance(dense, nn.Linear) and _is_gelu(activation):
            module.dense = PackedLinear(dense, "gelu")
            module.intermediate_act_fn = nn.Identity()
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                setattr(module, name, PackedLinear(child))


def _is_gelu(activation: object) -> bool:
    if isinstance(activation, nn.GELU):
        return activation.approximate == "none"
    return type(activation) is GELUActivation


def has_onednn() -> bool:
    """Whether this torch has what :class:`PackedLinear` needs."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def _agree(one: FramingModel, other: FramingModel) -> bool:
    ids = torch.arange(1, 40).reshape(3, 13) % other.config.encoder_config().vocab_size
    mask = (torch.arange(13) < torch.tensor([[13], [5], [1]])).long()
    found, wanted = one(ids, mask), other(ids, mask)
    shown = mask.bool()
    for name, values in wanted.items():
        off, size = (found[name] - values).abs(), values.abs()
        if values.ndim == 4:  # of spans, where padding has logits, too
            off, size = off[shown], size[shown]
        if not off.max() <= _TOLERANCE[other.dtype] * (1 + size.max()):  # NaN does not agree
            return False
    return True
