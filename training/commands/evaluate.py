"""``framing-train evaluate``: how good a model is on a labelled corpus."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from framing.scorer import Scorer
from training.commands.options import add_corpus_options, corpus_of
from training.evaluation.predictions import evaluate_model
from training.evaluation.report import summary, write_report
from training.example import Example
from training.quality import markdown
from training.records import SPLITS


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser(
        "evaluate",
        parents=[scored_corpus()],
        help="measure a model on a labelled corpus",
        description="Scores a labelled corpus and prints the measures of each task, with 95 % "
        "intervals from resampling documents.",
    )
    parser.add_argument("model", help="a shipped name, a model folder or a hub id")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="also write report.md, results.json and reliability diagrams into this folder",
    )
    parser.add_argument(
        "--tasks", nargs="+", metavar="TASK", help="evaluate these alone (default: all labelled)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Evaluates, prints the measures and writes the report."""
    examples = examples_of(options)
    model = Scorer(options.model, device=options.device)
    found = evaluate_model(
        model, examples, tasks=options.tasks, context=not options.without_context
    )
    rows = found.rows(samples=options.samples)
    lines = [*summary(found), "", markdown(rows)]
    if options.out is not None:
        write_report(found, options.out, rows=rows, samples=options.samples)
        lines += ["", f"The report is in {options.out / 'report.md'}."]
    sys.stdout.write(visible("\n".join(lines)) + "\n")


class _OnParser(argparse.ArgumentParser):
    """Takes the corpus behind ``--on``, since models stand where other commands have it."""

    def add_argument(self, *names: Any, **facts: Any) -> argparse.Action:
        if names == ("corpus",):
            names, facts = ("--on",), {**facts, "dest": "corpus", "required": True}
            facts["metavar"] = "CORPUS"
        return super().add_argument(*names, **facts)


def scored_corpus() -> argparse.ArgumentParser:
    """A parent parser: the corpus to be scored, and how."""
    parser = _OnParser(add_help=False)
    add_corpus_options(parser)
    parser.add_argument(
        "--split", choices=SPLITS, help="the sentences of this split alone (default: all)"
    )
    parser.add_argument(
        "--without-context",
        action="store_true",
        help="score each sentence alone, as if no quotation were open where it starts",
    )
    parser.add_argument(
        "--samples", type=int, default=1000, help="resamples of each interval (default: 1000)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    return parser


def examples_of(options: argparse.Namespace) -> list[Example]:
    """The sentences to be scored.

    Raises
    ------
    FaultyCorpusError
        if the corpus has errors.
    ValueError
        if there are no sentences, or none of the split, or too few resamples are asked for.
    """
    if options.samples < 20:
        raise ValueError(f"--samples {options.samples}: a 95 % interval takes 20 or more")
    found = corpus_of(options).sound().examples
    if options.split is not None:
        found = [e for e in found if e.split == options.split]
    if not found:
        of = "" if options.split is None else f" of split {options.split!r}; leave out --split"
        raise ValueError(f"the corpus has no sentences{of}")
    return found


def visible(text: str) -> str:
    """The text without characters that a terminal would obey, line ends apart."""
    return "".join(c if c == "\n" or c.isprintable() else "\ufffd" for c in text)
