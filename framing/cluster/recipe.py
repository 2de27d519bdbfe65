"""The recipe of a scorer: what is needed to make the same one on any machine."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import framing
from framing.errors import ModelError
from framing.runtime import Backend, Precision

if TYPE_CHECKING:
    from framing.columns import ModelInfo


@dataclass(frozen=True, kw_only=True)
class ScorerRecipe:
    """How the scorers of all actors are made.

    Parameters
    ----------
    model : a shipped name, the absolute path of a folder that every machine can read, or a hub id.
    device : ``cpu`` or ``cuda``.
    backend, precision : what runs the model, settled once so that no machine decides for itself.
    threads : of the model.
    info : the model that it must be.
    """

    model: str
    device: str
    backend: Any
    precision: Any
    threads: int
    info: ModelInfo

    @classmethod
    def of(
        cls,
        model: str | Path,
        *,
        device: str,
        threads: int,
        backend: Backend = "auto",
        precision: Precision = "auto",
        info: ModelInfo | None = None,
    ) -> ScorerRecipe:
        """Settles on this machine what ``auto`` means; without ``info`` it loads the model once.

        Raises ModelError if there is no such model, or what runs it does not go with the device.
        """
        import torch

        from framing.hub import model_folder, shipped_models
        from framing.scorer import _runtime

        folder = model_folder(model)
        shipped = folder in shipped_models().values()
        on_hub = "/" in str(model) and not Path(model).is_dir()
        kind, dtype = _runtime(torch.device(device), backend, precision)
        return cls(
            model=str(model) if shipped or on_hub else str(folder.resolve()),
            device=device,
            backend=kind,
            precision=str(dtype).removeprefix("torch."),
            threads=threads,
            info=info or framing.Scorer(model, device="cpu", backend="torch").model,
        )

    def make(self) -> framing.Scorer:
        """Loads the scorer in the process that is to use it, and sets that one's threads.

        Raises ModelError if the model cannot be loaded here or is another one.
        """
        import torch

        torch.set_num_threads(self.threads)
        scorer = framing.Scorer(
            self.model, device=self.device, backend=self.backend, precision=self.precision
        )
        if scorer.model != self.info:
            here, wanted = (
                f"{info.name}, weights {info.weights}, calibration {info.calibration}, library "
                f"{info.library}"
                for info in (scorer.model, self.info)
            )
            raise ModelError(
                f"{platform.node()} has another model ({here}) than this run ({wanted}); install "
                "the same version of this library and the same model on every machine"
            )
        return scorer
