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
    encoder_dropout : dropout of the hidden states inside the encoder.
    masking : the share of tokens hidden (see :class:`training.dataset.SentenceDataset`).
    renamed : the share of sentences that are read under other names
        (:func:`training.names.with_other_names`), other ones in each run.
    window : tokens that a training sentence is read to.
    layer_decay : how much slower each layer learns than the one above it (Howard and Ruder 2018).
    layers : how many of the encoder's layers learn, from the top; None for all, 0 for none.
    balance : by task, how far rare labels are weighted up, 0 to 1
        (:func:`training.losses.class_weights`); a task that is not named is left as it is.
    checks : how often the model is tried on held-out documents; the best state is kept.
    patience : after how many checks without a gain training stops; 0 to go on to the end.
    runs : how often the stage is gone through from the same start, each time with another seed;
        the weights are averaged (:func:`training.soup.train_runs`).
    kept : the share that the weights from before the stage have in that mean.
    """

    name: str
    rates: Mapping[str, float]
    learning_rate: float
    head_rate: float = 5.0
    warmup: float = 0.06
    batch_tokens: int = 2560
    weights: Mapping[str, float] = field(default_factory=dict)
    encoder_dropout: float = 0.0
    masking: float = 0.0
    renamed: float = 0.0
    window: int = 160
    layer_decay: float = 1.0
    layers: int | None = None
    balance: Mapping[str, float] = field(default_factory=dict)
    checks: int = 0
    patience: int = 0
    runs: int = 1
    kept: float = 0.0

    def __post_init__(self) -> None:
        if not self.rates or min(self.rates.values()) < 0:
            raise ValueError(f"stage {self.name!r}: give each corpus a rate of 0 or more")
        if not 0 < self.learning_rate < 0.1:
            raise ValueError(
                f"stage {self.name!r}: learning_rate {self.learning_rate} is out of range; "
                "1e-5 to 5e-4 is usual"
            )
        shares = {"masking": self.masking, "encoder_dropout": self.encoder_dropout}
        shares |= {"kept": self.kept, "renamed": self.renamed, **self.balance}
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise ValueError(f"stage {self.name!r}: {name} {share} is no share, 0 to 1")
        if not 0 < self.layer_decay <= 1:
            raise ValueError(f"stage {self.name!r}: layer_decay is over 0 and at most 1")
        if self.patience and not self.checks:
            raise ValueError(f"stage {self.name!r}: patience counts checks; set checks, too")
        if self.runs < 1:
            raise ValueError(f"stage {self.name!r}: runs is 1 or more")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is made from the corpora: its name, its seed and its stages in order.

    ``apart`` names corpora that only stages which ask for them see, near-duplicates in other
    corpora included (see :func:`training.assemble.assemble`). ``taught`` names corpora whose
    sentences a teacher labels for what they are not labelled for, and ``unlabelled`` is how many
    sentences of unlabelled text, the corpus ``text``, are drawn for it
    (see :func:`training.lessons.with_lessons`).
    """

    release: str
    seed: int
    stages: tuple[Stage, ...]
    window: int = 256
    overlap: int = 64
    apart: tuple[str, ...] = ()
    taught: tuple[str, ...] = ()
    unlabelled: int = 0

    def __post_init__(self) -> None:
        if self.unlabelled < 0:
            raise ValueError(f"unlabelled is a number of sentences, not {self.unlabelled}")

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
            for name in ("apart", "taught"):
                values[name] = tuple(values.get(name, ()))
            return cls(stages=stages, **values)
        except (tomllib.TOMLDecodeError, TypeError) as error:
            raise ValueError(f"recipe {path}: {error}") from error
