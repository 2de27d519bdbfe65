"""``framing-train compare``: is a new model better than an old one, and worse at nothing?"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from framing.files import write_atomically
from framing.scorer import Scorer
from training.commands.evaluate import examples_of, scored_corpus, visible
from training.evaluation.compare import compare_models
from training.evaluation.words import in_words

_EXIT = """\
exit codes: 0 the new model is worse at no task; 1 it is worse at some task; 2 the comparison could
not be made. A model is worse at a task if its macro F1 (of spans, by characters) is lower than the
old one's by more than the margin; or if it is surely lower, the 95 % interval of the difference
lying under 0, and the interval reaches under minus the margin. Tasks
that one model alone has, and calibration, are shown but change no exit code."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser(
        "compare",
        parents=[scored_corpus()],
        help="compare two models on a labelled corpus; fails if the new one is worse",
        description="Scores a labelled corpus with two models and says which is better at what.",
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("old", metavar="OLD", help="a shipped name, a model folder or a hub id")
    parser.add_argument("new", metavar="NEW", help="the model that may take its place")
    parser.add_argument(
        "--margin",
        type=float,
        default=0.01,
        help="by how much of F1 the new one may be worse (default: 0.01)",
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compares and prints; returns 0 if the new model is worse at no task, else 1."""
    examples = examples_of(options)
    found = compare_models(
        Scorer(options.old, device=options.device),
        Scorer(options.new, device=options.device),
        examples,
        margin=options.margin,
        context=not options.without_context,
        samples=options.samples,
    )
    if options.json is not None:
        values = json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(options.json, values + "\n")
    sys.stdout.write(visible(in_words(found)))
    return 0 if found.passed else 1
