"""What a score looks like to its reader: small typed values, made from columns when looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from framing.columns import VOICES, ModelInfo, ScoreColumns, SpanColumns
from framing.facets import (
    Framing,
    LabelledSpan,
    LoadedLanguage,
    LoadedSpan,
    Sourcing,
    Span,
    TaskScore,
    shown,
)
from framing.taxonomy import (
    FACET_TASKS,
    FRAMING,
    LOADED,
    LOADED_SPANS,
    SOURCE_SPAN_TASK,
    SOURCING,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DocumentScore",
    "Framing",
    "LabelledSpan",
    "LoadedLanguage",
    "LoadedSpan",
    "ModelInfo",
    "ScoreColumns",
    "SentenceScore",
    "Sentences",
    "Sourcing",
    "Span",
    "SpanColumns",
    "TaskScore",
]


class SentenceScore:
    """One scored sentence: a view of row ``index`` of ``columns``, whose offsets count in ``text``.

    ``text`` is the whole string that the caller gave: a document, or the sentence itself.
    """

    __slots__ = ("_caller_text", "_columns", "_index")

    def __init__(self, text: str, columns: ScoreColumns, index: int) -> None:
        self._caller_text = text
        self._columns = columns
        self._index = index

    @property
    def text(self) -> str:
        """The sentence."""
        return self._caller_text[self.start : self.end]

    @property
    def start(self) -> int:
        """Where it starts in the caller's string, in code points."""
        return int(self._columns.start[self._index])

    @property
    def end(self) -> int:
        """Where it ends in the caller's string, exclusive."""
        return int(self._columns.end[self._index])

    @property
    def windows(self) -> int:
        """In how many windows it was scored: 0 if blank, over 1 if longer than the model reads."""
        return int(self._columns.windows[self._index])

    @property
    def model(self) -> ModelInfo:
        """The model that gave the score."""
        return self._columns.model

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of the model's tasks."""
        return tuple(self._columns.tasks)

    @property
    def other_tasks(self) -> tuple[str, ...]:
        """The names of the tasks that no facet shows; :meth:`task` has what they say."""
        tasks = self._columns.tasks
        facets = [names for names in FACET_TASKS.values() if shown(tasks, names[0])]
        inside = {name for names in facets for name in names if shown(tasks, name)}
        return tuple(name for name in tasks if name not in inside)

    @property
    def loaded_language(self) -> LoadedLanguage | None:
        """Is the wording loaded, and by which words; None if the model has no such task."""
        if not shown(self._columns.tasks, LOADED):
            return None
        probabilities, labels = self._labels(LOADED)
        columns = self._columns.spans.get(LOADED_SPANS)
        spans = []
        for row, start, end, probability in self._spans(columns):
            voice = columns.voice if columns else None
            whose = None if voice is None else VOICES[voice[row]]
            words = self._caller_text[start:end]
            spans.append(
                LoadedSpan(start=start, end=end, text=words, probability=probability, voice=whose)
            )
        return LoadedLanguage(
            probability=next(iter(probabilities.values())) if probabilities else None,
            label=bool(labels),
            spans=tuple(spans),
        )

    @property
    def sourcing(self) -> Sourcing | None:
        """Who vouches for the sentence; None if the model has no such task."""
        if not shown(self._columns.tasks, SOURCING):
            return None
        probabilities, labels = self._labels(SOURCING)
        parts: dict[str, list[Span]] = {"source": [], "cue": [], "content": []}
        if SOURCE_SPAN_TASK in self._columns.spans:
            for span in self.task(SOURCE_SPAN_TASK).spans:
                if span.label in parts:
                    parts[span.label].append(_plain(span))
        return Sourcing(
            kind=labels[0] if labels else None,
            probabilities=probabilities,
            probability=1 - probabilities.get("none", 0.0) if probabilities else None,
            sources=tuple(parts["source"]),
            cues=tuple(parts["cue"]),
            contents=tuple(parts["content"]),
        )

    @property
    def framing(self) -> Framing | None:
        """The frames of the sentence; None if the model has no such task."""
        if not shown(self._columns.tasks, FRAMING):
            return None
        probabilities, labels = self._labels(FRAMING)
        return Framing(probabilities=probabilities, labels=labels)

    def task(self, name: str) -> TaskScore:
        """What the task ``name`` says, one of :attr:`tasks`; KeyError for any other."""
        try:
            task = self._columns.tasks[name]
        except KeyError:
            raise KeyError(f"{name!r}: the model has {', '.join(self.tasks)}") from None
        if task.kind != "spans":
            probabilities, labels = self._labels(name)
            return TaskScore(
                name=name, kind=task.kind, probabilities=probabilities, labels=labels, spans=()
            )
        columns = self._columns.spans[name]
        spans = tuple(
            LabelledSpan(
                start=start,
                end=end,
                text=self._caller_text[start:end],
                probability=probability,
                label=task.labels[columns.label[row]],
            )
            for row, start, end, probability in self._spans(columns)
        )
        found = {span.label for span in spans}
        labels = tuple(label for label in task.labels if label in found)
        return TaskScore(name=name, kind="spans", probabilities=None, labels=labels, spans=spans)

    def to_dict(self) -> dict[str, Any]:
        """The score as JSON-ready values, probabilities to 6 digits, with the model's details."""
        return self._values() | {"model": self.model.to_dict()}

    def to_columns(self) -> dict[str, list[Any]]:
        """The score as flat columns of one row, see :meth:`ScoreColumns.table`."""
        return self._columns.table(self._caller_text, self._index, self._index + 1)

    def _values(self) -> dict[str, Any]:
        facets = {
            "loaded_language": self.loaded_language,
            "sourcing": self.sourcing,
            "framing": self.framing,
        }
        values: dict[str, Any] = {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "windows": self.windows,
        }
        values |= {name: asdict(facet) for name, facet in facets.items() if facet is not None}
        if others := self.other_tasks:
            values["tasks"] = {name: asdict(self.task(name)) for name in others}
        ready: dict[str, Any] = _json_ready(values)
        return ready

    def _labels(self, name: str) -> tuple[dict[str, float] | None, tuple[str, ...]]:
        if self.windows == 0:
            return None, ()
        names = self._columns.tasks[name].labels
        values = self._columns.scores[name][self._index].tolist()
        probabilities = dict(zip(names, values, strict=True))
        given = self._columns.given(name, self._index, self._index + 1)[0]
        labels = [label for label, yes in zip(names, given, strict=True) if yes]
        return probabilities, tuple(sorted(labels, key=probabilities.__getitem__, reverse=True))

    def _spans(self, columns: SpanColumns | None) -> Iterator[tuple[int, int, int, float]]:
        if columns is not None:
            for row in range(*columns.indptr[self._index : self._index + 2].tolist()):
                yield (
                    row,
                    int(columns.start[row]),
                    int(columns.end[row]),
                    float(columns.probability[row]),
                )

    def __eq__(self, other: object) -> bool:
        """Equal text, place, model and scores."""
        if not isinstance(other, SentenceScore):
            return NotImplemented
        mine = (self.text, self.start, self.end, self.windows, self.model, self.tasks)
        theirs = (other.text, other.start, other.end, other.windows, other.model, other.tasks)
        return (
            mine == theirs
            and self.loaded_language == other.loaded_language
            and all(self.task(name) == other.task(name) for name in self.tasks)
        )

    def __hash__(self) -> int:
        """By text, place and model: equal scores have equal hashes."""
        return hash((self.text, self.start, self.end, self.model))

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        facts = []
        if self.windows == 0:
            facts.append("blank")
        else:
            if loaded := self.loaded_language:
                facts.append(f"loaded {loaded.probability:.2f}")
            if sourcing := self.sourcing:
                facts.append(f"sourcing {sourcing.kind}")
            if framing := self.framing:
                facts.append("frames " + (", ".join(framing.labels) or "none"))
        return f"<SentenceScore {text!r}: {'; '.join(facts) or ', '.join(self.tasks)}>"


class Sentences(Sequence[SentenceScore]):
    """The sentences of a document; each is made when it is looked at."""

    __slots__ = ("_columns", "_rows", "_text")

    def __init__(self, text: str, columns: ScoreColumns, rows: range) -> None:
        self._text = text
        self._columns = columns
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> SentenceScore: ...
    @overload
    def __getitem__(self, index: slice) -> Sentences: ...
    def __getitem__(self, index: int | slice) -> SentenceScore | Sentences:
        """One sentence, or, for a slice, a view of several."""
        if isinstance(index, slice):
            return Sentences(self._text, self._columns, self._rows[index])
        try:
            return SentenceScore(self._text, self._columns, self._rows[index])
        except IndexError:
            raise IndexError(f"sentence {index} of {len(self)}") from None

    def __eq__(self, other: object) -> bool:
        """Equal sentences in equal order."""
        if not isinstance(other, Sentences):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return f"<Sentences: {len(self)}>"


class DocumentScore:
    """One scored text: its sentences are the rows ``lo`` to ``hi`` of ``columns``.

    ``text`` is the string that the caller gave, and all offsets count its code points.
    """

    __slots__ = ("_columns", "_hi", "_lo", "_text")

    def __init__(self, text: str, columns: ScoreColumns, lo: int, hi: int) -> None:
        if not 0 <= lo <= hi <= len(columns):
            raise ValueError(f"rows {lo} to {hi} of {len(columns)}")
        self._text = text
        self._columns = columns
        self._lo = lo
        self._hi = hi

    @property
    def text(self) -> str:
        """The caller's string."""
        return self._text

    @property
    def sentences(self) -> Sentences:
        """The sentences in order; none for blank text."""
        return Sentences(self.text, self._columns, range(self._lo, self._hi))

    @property
    def model(self) -> ModelInfo:
        """The model that gave the scores."""
        return self._columns.model

    def to_dict(self) -> dict[str, Any]:
        """Text, sentences and model as JSON-ready values, probabilities to 6 digits."""
        return {
            "text": self.text,
            "sentences": [sentence._values() for sentence in self.sentences],
            "model": self.model.to_dict(),
        }

    def to_columns(self) -> dict[str, list[Any]]:
        """One row a sentence as flat columns, see :meth:`ScoreColumns.table`; needs no pandas."""
        return self._columns.table(self.text, self._lo, self._hi)

    def to_pandas(self) -> pd.DataFrame:
        """One row a sentence, see :meth:`ScoreColumns.table`; the model is in ``attrs["model"]``.

        Raises ImportError when pandas, the extra ``framing-score[pandas]``, is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                'to_pandas needs pandas: pip install "framing-score[pandas]"'
            ) from error
        frame = pd.DataFrame(self.to_columns())
        frame.attrs["model"] = self.model.to_dict()
        return frame

    def to_html(self, title: str | None = None) -> str:
        """A page of its own that shows the text sentence by sentence, all marks explained."""
        from framing.html import html_report

        return html_report([self], title=title)

    def _repr_html_(self) -> str:
        from framing.html import html_fragment

        return html_fragment(self)

    def __eq__(self, other: object) -> bool:
        """Equal text, model and sentences."""
        if not isinstance(other, DocumentScore):
            return NotImplemented
        return (self.text, self.model, self.sentences) == (
            other.text,
            other.model,
            other.sentences,
        )

    def __hash__(self) -> int:
        """By text and model: equal scores have equal hashes."""
        return hash((self.text, self.model))

    def __repr__(self) -> str:
        size = self._hi - self._lo
        facts = [f"{size} sentence{'' if size == 1 else 's'}"]
        for name, word in ((LOADED, "loaded"), (SOURCING, "attributed")):
            if shown(self._columns.tasks, name):
                counted = np.array([label != "none" for label in self._columns.tasks[name].labels])
                given = self._columns.given(name, self._lo, self._hi)[:, counted]
                facts.append(f"{int(given.any(axis=1).sum())} {word}")
        return f"<DocumentScore: {', '.join(facts)}; model {self.model.name}>"


def _plain(span: Span) -> Span:
    return Span(start=span.start, end=span.end, text=span.text, probability=span.probability)


def _json_ready(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    if isinstance(value, dict):
        return {key: _json_ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(item) for item in value]
    return value
