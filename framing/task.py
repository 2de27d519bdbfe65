"""A task is data: what one head of the model answers, and how its logits become probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from framing.taxonomy import (
    FRAMES,
    FRAMING,
    LOADED,
    LOADED_SPANS,
    SOURCE_SPAN_TASK,
    SOURCE_SPANS,
    SOURCING,
    SOURCING_KINDS,
)

TaskKind = Literal["binary", "multiclass", "multilabel", "spans"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One question that the model answers about a sentence.

    Parameters
    ----------
    name : the key under which labels and scores are found.
    kind : ``binary`` (one label), ``multiclass`` (one of the labels), ``multilabel`` (any of
        them) or ``spans`` (stretches of words, each label on its own, so spans of two labels may
        overlap).
    labels : the label names, in the order of the head's outputs.
    thresholds : a probability per label, at or over which the label is given; for ``spans`` the
        cut on the probability of a single word; unused by ``multiclass``. 0.5 each unless fitted.
    scale, bias : the calibration, one value a label: calibrated logit = scale * logit + bias
        (Platt 1999 for binary, multilabel and spans; vector scaling, Guo et al. 2017, for
        multiclass). For ``spans`` the logit is that of the mean word probability of the span.
    span_thresholds : for ``spans``, the mean word probability per label under which a span is not
        given; 0 each unless fitted, so that all are. Under a low cut on words and a higher one on
        spans, a weak word inside a strong span does not break it in two.
    trim : for ``spans``, whether English function words and punctuation at the edges of a span are
        left out of it.
    """

    name: str
    kind: TaskKind
    labels: tuple[str, ...]
    thresholds: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    bias: tuple[float, ...] = ()
    trim: bool = False
    span_thresholds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"task name {self.name!r}: use letters, digits and underscores")
        if self.kind not in get_args(TaskKind):
            kinds = ", ".join(get_args(TaskKind))
            raise ValueError(f"task {self.name!r}: kind {self.kind!r} is none of {kinds}")
        size = len(self.labels)
        if size == 0 or len(set(self.labels)) != size:
            raise ValueError(f"task {self.name!r}: give at least one label, each of them once")
        if self.kind == "binary" and size != 1:
            raise ValueError(f"task {self.name!r}: a binary task has one label, not {size}")
        if self.kind == "multiclass" and size < 2:
            raise ValueError(f"task {self.name!r}: a multiclass task needs two labels or more")
        defaults = {"thresholds": 0.5, "scale": 1.0, "bias": 0.0}
        if self.kind == "spans":
            defaults["span_thresholds"] = 0.0
        elif self.span_thresholds:
            raise ValueError(f"task {self.name!r}: span_thresholds are for tasks of kind 'spans'")
        for field, default in defaults.items():
            values = tuple(float(v) for v in getattr(self, field)) or (default,) * size
            if len(values) != size:
                raise ValueError(
                    f"task {self.name!r}: {len(values)} {field} for {size} labels; give one each"
                )
            object.__setattr__(self, field, values)
        if not all(0 <= t <= 1 for t in self.thresholds + self.span_thresholds):
            raise ValueError(f"task {self.name!r}: thresholds are probabilities, from 0 to 1")

    @property
    def outputs(self) -> int:
        """Logits a sentence or, for spans, a token: a span label has three, outside, begin, in."""
        return 3 * len(self.labels) if self.kind == "spans" else len(self.labels)

    def to_dict(self) -> dict[str, Any]:
        """The task as JSON-ready values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Task:
        """The inverse of :meth:`to_dict`."""
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**fields)


def default_tasks() -> tuple[Task, ...]:
    """The five tasks of the shipped models, uncalibrated."""
    return (
        Task(name=LOADED, kind="binary", labels=("loaded",)),
        Task(name=LOADED_SPANS, kind="spans", labels=("loaded",), trim=True),
        Task(name=SOURCING, kind="multiclass", labels=SOURCING_KINDS),
        Task(name=SOURCE_SPAN_TASK, kind="spans", labels=SOURCE_SPANS),
        Task(name=FRAMING, kind="multilabel", labels=FRAMES),
    )
