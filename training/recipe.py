"""A recipe: what is trained on what, and how, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RECIPES = Path(__file__).resolve().parent / "recipes"
"""The folder of the recipes that come with the package."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stretch of training.

    Parameters
    ----------
    rates : passes over each corpus (see :class:`training.batches.MixtureSampler`).
    learning_rate : of the encoder at its peak, after a linear warm-up, before a linear decay.
    head_rate : how many times faster the heads learn.
    warmup : the share of steps that warm up.
    batch_tokens : padded tokens a batch.
    weights : of each task's loss; 1 unless named.
    encoder_dropout : dropout inside the encoder.
    window : tokens that a training sentence is read to.
    """

    name: str
    rates: Mapping[str, float]
    learning_rate: float
    head_rate: float = 5.0
    warmup: float = 0.06
    batch_tokens: int = 2560
    weights: Mapping[str, float] = field(default_factory=dict)
    encoder_dropout: float = 0.0
    window: int = 160

    def __post_init__(self) -> None:
        if not self.rates or min(self.rates.values()) < 0:
            raise ValueError(f"stage {self.name!r}: give each corpus a rate of 0 or more")
        if not 0 < self.learning_rate < 0.1:
            raise ValueError(
                f"stage {self.name!r}: learning_rate {self.learning_rate} is out of range; "
                "1e-5 to 5e-4 is usual"
            )


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is made from the corpora: its name, its seed and its stages in order.

    ``apart`` names corpora that only stages which ask for them see, near-duplicates in other
    corpora included (see :func:`training.assemble.assemble`).
    """

    release: str
    seed: int
    stages: tuple[Stage, ...]
    window: int = 256
    overlap: int = 64
    apart: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Reads a TOML file with the fields of this class and a ``[[stages]]`` table a stage.

        Raises
        ------
        ValueError
            if the file is not TOML, or holds a field that no recipe has.
        """
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
            stages = tuple(Stage(**s) for s in values.pop("stages", []))
            apart = tuple(values.pop("apart", ()))
            return cls(stages=stages, apart=apart, **values)
        except (tomllib.TOMLDecodeError, TypeError) as error:
            raise ValueError(f"recipe {path}: {error}") from error
