"""``framing-train fit``: a model of one's own from labelled sentences."""

from __future__ import annotations

import argparse
import json
import logging
import shutil
from pathlib import Path

from training.build import save_model
from training.check import check
from training.claim import check_output, claim
from training.commands.options import add_corpus_options, corpus_of
from training.corpus import Corpus
from training.evaluation.report import write_report
from training.faults import FaultyCorpusError
from training.fit import fit, plan
from training.fit_card import fit_card, fit_record
from training.method import METHODS
from training.record import RECORD, examples_hash
from training.start import start_folder, start_hash
from training.unlabelled import read_unlabelled, unlabelled

log = logging.getLogger(__name__)
_WAYS = "\n".join(f"  {m.name:12} {m.says}" for m in METHODS.values())


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser(
        "fit",
        help="train a model on your own corpus",
        description="Trains, calibrates, evaluates and saves a model.",
        epilog=f"methods:\n{_WAYS}\nauto tries them by cross-validation where labels are few.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_corpus_options(parser)
    parser.add_argument(
        "--from",
        dest="start",
        default="small",
        help="where training starts: a shipped name, a model folder or an encoder folder (small)",
    )
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    parser.add_argument(
        "--keep",
        nargs="*",
        metavar="TASK",
        help="tasks of the starting model to keep; none after --keep keeps none; all by default",
    )
    parser.add_argument("--method", default="auto", choices=["auto", *METHODS])
    parser.add_argument(
        "--text",
        nargs="+",
        default=[],
        metavar="FILE",
        help="unlabelled texts that help the kept tasks to stay as they are: plain, CSV, Parquet",
    )
    parser.add_argument("--text-column", default="text", help="the column of a table (text)")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--report", type=Path, help="folder of the report (OUT-report)")
    parser.add_argument("--work", type=Path, help="folder of the checkpoints (OUT-work)")
    parser.set_defaults(run=_fit)


def _fit(options: argparse.Namespace) -> None:
    check_output(options.out)
    corpus: Corpus = corpus_of(options)
    found = check(corpus.sound())
    if found.errors:
        raise FaultyCorpusError(found.faults)
    for fault in found.faults:
        log.warning("%s", fault)
    start = start_folder(options.start)
    planned = plan(corpus, start, keep=options.keep, method=options.method, seed=options.seed)
    out: Path = options.out
    work = options.work or out.with_name(f"{out.name}-work")
    if options.text and not planned.kept:
        raise ValueError("--text holds kept tasks in place, and none is kept here: leave it out")
    rehearsal = unlabelled(read_unlabelled(options.text, options.text_column))
    claim(
        work,
        [
            *(examples_hash(part) for part in (planned.train, planned.dev, planned.test)),
            examples_hash(rehearsal),
            [e.group for e in planned.train],
            start_hash(start),
            [m.name for m in planned.methods],
            planned.kept,
            options.seed,
        ],
    )
    fitted = fit(
        planned,
        corpus.codebook.tasks,
        start,
        work=work,
        release=out.name,
        seed=options.seed,
        rehearsal=rehearsal,
    )
    record = fit_record(
        corpus,
        planned,
        fitted,
        start=str(options.start),
        seed=options.seed,
        rehearsal=rehearsal,
        options=_said(options),
    )
    files = {
        "README.md": fit_card(out.name, record, fitted, corpus),
        RECORD: json.dumps(record, indent=1) + "\n",
    }
    report = options.report or out.with_name(f"{out.name}-report")
    write_report(fitted.evaluation, report)
    save_model(fitted.model, start, out, files)
    shutil.rmtree(work, ignore_errors=True)


def _said(options: argparse.Namespace) -> list[str]:
    """The options that another run needs to come to the same; files go by what they are."""
    said = [] if options.codebook is None else ["--codebook", "CODEBOOK.toml"]
    if options.format:
        said += ["--format", options.format]
    if options.columns:
        said += ["--columns", *options.columns]
    if options.group_by != "document":
        said += ["--group-by", options.group_by]
    said += ["--from", str(options.start)]
    if options.keep is not None:
        said += ["--keep", *options.keep]
    if options.method != "auto":
        said += ["--method", options.method]
    if options.text:
        said += ["--text", "TEXTS"]
    if options.text_column != "text":
        said += ["--text-column", options.text_column]
    return [*said, "--seed", str(options.seed)]
