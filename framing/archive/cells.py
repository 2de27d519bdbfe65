"""Cells: the scores of a batch as Arrow arrays, made a column at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.archive.arrow import pa
from framing.archive.row import Rows
from framing.columns import VOICES, ScoreColumns, SpanColumns
from framing.html import replace_surrogates
from framing.scored_texts import ScoredTexts

SPAN = [("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]
SPAN += [("probability", pa.float32())]
VOICED_SPAN = [*SPAN, ("voice", pa.string())]


class Batch:
    """Texts scored together, as the columns of both tables.

    Arrays of sentences have a value a sentence, arrays of documents one a text. What a blank text
    lacks is null.

    Parameters
    ----------
    rows : the rows that the texts are from, in their order.
    scored : their scores.
    """

    def __init__(self, rows: Rows, scored: ScoredTexts) -> None:
        self.rows = rows
        self.texts = scored.texts
        self.columns: ScoreColumns = scored.columns
        self.indptr = scored.indptr
        self.counts = np.diff(scored.indptr)
        self.text = np.repeat(np.arange(len(rows)), self.counts)
        """int64 [sentences], the text that each is of."""
        self.read = self.columns.windows > 0
        """bool [sentences], whether there was anything to score."""
        self.read_counts = self.sums(self.read)
        # None where nothing is masked: Arrow then takes an array as it lies.
        self._unread = None if self.read.all() else ~self.read
        self._blank = None if self.read_counts.all() else self.read_counts == 0
        self._labels: dict[str, NDArray[np.bool_]] = {}
        self._shares: dict[tuple[str, bool], NDArray[np.float32]] = {}

    def sums(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The sums over the sentences of each text, of [sentences] or [sentences, labels]."""
        total = np.zeros((len(values) + 1, *values.shape[1:]), np.float64)
        np.cumsum(values, axis=0, out=total[1:])
        return np.asarray(total[self.indptr[1:]] - total[self.indptr[:-1]])

    def ids(self, *, each: bool) -> Any:
        """The ids of the texts, once each or, if ``each``, for each of their sentences."""
        return self._of_texts(strings(self.rows.ids), each=each)

    def row_numbers(self, *, each: bool) -> Any:
        """Int64, the rows of the texts in their source."""
        return self._of_texts(pa.array(self.rows.numbers, pa.int64()), each=each)

    def kept(self, *, index: int, kind: Any, each: bool) -> Any:
        """A kept column."""
        values = pa.array([kept[index] for kept in self.rows.kept], kind)
        return self._of_texts(values, each=each)

    def sentence_numbers(self) -> Any:
        """int32, counted from 0 in each text."""
        first = np.repeat(self.indptr[:-1], self.counts)
        return pa.array((np.arange(len(self.text)) - first).astype(np.int32))

    def sentence_texts(self) -> Any:
        """The sentences themselves."""
        bounds = zip(
            self.text.tolist(), self.columns.start.tolist(), self.columns.end.tolist(), strict=True
        )
        return strings(self.texts[text][start:end] for text, start, end in bounds)

    def probability(self, task: str, label: int) -> Any:
        """float32 of sentences."""
        values = np.ascontiguousarray(self.columns.scores[task][:, label], np.float32)
        return pa.array(values, mask=self._unread)

    def label(self, task: str) -> Any:
        """The likeliest label of each sentence, as text."""
        labels = pa.array(self.columns.tasks[task].labels)
        likeliest = self._given(task).argmax(axis=1)
        return labels.take(pa.array(likeliest, mask=self._unread))

    def labels(self, task: str) -> Any:
        """The labels that each sentence is given, by falling probability, as lists of text."""
        given = self._given(task)
        order = np.argsort(-self.columns.scores[task], axis=1, kind="stable")
        found = order[np.take_along_axis(given, order, axis=1)]
        names = pa.array(self.columns.tasks[task].labels).take(pa.array(found))
        return lists(given.sum(axis=1), names, mask=self._unread)

    def given(self, task: str, label: int) -> Any:
        """Booleans of sentences: whether the label is given; False for blank text."""
        return pa.array(self._given(task)[:, label])

    def mean(self, task: str, label: int) -> Any:
        """float32 of documents, the mean probability over the sentences."""
        return self._share(task, label, given=False)

    def share(self, task: str, label: int) -> Any:
        """float32 of documents, how many of the sentences are given the label."""
        return self._share(task, label, given=True)

    def spans(self, task: str, *, voiced: bool) -> Any:
        """The spans of each sentence, as lists of structures."""
        found = self.columns.spans[task]
        labels = pa.array(self.columns.tasks[task].labels).take(pa.array(found.label))
        fields = [
            pa.array(found.start.astype(np.int32)),
            pa.array(found.end.astype(np.int32)),
            labels,
            pa.array(found.probability),
        ]
        if voiced:
            fields.append(_voices(found))
        shape = VOICED_SPAN if voiced else SPAN
        made = pa.StructArray.from_arrays(fields, fields=[pa.field(*field) for field in shape])
        return lists(np.diff(found.indptr), made)

    def span_counts(self, task: str, label: int | None = None) -> Any:
        """int32 of documents, how many spans there are, of one label or of all."""
        found = self.columns.spans[task]
        wanted = np.ones(len(found.label), np.bool_) if label is None else found.label == label
        total = np.append(0, np.cumsum(wanted))[found.indptr]
        return pa.array(np.diff(total[self.indptr]).astype(np.int32))

    def _of_texts(self, values: Any, *, each: bool) -> Any:
        return values.take(pa.array(self.text)) if each else values

    def _given(self, task: str) -> NDArray[np.bool_]:
        if task not in self._labels:
            self._labels[task] = self.columns.given(task, 0, len(self.columns))
        return self._labels[task]

    def _share(self, task: str, label: int, *, given: bool) -> Any:
        if (task, given) not in self._shares:
            scores = self.columns.scores[task]
            values = self._given(task) if given else np.where(self.read[:, None], scores, 0)
            shares = self.sums(values) / np.maximum(self.read_counts, 1)[:, None]
            self._shares[task, given] = np.ascontiguousarray(shares.T, np.float32)
        return pa.array(self._shares[task, given][label], mask=self._blank)


def strings(values: Iterable[str]) -> Any:
    """Strings as Arrow has them, in UTF-8; a lone surrogate, which that lacks, as U+FFFD."""
    found = list(values)
    try:
        return pa.array(found, pa.string())
    except UnicodeEncodeError:
        return pa.array([replace_surrogates(value) for value in found], pa.string())


def lists(sizes: NDArray[Any], values: Any, mask: NDArray[np.bool_] | None = None) -> Any:
    """Lists of so many values each, null where ``mask`` says so."""
    offsets = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return pa.ListArray.from_arrays(
        pa.array(offsets), values, mask=None if mask is None else pa.array(mask)
    )


def _voices(found: SpanColumns) -> Any:
    if found.voice is None:
        return pa.nulls(len(found.label), pa.string())
    return pa.array(VOICES).take(pa.array(found.voice))
