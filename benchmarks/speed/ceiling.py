"""What the hardware can do at most: matrix products of the model's own shapes, and tokenising."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

import torch

from benchmarks.speed.subject import Subject
from framing.backends.packed import PackedLinear, has_onednn

ROWS = {"cpu": (512, 2048), "cuda": (8192, 32768)}
"""Tokens a product, by kind of device; the better one counts."""
DTYPES = {"cpu": ("float32", "bfloat16"), "cuda": ("float32", "bfloat16", "float16")}
LOOPS = {"cpu": 1, "cuda": 50}
"""Products in a row on one reading of the clock, so that launching them does not count."""
REPEATS = 5


def matmul_ceiling(subject: Subject, *, repeats: int = REPEATS) -> dict[str, float]:
    """FLOP/s by dtype, over the encoder's matrices as often as each shape occurs in it.

    The best of ``repeats`` after a warm-up, without bias or activation, on a processor by MKL or
    oneDNN, whichever is faster: no encoder can be faster with such products, and none comes near
    it, as it has more to do.
    """
    device = torch.device(subject.device)
    shapes = Counter(
        (m.in_features, m.out_features)
        for m in subject.model.encoder.modules()
        if isinstance(m, torch.nn.Linear)
    )
    found = {}
    for name in DTYPES[device.type]:
        best = 0.0
        for rows in ROWS[device.type]:
            flops, seconds = 0.0, 0.0
            for (wide, out), times in shapes.items():
                x = torch.randn(rows, wide, device=device).to(getattr(torch, name))
                layer = torch.nn.Linear(wide, out, bias=False).to(device, x.dtype)
                ways: list[torch.nn.Module] = [layer]
                if device.type == "cpu" and has_onednn():
                    ways.append(PackedLinear(layer))
                flops += 2.0 * rows * wide * out * times
                seconds += times * min(
                    _best(lambda x=x, way=way: way(x), device, repeats) for way in ways
                )
            best = max(best, flops / seconds)
        found[name] = best
    return found


def tokenising_ceiling(subject: Subject, sentences: Sequence[str]) -> float:
    """Sentences a second that the plain tokenizer reads on all cores, without offsets."""
    backend = subject.tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    block = list(sentences)
    return len(block) / _best(lambda: backend.encode_batch_fast(block), torch.device("cpu"), 3)


@torch.inference_mode()
def _best(call: Callable[[], object], device: torch.device, repeats: int) -> float:
    best, loops = float("inf"), LOOPS[device.type]
    for attempt in range(repeats + 1):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        began = time.perf_counter()
        for _ in range(loops):
            call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        if attempt:
            best = min(best, (time.perf_counter() - began) / loops)
    return best
