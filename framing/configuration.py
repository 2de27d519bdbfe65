"""The configuration of a framing model: an encoder and its tasks, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from transformers import AutoConfig, PretrainedConfig

from framing.task import Task, default_tasks
from framing.taxonomy import TAXONOMY_VERSION


class FramingConfig(PretrainedConfig):
    """What ``config.json`` of a saved model folder holds.

    Parameters
    ----------
    encoder : the configuration of any ``AutoModel`` encoder, as a dictionary with ``model_type``.
    tasks : the tasks, one head each, as :class:`~framing.task.Task` or as dictionaries.
    window : the most tokens, specials included, that are read at once; a longer sentence is read
        in several windows.
    overlap : how many tokens two neighbouring windows share.
    head_dropout : dropout before each head while training.
    release : the name that results carry, such as ``framing-small``.
    calibration : identifies the data that thresholds and calibration were fitted on.
    """

    model_type = "framing"

    def __init__(
        self,
        encoder: Mapping[str, Any] | None = None,
        tasks: Sequence[Task | Mapping[str, Any]] | None = None,
        window: int = 256,
        overlap: int = 64,
        head_dropout: float = 0.1,
        release: str = "unnamed",
        calibration: str = "none",
        taxonomy: str = TAXONOMY_VERSION,
        **kwargs: Any,
    ) -> None:
        self.encoder = dict(encoder or {"model_type": "bert"})
        if "model_type" not in self.encoder:
            raise ValueError("encoder: give the configuration of an encoder, with its model_type")
        found = default_tasks() if tasks is None else tasks
        made = [t if isinstance(t, Task) else Task.from_dict(t) for t in found]
        names = [t.name for t in made]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"tasks: give at least one, each name once; got {names}")
        self.tasks = [t.to_dict() for t in made]
        if window < 8 or not 0 <= overlap <= window // 2:
            raise ValueError(
                f"window {window}, overlap {overlap}: take a window of 8 tokens or more and an "
                "overlap of at most half of it"
            )
        self.window = window
        self.overlap = overlap
        self.head_dropout = head_dropout
        self.release = release
        self.calibration = calibration
        self.taxonomy = taxonomy
        super().__init__(**kwargs)

    @property
    def calibration_id(self) -> str:
        """The data that it was calibrated on, and a hash of what came of it.

        The same weights may be calibrated anew, so scores are told apart by this as well.
        """
        digest = hashlib.sha256(json.dumps(self.tasks, sort_keys=True).encode()).hexdigest()
        return f"{self.calibration}, {digest[:8]}"

    def task_objects(self) -> tuple[Task, ...]:
        """The tasks as typed values, in the order of the heads."""
        return tuple(Task.from_dict(t) for t in self.tasks)

    def encoder_config(self) -> PretrainedConfig:
        """The encoder's own configuration."""
        return AutoConfig.for_model(**self.encoder)
