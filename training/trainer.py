"""Masked multi-task training on ``transformers.Trainer``."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from framing.columns import ModelInfo
from framing.encoding import SentenceTokenizer
from framing.engine import Engine
from framing.modeling import FramingModel
from training.batches import MixtureSampler
from training.dataset import Collator, SentenceDataset
from training.example import Example
from training.losses import task_losses
from training.names import with_other_names
from training.recipe import Stage
from training.validation import average_precisions

log = logging.getLogger(__name__)

_LAYER = re.compile(r"\.layers?\.(\d+)\.")
_SAVE_EVERY = 200
_UNNAMED = ModelInfo(name="training", weights="", calibration="", taxonomy="", library="")
_ATTENTION = re.compile(r"attention\.(self|attn)\.dropout$")


class MultiTaskTrainer(Trainer):
    """A ``Trainer`` that reads the batches of a sampler and adds up weighted task losses."""

    def __init__(
        self,
        *,
        model: FramingModel,
        sentences: SentenceDataset,
        sampler: MixtureSampler,
        stage: Stage,
        heldout: Sequence[Example] = (),
        **options: Any,
    ) -> None:
        super().__init__(model=model, train_dataset=sentences, **options)
        self.framing_model = model
        self.sentences = sentences
        self.sampler = sampler
        self.stage = stage
        self.heldout = heldout
        self.balance = {
            name: torch.from_numpy(found).to(self.args.device)
            for name, found in sentences.class_weights(stage.balance).items()
        }
        self.model_accepts_loss_kwargs = False

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Batches as the sampler planned them."""
        return DataLoader(self.sentences, batch_sampler=self.sampler, collate_fn=self.data_collator)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor | tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum of :func:`training.losses.task_losses`."""
        targets = inputs.pop("targets")
        logits = model(**inputs)
        losses = task_losses(self.framing_model.tasks, logits, targets, self.balance)
        loss = torch.stack(
            [value * self.stage.weights.get(name, 1.0) for name, value in losses.items()]
        ).sum()
        return (loss, logits) if return_outputs else loss

    def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:
        """The mean over tasks of :func:`training.validation.average_precisions`."""
        engine = Engine(self.framing_model, self.sentences.tokenizer, _UNNAMED)
        tasks = [t for t in engine.tasks if self.stage.weights.get(t, 1.0) > 0]
        found = average_precisions(engine, self.heldout, tasks)
        self.framing_model.train()
        values = {f"{metric_key_prefix}_{name}": value for name, value in found.items()}
        values[f"{metric_key_prefix}_score"] = sum(found.values()) / max(1, len(found))
        self.log(values)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, values
        )
        return values

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW; heads learn fastest, and each layer slower than the one above it."""
        if self.optimizer is None:
            groups: dict[tuple[float, bool], list[Tensor]] = {}
            layers = layer_count(self.framing_model)
            for name, weight in self.framing_model.named_parameters():
                if weight.requires_grad:
                    depth = layers - layer_of(name, layers)
                    factor = self.stage.head_rate if depth < 0 else self.stage.layer_decay**depth
                    groups.setdefault((factor, weight.ndim > 1), []).append(weight)
            rate = self.args.learning_rate
            self.optimizer = torch.optim.AdamW(
                [
                    {
                        "params": weights,
                        "lr": rate * factor,
                        "weight_decay": self.args.weight_decay if is_matrix else 0.0,
                    }
                    for (factor, is_matrix), weights in groups.items()
                ],
                lr=rate,
                fused=True,
            )
        return self.optimizer


def layer_count(model: FramingModel) -> int:
    """How many layers the encoder has."""
    found = (_LAYER.search(name) for name, _ in model.named_parameters())
    return max((int(m.group(1)) + 1 for m in found if m), default=0)


def layer_of(name: str, layers: int) -> int:
    """Where the weight ``name`` stands: 0 under the layers, 1 to ``layers``, above that a head."""
    if not name.startswith("encoder."):
        return layers + 1
    match = _LAYER.search(name)
    return int(match.group(1)) + 1 if match else 0


def train_stage(
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    stage: Stage,
    *,
    folder: Path,
    seed: int,
    heldout: Sequence[Example] = (),
    bf16: bool | None = None,
) -> None:
    """Trains ``model`` in place through one stage of a recipe.

    Checkpoints go to ``folder``; a run that was killed goes on from the newest of them. Word
    embeddings stay as they were pretrained: what a rare word means is not to be learnt from the
    few sentences that label it.

    Parameters
    ----------
    heldout : what a stage with ``checks`` tries the model on; not needed by one without.
    bf16 : mixed precision; by default where the processor or GPU has instructions for it.
    """
    if bf16 is None:
        bf16 = torch.cuda.is_available() or has_bf16_cpu()
    if stage.renamed:
        examples = with_other_names(examples, stage.renamed, seed=seed)
    dataset = SentenceDataset(
        examples, tokenizer, model.tasks, window=stage.window, masking=stage.masking
    )
    sampler = MixtureSampler(
        [e.corpus for e in dataset.examples],
        dataset.lengths,
        rates=stage.rates,
        budget=stage.batch_tokens,
        seed=seed,
    )
    if not len(sampler):
        raise ValueError(f"stage {stage.name!r} reads nothing: no corpus of its rates has examples")
    log.info("stage %s: %d batches from %d sentences", stage.name, len(sampler), len(dataset))
    ready_encoder(model, dropout=stage.encoder_dropout)
    freeze(model, stage.layers)
    for task in model.tasks:
        learns = stage.weights.get(task.name, 1.0) > 0
        for part in (model.heads, model.queries):
            if task.name in part:
                part[task.name].requires_grad_(learns)
    checked = bool(stage.checks and heldout)
    every = -(-len(sampler) // stage.checks) if checked else _SAVE_EVERY
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=1,
        learning_rate=stage.learning_rate,
        weight_decay=0.01,
        warmup_steps=max(1, round(len(sampler) * stage.warmup)),
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        bf16=bf16,
        seed=seed,
        data_seed=seed,
        logging_steps=50,
        # A run that is over before the first checkpoint is due writes none at its end either.
        save_strategy="steps" if checked or len(sampler) > every else "no",
        save_steps=every,
        save_total_limit=1,
        eval_strategy="steps" if checked else "no",
        eval_steps=every,
        load_best_model_at_end=checked,
        metric_for_best_model="score",
        greater_is_better=True,
        report_to=[],
        remove_unused_columns=False,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
    )
    trainer = MultiTaskTrainer(
        model=model,
        args=arguments,
        sentences=dataset,
        data_collator=Collator(model.tasks, tokenizer.pad),
        sampler=sampler,
        stage=stage,
        heldout=heldout,
        eval_dataset=heldout if checked else None,  # which evaluate() reads in its own way
        callbacks=[EarlyStoppingCallback(stage.patience)] if checked and stage.patience else None,
    )
    trainer.train(
        resume_from_checkpoint=get_last_checkpoint(str(folder)) if folder.is_dir() else None
    )
    model.train(False)


def ready_encoder(model: FramingModel, *, dropout: float) -> None:
    """Sets the attention that trains fastest, and the dropout of hidden states."""
    model.encoder.set_attn_implementation("sdpa" if torch.cuda.is_available() else "eager")
    for name, module in model.encoder.named_modules():
        if isinstance(module, torch.nn.Dropout):
            # Of attention weights there are so many that dropping some costs more than it gives.
            module.p = 0.0 if _ATTENTION.search(name) else dropout


def freeze(model: FramingModel, layers: int | None) -> None:
    """Lets only the top ``layers`` of the encoder learn, or all of them, but no word embedding."""
    count = layer_count(model)
    for name, weight in model.encoder.named_parameters(prefix="encoder"):
        weight.requires_grad_(layers is None or count - layer_of(name, count) < layers)
    model.encoder.get_input_embeddings().weight.requires_grad_(False)


def has_bf16_cpu() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware."""
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
