"""The model in ONNX Runtime, on a processor."""

from __future__ import annotations

import io
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from framing.backends.base import Readings
from framing.backends.torch_backend import TorchBackend, readings
from framing.encoding import Ints
from framing.errors import ModelError
from framing.files import temporary_sibling
from framing.modeling import FramingModel
from framing.quiet import quietly
from framing.task import Task

_GRAPH = 2  # goes up when the graph below changes
_OPSET = 17
_BATCH, _COST = 2048, 32


class OnnxBackend:
    """Runs a model, exported to ONNX when it is first met, in float32 like torch.

    Parameters
    ----------
    model : the model to export.
    key : says which weights these are. The graph is kept under this name in the user's cache
        folder, or in the folder that the environment variable FRAMING_CACHE names.

    Raises
    ------
    ModelError
        if ONNX Runtime is not installed, or the encoder cannot be exported.
    """

    name = "onnx"
    device = "cpu"
    batch_tokens = _BATCH
    batch_cost = _COST

    def __init__(self, model: FramingModel, *, key: str) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelError(
                'backend="onnx" needs ONNX Runtime: pip install "framing-score[onnx]"'
            ) from error
        path = cache_folder() / f"{key}-{_GRAPH}.onnx"
        if new := not path.is_file():
            _export(model, path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        # Threads that spin while they wait would take the cores from tokenising.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # of types that ONNX Runtime does not export
            raise ModelError(f"{path} cannot be read, delete it: {error}") from error
        if new and not self._agrees(model):
            path.unlink(missing_ok=True)
            raise ModelError(f"{_cannot(model)}: the graph gives other numbers than the model")

    def read(self, ids: Ints, lengths: Ints, tasks: Sequence[Task]) -> Callable[[], Readings]:
        """See :class:`framing.backends.base.Backend`."""
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
        names = [task.name for task in tasks]
        try:
            found = self._session.run(names, {"input_ids": ids, "attention_mask": mask})
        except Exception as error:
            if "alloc" in str(error).lower():
                raise MemoryError(str(error)) from error
            raise
        return lambda: dict(zip(names, found, strict=True))

    def _agrees(self, model: FramingModel) -> bool:
        # The exporter follows the model on one input and takes what does not depend on its
        # numbers as given, so that a graph may be right for inputs of that shape alone.
        lengths = np.array([13, 5, 1])
        ids = np.arange(1, 40).reshape(3, 13) * (np.arange(13) < lengths[:, None])
        ours = self.read(ids, lengths, model.tasks)()
        theirs = TorchBackend(model).read(ids, lengths, model.tasks)()
        return all(np.allclose(ours[name], theirs[name], atol=1e-3) for name in theirs)


@contextmanager
def _no_log(name: str) -> Iterator[None]:
    """Within it, a logger and those below it report errors only."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def cache_folder() -> Path:
    """Where exported models are kept: FRAMING_CACHE, else ``framing`` in the user's cache."""
    if named := os.environ.get("FRAMING_CACHE"):
        return Path(named)
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "framing"


class _Graph(nn.Module):
    """The model with its readings as a tuple, which is what a graph can give."""

    def __init__(self, model: FramingModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        logits = self.model(input_ids, attention_mask)
        return tuple(readings(task, logits[task.name]) for task in self.model.tasks)


def _export(model: FramingModel, path: Path) -> None:
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise ModelError(
            'to export a model for ONNX Runtime: pip install "framing-score[onnx]"'
        ) from error
    rows = torch.ones((2, 8), dtype=torch.long)
    inputs = ["input_ids", "attention_mask"]
    outputs = [task.name for task in model.tasks]
    graph = io.BytesIO()
    try:
        # The older of the two exporters: it takes a second where the other takes ten, and ONNX
        # Runtime is up to a fifth faster on its graph.
        with warnings.catch_warnings(), quietly(), _no_log("torch.onnx"):
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Graph(model).eval(),
                (rows, torch.ones_like(rows)),
                graph,  # type: ignore[arg-type]  # which the older exporter takes
                input_names=inputs,
                output_names=outputs,
                dynamic_axes={name: {0: "rows", 1: "tokens"} for name in (*inputs, *outputs)},
                opset_version=_OPSET,
                dynamo=False,
            )
    except Exception as error:  # the exporter's own, of many types
        raise ModelError(f"{_cannot(model)}: {error}") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_sibling(path) as part:
            part.write_bytes(graph.getbuffer())
    except OSError as error:
        raise ModelError(
            f"{path} cannot be written: {error.strerror}; set FRAMING_CACHE to another folder"
        ) from error


def _cannot(model: FramingModel) -> str:
    kind = model.config.encoder_config().model_type
    return f"the {kind} encoder cannot be exported to ONNX, use backend='torch'"
