"""The engine: prepare, forward, finish."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from framing.columns import ModelInfo, ScoreColumns, SpanColumns
from framing.decoding import DecodedSpans, Floats, calibrate, decode_spans, word_probabilities
from framing.encoding import (
    SentenceTokenizer,
    Tokens,
    Windows,
    batches_by_tokens,
    plan_windows,
)
from framing.modeling import FramingModel
from framing.sentences import is_blank
from framing.taxonomy import LOADED_SPANS, SOURCE_SPAN_TASK
from framing.words import Words


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Sentences ready for the model. ``blank`` marks those without a visible character."""

    sentences: Sequence[str]
    tokens: Tokens
    windows: Windows
    words: Words
    blank: NDArray[np.bool_]


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
    batch_tokens : padded tokens a batch. It bounds the memory of a forward pass.
    """

    def __init__(
        self,
        model: FramingModel,
        tokenizer: SentenceTokenizer,
        info: ModelInfo,
        *,
        batch_tokens: int = 4096,
    ) -> None:
        self.model = model
        self.model.train(False)
        self.tokenizer = tokenizer
        self.info = info
        self.batch_tokens = batch_tokens
        self.tasks = {t.name: t for t in model.config.task_objects()}

    def prepare(self, sentences: Sequence[str], quote_open: Sequence[bool]) -> Prepared:
        """Tokenises sentences and plans the windows to be read; no model is needed."""
        tokens = self.tokenizer.encode(sentences)
        config = self.model.config
        size = config.window - self.tokenizer.specials
        return Prepared(
            sentences=sentences,
            tokens=tokens,
            windows=plan_windows(
                tokens, quote_open, size=size, overlap=min(config.overlap, size // 2)
            ),
            words=Words.of(sentences, tokens),
            blank=np.fromiter((is_blank(s) for s in sentences), np.bool_, len(sentences)),
        )

    @torch.inference_mode()
    def forward(self, prepared: Prepared, tasks: Collection[str] | None = None) -> Forwarded:
        """Runs the model over all windows, longest first, hardly any padding."""
        windows, tokens = prepared.windows, prepared.tokens
        wanted = [t for n, t in self.tasks.items() if tasks is None or n in tasks]
        inside: dict[str, Floats] = {}
        begin: dict[str, Floats] = {}
        found: dict[str, Floats] = {}
        for task in wanted:
            size = len(task.labels)
            if task.kind == "spans":
                inside[task.name] = np.zeros((len(tokens.ids), size), dtype=np.float32)
                begin[task.name] = np.zeros((len(tokens.ids), size), dtype=np.float32)
            else:
                found[task.name] = np.zeros((len(windows.lo), size), dtype=np.float32)
        owned_lo, owned_hi = _owned(windows)
        quotes = windows.quote * len(self.tokenizer.quote)
        lengths = windows.hi - windows.lo + self.tokenizer.specials
        for rows in batches_by_tokens(lengths, self.batch_tokens):
            ids = [
                self.tokenizer.window_ids(
                    tokens, int(windows.lo[r]), int(windows.hi[r]), bool(windows.quote[r])
                )
                for r in rows
            ]
            width = max(map(len, ids))
            padded = torch.tensor([i + [self.tokenizer.pad] * (width - len(i)) for i in ids])
            read = torch.tensor([[1] * len(i) + [0] * (width - len(i)) for i in ids])
            device = self.model.device
            logits = self.model(padded.to(device), read.to(device), tasks=[t.name for t in wanted])
            sizes = owned_hi[rows] - owned_lo[rows]
            row = np.repeat(np.arange(len(rows)), sizes)
            token = np.arange(sizes.sum()) + np.repeat(
                owned_lo[rows] - (np.cumsum(sizes) - sizes), sizes
            )
            shift = len(self.tokenizer.prefix) + quotes[rows] - windows.lo[rows]
            column = token + np.repeat(shift, sizes)
            for task in wanted:
                if task.kind == "spans":
                    classes = logits[task.name].softmax(dim=-1).cpu().numpy()[row, column]
                    inside[task.name][token] = 1 - classes[..., 0]
                    begin[task.name][token] = classes[..., 1]
                elif task.kind == "multiclass":
                    found[task.name][rows] = logits[task.name].log_softmax(dim=-1).cpu().numpy()
                else:
                    found[task.name][rows] = logits[task.name].cpu().numpy()
        first = np.flatnonzero(np.append(True, np.diff(windows.sentence) > 0)[: len(windows.lo)])
        for name, values in found.items():
            found[name] = np.maximum.reduceat(values, first) if len(first) else values
        return Forwarded(logits=found, inside=inside, begin=begin)

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
        task = self.tasks.get(SOURCE_SPAN_TASK)
        if task is None or SOURCE_SPAN_TASK not in forwarded.inside:
            return None
        content = task.labels.index("content")
        likely = word_probabilities(prepared.words, forwarded.inside[SOURCE_SPAN_TASK])[:, content]
        total = np.append(0.0, np.cumsum(likely, dtype=np.float64))
        mean = (total[found.last] - total[found.first]) / (found.last - found.first)
        return np.asarray(mean >= task.thresholds[content], dtype=np.int8)


def _owned(windows: Windows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The tokens that each window speaks for: up to the middle of each overlap."""
    lo, hi = windows.lo.copy(), windows.hi.copy()
    (second,) = np.nonzero(windows.sentence[1:] == windows.sentence[:-1])
    second += 1
    middle = (windows.lo[second] + windows.hi[second - 1]) // 2
    lo[second] = middle
    hi[second - 1] = middle
    return lo, hi
