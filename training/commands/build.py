"""``framing-train build``: a shipped model from the public corpora."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from framing.hub import is_framing_model
from training.assemble import assemble
from training.build import (
    calibrated,
    save_model,
    tokenizer_of,
    train_stages,
    without_side_tasks,
)
from training.card import model_card
from training.claim import check_output
from training.commands.lessons import add_lesson_options, lessons_of
from training.recipe import RECIPES, Recipe
from training.record import RECORD, read_record, training_record

ENCODERS = {
    "small": "sentence-transformers/all-MiniLM-L6-v2",
    "base": "sentence-transformers/all-mpnet-base-v2",
}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    build = commands.add_parser("build", help="train a shipped model from the public corpora")
    build.add_argument("--data", type=Path, required=True, help="the root of the corpora")
    build.add_argument(
        "--encoder",
        type=Path,
        required=True,
        help="folder of the encoder, or of a model that goes on learning",
    )
    build.add_argument("--out", type=Path, required=True, help="the model folder to write")
    build.add_argument("--recipe", type=Path, default=RECIPES / "small.toml")
    build.add_argument("--work", type=Path, help="for checkpoints; runs/, named like the recipe")
    build.add_argument("--until", metavar="STAGE", help="save the model after this stage")
    add_lesson_options(build)
    build.set_defaults(run=_build)


def _build(options: argparse.Namespace) -> None:
    if not (options.encoder / "tokenizer.json").is_file():
        raise FileNotFoundError(f"{options.encoder} has no tokenizer.json: give an encoder folder")
    check_output(options.out)
    recipe = Recipe.load(options.recipe)
    before = read_record(options.encoder) if is_framing_model(options.encoder) else None
    size = recipe.release.removeprefix("framing-")
    encoder = before["encoder"] if before else ENCODERS.get(size, options.encoder.name)
    stages = [stage.name for stage in recipe.stages]
    if options.until is not None and options.until not in stages:
        raise ValueError(
            f"recipe {recipe.release} has no stage {options.until!r}: {', '.join(stages)}"
        )
    material = assemble(options.data, seed=recipe.seed, apart=recipe.apart)
    work = options.work or Path("runs") / options.recipe.stem
    material = lessons_of(options, material, recipe, work)
    model = without_side_tasks(
        train_stages(material, recipe, options.encoder, work, until=options.until)
    )
    fitted = f"{len(material.heldout):,} held-out sentences, seed {recipe.seed}"
    tokenizer = tokenizer_of(model, options.encoder)
    model = calibrated(model, tokenizer, material.heldout, fitted)
    record = training_record(material, recipe, encoder, file=options.recipe.name, before=before)
    card = model_card(recipe.release, record, model.config.task_objects(), fitted, {})
    files = {"README.md": card, RECORD: json.dumps(record, indent=1) + "\n"}
    save_model(model, options.encoder, options.out, files)
