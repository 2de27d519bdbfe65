"""Where training starts: a pretrained encoder, or a model that goes on learning."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

import torch

from framing.errors import ModelError
from framing.hub import is_framing_model, model_folder, weights_hash
from framing.modeling import FramingModel
from framing.quiet import quietly
from framing.task import Task
from training.teacher import fold_calibration


def start_folder(name: str | Path) -> Path:
    """The folder of an encoder or model: a path, or the name of a shipped model.

    Raises
    ------
    FileNotFoundError
        if it is neither.
    """
    folder = Path(name)
    if not (folder / "config.json").is_file():
        try:
            folder = model_folder(name)
        except ModelError as error:
            raise FileNotFoundError(
                f"{name} is neither an encoder folder nor a model: {error}"
            ) from error
    if not (folder / "tokenizer.json").is_file():
        raise FileNotFoundError(f"{folder} has no tokenizer.json: it is no complete folder")
    return folder


def start_hash(folder: Path) -> str:
    """A hash of what is in ``folder``: configuration and weights.

    Raises
    ------
    ModelError
        if there are no safetensors weights.
    """
    config = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()[:16]
    return f"{config}-{weights_hash(folder)}"


def kept_tasks(folder: Path, new: Sequence[Task], keep: Collection[str] | None) -> list[Task]:
    """The tasks of the model in ``folder`` that are kept beside the new ones.

    Parameters
    ----------
    keep : their names; None for all of them.

    Raises
    ------
    ValueError
        if a name is none of the model's.
    """
    if not is_framing_model(folder):
        if keep:
            raise ValueError(f"{folder} is a bare encoder: it has no task {min(keep)!r} to keep")
        return []
    old = FramingModel.config_class.from_pretrained(folder).task_objects()
    if unknown := set(keep or ()) - {t.name for t in old}:
        raise ValueError(
            f"{min(unknown)!r} is no task of {folder.name}: it has "
            + ", ".join(t.name for t in old)
        )
    replaced = {t.name for t in new}
    return [t for t in old if t.name not in replaced and (keep is None or t.name in keep)]


def start_model(
    folder: Path,
    new: Sequence[Task],
    *,
    keep: Collection[str] | None = None,
    release: str,
    seed: int,
    window: int = 256,
    overlap: int = 64,
) -> FramingModel:
    """A model with the kept tasks of ``folder`` and the new ones.

    Kept heads come with their weights, their calibration folded in. So does the head of a new task
    that the model has already, under the same name with the same kind and labels: it goes on
    learning. Other heads are fresh, the same ones for the same seed.

    Raises
    ------
    ValueError
        see :func:`kept_tasks`.
    """
    torch.manual_seed(seed)
    kept = kept_tasks(folder, new, keep)
    if not is_framing_model(folder):
        return FramingModel.from_encoder(
            folder, tuple(new), window=window, overlap=overlap, release=release
        )
    with quietly():
        old = FramingModel.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
    fold_calibration(old)
    known = {t.name: t for t in old.tasks}
    tasks = [known[t.name] for t in kept] + list(new)
    config = type(old.config)(
        encoder=old.config.encoder,
        tasks=tasks,
        window=old.config.window,
        overlap=old.config.overlap,
        head_dropout=old.config.head_dropout,
        release=release,
        taxonomy=old.config.taxonomy,
    )
    model = FramingModel(config)
    model.encoder.load_state_dict(old.encoder.state_dict())
    for task in tasks:
        before = known.get(task.name)
        if before is not None and (before.kind, before.labels) == (task.kind, task.labels):
            model.heads[task.name].load_state_dict(old.heads[task.name].state_dict())
            if task.kind != "spans":
                model.queries[task.name].load_state_dict(old.queries[task.name].state_dict())
    return model
