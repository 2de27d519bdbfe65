"""``framing-train card``: the model card of a shipped model, written again with its results."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from framing.configuration import FramingConfig
from framing.files import write_atomically
from training.card import model_card
from training.quality import Row, markdown
from training.record import read_record


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    card = commands.add_parser("card", help="write the model card of a shipped model again")
    card.add_argument("folder", type=Path)
    card.add_argument("--results", type=Path, help="what benchmarks.quality has written")
    card.set_defaults(run=_card)


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
