"""The model: one encoder, one head a task."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedModel

from framing.configuration import FramingConfig
from framing.quiet import quietly
from framing.task import Task


class FramingModel(PreTrainedModel):
    """Any ``AutoModel`` encoder under the heads of ``config.tasks``.

    A sentence task reads its own attention-weighted mean of the token states; the weights start
    uniform, which is the mean pooling that sentence encoders are trained with (Reimers and
    Gurevych 2019). A span task labels every token outside, begin or inside, each of its labels
    apart from the others, so that spans of different labels may overlap.
    """

    config_class = FramingConfig
    config: FramingConfig
    base_model_prefix = "encoder"
    main_input_name = "input_ids"
    _supports_sdpa = True

    def __init__(self, config: FramingConfig) -> None:
        super().__init__(config)
        encoder_config = config.encoder_config()
        extra = {"add_pooling_layer": False}
        try:
            self.encoder = AutoModel.from_config(encoder_config, **extra)
        except TypeError:  # encoders without a pooler take no such option
            self.encoder = AutoModel.from_config(encoder_config)
        width = int(encoder_config.hidden_size)
        self.tasks = tasks = config.task_objects()
        self.dropout = nn.Dropout(config.head_dropout)
        queries = {t.name: nn.Linear(width, 1, bias=False) for t in tasks if t.kind != "spans"}
        self.queries = nn.ModuleDict(queries)
        self.heads = nn.ModuleDict({t.name: nn.Linear(width, t.outputs) for t in tasks})
        self.post_init()
        for query in queries.values():
            nn.init.zeros_(query.weight)

    @classmethod
    def from_encoder(
        cls, folder: str | os.PathLike[str], tasks: Sequence[Task], **options: Any
    ) -> FramingModel:
        """Fresh heads for ``tasks`` on the pretrained encoder in ``folder``.

        ``options`` go to :class:`~framing.configuration.FramingConfig`.
        """
        with quietly():
            encoder = AutoModel.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
        values = encoder.config.to_diff_dict()
        values.pop("_name_or_path", None)
        config = FramingConfig(encoder=values, tasks=tasks, **options)
        model = cls(config)
        weights = {k: v for k, v in encoder.state_dict().items() if not k.startswith("pooler.")}
        model.encoder.load_state_dict(weights)
        return model

    def linears(self, task: Task) -> tuple[nn.Linear | None, nn.Linear]:
        """The query of a sentence task (None for spans) and the head of a task."""
        query = self.queries[task.name] if task.kind != "spans" else None
        head = self.heads[task.name]
        assert isinstance(head, nn.Linear) and isinstance(query, nn.Linear | None)
        return query, head

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        tasks: Collection[str] | None = None,
    ) -> dict[str, Tensor]:
        """Logits in float32 by task name.

        Parameters
        ----------
        input_ids, attention_mask : integer tensors of shape (batch, tokens); no mask is needed
            where nothing is padded.
        tasks : the tasks wanted; all of them unless given.

        Returns
        -------
        For a sentence task a tensor of shape (batch, labels); for a span task one of shape
        (batch, tokens, labels, 3), the last axis being outside, begin, inside.
        """
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        padding = None if attention_mask is None else attention_mask.unsqueeze(-1) == 0
        logits: dict[str, Tensor] = {}
        for task in self.tasks:
            if tasks is not None and task.name not in tasks:
                continue
            head = self.heads[task.name]
            if task.kind == "spans":
                found = head(self.dropout(states))
                logits[task.name] = found.unflatten(-1, (len(task.labels), 3)).float()
            else:
                weights = self.queries[task.name](states).float()
                if padding is not None:
                    weights = weights.masked_fill(padding, -torch.inf)
                pooled = (weights.softmax(dim=1).to(states.dtype) * states).sum(dim=1)
                logits[task.name] = head(self.dropout(pooled)).float()
        return logits


AutoConfig.register(FramingConfig.model_type, FramingConfig, exist_ok=True)
AutoModel.register(FramingConfig, FramingModel, exist_ok=True)
