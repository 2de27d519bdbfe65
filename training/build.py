"""From corpora to a saved model folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from framing.columns import ModelInfo
from framing.encoding import SentenceTokenizer
from framing.engine import Engine
from framing.modeling import FramingModel
from framing.task import Task, default_tasks
from training.assemble import Material
from training.calibration import fit_tasks
from training.claim import check_output
from training.example import Example
from training.recipe import Recipe
from training.soup import train_runs
from training.start import start_model

SIDE_TASKS: tuple[Task, ...] = (
    Task(name="semeval_loaded", kind="binary", labels=("loaded",)),
    Task(name="attributed_speech", kind="binary", labels=("speech",)),
)
"""Heads that only teach the encoder and are not saved: their corpora mean something narrower."""

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
SHARD = "90MB"
"""The most that a file of weights holds: hosts of repositories refuse files of 100 MB."""

DRAFT = ModelInfo(name="draft", weights="", calibration="", taxonomy="", library="")
"""What a model is called while it has no calibration yet."""


def fresh_model(encoder: Path, recipe: Recipe, tasks: Sequence[Task] | None = None) -> FramingModel:
    """Heads for the tasks, side tasks included: new ones on a pretrained encoder, the same ones for
    the same seed. Of a framing model the heads that it has go on (:func:`start_model`).
    """
    return start_model(
        encoder,
        tasks if tasks is not None else default_tasks() + SIDE_TASKS,
        release=recipe.release,
        seed=recipe.seed,
        window=recipe.window,
        overlap=recipe.overlap,
    )


def tokenizer_of(model: FramingModel, folder: Path) -> SentenceTokenizer:
    """The tokenizer in ``folder``, padded as the model wants it."""
    return SentenceTokenizer(folder, pad=model.config.encoder_config().pad_token_id or 0)


def train_stages(
    material: Material, recipe: Recipe, encoder: Path, work: Path, *, until: str | None = None
) -> FramingModel:
    """The model after the stages of ``recipe``, or after stage ``until``.

    What is done is kept in ``work`` and not done again (:func:`training.soup.train_runs`); a run
    that was killed goes on from its newest checkpoint.
    """
    model = fresh_model(encoder, recipe)
    tokenizer = tokenizer_of(model, encoder)
    examples = material.train + [e for kept in material.apart.values() for e in kept]
    for stage in recipe.stages:
        train_runs(model, tokenizer, examples, stage, folder=work / stage.name, seed=recipe.seed)
        if stage.name == until:
            break
    return model


def without_side_tasks(model: FramingModel) -> FramingModel:
    """The same weights under the heads of the five tasks alone."""
    config = model.config
    names = {t.name for t in SIDE_TASKS}
    config.tasks = [t for t in config.tasks if t["name"] not in names]
    lean = FramingModel(config)
    lean.load_state_dict(
        {k: v for k, v in model.state_dict().items() if not set(k.split(".")) & names}
    )
    lean.train(False)
    return lean


def calibrated(
    model: FramingModel, tokenizer: SentenceTokenizer, heldout: Sequence[Example], name: str
) -> FramingModel:
    """``model`` as it will be saved, in half precision and back, fitted on held-out documents."""
    model = model.half().float()
    tasks = fit_tasks(Engine(model, tokenizer, DRAFT), heldout)
    model.config.tasks = [t.to_dict() for t in tasks]
    model.config.calibration = name
    return model


def save_model(model: FramingModel, encoder: Path, out: Path, files: Mapping[str, str]) -> None:
    """Writes the model folder, weights in half precision and shards, all of it or nothing.

    ``files`` are texts that go along, by name. An older model at ``out`` is replaced.

    Raises
    ------
    ValueError
        if there is anything else at ``out``.
    """
    check_output(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        half = FramingModel(model.config)
        half.load_state_dict(model.state_dict())
        half.half().save_pretrained(draft, max_shard_size=SHARD)
        for name in _TOKENIZER_FILES:
            if (encoder / name).is_file():
                shutil.copyfile(encoder / name, draft / name)
        for name, text in files.items():
            (draft / name).write_text(text, encoding="utf-8")
        draft.chmod(0o755)
        for path in draft.iterdir():
            path.chmod(0o644)
        if out.exists():
            shutil.rmtree(out)
        draft.replace(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
