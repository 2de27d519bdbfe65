"""The scorer: one loaded model, ready for texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, overload

import numpy as np
import torch

from framing._version import __version__
from framing.columns import ModelInfo
from framing.encoding import SentenceTokenizer
from framing.engine import Engine
from framing.errors import ModelError
from framing.hub import model_folder, weights_hash
from framing.inputs import check_text, check_texts
from framing.modeling import FramingModel
from framing.quiet import quietly
from framing.quotes import open_at
from framing.results import DocumentScore, SentenceScore
from framing.scored_texts import ScoredTexts
from framing.sentences import sentence_spans

_CHUNK = 2048


class Scorer:
    """Scores news prose with one loaded model.

    Parameters
    ----------
    model : a shipped name (``small``), a saved model folder, or a hub id.
    device : ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` or ``cuda:N``.

    Raises
    ------
    ModelError
        if the model cannot be found or read, or the device is not there.
    """

    def __init__(self, model: str | Path = "small", *, device: str = "auto") -> None:
        folder = model_folder(model)
        where = _device(device)
        weights = weights_hash(folder)
        try:
            with quietly():
                loaded = FramingModel.from_pretrained(
                    folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
                )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(f"the model in {folder} cannot be read: {error}") from error
        config = loaded.config
        tokenizer = SentenceTokenizer(folder, pad=config.encoder_config().pad_token_id or 0)
        self.model = ModelInfo(
            name=config.release,
            weights=weights,
            calibration=config.calibration,
            taxonomy=config.taxonomy,
            library=__version__,
        )
        torch.nn.Module.to(loaded, where)
        self.engine = Engine(loaded, tokenizer, self.model)

    def __repr__(self) -> str:
        return f"Scorer({self.model.name!r}, weights {self.model.weights}, on {self.device})"

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return torch.device(self.engine.model.device)

    @overload
    def score(  # type: ignore[overload-overlap]  # a str is an iterable of str, too
        self, text: str, *, split: Literal[True] = True
    ) -> DocumentScore: ...
    @overload
    def score(  # type: ignore[overload-overlap]
        self, text: str, *, split: Literal[False]
    ) -> SentenceScore: ...
    @overload
    def score(self, text: Iterable[str], *, split: Literal[True] = True) -> list[DocumentScore]: ...
    @overload
    def score(self, text: Iterable[str], *, split: Literal[False]) -> list[SentenceScore]: ...
    @overload
    def score(
        self, text: str | Iterable[str], *, split: bool
    ) -> DocumentScore | SentenceScore | list[DocumentScore] | list[SentenceScore]: ...

    def score(
        self, text: str | Iterable[str], *, split: bool = True
    ) -> DocumentScore | SentenceScore | list[DocumentScore] | list[SentenceScore]:
        """Scores one text, or a list of them in its order.

        Parameters
        ----------
        text : a string, or any iterable of strings.
        split : find the sentences of each text and let each be read with what stands around it
            (whether a quotation is still open). If False, each text is one sentence on its own.

        Returns
        -------
        A ``DocumentScore`` a text, or with ``split=False`` a ``SentenceScore`` a text.

        Raises
        ------
        TypeError
            if a text is not a string, naming its index; nothing is scored then.
        """
        if isinstance(text, str):
            return next(self.stream([text], split=split))
        return list(self.stream(check_texts(text), split=split))  # type: ignore[return-value]

    @overload
    def stream(
        self, texts: Iterable[str], *, split: Literal[True] = True
    ) -> Iterator[DocumentScore]: ...
    @overload
    def stream(self, texts: Iterable[str], *, split: Literal[False]) -> Iterator[SentenceScore]: ...
    @overload
    def stream(
        self, texts: Iterable[str], *, split: bool
    ) -> Iterator[DocumentScore | SentenceScore]: ...

    def stream(
        self, texts: Iterable[str], *, split: bool = True
    ) -> Iterator[DocumentScore | SentenceScore]:
        """Scores any iterable of texts, in its order and in constant memory.

        Texts are read some thousand sentences ahead of what is handed out.

        Raises
        ------
        TypeError
            when it comes to a text that is not a string, naming its index; the scores of the
            texts before it have been handed out by then.
        """
        for scored in self.stream_columns(texts, split=split):
            yield from scored.documents() if split else scored.sentences()

    def stream_columns(self, texts: Iterable[str], *, split: bool = True) -> Iterator[ScoredTexts]:
        """As :meth:`stream`, but some thousand sentences at a time, as columns.

        This is what :meth:`stream` makes its views of; for millions of texts it saves making them.
        """
        waiting: list[str] = []
        spans: list[list[tuple[int, int]]] = []
        pending = 0
        for index, value in enumerate(texts):
            try:
                text = check_text(value, index)
            except TypeError:
                if waiting:
                    yield self._score_chunk(waiting, spans, split=split)
                raise
            waiting.append(text)
            spans.append(sentence_spans(text) if split else [(0, len(text))])
            pending += len(spans[-1])
            if pending >= _CHUNK:
                yield self._score_chunk(waiting, spans, split=split)
                waiting, spans, pending = [], [], 0
        if waiting:
            yield self._score_chunk(waiting, spans, split=split)

    def _score_chunk(
        self, texts: list[str], spans: list[list[tuple[int, int]]], *, split: bool
    ) -> ScoredTexts:
        sentences = [t[a:b] for t, found in zip(texts, spans, strict=True) for a, b in found]
        starts = np.array([a for found in spans for a, _ in found], dtype=np.int64)
        quotes = [
            is_open
            for t, found in zip(texts, spans, strict=True)
            for is_open in (open_at(t, [a for a, _ in found]) if split else [False] * len(found))
        ]
        indptr = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(found) for found in spans], out=indptr[1:])
        return ScoredTexts(
            texts=texts, indptr=indptr, columns=self.engine.run(sentences, quotes, starts)
        )


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ModelError(f"no device {name!r}: use auto, cpu, cuda or cuda:0") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ModelError(f"device {name!r}: this torch sees no GPU; use device='cpu' or 'auto'")
    return device
