"""Scores as columns: one numpy array a quantity, a row a sentence, whatever the number of texts."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.facets import Voice
from framing.task import Task
from framing.taxonomy import FRAMING

VOICES: tuple[Voice, ...] = ("reporter", "source")
"""What the values of :attr:`SpanColumns.voice` stand for."""


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """Which model gave a score.

    Parameters
    ----------
    name : the model's name, folder or hub id.
    weights : the first hexadecimal digits of the SHA-256 of its weights.
    calibration : what its calibration and thresholds were fitted on, and a hash of them.
    taxonomy : the version of the label sets.
    library : the version of this library.
    """

    name: str
    weights: str
    calibration: str
    taxonomy: str
    library: str

    def to_dict(self) -> dict[str, str]:
        """The fields as JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class SpanColumns:
    """The spans of one task, those of sentence ``i`` in the rows ``indptr[i]:indptr[i + 1]``.

    Parameters
    ----------
    indptr : int64 [sentences + 1].
    start, end : int64 [spans], code points in the caller's string, end exclusive.
    label : int16 [spans], an index into the labels of the task.
    probability : float32 [spans].
    voice : int8 [spans], an index into :data:`VOICES`, or None for a task without voices.
    """

    indptr: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    label: NDArray[np.int16]
    probability: NDArray[np.float32]
    voice: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        if self.indptr.ndim != 1 or self.indptr.size == 0 or self.indptr[0] != 0:
            raise ValueError("indptr: a flat array is needed that begins with 0")
        if np.any(np.diff(self.indptr) < 0):
            raise ValueError("indptr: its values must not fall")
        size = int(self.indptr[-1])
        for name in ("start", "end", "label", "probability", "voice"):
            column = getattr(self, name)
            if column is not None and column.shape != (size,):
                raise ValueError(f"{name}: shape {column.shape}, but indptr counts {size} spans")
        if np.any(self.start >= self.end):
            raise ValueError("a span must end after it starts")


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreColumns:
    """What a model says about ``n`` sentences, of one text or of many.

    Parameters
    ----------
    start, end : int64 [n], code points in the caller's string, end exclusive.
    windows : int32 [n], how many windows the sentence was scored in; 0 for blank text, whose
        probabilities are all NaN.
    scores : by the name of the task, calibrated probabilities, float32 [n, labels].
    spans : by the name of the task, the spans.
    tasks : by its name, every task that ``scores`` or ``spans`` has.
    model : where the scores come from.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    windows: NDArray[np.int32]
    scores: Mapping[str, NDArray[np.float32]]
    spans: Mapping[str, SpanColumns]
    tasks: Mapping[str, Task]
    model: ModelInfo

    def __post_init__(self) -> None:
        size = len(self.start)
        for name in ("start", "end", "windows"):
            if getattr(self, name).shape != (size,):
                raise ValueError(f"{name}: shape {getattr(self, name).shape}, wanted ({size},)")
        for name, task in self.tasks.items():
            if name not in (self.spans if task.kind == "spans" else self.scores):
                raise ValueError(f"task {name!r}: it has no {task.kind} scores")
        if unknown := (set(self.scores) | set(self.spans)) - set(self.tasks):
            raise ValueError(f"scores without a task: {', '.join(sorted(unknown))}")
        for name, values in self.scores.items():
            wanted = (size, len(self.tasks[name].labels))
            if values.shape != wanted:
                raise ValueError(f"scores of {name!r}: shape {values.shape}, wanted {wanted}")
        for name, spans in self.spans.items():
            self._check_spans(name, spans)

    def _check_spans(self, name: str, spans: SpanColumns) -> None:
        if len(spans.indptr) != len(self) + 1:
            raise ValueError(
                f"spans of {name!r}: indptr of {len(spans.indptr)} for {len(self)} sentences"
            )
        counts = np.diff(spans.indptr)
        outside = (spans.start < np.repeat(self.start, counts)) | (
            spans.end > np.repeat(self.end, counts)
        )
        if outside.any():
            row = int(np.searchsorted(spans.indptr, int(outside.argmax()), side="right")) - 1
            raise ValueError(f"spans of {name!r}: one leaves its sentence, row {row}")

    def __len__(self) -> int:
        return len(self.start)

    def given(self, name: str, lo: int, hi: int) -> NDArray[np.bool_]:
        """The labels given in rows ``lo`` to ``hi``, bool [hi - lo, labels]; none to a blank.

        A label is given at or over its threshold; of a multiclass task the likeliest is given.
        """
        values = self.scores[name][lo:hi]
        task = self.tasks[name]
        if task.kind != "multiclass":
            # In single precision on both sides: 0.7 stored as float32 lies under the float64 0.7.
            result: NDArray[np.bool_] = values >= np.asarray(task.thresholds, np.float32)
            return result
        likeliest = np.arange(len(task.labels)) == values.argmax(axis=1)[:, None]
        return np.asarray(likeliest & ~np.isnan(values), dtype=np.bool_)

    def table(self, text: str, lo: int, hi: int) -> dict[str, list[Any]]:
        """Rows ``lo`` to ``hi``, sentences of ``text``, as flat columns of plain values.

        ``sentence`` counts from 0. A binary task gives the columns ``name`` (its probability) and
        ``name_label``; any other gives ``name`` (its labels by falling probability, joined by
        ``;``) and ``name_<label>`` (of ``frames``: ``frame_<label>``). What a blank text lacks is
        None.
        """
        starts, ends = self.start[lo:hi].tolist(), self.end[lo:hi].tolist()
        columns: dict[str, list[Any]] = {
            "sentence": list(range(hi - lo)),
            "start": starts,
            "end": ends,
            "text": [text[a:b] for a, b in zip(starts, ends, strict=True)],
        }
        blank = self.windows[lo:hi] == 0
        for name, task in self.tasks.items():
            if task.kind == "spans":
                continue
            values = self.scores[name][lo:hi]
            given = self.given(name, lo, hi)
            key, *others = _column_names(task, columns.keys() | {"windows"})
            numbers = [
                [None if none else number for number, none in zip(column, blank, strict=True)]
                for column in values.T.tolist()
            ]
            if task.kind == "binary":
                columns[key] = numbers[0]
                columns[others[0]] = given[:, 0].tolist()
                continue
            falling = np.argsort(-values, axis=1, kind="stable")
            columns[key] = [
                None if none else ";".join(task.labels[i] for i in order if row[i])
                for order, row, none in zip(falling, given, blank, strict=True)
            ]
            columns |= zip(others, numbers, strict=True)
        columns["windows"] = self.windows[lo:hi].tolist()
        return columns


def _column_names(task: Task, taken: Set[str]) -> list[str]:
    """The columns of a task: itself, then its label or labels.

    A task may be called "text" or "frame": where one of its columns is there already, all of them
    are prefixed, and nothing is overwritten.
    """
    key = task.name
    prefix = "frame" if key == FRAMING else key
    while True:
        labels = ("label",) if task.kind == "binary" else task.labels
        names = [key, *(f"{prefix}_{label}" for label in labels)]
        if taken.isdisjoint(names):
            return names
        key = prefix = f"task_{key}"
