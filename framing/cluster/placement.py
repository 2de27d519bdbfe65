"""Where actors go: how many there are, and what each takes of its machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framing.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The actors of a run.

    Parameters
    ----------
    device : ``cpu`` or ``cuda``.
    actors : how many, at most.
    cpus : the cores of each, and the threads of its model. Another number can change the last
        digits of the scores.
    gpus : 1 or 0.
    """

    device: str
    actors: int
    cpus: int
    gpus: int

    @classmethod
    def on(
        cls,
        machines: Sequence[Mapping[str, float]],
        *,
        device: str,
        threads: int,
        num_cpus: int | None = None,
        concurrency: int | None = None,
    ) -> Placement:
        """Fills a cluster with actors.

        Parameters
        ----------
        machines : the resources of each, as Ray names them.
        device : ``auto`` is ``cuda`` if any of them has a GPU.
        threads : those of this process, which each actor on processors gets, too.
        num_cpus : the cores and threads of an actor, in place of that.
        concurrency : how many actors, in place of as many as there is room for.

        Raises
        ------
        InputError
            if no machine has room for one.
        """
        for name, value in (("num_cpus", num_cpus), ("concurrency", concurrency)):
            if value is not None and value < 1:
                raise InputError(f"{name}: {value}; give 1 or more")
        with_gpu = [m for m in machines if m.get("GPU", 0) >= 1]
        if device == "auto":
            device = "cuda" if with_gpu else "cpu"
        check_device(device)
        gpus = 1 if device == "cuda" else 0
        if gpus and num_cpus is None:
            # What reads the text is to be shared among the GPUs; it does not change the numbers.
            share = min((int(m.get("CPU", 0) // m["GPU"]) for m in with_gpu), default=1)
            threads = max(1, min(threads, share))
        cpus = num_cpus or threads
        room = sum(_room(machine, cpus, gpus) for machine in machines)
        if not room:
            most = int(max((m.get("CPU", 0) for m in machines), default=0))
            raise InputError(
                f"no machine of the cluster has {'a GPU and ' if gpus else ''}{cpus} CPUs for an "
                f"actor, {most} are the most: give num_cpus, set OMP_NUM_THREADS to fewer, or add "
                "a machine before the run"
            )
        return cls(device=device, actors=concurrency or room, cpus=cpus, gpus=gpus)


def check_device(device: str) -> None:
    """InputError for a device that actors cannot have."""
    if device not in ("cpu", "cuda"):
        raise InputError(
            f"device: {device!r}; with Ray give cpu, cuda or auto: each actor on cuda gets a GPU "
            "of its own"
        )


def _room(machine: Mapping[str, float], cpus: int, gpus: int) -> int:
    room = int(machine.get("CPU", 0) // cpus)
    return min(room, int(machine.get("GPU", 0) // gpus)) if gpus else room
