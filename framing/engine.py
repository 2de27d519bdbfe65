"""The engine: prepare, forward, finish."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.backends.base import Backend, Readings
from framing.backends.packed import packed
from framing.backends.torch_backend import TorchBackend
from framing.columns import ModelInfo, ScoreColumns, SpanColumns
from framing.decoding import DecodedSpans, Floats, calibrate, decode_spans, word_probabilities
from framing.encoding import Ints, SentenceTokenizer, Windows, batches_by_tokens
from framing.errors import ModelError
from framing.modeling import FramingModel
from framing.preparation import Prepared, prepare
from framing.task import Task
from framing.taxonomy import LOADED_SPANS, SOURCE_SPAN_TASK

_UNDER_WAY = 2  # batches that a GPU works on while later ones are laid out


@dataclass(frozen=True, kw_only=True)
class Forwarded:
    """What the model said, before calibration.

    ``logits`` by sentence task, float32 of shape (sentences, labels), the maximum over a
    sentence's windows (for a multiclass task of its log probabilities). ``inside`` and ``begin``
    by span task, float32 of shape (tokens, labels): probabilities from the window in which a
    token stands farthest from an edge.
    """

    logits: dict[str, Floats]
    inside: dict[str, Floats]
    begin: dict[str, Floats]


class Engine:
    """Scores sentences with one loaded model.

    Parameters
    ----------
    backend : what runs the model; unless given torch, with the weights that it has now.
    tasks : the names of the tasks to serve; all of them unless given.
    """

    def __init__(
        self,
        model: FramingModel,
        tokenizer: SentenceTokenizer,
        info: ModelInfo,
        *,
        backend: Backend | None = None,
        tasks: Collection[str] | None = None,
    ) -> None:
        self.model = model
        self.model.train(False)
        self.backend: Backend = backend or TorchBackend(packed(model))
        self.tokenizer = tokenizer
        self.info = info
        every = {t.name: t for t in model.config.task_objects()}
        self.tasks = {n: t for n, t in every.items() if tasks is None or n in tasks}
        # Whose voice loaded words are in is read off the content of attributions.
        says = every.get(SOURCE_SPAN_TASK) if LOADED_SPANS in self.tasks else None
        able = says is not None and says.kind == "spans" and "content" in says.labels
        self._voices = says if able else None

    def prepare(
        self, sentences: Sequence[str], quote_open: Sequence[bool] | NDArray[np.bool_]
    ) -> Prepared:
        """Tokenises sentences and plans the windows to be read; no model is needed."""
        config = self.model.config
        return prepare(
            self.tokenizer, sentences, quote_open, window=config.window, overlap=config.overlap
        )

    def forward(self, prepared: Prepared, tasks: Collection[str] | None = None) -> Forwarded:
        """Runs the model over all windows, longest first, hardly any padding.

        A batch that does not fit into memory is tried again at half its size, and so are those
        after it.

        Raises
        ------
        MemoryError
            if a single window does not fit.
        ModelError
            if the model gives values that are no numbers.
        """
        windows, tokenizer, backend = prepared.windows, self.tokenizer, self.backend
        wanted = [t for n, t in self.tasks.items() if tasks is None or n in tasks]
        if tasks is None and self._voices and self._voices.name not in self.tasks:
            wanted.append(self._voices)
        placed = _Placed(prepared, wanted, opening=len(tokenizer.prefix), mark=len(tokenizer.quote))
        lengths = tokenizer.lengths(windows)
        todo = deque(batches_by_tokens(lengths, backend.batch_tokens, cost=backend.batch_cost))
        under_way: deque[tuple[Ints, Callable[[], Readings]]] = deque()
        while todo:
            rows = todo.popleft()
            ids = tokenizer.grid(prepared.tokens, windows, rows)
            try:
                reading = backend.read(ids, lengths[rows], wanted)
            except MemoryError:
                if len(rows) == 1:
                    raise
                backend.batch_tokens = ids.size // 2
                rest = np.concatenate([rows, *todo])
                todo = deque(
                    rest[part]
                    for part in batches_by_tokens(
                        lengths[rest], backend.batch_tokens, cost=backend.batch_cost
                    )
                )
                continue
            under_way.append((rows, reading))
            if len(under_way) > _UNDER_WAY:
                rows, reading = under_way.popleft()
                placed.put(rows, reading())
        for rows, reading in under_way:
            placed.put(rows, reading())
        return placed.forwarded()

    def finish(
        self, prepared: Prepared, forwarded: Forwarded, offsets: NDArray[np.int64]
    ) -> ScoreColumns:
        """Calibrates, decodes spans and builds the columns that results are views of.

        ``offsets`` says where each sentence starts in the text its offsets shall count from.
        """
        count = len(prepared.sentences)
        lengths = np.fromiter((len(s) for s in prepared.sentences), np.int64, count)
        windows = np.bincount(prepared.windows.sentence, minlength=count).astype(np.int32)
        windows[prepared.blank] = 0
        scores: dict[str, Floats] = {}
        spans: dict[str, SpanColumns] = {}
        for name, logits in forwarded.logits.items():
            scores[name] = calibrate(self.tasks[name], logits)
            scores[name][prepared.blank] = np.nan
        for name, inside in forwarded.inside.items():
            if name not in self.tasks:
                continue
            found = decode_spans(self.tasks[name], prepared.words, inside, forwarded.begin[name])
            voice = self._voice(prepared, forwarded, found) if name == LOADED_SPANS else None
            spans[name] = SpanColumns(
                indptr=np.searchsorted(found.sentence, np.arange(count + 1)).astype(np.int64),
                start=found.start + offsets[found.sentence],
                end=found.end + offsets[found.sentence],
                label=found.label.astype(np.int16),
                probability=found.probability,
                voice=voice,
            )
        return ScoreColumns(
            start=offsets,
            end=offsets + lengths,
            windows=windows,
            scores=scores,
            spans=spans,
            tasks=self.tasks,
            model=self.info,
        )

    def run(
        self,
        sentences: Sequence[str],
        quote_open: Sequence[bool],
        offsets: NDArray[np.int64],
    ) -> ScoreColumns:
        """The three steps, one after the other."""
        prepared = self.prepare(sentences, quote_open)
        return self.finish(prepared, self.forward(prepared), offsets)

    def _voice(
        self, prepared: Prepared, forwarded: Forwarded, found: DecodedSpans
    ) -> NDArray[np.int8] | None:
        """1 where loaded words stand in attributed content, so that a source says them."""
        task = self._voices
        if task is None or SOURCE_SPAN_TASK not in forwarded.inside:
            return None
        content = task.labels.index("content")
        likely = word_probabilities(prepared.words, forwarded.inside[SOURCE_SPAN_TASK])[:, content]
        total = np.append(0.0, np.cumsum(likely, dtype=np.float64))
        mean = (total[found.last] - total[found.first]) / (found.last - found.first)
        least = max(task.thresholds[content], task.span_thresholds[content])
        return np.asarray(mean >= least, dtype=np.int8)


class _Placed:
    """Readings of batches, put where they belong."""

    def __init__(
        self, prepared: Prepared, tasks: Sequence[Task], *, opening: int, mark: int
    ) -> None:
        self._windows = windows = prepared.windows
        self._tasks = tasks
        self._owned = _owned(windows)
        self._shift = opening + windows.quote * mark - windows.lo
        shapes = {t.name: (len(prepared.tokens.ids), len(t.labels)) for t in tasks}
        spans = [t.name for t in tasks if t.kind == "spans"]
        self._inside = {name: np.zeros(shapes[name], dtype=np.float32) for name in spans}
        self._begin = {name: np.zeros(shapes[name], dtype=np.float32) for name in spans}
        self._logits = {
            t.name: np.zeros((len(windows.lo), len(t.labels)), dtype=np.float32)
            for t in tasks
            if t.kind != "spans"
        }

    def put(self, rows: Ints, readings: Readings) -> None:
        """The readings of the windows ``rows``; of a span task those of the tokens they own."""
        for name, values in self._logits.items():
            values[rows] = _numbers(readings[name])
        if not self._inside:
            return
        lo, hi = (bound[rows] for bound in self._owned)
        sizes = hi - lo
        token = np.arange(sizes.sum()) + np.repeat(lo - (np.cumsum(sizes) - sizes), sizes)
        row = np.repeat(np.arange(len(rows)), sizes)
        column = token + np.repeat(self._shift[rows], sizes)
        for name in self._inside:
            found = _numbers(readings[name][row, column])
            self._inside[name][token] = found[..., 0]
            self._begin[name][token] = found[..., 1]

    def forwarded(self) -> Forwarded:
        """All of it, by sentence and by token."""
        sentence = self._windows.sentence
        if len(sentence) and len(sentence) > sentence[-1] + 1:
            first = np.flatnonzero(np.append(True, np.diff(sentence) > 0))
            for name, values in self._logits.items():
                self._logits[name] = np.maximum.reduceat(values, first)
        return Forwarded(logits=self._logits, inside=self._inside, begin=self._begin)


def _numbers(values: Floats) -> Floats:
    """The values; one that is none would spoil every mean that it goes into."""
    if np.isnan(values).any():
        raise ModelError(
            "the model gives values that are no numbers: they grow too large for half precision, "
            "or its weights are damaged; precision='float32' or 'bfloat16' has room for them"
        )
    return values


def _owned(windows: Windows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The tokens that each window speaks for: up to the middle of each overlap."""
    lo, hi = windows.lo.copy(), windows.hi.copy()
    (second,) = np.nonzero(windows.sentence[1:] == windows.sentence[:-1])
    second += 1
    middle = (windows.lo[second] + windows.hi[second - 1]) // 2
    lo[second] = middle
    hi[second - 1] = middle
    return lo, hi
