"""The options that every command over a researcher's own corpus has."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from training.codebook import Codebook
from training.corpus import Corpus
from training.formats import FORMATS, read
from training.formats.detection import split_of
from training.formats.public import name_of
from training.records import GROUP_FIELDS

__all__ = ["add_corpus_options", "corpus_of"]


def add_corpus_options(parser: argparse.ArgumentParser) -> None:
    """Adds the corpus, and how it is to be read."""
    parser.add_argument(
        "corpus",
        nargs="+",
        help="files or folders of labelled sentences, or NAME:FOLDER for a public corpus under the "
        "data root FOLDER",
    )
    parser.add_argument(
        "--codebook",
        type=Path,
        metavar="FILE",
        help="the tasks and labels, as TOML (default: those of the shipped models)",
    )
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        metavar="NAME",
        help=f"of the files: {', '.join(FORMATS)} (default: by extension and contents)",
    )
    parser.add_argument(
        "--columns",
        nargs="+",
        action="extend",
        default=[],
        metavar="FIELD=COLUMN",
        help="which column holds a field or a task, where it has another name: text=sentence; give "
        "the corpus first",
    )
    parser.add_argument(
        "--group-by",
        choices=GROUP_FIELDS,
        default="document",
        help="what is never split between training and testing (default: document)",
    )


def corpus_of(options: argparse.Namespace) -> Corpus:
    """The corpus that the options name, all its files together.

    Several files of one folder are one corpus, named after the folder, so that a document whose
    sentences stand in two of them stays one; ``train.csv`` and the like are then of that split.

    Raises
    ------
    FileNotFoundError, ValueError
        as ``training.formats.read``.
    """
    built_in = options.codebook is None
    codebook = Codebook.built_in() if built_in else Codebook.load(options.codebook)
    columns = _columns(options.columns)
    files = [
        source for source in options.corpus if name_of(source) is None and Path(source).is_file()
    ]
    folders = Counter(Path(file).resolve().parent for file in files)
    examples, faults = [], []
    for source in options.corpus:
        folder = Path(source).resolve().parent
        together = source in files and folders[folder] > 1
        part = read(
            source,
            codebook=codebook,
            format=options.format,
            columns=columns,
            group_by=options.group_by,
            name=folder.name if together else None,
            split=split_of(Path(source)) if together else None,
        )
        examples += part.examples
        faults += part.faults
    return Corpus(codebook=codebook, examples=examples, faults=faults)


def _columns(given: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in given:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise ValueError(f"--columns: {pair!r} is not FIELD=COLUMN; give the corpus before it")
        if field in columns:
            raise ValueError(f"--columns: {field!r} is given twice")
        columns[field] = column
    return columns
