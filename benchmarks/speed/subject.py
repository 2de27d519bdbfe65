"""The model whose speed is measured, and what plain ``transformers`` in fp32 says with it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, MPNetConfig, PretrainedConfig, PreTrainedTokenizerFast

from framing.configuration import FramingConfig
from framing.hub import model_folder
from framing.modeling import FramingModel
from framing.quiet import quietly
from framing.task import Task, default_tasks

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

RANDOM = ("random-tiny", "random-small", "random-base")
"""Models of random weights: two layers 32 wide, all-MiniLM-L6-v2's shape, all-mpnet-base-v2's."""

OUTSIDE = 5.5
"""What random heads add to the logit of a token to lie outside spans, so that a sentence has about
five, as with the shipped model; it would have fifty, and decoding and writing them take time."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A saved model folder on a device. ``trained`` is False where weights or heads are random."""

    name: str
    folder: Path
    trained: bool
    device: str

    @cached_property
    def model(self) -> FramingModel:
        """The model as plain ``transformers`` loads it, in fp32."""
        with quietly():
            model = FramingModel.from_pretrained(
                self.folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
            )
        torch.nn.Module.to(model, torch.device(self.device))
        return model.eval()

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerFast:
        """The tokenizer as ``transformers`` uses it; it pads, and cuts at the encoder's end."""
        encoder = FramingConfig.from_pretrained(self.folder).encoder_config()
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(self.folder / "tokenizer.json"),
            model_max_length=min(512, encoder.max_position_embeddings),
            model_input_names=["input_ids", "attention_mask"],
        )
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(encoder.pad_token_id or 0)
        return tokenizer

    @property
    def task(self) -> Task:
        """What peers classify: of the shipped models, whether a sentence is loaded."""
        tasks = self.model.config.task_objects()
        found = next((t for t in tasks if t.kind == "binary"), None)
        if found is None:
            raise ValueError(f"{self.name}: peers need a yes-or-no task, and the model has none")
        return found

    @property
    def window(self) -> int:
        """The most tokens, specials included, that the library is sure to read at once."""
        return self.model.config.window - 1  # an opening quotation mark may be put before them

    def lengths(self, sentences: Sequence[str]) -> Ints:
        """Tokens of each sentence, specials included, none cut."""
        found: list[int] = []
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        for at in range(0, len(sentences), 10_000):  # by parts, so that a million fit
            block = list(sentences[at : at + 10_000])
            found += [len(e) for e in backend.encode_batch_fast(block)]
        return np.array(found, dtype=np.int64)

    @torch.inference_mode()
    def probabilities(self, sentences: Sequence[str]) -> dict[str, Floats]:
        """By sentence task, calibrated, float32 [sentences, labels]; one at a time, unpadded."""
        tasks = [t for t in self.model.config.task_objects() if t.kind != "spans"]
        rows: dict[str, list[Floats]] = {t.name: [] for t in tasks}
        for sentence in sentences:
            read = self.tokenizer(sentence, return_tensors="pt", truncation=True)
            logits = self.model(**read.to(self.device), tasks=rows)
            for task in tasks:
                rows[task.name].append(calibrated(task, logits[task.name].cpu().numpy()))
        return {name: np.concatenate(found) for name, found in rows.items()}

    def flops(self, lengths: Ints) -> float:
        """Floating-point operations of one pass over sentences of so many tokens.

        Two for each weight of a matrix and token, and attention's two products; what is done
        element by element is left out, as usual.
        """
        linear = [m for m in self.model.encoder.modules() if isinstance(m, torch.nn.Linear)]
        linear += [m for m in self.model.heads.values() if isinstance(m, torch.nn.Linear)]
        encoder = self.model.config.encoder_config()
        attention = 4 * encoder.hidden_size * encoder.num_hidden_layers
        weights = 2 * sum(m.weight.numel() for m in linear)
        return float(weights * lengths.sum() + attention * (lengths.astype(np.float64) ** 2).sum())


def calibrated(task: Task, logits: Floats) -> Floats:
    """Platt scaling label by label, or vector scaling before a softmax."""
    scaled = logits * np.asarray(task.scale, np.float32) + np.asarray(task.bias, np.float32)
    if task.kind != "multiclass":
        return 1 / (1 + np.exp(-scaled, dtype=np.float32))
    odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def subject(name: str, *, encoder: Path | None, device: str, work: Path) -> Subject:
    """The model of that name (shipped, a folder, a hub id, or one of :data:`RANDOM`).

    With ``encoder``, untrained heads on the pretrained encoder in that folder. Either is written
    to ``work``; speed does not depend on what the weights are.
    """
    if encoder is None and name not in RANDOM:
        # Of a folder the last part: results tell nothing of the machine's other folders.
        folder = model_folder(name)
        return Subject(name=Path(name).name, folder=folder, trained=True, device=device)
    torch.manual_seed(0)
    if encoder is not None:
        name = f"heads on {encoder.name}"
        model = FramingModel.from_encoder(encoder, default_tasks(), release=name)
        tokenizer = encoder / "tokenizer.json"
    else:
        config = random_encoder(name).to_dict()
        model = FramingModel(FramingConfig(encoder=config, tasks=default_tasks(), release=name))
        tokenizer = model_folder("small") / "tokenizer.json"
    with torch.no_grad():
        for task in model.tasks:
            head = model.heads[task.name]
            head.weight.normal_(std=2 * head.weight.shape[1] ** -0.5)  # for every kind of score
            if task.kind == "spans":
                head.bias.view(-1, 3)[:, 0] += OUTSIDE
    folder = work / name.replace(" ", "-")
    with quietly():
        model.save_pretrained(folder)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    return Subject(name=name, folder=folder, trained=False, device=device)


def random_encoder(name: str) -> PretrainedConfig:
    """The shape of one of :data:`RANDOM`, over the word pieces of the shipped model."""
    if name == "random-base":  # MPNet's word pieces are these and a few special ones
        return MPNetConfig(vocab_size=30527)
    wide, layers, heads = {"random-tiny": (32, 2, 2), "random-small": (384, 6, 12)}[name]
    return BertConfig(
        hidden_size=wide,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * wide,
    )
