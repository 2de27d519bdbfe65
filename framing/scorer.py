"""The scorer: one loaded model, ready for texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple, overload

import numpy as np
import torch
from safetensors import SafetensorError

from framing._version import __version__
from framing.backends.onnx_backend import OnnxBackend
from framing.backends.packed import has_onednn
from framing.columns import ModelInfo
from framing.encoding import SentenceTokenizer
from framing.engine import Engine, Forwarded
from framing.errors import InputError, ModelError
from framing.hub import is_framing_model, model_folder, weights_hash
from framing.inputs import check_iterable, check_text, check_texts
from framing.modeling import FramingModel
from framing.pipeline import pipelined
from framing.preparation import Prepared, Sentences, sentences_of
from framing.quiet import quietly
from framing.repeats import Met, Repeats
from framing.results import DocumentScore, SentenceScore
from framing.runtime import Backend, Precision
from framing.scored_texts import ScoredTexts
from framing.taxonomy import FACET_TASKS
from framing.workers import Workers

# Characters that are scored together, some 8,000 sentences on a processor. The more, the less
# padding; a GPU wants more at once, but nothing to wait for.
_BATCH, _GPU_BATCH = 1_000_000, 2_000_000
_TEXT_COST = 32  # of a text, in characters, that even an empty one takes
_AHEAD = 2
_WORTH_SENDING = 100_000  # characters; fewer are made ready sooner than sent to another process


_PRECISIONS = {
    "auto": None,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


class Scorer:
    """Scores news prose with one loaded model.

    Parameters
    ----------
    model : a shipped name (``small``, and ``base`` in a checkout), a saved model folder, or a hub
        id. The names of models elsewhere are looked up in the folder that the environment variable
        FRAMING_MODELS names.
    device : ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` or ``cuda:N``.
    backend : what runs the model: ``torch``; ``onnx``, ONNX Runtime, for processors only, with the
        same numbers, which needs the extra ``framing-score[onnx]``; ``auto``, which takes ``onnx``
        on a processor where it is installed and torch comes without oneDNN.
    precision : ``float32``, ``float16`` or ``bfloat16``; ``auto`` is ``float32`` on a processor
        and ``float16`` on a GPU. Half precision needs ``torch``.
    facets : what to score, of ``loaded_language``, ``sourcing``, ``framing`` and the names of the
        model's tasks; everything unless given. The fewer, the faster; the others are None.
    workers : processes that find sentences and tokens. A GPU reads faster than one process can;
        with 3 or 4 it is busy. On a processor the model takes nearly all of the time, so there is
        nothing to gain. A script that uses them has to be guarded by
        ``if __name__ == "__main__":``, as ``multiprocessing`` needs.

    Raises
    ------
    ModelError
        if the model cannot be found or read, or the device or the back end is not there.
    ValueError
        if a facet is unknown, or ``workers`` is negative.
    WorkerError
        while scoring, if a process of ``workers`` did not start or was killed.
    """

    def __init__(
        self,
        model: str | Path = "small",
        *,
        device: str = "auto",
        backend: Backend = "auto",
        precision: Precision = "auto",
        facets: Collection[str] | None = None,
        workers: int = 0,
    ) -> None:
        if workers < 0:
            raise InputError(f"workers: a number of processes, 0 for none, not {workers}")
        folder = model_folder(model)
        where = _device(device)
        kind, dtype = _runtime(where, backend, precision)
        weights = weights_hash(folder)
        loaded = _loaded(folder)
        config = loaded.config
        pad = config.encoder_config().pad_token_id or 0
        tokenizer = SentenceTokenizer(folder, pad=pad)
        self.model = ModelInfo(
            name=config.release,
            weights=weights,
            calibration=config.calibration_id,
            taxonomy=config.taxonomy,
            library=__version__,
        )
        torch.nn.Module.to(loaded, where, dtype)
        runtime = OnnxBackend(loaded, key=weights) if kind == "onnx" else None
        tasks = None if facets is None else _tasks_of(facets, [t.name for t in loaded.tasks])
        self.engine = Engine(loaded, tokenizer, self.model, backend=runtime, tasks=tasks)
        self.backend = f"{kind} {str(dtype).removeprefix('torch.')}"
        self._batch_size = _BATCH if where.type == "cpu" else _GPU_BATCH
        self._workers = (
            Workers(workers, folder, pad=pad, window=config.window, overlap=config.overlap)
            if workers
            else None
        )

    def __repr__(self) -> str:
        info = self.model
        return f"Scorer({info.name!r}, weights {info.weights}, {self.backend}, on {self.device})"

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

    def stream_columns(
        self, texts: Iterable[str], *, split: bool = True, once: bool = False
    ) -> Iterator[ScoredTexts]:
        """As :meth:`stream`, but some thousand sentences at a time, as columns.

        This is what :meth:`stream` makes its views of; for millions of texts it saves making them.
        Which texts come together depends on the texts alone.

        Parameters
        ----------
        once : score a sentence that comes again, such as one of syndicated news, the first time
            only. Takes the memory of 200,000 sentences.
        """
        check_iterable(texts)
        return self.stream_groups([texts], split=split, once=once)

    def stream_groups(
        self, groups: Iterable[Iterable[str]], *, split: bool = True, once: bool = False
    ) -> Iterator[ScoredTexts]:
        """As :meth:`stream_columns`, for one group of texts after the other without a pause.

        Texts of two groups never come together, so that the scores of a group are the same to the
        last bit whatever is scored beside it. ``once`` looks for repeats within a group.
        """
        lots = _Lots(self.engine, self._workers, split=split)
        side_by_side = self._workers.count if self._workers else 1
        return pipelined(
            (
                (texts, repeats)
                for group in groups
                for repeats in [Repeats() if once else None]
                for texts in self._batches(group)
            ),
            (lots.meet, lots.prepare, lots.forward, lots.finish),
            ahead=_AHEAD - 1 + side_by_side,
            threads=(1, side_by_side, 1, 1),
        )

    def _batches(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """The texts, some thousand sentences' worth at a time."""
        batch: list[str] = []
        size = 0
        for index, value in enumerate(texts):
            try:
                text = check_text(value, index)
            except TypeError:
                if batch:
                    yield batch
                raise
            batch.append(text)
            size += len(text) + _TEXT_COST
            if size >= self._batch_size:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch


class _Lot(NamedTuple):
    """Some texts, and which of their sentences came before, where that is asked for."""

    texts: list[str]
    repeats: Repeats | None = None
    sentences: Sentences | None = None
    met: Met | None = None


class _Ready(NamedTuple):
    """Texts and their sentences, ready for the model."""

    lot: _Lot
    sentences: Sentences
    prepared: Prepared


class _Lots:
    """What is done to each lot of texts, one stage after the other."""

    def __init__(self, engine: Engine, workers: Workers | None, *, split: bool) -> None:
        self.engine = engine
        self.workers = workers
        self.split = split

    def meet(self, given: tuple[list[str], Repeats | None]) -> _Lot:
        """Remembers sentences; which of them came before depends on the order of the lots."""
        texts, repeats = given
        if repeats is None:
            return _Lot(texts)
        found = sentences_of(texts, split=self.split)
        return _Lot(texts, repeats, found, repeats.meet(found.sentences, found.quotes))

    def prepare(self, lot: _Lot) -> _Ready:
        """Finds the sentences of texts, and their tokens."""
        workers = self.workers if sum(map(len, lot.texts)) >= _WORTH_SENDING else None
        if lot.sentences is None or lot.met is None:
            if workers:
                return _Ready(lot, *workers.read(lot.texts, split=self.split))
            found = sentences_of(lot.texts, split=self.split)
            return _Ready(lot, found, self.engine.prepare(found.sentences, found.quotes))
        found, fresh = lot.sentences, lot.met.fresh.tolist()
        sentences = [found.sentences[i] for i in fresh]
        quotes = [found.quotes[i] for i in fresh]
        return _Ready(lot, found, (workers or self.engine).prepare(sentences, quotes))

    def forward(self, ready: _Ready) -> tuple[_Ready, Forwarded]:
        """Runs the model."""
        return ready, self.engine.forward(ready.prepared)

    def finish(self, read: tuple[_Ready, Forwarded]) -> ScoredTexts:
        """Makes the columns."""
        (lot, found, prepared), forwarded = read
        if lot.met is None or lot.repeats is None:
            columns = self.engine.finish(prepared, forwarded, found.starts)
            return ScoredTexts(texts=lot.texts, indptr=found.indptr, columns=columns)
        origin = np.zeros(len(lot.met.fresh), dtype=np.int64)
        scored = self.engine.finish(prepared, forwarded, origin)
        return ScoredTexts(
            texts=lot.texts,
            indptr=found.indptr,
            columns=lot.repeats.fill(lot.met, scored, found.starts),
            repeated=len(found.starts) - len(lot.met.fresh),
        )


def _loaded(folder: Path) -> FramingModel:
    """The model in a folder, whole: transformers would fill what is missing with random numbers."""
    if not is_framing_model(folder):
        raise ModelError(
            f"{folder} holds a model of another kind; framing-train fit --from makes one of this "
            "library of it"
        )
    try:
        with quietly():
            loaded: Any = FramingModel.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}") from error
    model: FramingModel = loaded[0]
    if missing := sorted(loaded[1]["missing_keys"]):
        raise ModelError(f"{folder} lacks weights that its config.json asks for: {missing[0]}, ...")
    return model


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ModelError(f"no device {name!r}: use auto, cpu, cuda or cuda:0") from error
    if device.type not in ("cpu", "cuda"):
        raise ModelError(f"device {name!r}: models run on cpu and cuda only")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ModelError(f"device {name!r}: this torch sees no GPU; use device='cpu' or 'auto'")
    if (device.index or 0) >= max(1, torch.cuda.device_count()):
        raise ModelError(f"device {name!r}: there is cuda:{torch.cuda.device_count() - 1} at most")
    return device


def _tasks_of(facets: Collection[str], tasks: Collection[str]) -> set[str]:
    """The tasks that make up some facets; a facet is a task's name, too."""
    if isinstance(facets, str):
        raise ValueError(f"facets: give a list such as [{facets!r}], not a string")
    known: dict[str, tuple[str, ...]] = {name: (name,) for name in tasks}
    known |= {f: names for f, names in FACET_TASKS.items() if names[0] in tasks}
    if unknown := sorted(set(facets) - set(known)):
        raise ValueError(f"no facet {unknown[0]!r}: the model has {', '.join(sorted(known))}")
    if not facets:
        raise ValueError("facets: at least one is needed, or None for all")
    return {name for facet in facets for name in known[facet] if name in tasks}


def _runtime(device: torch.device, backend: str, precision: str) -> tuple[str, torch.dtype]:
    """The back end and the type of number to run a model with."""
    if backend not in ("auto", "torch", "onnx"):
        raise ModelError(f"no back end {backend!r}: use auto, torch or onnx")
    if precision not in _PRECISIONS:
        raise ModelError(f"no precision {precision!r}: use {', '.join(_PRECISIONS)}")
    on_cpu = device.type == "cpu"
    dtype = _PRECISIONS[precision] or (torch.float32 if on_cpu else torch.float16)
    fits = on_cpu and dtype == torch.float32
    if backend == "onnx" and not fits:
        raise ModelError(
            "backend='onnx' runs in float32 on a processor: use backend='torch' for "
            f"{str(dtype).removeprefix('torch.')} on {device}"
        )
    if backend == "auto":
        installed = all(find_spec(name) for name in ("onnxruntime", "onnx"))
        # With oneDNN torch is as fast or faster, and has nothing to export.
        backend = "onnx" if fits and installed and not has_onednn() else "torch"
    return backend, dtype
