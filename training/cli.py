"""The command line of training: ``framing-train``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from framing.errors import FramingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a subcommand; returns its exit code, 2 where the input or the options are at fault."""
    try:
        from training.commands import build, card, check, compare, convert, distill, evaluate, fit
        from training.corpora import CorpusError
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"framing-train: {error.name} is not installed, which training needs; "
            'pip install "framing-score[train]"\n'
        )
        return 2
    parser = argparse.ArgumentParser(
        prog="framing-train",
        description="Train, evaluate and compare models on labelled sentences.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (check, convert, fit, evaluate, compare, distill, build, card):
        command.add_to(commands)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        return int(options.run(options) or 0)
    except (CorpusError, FramingError, FileNotFoundError, ImportError, ValueError) as error:
        sys.stderr.write(f"framing-train: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("framing-train: interrupted; the same command goes on from here\n")
        return 130
