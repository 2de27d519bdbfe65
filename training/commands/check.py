"""``framing-train check``: what a corpus holds, and what is wrong with it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import IO, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from framing.files import write_atomically
from training.check import SHOWN, Report, check
from training.commands.options import add_corpus_options, corpus_of

__all__ = ["add_to", "print_report"]

_STYLES = {"error": "bold red", "warning": "yellow"}
_JUSTIFY: dict[str, Literal["left", "right"]] = dict.fromkeys(
    ("split", "task", "label", "reading"), "left"
)
# What a terminal would obey, and what has no UTF-8 form.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser(
        "check",
        help="say what a corpus holds and what is wrong with it",
        description="Reads a labelled corpus, counts it and names its faults by file and line. "
        "The exit code is 0 if it can be trained on, 1 if it has errors, 2 if it cannot be read.",
    )
    add_corpus_options(parser)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all that was found as JSON")
    parser.add_argument("--all", action="store_true", help=f"list every fault, not {SHOWN} a kind")
    parser.add_argument("--strict", action="store_true", help="exit code 1 for warnings too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Checks and prints; returns 0 for a corpus that can be trained on, else 1."""
    report = check(corpus_of(options))
    if options.json is not None:
        values = json.dumps(report.to_dict(), ensure_ascii=True, allow_nan=False, indent=1)
        write_atomically(options.json, values + "\n")
    print_report(report, sys.stdout, shown=None if options.all else SHOWN)
    return int(bool(report.errors or (options.strict and report.warnings)))


def print_report(report: Report, file: IO[str], *, shown: int | None = SHOWN) -> None:
    """Print the counts as tables, the faults by kind, and the verdict as the last line.

    Characters that a terminal would obey are shown as U+FFFD. Colours are left out in a pipe, or
    when the environment variable NO_COLOR is set.

    Parameters
    ----------
    shown : faults of each kind that are listed; None for all.
    """
    console = Console(file=file, highlight=False)
    for title, (header, rows) in report.tables().items():
        console.print(Text(title, style="bold"))
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        for name in header:
            table.add_column(name, overflow="fold", justify=_JUSTIFY.get(name, "right"))
        for row in rows:
            table.add_row(*(Text(_visible(cell)) for cell in row))
        console.print(table)
        console.print()
    for kind, faults in report.by_kind().items():
        style = _STYLES["error" if any(f.severity == "error" for f in faults) else "warning"]
        console.print(Text(f"{_visible(kind)} ({len(faults):,})", style=style), soft_wrap=True)
        for fault in faults[:shown]:
            console.print(Text(f"  {_visible(str(fault))}"), soft_wrap=True)
        if shown is not None and len(faults) > shown:
            console.print(Text(f"  and {len(faults) - shown:,} more; --all lists them"))
        console.print()
    console.print(Text(report.verdict, style="bold red" if report.errors else "bold green"))


def _visible(text: str) -> str:
    return _UNSHOWN.sub("\ufffd", text)
