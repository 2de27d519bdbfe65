"""The command line: ``framing score``, ``demo``, ``archive`` and ``merge``."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from framing._version import __version__
from framing.archive import commands as archive_commands
from framing.errors import FramingError, InputError
from framing.files import DEFAULT_COLUMN, is_table, read_texts, write_atomically
from framing.results import DocumentScore, SentenceScore

Result = DocumentScore | SentenceScore

EXIT_OK, EXIT_FAILURE, EXIT_INPUT, EXIT_INTERRUPTED, EXIT_PIPE = 0, 1, 2, 130, 141

EPILOG = """\
exit codes:
  0    done
  1    the model could not be loaded or run, or something unforeseen went wrong
  2    the command line or the input cannot be used as given; the message says why
  3    archive: done, but some rows could not be scored
  130  interrupted
  141  whoever read the output stopped reading
  143  archive: ended by SIGTERM
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code, one of those that ``--help`` lists."""
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        if arguments.format:  # data is UTF-8 on every system
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        else:  # a terminal that cannot show a character shows another
            sys.stdout.reconfigure(errors="replace")
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
    except FramingError as error:
        sys.stderr.write(f"framing: {error}\n")
        return EXIT_INPUT if isinstance(error, InputError) else EXIT_FAILURE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # What is still buffered goes nowhere; otherwise Python complains about it when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    return int(code or EXIT_OK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="framing",
        description="Loaded language, sourcing and framing in news text, sentence by sentence.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"framing {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    score = commands.add_parser(
        "score",
        help="score a text, or every row of a table",
        description="Score a plain text as one document, or a table (.csv, .tsv) as one a row.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    score.add_argument("file", metavar="FILE", help="a file, or - for standard input")
    score.add_argument(
        "--text-column",
        metavar="COL",
        help=f"FILE is a table; its texts are in this column (default: {DEFAULT_COLUMN})",
    )
    score.add_argument(
        "--encoding", default="utf-8", help="of FILE (default: utf-8; a byte-order mark is obeyed)"
    )
    score.add_argument(
        "--no-split",
        action="store_true",
        help="do not look for sentences: score each row, or each line of a plain text, whole",
    )
    form = score.add_mutually_exclusive_group()
    for name, help_ in (
        ("json", "print one JSON value: an object for a plain text, else an array"),
        ("jsonl", "print one JSON object a line for each document"),
        ("csv", "print one row a sentence; documents and sentences count from 0"),
    ):
        form.add_argument(f"--{name}", action="store_const", const=name, dest="format", help=help_)
    score.add_argument("--version", action="version", version=f"framing {__version__}")
    score.set_defaults(run=_score)

    demo = commands.add_parser(
        "demo", help="score the sample article, print it as a table and write an HTML report"
    )
    demo.set_defaults(run=_demo, format=None)
    archive_commands.add_to(commands)

    for command in (score, demo):
        command.add_argument("--model", default="small", help="a name, a folder or a hub id")
        command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ...")
    score.add_argument("--html", metavar="OUT", help="write an HTML report; no table is printed")
    demo.add_argument(
        "--html", metavar="OUT", default="framing-report.html", help="(default: %(default)s)"
    )
    return parser


def _score(arguments: argparse.Namespace) -> None:
    if arguments.html:
        _check_target(arguments.html)
    texts = read_texts(
        arguments.file,
        column=arguments.text_column,
        encoding=arguments.encoding,
        lines=arguments.no_split,
    )
    results: Iterable[Result] = _scorer(arguments).stream(texts, split=not arguments.no_split)
    if arguments.html:
        # The report needs all of them; without it they pass through one by one.
        results = list(results)
    single = not arguments.no_split and not is_table(arguments.file, arguments.text_column)
    if arguments.format == "json":
        values = [result.to_dict() for result in results]
        _print_json(values[0] if single else values, indent=2)
    elif arguments.format == "jsonl":
        for result in results:
            _print_json(result.to_dict())
    elif arguments.format == "csv":
        _print_csv(results)
    elif not arguments.html:
        _print_tables(results, single)
    if arguments.html:
        title = "Standard input" if arguments.file == "-" else Path(arguments.file).name
        _write_report(arguments.html, list(results), title)
        sys.stderr.write(f"framing: wrote {arguments.html}\n")


def _demo(arguments: argparse.Namespace) -> None:
    from framing.table import print_table

    _check_target(arguments.html)
    article = files("framing").joinpath("samples", "article.txt").read_text(encoding="utf-8")
    [document] = _scorer(arguments).score([article])
    print_table(document.sentences, sys.stdout)
    _write_report(arguments.html, [document], "Sample article")
    sys.stdout.write(f"\nThe same as a page: {arguments.html}\n")


def _scorer(arguments: argparse.Namespace) -> Any:
    import framing

    return framing.Scorer(arguments.model, device=arguments.device)


def _print_json(value: object, indent: int | None = None) -> None:
    text = json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False)
    # Lone surrogates have no UTF-8 form, and some readers of JSON lines take the others for line
    # ends; all of them can only stand inside a JSON string, where the escape means the same.
    text = re.sub("[\ud800-\udfff\x85\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)
    sys.stdout.write(text + "\n")


def _print_csv(results: Iterable[Result]) -> None:
    from framing.html import replace_surrogates

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for number, result in enumerate(results):
        columns = result.to_columns()
        if number == 0:
            writer.writerow(["document", *columns, "model", "weights"])
        for row in zip(*columns.values(), strict=True):
            cells = [f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row]
            cells = [replace_surrogates(cell) if isinstance(cell, str) else cell for cell in cells]
            writer.writerow([number, *cells, result.model.name, result.model.weights])


def _print_tables(results: Iterable[Result], single: bool) -> None:
    from framing.table import print_table

    whole = []  # texts that were not split make one table, a document has one of its own
    for number, result in enumerate(results, 1):
        if isinstance(result, SentenceScore):
            whole.append(result)
            continue
        if number > 1:
            sys.stdout.write("\n")
        print_table(result.sentences, sys.stdout, title=None if single else f"Text {number}")
    if whole:
        print_table(whole, sys.stdout)


def _check_target(target: str) -> None:
    path = Path(target)
    if not path.parent.is_dir():
        raise InputError(f"{target}: there is no folder {str(path.parent)!r} to write to")
    if path.exists() and not path.is_file():
        raise InputError(f"{target}: not a file; name one to write the report to")


def _write_report(target: str, results: Sequence[Result], title: str) -> None:
    from framing.html import html_report

    write_atomically(Path(target), html_report(results, title=title))
