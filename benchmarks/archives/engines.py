"""The engines that a run may have, and which of their processes are struck."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

NAMES = ("local", "ray")
_WORKERS = 2
_WORKER = "PartWorker"  # framing.cluster's, after which Ray names its processes


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What the command line is told, and how often a kill hits a worker in place of the run."""

    name: str
    arguments: Sequence[str] = ()
    workers: float = 0.0

    def strike(self, process: BaseProcess, number: signal.Signals, draw: random.Random) -> str:
        """Sends a signal to a run, or SIGKILL to one of its workers; says which it was."""
        if draw.random() < self.workers and (there := workers()):
            with suppress(ProcessLookupError):
                os.kill(draw.choice(there), signal.SIGKILL)
                return "worker"
        if process.exitcode is None and process.pid is not None:
            os.kill(process.pid, number)
        return "run"


LOCAL = Engine(name="local")


@contextmanager
def engine(name: str) -> Iterator[Engine]:
    """An engine ready for use; for ``ray`` there is a cluster on this machine meanwhile.

    Raises ImportError if Ray is not installed.
    """
    if name == "local":
        yield LOCAL
        return
    try:
        import ray
    except ImportError as error:
        raise ImportError('pip install "framing-score[ray]", or give --engine local') from error
    # The cluster outlives the runs, as that of a computing centre does.
    context = ray.init(
        num_cpus=_WORKERS,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=200_000_000,
    )
    try:
        address = context.address_info["gcs_address"]
        yield Engine(name="ray", arguments=("--engine", "ray", "--address", address), workers=0.5)
    finally:
        ray.shutdown()


def workers() -> list[int]:
    """The processes of this process's Ray cluster that score."""
    import psutil

    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            line = child.cmdline()
            if line and line[0].startswith(f"ray::{_WORKER}"):
                found.append(child.pid)
    return sorted(found)
