"""Linear layers in oneDNN: the numbers of the plain ones, and the plain ones where it cannot."""

from __future__ import annotations

import copy
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from framing.backends.packed import PackedLinear, packed
from framing.engine import Engine
from framing.modeling import FramingModel
from framing.scorer import Scorer

pytestmark = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="this build of torch has no oneDNN"
)


@pytest.fixture
def model(tiny_model: Path) -> FramingModel:
    return FramingModel.from_pretrained(tiny_model, dtype=torch.float32).eval()


def layers(model: FramingModel, kind: type[nn.Module]) -> list[nn.Module]:
    return [m for m in model.encoder.modules() if type(m) is kind]


@torch.no_grad()
def assert_same(one: FramingModel, other: FramingModel) -> None:
    for rows, width in ((1, 1), (3, 17), (40, 50)):
        ids = torch.randint(5, 60, (rows, width), generator=torch.Generator().manual_seed(rows))
        found, wanted = one(ids), other(ids)
        for name in wanted:
            torch.testing.assert_close(found[name], wanted[name], atol=1e-5, rtol=0)


def test_every_linear_layer_of_the_encoder_is_packed_and_gives_the_same(
    model: FramingModel,
) -> None:
    count = len(layers(model, nn.Linear))
    fast = packed(model)
    assert len(layers(fast, PackedLinear)) == count > 0
    assert not layers(fast, nn.Linear)
    assert_same(fast, model)


def test_the_model_itself_stays_as_it_was(model: FramingModel) -> None:
    before = copy.deepcopy(model.state_dict())
    fast = packed(model)
    assert fast is not model
    assert not layers(model, PackedLinear)
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    assert all(p.requires_grad for p in model.parameters())
    table = fast.encoder.get_input_embeddings().weight
    assert table is model.encoder.get_input_embeddings().weight, "shared, not copied"


def test_half_precision_is_packed_too(model: FramingModel) -> None:
    half = copy.deepcopy(model).bfloat16()
    fast = packed(half)
    assert layers(fast, PackedLinear)
    ids = torch.randint(5, 60, (40, 50), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted, plain, found = model(ids), half(ids), fast(ids)
    for name, values in wanted.items():
        off = (plain[name] - values).abs().mean()
        assert 0 < (found[name] - values).abs().mean() < 1.2 * off


def test_an_activation_that_is_no_plain_gelu_is_kept(model: FramingModel) -> None:
    layer = model.encoder.encoder.layer[0].intermediate
    for activation in (nn.GELU(approximate="tanh"), nn.ReLU()):
        layer.intermediate_act_fn = activation
        assert_same(packed(model), model)


def test_an_engine_reads_with_the_weights_that_a_model_has_then(
    model: FramingModel, scorer: Scorer
) -> None:
    tokenizer, info = scorer.engine.tokenizer, scorer.engine.info
    texts = ["The senator slammed the reckless bill."]
    prepared = scorer.engine.prepare(texts, [False])
    before = Engine(model, tokenizer, info).forward(prepared).logits["loaded"]
    with torch.no_grad():
        model.heads["loaded"].bias += 1
        for layer in layers(model, nn.Linear):
            layer.weight.mul_(1.1)
    after = Engine(model, tokenizer, info).forward(prepared).logits["loaded"]
    assert abs(after - before).max() > 0.5


def test_where_it_does_not_fit_the_model_itself_is_run(
    model: FramingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert packed(half := copy.deepcopy(model).half()) is half
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert packed(model) is model


def test_other_numbers_are_noticed(
    model: FramingModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    forward = PackedLinear.forward

    def off(self: PackedLinear, states: Tensor) -> Tensor:
        return forward(self, states) * 1.5

    monkeypatch.setattr(PackedLinear, "forward", off)
    with caplog.at_level(logging.WARNING):
        assert packed(model) is model
    assert "other numbers" in caplog.text


def test_an_encoder_that_looks_into_its_layers_is_run_as_it_is(
    model: FramingModel, caplog: pytest.LogCaptureFixture
) -> None:
    class Curious(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.dense = inner.dense

        def forward(self, states: Tensor) -> Tensor:
            return nn.functional.gelu(self.dense(states.to(self.dense.weight.dtype)))

    layer = model.encoder.encoder.layer[0]
    layer.intermediate = Curious(layer.intermediate)
    with caplog.at_level(logging.WARNING):
        assert packed(model) is model
    assert "weight" in caplog.text


_ALL_LENGTHS = """
import resource
import torch
from torch import nn
from framing.backends.packed import PackedLinear

layer = PackedLinear(nn.Linear(256, 1024))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with torch.inference_mode():
    layer(torch.zeros(1500, 256))
    before = peak()
    for tokens in range(1000, 1400):
        layer(torch.zeros(tokens, 256))
    print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_batches_of_ever_new_sizes_do_not_fill_the_memory() -> None:
    plain = {k: v for k, v in os.environ.items() if not k.endswith("CACHE_CAPACITY")}
    done = subprocess.run(
        [sys.executable, "-c", _ALL_LENGTHS],
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    )
    grown = int(done.stdout) / 1024
    assert grown < 700, f"{grown:.0f} MB, of 1,900 where all kernels are kept"
