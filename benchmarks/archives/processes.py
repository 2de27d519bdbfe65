"""Processes that run ``framing archive``, begun in a moment and killed whenever it is wanted."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_PRELOADED = (
    "framing.cli",
    "framing.scorer",
    "framing.archive.run",
    "pandas",  # pyarrow looks for it
    "pyarrow.parquet",
    "safetensors.torch",
    "transformers.models.bert.modeling_bert",
    "zstandard",
)
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_PATIENCE = 900.0


class Nursery:
    """Makes processes as forks of one that has imported everything and started no threads of work.

    ONNX Runtime, whose import starts a thread, is left to each process.

    Parameters
    ----------
    folder : for what the processes print and for exported models.
    ray : whether Ray is wanted, too. It gets a password of its own, which processes of this one
        inherit, and so leaves no token in the home folder.
    """

    def __init__(self, folder: Path, *, ray: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "output.log"
        # All processes inherit this environment, so it has to be there before the first of them.
        os.environ.update(_ONE_THREAD, FRAMING_CACHE=str(folder / "cache"), HF_HUB_OFFLINE="1")
        if ray:
            os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
            # Else workers are nicer than the run and starve on a busy machine.
            os.environ.update({"RAY_worker_niceness": "0"})
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*_PRELOADED, *(["ray"] if ray else [])])

    def begin(self, work: Any, *arguments: Any) -> BaseProcess:
        """A process that calls ``work``, which a module must have, and ends with its exit code."""
        made = self._context.Process(target=_work, args=(str(self.log), work, arguments))
        made.start()
        return made

    def end(self, process: BaseProcess) -> int:
        """Waits for a process; what it ended with.

        Raises
        ------
        RuntimeError
            if it does not end.
        """
        process.join(_PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise RuntimeError(f"a run hung for {_PATIENCE:.0f} s; see {self.log}")
        code = process.exitcode
        process.close()
        return code


def command(arguments: Sequence[str]) -> int:
    """The command line of the library, as a shell runs it."""
    from framing.cli import main

    return main(arguments)


def make_model(folder: str) -> int:
    """Saves a model of random weights, two layers 32 wide, in ``folder/random-tiny``."""
    from benchmarks.speed.subject import subject
    from framing import Scorer

    subject("random-tiny", encoder=None, device="cpu", work=Path(folder))
    Scorer(Path(folder) / "random-tiny", device="cpu")  # which may have to be exported, once
    return 0


def _work(log: str, work: Any, arguments: Sequence[Any]) -> None:
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    import torch

    torch.set_num_threads(1)
    sys.exit(work(*arguments))
