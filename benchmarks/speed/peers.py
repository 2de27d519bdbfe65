"""What a user would otherwise pick, each set up as its own documentation would have it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from transformers import pipeline

from benchmarks.speed.runtimes import onnx_runtime, openvino
from benchmarks.speed.subject import Floats
from benchmarks.speed.system import System, batches_of
from benchmarks.speed.workshop import OneHead, Workshop

Build = Callable[..., System]
"""Takes a workshop and ``name``."""


def transformers_pipeline(shop: Workshop, *, name: str, batch: int, half: bool = False) -> System:
    """``transformers.pipeline`` for text classification, with the encoder's usual head."""
    model = shop.classifier
    if half:
        model = copy.deepcopy(model).half()
    pipe = pipeline(
        "text-classification",
        model=model,
        tokenizer=shop.subject.tokenizer,
        device=torch.device(shop.subject.device),
    )
    task = shop.subject.task.name

    def probabilities(sentences: Sequence[str]) -> dict[str, Floats]:
        found = pipe(list(sentences), batch_size=batch, truncation=True)
        return {task: np.array([[f["score"]] for f in found], dtype=np.float32)}

    def one_by_one(sentences: Sequence[str]) -> dict[str, Floats]:
        return {task: _plain(shop.classifier, shop, sentences, 1).sigmoid().numpy()}

    return System(
        name=name,
        about=f"transformers.pipeline, batch_size={batch}, {'fp16' if half else 'fp32'}, "
        f"{type(model).__name__} with an untrained head of one label",
        run=lambda sample: probabilities(sample.sentences),
        probabilities=probabilities,
        reference=one_by_one,
        padded=batches_of(batch, "arrival"),
    )


def plain_loop(
    shop: Workshop, *, name: str, batch: int, half: bool = False, compiled: bool = False
) -> System:
    """Batches in the order of arrival, each padded to its longest sentence."""
    model: Any = OneHead(shop.subject.model, shop.subject.task.name)
    if half:
        copied = copy.deepcopy(shop.subject.model).half()
        model = OneHead(copied, shop.subject.task.name)
    if compiled:
        model = torch.compile(model, dynamic=True)

    def probabilities(sentences: Sequence[str]) -> dict[str, Floats]:
        return shop.loaded(_plain(model, shop, sentences, batch).numpy())

    return System(
        name=name,
        about=f"model(**tokenizer(batch)), {batch} sentences in the order of arrival, "
        f"{'fp16' if half else 'fp32'}" + (", torch.compile(dynamic=True)" if compiled else ""),
        run=lambda sample: probabilities(sample.sentences),
        probabilities=probabilities,
        padded=batches_of(batch, "arrival"),
    )


def sentence_transformers(shop: Workshop, *, name: str, half: bool = False) -> System:
    """``SentenceTransformer.encode`` and the loaded head on the mean of the token states."""
    try:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    except ImportError as error:
        raise ImportError("not installed: pip install sentence-transformers") from error
    subject = shop.subject
    reader = Transformer(str(shop.encoder_folder))
    body = SentenceTransformer(
        modules=[reader, Pooling(reader.get_embedding_dimension(), "mean")], device=subject.device
    )
    if half:
        body.half()
    head = subject.model.heads[subject.task.name]

    @torch.inference_mode()
    def probabilities(sentences: Sequence[str]) -> dict[str, Floats]:
        states = body.encode(list(sentences), convert_to_tensor=True, show_progress_bar=False)
        return shop.loaded(head(states.float()).cpu().numpy())

    @torch.inference_mode()
    def one_by_one(sentences: Sequence[str]) -> dict[str, Floats]:
        means = []
        for sentence in sentences:
            read = subject.tokenizer(sentence, return_tensors="pt", truncation=True)
            states = subject.model.encoder(**read.to(subject.device)).last_hidden_state
            means.append(states.mean(dim=1))
        return shop.loaded(head(torch.cat(means)).cpu().numpy())

    return System(
        name=name,
        about=f"SentenceTransformer.encode of {'fp16' if half else 'fp32'}, its default batch of "
        "32 sorted by characters, then the loaded head",
        run=lambda sample: probabilities(sample.sentences),
        probabilities=probabilities,
        reference=one_by_one,
        padded=batches_of(32, "characters"),
    )


@torch.inference_mode()
def _plain(model: Any, shop: Workshop, sentences: Sequence[str], batch: int) -> torch.Tensor:
    """Logits in fp32 on the CPU, [sentences, 1]."""
    found = []
    for at in range(0, len(sentences), batch):
        read = shop.subject.tokenizer(
            list(sentences[at : at + batch]), padding=True, truncation=True, return_tensors="pt"
        )
        said = model(**read.to(shop.subject.device))
        found.append((said if isinstance(said, torch.Tensor) else said.logits).float().cpu())
    return torch.cat(found)


ON_CPU: dict[str, Build] = {
    "pipeline 1": partial(transformers_pipeline, batch=1),
    "pipeline 32": partial(transformers_pipeline, batch=32),
    "pipeline 256": partial(transformers_pipeline, batch=256),
    "plain loop 32": partial(plain_loop, batch=32),
    "sentence-transformers": sentence_transformers,
    "onnxruntime": onnx_runtime,
    "onnxruntime int8": partial(onnx_runtime, int8=True),
    "openvino": openvino,
    "openvino fp32": partial(openvino, precision="f32"),
    "openvino int8": partial(openvino, int8=True),
}
ON_GPU: dict[str, Build] = {
    "pipeline 1": partial(transformers_pipeline, batch=1),
    "pipeline 32": partial(transformers_pipeline, batch=32),
    "pipeline 256": partial(transformers_pipeline, batch=256),
    "pipeline 256 fp16": partial(transformers_pipeline, batch=256, half=True),
    "plain loop 256 fp16": partial(plain_loop, batch=256, half=True),
    "compiled plain loop 256 fp16": partial(plain_loop, batch=256, half=True, compiled=True),
    "sentence-transformers": sentence_transformers,
    "sentence-transformers fp16": partial(sentence_transformers, half=True),
}
