"""``framing-train convert``: a corpus from one format into another."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from training.commands.options import add_corpus_options, corpus_of
from training.formats import FORMATS, write

__all__ = ["add_to"]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser(
        "convert",
        help="write a corpus in another format",
        description="Reads labelled sentences and writes them in another format, labels, votes and "
        "offsets as they are. Nothing is written if a sentence has an error.",
    )
    add_corpus_options(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help="the file or folder to write")
    kinds = [name for name, kind in FORMATS.items() if kind.write]
    parser.add_argument(
        "--to",
        choices=kinds,
        metavar="NAME",
        help=f"the format of OUT: {', '.join(kinds)} (default: by its extension)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Converts; the faults that do not keep it from that go to standard error."""
    corpus = corpus_of(options).sound()
    for fault in corpus.faults:
        sys.stderr.write(f"{fault}\n")
    write(corpus, options.out, codebook=corpus.codebook, format=options.to)
    sys.stdout.write(f"{options.out}: {len(corpus.examples):,} sentences\n")
    return 0
