"""The command line of training: ``framing-train``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from framing.configuration import FramingConfig
from framing.files import write_atomically
from training.assemble import assemble
from training.build import (
    calibrated,
    save_model,
    tokenizer_of,
    train_stages,
    without_side_tasks,
)
from training.card import model_card
from training.corpora import CorpusError
from training.quality import Row, markdown
from training.recipe import RECIPES, Recipe
from training.record import RECORD, read_record, training_record

ENCODERS = {
    "small": "sentence-transformers/all-MiniLM-L6-v2",
    "base": "sentence-transformers/all-mpnet-base-v2",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a subcommand; returns 0, or 2 where the input or the options are at fault."""
    parser = argparse.ArgumentParser(prog="framing-train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="train a shipped model from the public corpora")
    build.add_argument("--data", type=Path, required=True, help="the root of the corpora")
    build.add_argument("--encoder", type=Path, required=True, help="folder of the encoder")
    build.add_argument("--out", type=Path, required=True, help="the model folder to write")
    build.add_argument("--recipe", type=Path, default=RECIPES / "small.toml")
    build.add_argument("--work", type=Path, default=Path("runs/small"), help="for checkpoints")
    build.set_defaults(run=_build)
    card = commands.add_parser("card", help="write the model card of a folder again")
    card.add_argument("folder", type=Path)
    card.add_argument("--results", type=Path, help="what benchmarks.quality has written")
    card.set_defaults(run=_card)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        options.run(options)
    except (CorpusError, FileNotFoundError, ValueError) as error:
        sys.stderr.write(f"framing-train: {error}\n")
        return 2
    return 0


def _build(options: argparse.Namespace) -> None:
    if not (options.encoder / "tokenizer.json").is_file():
        raise FileNotFoundError(f"{options.encoder} has no tokenizer.json: give an encoder folder")
    recipe = Recipe.load(options.recipe)
    material = assemble(options.data, seed=recipe.seed, apart=recipe.apart)
    model = without_side_tasks(train_stages(material, recipe, options.encoder, options.work))
    fitted = f"{len(material.heldout):,} held-out sentences, seed {recipe.seed}"
    tokenizer = tokenizer_of(model, options.encoder)
    model = calibrated(model, tokenizer, material.heldout, fitted)
    name = ENCODERS.get(recipe.release.removeprefix("framing-"), options.encoder.name)
    record = training_record(material, recipe, name)
    card = model_card(recipe.release, record, model.config.task_objects(), fitted, {})
    files = {"README.md": card, RECORD: json.dumps(record, indent=1) + "\n"}
    save_model(model, options.encoder, options.out, files)


def _card(options: argparse.Namespace) -> None:
    record = read_record(options.folder)
    config = FramingConfig.from_pretrained(options.folder)
    tables: dict[str, str] = {}
    if options.results is not None:
        found = json.loads(options.results.read_text(encoding="utf-8"))
        found.pop("model", None)
        tables = {
            section: markdown(Row.from_dict(r) for r in rows) for section, rows in found.items()
        }
    card = model_card(config.release, record, config.task_objects(), config.calibration, tables)
    write_atomically(options.folder / "README.md", card)
