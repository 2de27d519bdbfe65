"""Masked multi-task training on ``transformers.Trainer``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from framing.encoding import SentenceTokenizer
from framing.modeling import FramingModel
from training.batches import MixtureSampler
from training.dataset import Collator, SentenceDataset
from training.example import Example
from training.losses import task_losses
from training.recipe import Stage

log = logging.getLogger(__name__)


class MultiTaskTrainer(Trainer):
    """A ``Trainer`` that reads the batches of a sampler and adds up weighted task losses."""

    def __init__(
        self,
        *,
        model: FramingModel,
        sentences: SentenceDataset,
        sampler: MixtureSampler,
        weights: Mapping[str, float],
        head_rate: float,
        **options: Any,
    ) -> None:
        super().__init__(model=model, train_dataset=sentences, **options)
        self.framing_model = model
        self.sentences = sentences
        self.sampler = sampler
        self.loss_weights = weights
        self.head_rate = head_rate
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
        losses = task_losses(self.framing_model.tasks, logits, targets)
        loss = torch.stack(
            [value * self.loss_weights.get(name, 1.0) for name, value in losses.items()]
        ).sum()
        return (loss, logits) if return_outputs else loss

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW; heads learn ``head_rate`` times as fast as the encoder that is only adapted."""
        if self.optimizer is None:
            groups: dict[tuple[bool, bool], list[Tensor]] = {}
            for name, weight in self.framing_model.named_parameters():
                if weight.requires_grad:
                    key = (name.startswith("encoder."), weight.ndim > 1)
                    groups.setdefault(key, []).append(weight)
            rate = self.args.learning_rate
            self.optimizer = torch.optim.AdamW(
                [
                    {
                        "params": weights,
                        "lr": rate if in_encoder else rate * self.head_rate,
                        "weight_decay": self.args.weight_decay if is_matrix else 0.0,
                    }
                    for (in_encoder, is_matrix), weights in groups.items()
                ],
                lr=rate,
                fused=True,
            )
        return self.optimizer


def train_stage(
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    stage: Stage,
    *,
    folder: Path,
    seed: int,
    bf16: bool | None = None,
) -> None:
    """Trains ``model`` in place through one stage of a recipe.

    Checkpoints go to ``folder``; a run that was killed goes on from the newest of them. Word
    embeddings stay as they were pretrained: what a rare word means is not to be learnt from the
    few sentences that label it.

    Parameters
    ----------
    bf16 : mixed precision; by default where the processor or GPU has instructions for it.
    """
    if bf16 is None:
        bf16 = torch.cuda.is_available() or has_bf16_cpu()
    dataset = SentenceDataset(examples, tokenizer, model.tasks, window=stage.window)
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
    model.encoder.set_attn_implementation("sdpa" if torch.cuda.is_available() else "eager")
    model.encoder.get_input_embeddings().weight.requires_grad_(False)
    for module in model.encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = stage.encoder_dropout
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
        save_steps=500,
        save_total_limit=1,
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
        weights=stage.weights,
        head_rate=stage.head_rate,
    )
    trainer.train(
        resume_from_checkpoint=get_last_checkpoint(str(folder)) if folder.is_dir() else None
    )
    model.train(False)


def has_bf16_cpu() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware."""
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
