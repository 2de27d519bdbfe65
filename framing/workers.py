"""Processes that make texts ready for the model, where one cannot keep it busy.

Finding sentences and tokens is Python's work, and threads of one process take turns at it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Thread
from typing import ParamSpec, TypeVar

from framing.encoding import SentenceTokenizer
from framing.errors import WorkerError
from framing.preparation import Prepared, Sentences, prepare, sentences_of

P = ParamSpec("P")
R = TypeVar("R")


class Workers:
    """So many processes, started when they are first needed and ended with this object.

    Parameters
    ----------
    folder : of the tokenizer; ``pad``, ``window`` and ``overlap`` are the model's.

    Raises
    ------
    WorkerError
        from any method, if a process could not be started or was killed.
    """

    def __init__(self, count: int, folder: Path, *, pad: int, window: int, overlap: int) -> None:
        self.count = count
        # A process that was forked would not survive the threads and the GPU of this one.
        self._pool = ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(folder, pad, window, overlap),
        )
        weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)

    def read(self, texts: list[str], *, split: bool) -> tuple[Sentences, Prepared]:
        """Finds the sentences of texts, and makes them ready."""
        return self._ask(_read, texts, split)

    def prepare(self, sentences: Sequence[str], quote_open: Sequence[bool]) -> Prepared:
        """Makes sentences ready."""
        return self._ask(_prepare, sentences, quote_open)

    def _ask(self, call: Callable[P, R], *args: P.args, **options: P.kwargs) -> R:
        try:
            return self._pool.submit(call, *args, **options).result()
        except BrokenProcessPool as error:
            raise WorkerError(
                f"a process of workers={self.count} did not start or was killed. Is there memory "
                'for it? And does the script begin its work under if __name__ == "__main__":, as '
                "multiprocessing needs? workers=0 does without"
            ) from error


_tokenizer: SentenceTokenizer
_sizes: dict[str, int]


def _start(folder: Path, pad: int, window: int, overlap: int) -> None:
    global _tokenizer, _sizes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked will say when to end
    Thread(target=_end_with_parent, daemon=True).start()
    _tokenizer = SentenceTokenizer(folder, pad=pad)
    _sizes = {"window": window, "overlap": overlap}


def _end_with_parent() -> None:
    """Ends this process with the one that started it, which may be killed before it can say so."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _read(texts: list[str], split: bool) -> tuple[Sentences, Prepared]:
    found = sentences_of(texts, split=split)
    return found, _prepare(found.sentences, found.quotes)


def _prepare(sentences: Sequence[str], quote_open: Sequence[bool]) -> Prepared:
    return prepare(_tokenizer, sentences, quote_open, **_sizes)
