"""ONNX Runtime and OpenVINO as peers: the exported model, sorted batches of 32."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.speed.subject import Floats
from benchmarks.speed.system import TOLERANCE, TOLERANCE_INT8, System, batches_of
from benchmarks.speed.workshop import Workshop

BATCH = 32
Inputs = Mapping[str, Any]


def onnx_runtime(shop: Workshop, *, name: str, int8: bool = False) -> System:
    """Its CPU provider with its own settings; ``int8`` is its dynamic quantisation."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError("not installed: pip install onnxruntime onnx") from error
    options = onnxruntime.SessionOptions()
    if shop.threads is not None:
        options.intra_op_num_threads = shop.threads
    path = shop.int8_file if int8 else shop.onnx_file
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    what = "dynamic int8, per channel" if int8 else "fp32"
    return _system(
        shop, name, f"ONNX Runtime, {what}", lambda inputs: session.run(None, inputs)[0], int8=int8
    )


def openvino(
    shop: Workshop, *, name: str, precision: str | None = None, int8: bool = False
) -> System:
    """Its CPU plugin, at the precision it picks by itself unless one is given.

    ``int8`` is the model that ONNX Runtime quantised: OpenVINO's own weight compression needs
    another package.
    """
    try:
        from openvino import Core
    except ImportError as error:
        raise ImportError("not installed: pip install openvino onnx") from error
    settings: dict[str, Any] = {}
    if precision is not None:
        settings["INFERENCE_PRECISION_HINT"] = precision
    if shop.threads is not None:
        settings["INFERENCE_NUM_THREADS"] = shop.threads
    path = shop.int8_file if int8 else shop.onnx_file
    model = Core().compile_model(str(path), "CPU", settings)
    chosen = model.get_property("INFERENCE_PRECISION_HINT").to_string()
    what = f"{chosen}, int8 model of ONNX Runtime" if int8 else chosen
    return _system(shop, name, f"OpenVINO, {what}", lambda inputs: model(inputs)[0], int8=int8)


def _system(
    shop: Workshop, name: str, about: str, infer: Callable[[Inputs], Floats], *, int8: bool
) -> System:
    def probabilities(sentences: Sequence[str]) -> dict[str, Floats]:
        logits = np.empty((len(sentences), 1), dtype=np.float32)
        for rows, inputs in shop.sorted_batches(sentences, BATCH):
            logits[rows] = infer(inputs)
        return shop.loaded(logits)

    return System(
        name=name,
        about=f"{about}, {BATCH} sentences sorted by tokens",
        run=lambda sample: probabilities(sample.sentences),
        probabilities=probabilities,
        tolerance=TOLERANCE_INT8 if int8 else TOLERANCE,
        padded=batches_of(BATCH, "tokens"),
    )
