"""What a sentence's score is made of: spans, the three facets, and any task of a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from framing.task import Task, TaskKind
from framing.taxonomy import FRAMING, LOADED, SOURCING

Voice = Literal["reporter", "source"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of the caller's string: ``caller_text[start:end] == text``, in code points."""

    start: int
    end: int
    text: str
    probability: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedSpan(Span):
    """Loaded words, and whose they are; ``voice`` is None only where a model cannot tell."""

    voice: Voice | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledSpan(Span):
    """A span of a spans task, with the label that it was given."""

    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedLanguage:
    """Does the wording itself push the reader?

    ``probability`` is None for blank text; ``label`` tells that it is at or over the threshold.
    """

    probability: float | None
    label: bool
    spans: tuple[LoadedSpan, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sourcing:
    """Who vouches for the sentence?

    ``kind`` is the likeliest of none, direct, indirect and mixed; ``probability`` that of any
    attribution at all, 1 - P(none). All three values are None for blank text.
    """

    kind: str | None
    probabilities: dict[str, float] | None = field(hash=False)
    probability: float | None
    sources: tuple[Span, ...]
    cues: tuple[Span, ...]
    contents: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Framing:
    """Through which lens is it told?

    ``labels`` are the frames at or over their threshold, by falling probability;
    ``probabilities`` has every frame, and is None for blank text.
    """

    probabilities: dict[str, float] | None = field(hash=False)
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskScore:
    """What one task says of one sentence, whatever its kind.

    ``probabilities`` (label to probability) is None for blank text and for a spans task, and
    ``labels`` holds what was given, by falling probability; ``spans`` is empty but for a spans
    task.
    """

    name: str
    kind: TaskKind
    probabilities: dict[str, float] | None = field(hash=False)
    labels: tuple[str, ...]
    spans: tuple[LabelledSpan, ...]

    @property
    def label(self) -> str | None:
        """The likeliest label given, or None when none was."""
        return self.labels[0] if self.labels else None


def shown(tasks: Mapping[str, Task], name: str) -> bool:
    """Whether there is such a task, of the kind that its facet can show.

    A codebook may give one of these names to a task of another kind; no facet is made of that.
    """
    task = tasks.get(name)
    if task is None:
        return False
    kinds = {LOADED: "binary", SOURCING: "multiclass", FRAMING: "multilabel"}
    return task.kind == kinds.get(name, "spans") and (name != SOURCING or "none" in task.labels)
