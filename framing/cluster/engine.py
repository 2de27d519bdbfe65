"""Scoring the parts of an archive on Ray actors, so that the death of one loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from framing.archive.engine import ahead, closed, score_part
from framing.archive.layout import Layout
from framing.archive.part import PendingPart, ScoredPart
from framing.archive.row import Rows
from framing.cluster.connection import connected
from framing.cluster.crew import Crew
from framing.cluster.placement import Placement
from framing.cluster.recipe import ScorerRecipe
from framing.runtime import Backend, Precision


class PartWorker:
    """What an actor does: one loaded model, and the parts that it is given."""

    def __init__(self, recipe: ScorerRecipe, layout: Layout) -> None:
        self.recipe = recipe
        self.layout = layout

    def load(self) -> None:
        """Loads the model, apart from being made so that what is wrong with it comes out."""
        self.scorer = self.recipe.make()

    def score(self, part: PendingPart) -> ScoredPart:
        """A part, scored, but without its rows, which need not travel back."""
        scored = score_part(self.scorer, part, self.layout)
        return replace(scored, pending=replace(part, rows=Rows(), rejected=()))


class RayEngine:
    """Scores parts on the machines of a Ray cluster, in whatever order they come to be done.

    At most two parts an actor are under way, so that memory does not grow with the archive. An
    actor that dies, or its machine, is replaced and its parts are scored again; a part that three
    actors died over ends the run, once what else is under way is done. On processors the numbers
    are those of :class:`~framing.archive.engine.LocalEngine` to the bit as long as the machines
    have the same kind of processor: actors run on as many threads as this process, unless
    ``num_cpus`` says otherwise.

    Every machine needs this library in the same version, and the model; that is checked.

    Parameters
    ----------
    layout : of the tables.
    model : see :class:`framing.Scorer`; a folder must be at the same place on every machine.
    device : ``cpu``; ``cuda``, with a GPU for each actor; ``auto``, ``cuda`` if the cluster has a
        GPU.
    backend, precision : see :class:`framing.Scorer`; what ``auto`` means is settled by what is
        installed here.
    address : of the cluster, see :func:`framing.cluster.connection.connected`. Where the process
        is connected to Ray already, that connection is used.
    concurrency : how many actors; as many as there is room for unless given.
    num_cpus : the cores that each takes and the threads that it runs on; unless given those of
        this process, with a GPU at most a GPU's share of its machine.
    """

    def __init__(
        self,
        *,
        layout: Layout,
        model: str | Path = "small",
        device: str = "auto",
        backend: Backend = "auto",
        precision: Precision = "auto",
        address: str | None = None,
        concurrency: int | None = None,
        num_cpus: int | None = None,
    ) -> None:
        self.layout = layout
        self.model = model
        self.device = device
        self.backend = backend
        self.precision = precision
        self.address = address
        self.concurrency = concurrency
        self.num_cpus = num_cpus

    def run(self, parts: Iterable[PendingPart]) -> Iterator[ScoredPart]:
        """The parts, scored, each once. Ray is not touched if there are none.

        Raises
        ------
        InputError
            if there is no cluster at the address, or no room in it for an actor.
        ModelError
            if an actor cannot load the model, if three died over the same part, or if the
            back end does not go with the device.
        """
        with closed(ahead(parts)) as waiting:
            if (first := next(waiting, None)) is None:
                return
            with connected(self.address) as ray, closing(self._crew(ray)) as crew:
                yield from crew.work(chain([first], waiting))

    def _crew(self, ray: Any) -> Crew:
        import torch

        placement = Placement.on(
            [node["Resources"] for node in ray.nodes() if node["Alive"]],
            device=self.device,
            threads=torch.get_num_threads(),
            num_cpus=self.num_cpus,
            concurrency=self.concurrency,
        )
        recipe = ScorerRecipe.of(
            self.model,
            device=placement.device,
            backend=self.backend,
            precision=self.precision,
            threads=placement.cpus,
            info=self.layout.model,
        )
        actor = ray.remote(PartWorker).options(
            num_cpus=placement.cpus, num_gpus=placement.gpus, max_restarts=0, max_task_retries=0
        )
        return Crew(ray, lambda: actor.remote(recipe, self.layout), size=placement.actors)
