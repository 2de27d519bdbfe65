"""This library as a system, and what can be seen of it from outside while it works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch

from benchmarks.speed.scenarios import Sample
from benchmarks.speed.subject import Floats, Ints, Subject
from benchmarks.speed.system import TOLERANCE, System
from framing.backends.base import Readings
from framing.scorer import Scorer
from framing.task import Task

STEPS = ("tokenise", "prepare", "forward", "model", "finish")


def ours_name(backend: str | None) -> str:
    """What this library is called in tables."""
    return "framing" if backend is None else f"framing ({backend})"


def scorer_options(backend: str | None) -> dict[str, str]:
    """What ``Scorer`` is given for ``backend`` or ``backend:precision``; nothing for None."""
    if backend is None:
        return {}
    name, _, precision = backend.partition(":")
    return {"backend": name, "precision": precision} if precision else {"backend": name}


def scorer(subject: Subject, backend: str | None = None, *, workers: int = 0) -> Scorer:
    """As a user makes one."""
    options: dict[str, Any] = dict(scorer_options(backend))
    return Scorer(subject.folder, device=subject.device, workers=workers, **options)


def framing_system(
    subject: Subject,
    *,
    backend: str | None = None,
    workers: int = 0,
    tolerance: float = TOLERANCE,
) -> System:
    """Raw text in, results out: sentences, tokens, all heads, spans."""
    made = scorer(subject, backend, workers=workers)

    def probabilities(sentences: Sequence[str]) -> dict[str, Floats]:
        parts = [s.columns.scores for s in made.stream_columns(sentences, split=False)]
        return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}

    return System(
        name=ours_name(backend),
        about=f"{made!r}.score(texts): splits, tokenises, runs all heads, decodes spans"
        + f"; {workers} processes read for it" * bool(workers),
        run=lambda sample: made.score(sample.texts),
        probabilities=probabilities,
        padded=lambda sample, lengths: tokens_read(made, sample),
        tolerance=tolerance,
        ours=True,
    )


def tokens_read(made: Scorer, sample: Sample) -> tuple[int, int]:
    """Tokens that the model reads of a sample, without padding and with it."""
    read, counts = made.engine.backend.read, []

    def counted(ids: Ints, lengths: Ints, tasks: Sequence[Task]) -> Callable[[], Readings]:
        counts.append((int(lengths.sum()), ids.size))
        return read(ids, lengths, tasks)

    with replaced(made.engine.backend, "read", counted):
        made.score(sample.texts)
    return sum(c[0] for c in counts), sum(c[1] for c in counts)


@contextmanager
def replaced(owner: object, name: str, call: Callable[..., Any]) -> Iterator[None]:
    """Within it, one object has another method."""
    setattr(owner, name, call)
    try:
        yield
    finally:
        delattr(owner, name)


@contextmanager
def watched(made: Scorer) -> Iterator[dict[str, float]]:
    """Within it, the seconds spent in each of :data:`STEPS` add up.

    Tokenising is part of preparing, and the model, which is reading batches and waiting for what
    it says, of the forward step. Steps on several threads may together take longer than the clock
    on the wall. On a GPU the forward step is waited for, which costs it its overlap.
    """
    engine, lock = made.engine, threading.Lock()
    seconds = dict.fromkeys(STEPS, 0.0)

    def add(name: str, began: float) -> None:
        with lock:
            seconds[name] += time.perf_counter() - began

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        wait = name == "forward" and made.device.type == "cuda"

        def wrapper(*args: Any, **options: Any) -> Any:
            if wait:
                torch.cuda.synchronize(made.device)
            began = time.perf_counter()
            found = call(*args, **options)
            if wait:
                torch.cuda.synchronize(made.device)
            add(name, began)
            return timed(name, found) if name == "model" and callable(found) else found

        return wrapper

    places = {name: (engine, name) for name in ("prepare", "forward", "finish")}
    places |= {"tokenise": (engine.tokenizer, "encode_words"), "model": (engine.backend, "read")}
    with ExitStack() as stack:
        for name, (owner, method) in places.items():
            stack.enter_context(replaced(owner, method, timed(name, getattr(owner, method))))
        yield seconds


def token_lengths(subject: Subject, sample: Sample) -> Ints:
    """Tokens of each sentence as a peer reads it: cut at the encoder's end."""
    return np.minimum(subject.lengths(sample.sentences), subject.tokenizer.model_max_length)
