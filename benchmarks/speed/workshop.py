"""What several peers are made from: built when first asked for, gone with the workshop."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from benchmarks.speed.subject import Floats, Ints, Subject, calibrated
from framing.modeling import FramingModel
from framing.quiet import quietly

OPSET = 17


class OneHead(torch.nn.Module):
    """The encoder and the head of one task alone: token ids in, logits out."""

    def __init__(self, model: FramingModel, task: str) -> None:
        super().__init__()
        self.model = model
        self.task = task

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids, attention_mask, tasks=[self.task])[self.task]


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """The subject, a folder for files, and how many threads a peer may take (None: its default)."""

    subject: Subject
    folder: Path
    threads: int | None = None

    @cached_property
    def classifier(self) -> PreTrainedModel:
        """The subject's encoder under the head of ``transformers`` for its kind, untrained."""
        label = self.subject.task.labels[0]
        known = {
            **self.subject.model.config.encoder,
            "id2label": {0: label},
            "label2id": {label: 0},
        }
        config = AutoConfig.for_model(**known)
        torch.manual_seed(0)
        model = AutoModelForSequenceClassification.from_config(config)
        body = getattr(model, model.base_model_prefix)
        _, unknown = body.load_state_dict(self.subject.model.encoder.state_dict(), strict=False)
        if unknown:
            raise ValueError(f"the encoder does not fit {type(model).__name__}: {unknown}")
        torch.nn.Module.to(model, torch.device(self.subject.device))
        return model.eval()

    @cached_property
    def classifier_folder(self) -> Path:
        """:attr:`classifier` with its tokenizer, saved."""
        folder = self.folder / "classifier"
        with quietly():
            self.classifier.save_pretrained(folder)
        self.subject.tokenizer.save_pretrained(folder)
        return folder

    @cached_property
    def encoder_folder(self) -> Path:
        """The subject's encoder with its tokenizer, saved."""
        folder = self.folder / "encoder"
        with quietly():
            self.subject.model.encoder.save_pretrained(folder)
        self.subject.tokenizer.save_pretrained(folder)
        return folder

    @cached_property
    def onnx_file(self) -> Path:
        """Encoder and loaded head, exported by ``torch.onnx`` in fp32."""
        _require("onnx")
        path = self.folder / "model.onnx"
        with quietly():
            eager = FramingModel.from_pretrained(
                self.subject.folder, dtype=torch.float32, attn_implementation="eager"
            )
        read = self.subject.tokenizer(["a b c d", "e f"], padding=True, return_tensors="pt")
        inputs = ("input_ids", "attention_mask")
        # The older exporter: its graph is the one that ONNX Runtime fuses, and runs a tenth faster.
        with hushed():
            torch.onnx.export(
                OneHead(eager, self.subject.task.name).eval(),
                tuple(read[name] for name in inputs),
                str(path),
                input_names=list(inputs),
                output_names=["logits"],
                dynamic_axes={name: {0: "rows", 1: "tokens"} for name in inputs},
                opset_version=OPSET,
                dynamo=False,
            )
        return path

    @cached_property
    def int8_file(self) -> Path:
        """:attr:`onnx_file` with the weights of its matrix products in int8."""
        _require("onnxruntime")
        from onnxruntime.quantization import QuantType, quantize_dynamic

        path = self.folder / "model-int8.onnx"
        exported = self.onnx_file
        with hushed():
            quantize_dynamic(exported, path, weight_type=QuantType.QInt8, per_channel=True)
        return path

    def sorted_batches(
        self, sentences: Sequence[str], size: int
    ) -> Iterator[tuple[Ints, dict[str, Ints]]]:
        """Rows and their padded inputs, longest first, as a sensible user would batch them."""
        read = self.subject.tokenizer(list(sentences), truncation=True)["input_ids"]
        order = np.argsort([-len(ids) for ids in read], kind="stable")
        pad = self.subject.tokenizer.pad_token_id
        for at in range(0, len(order), size):
            rows = order[at : at + size]
            ids = np.full((len(rows), len(read[rows[0]])), pad, dtype=np.int64)
            mask = np.zeros_like(ids)
            for i, row in enumerate(rows):
                ids[i, : len(read[row])] = read[row]
                mask[i, : len(read[row])] = 1
            yield rows, {"input_ids": ids, "attention_mask": mask}

    def loaded(self, logits: Floats) -> dict[str, Floats]:
        """What a peer with the subject's own head says, calibrated."""
        return {self.subject.task.name: calibrated(self.subject.task, logits)}


@contextmanager
def hushed() -> Iterator[None]:
    """Within it, exporters keep their advice to themselves."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _require(*modules: str) -> None:
    for name in modules:
        if importlib.util.find_spec(name) is None:
            raise ImportError(f"{name} is not installed: pip install {name}")
