"""The subcommands ``framing archive`` and ``framing merge``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.errors import InputError

if TYPE_CHECKING:
    from framing.archive.estimate import Estimate
    from framing.archive.summary import Summary

Commands = Any  # argparse has no public name for what subcommands are added to

EXIT_REJECTED = 3
_ENDS: Mapping[int, tuple[str, int]] = {
    signal.SIGINT: ("interrupted", 130),
    signal.SIGTERM: ("terminated", 143),
}

_CODES = """\
exit codes:
  0    done
  1    the model cannot be run or the folder cannot be written to; the same command goes on
  2    the command line or the input cannot be used as given; the message says why
  3    done, but some rows could not be scored: rejected.jsonl says which and why
  130  interrupted (SIGINT); the same command goes on behind the last part that was done
  143  ended by SIGTERM; likewise
"""


def add_to(commands: Commands) -> None:
    """Adds both subcommands."""
    _add_archive(commands)
    _add_merge(commands)


def _add_archive(commands: Commands) -> None:
    parser = commands.add_parser(
        "archive",
        help="score files of many articles into tables; resumes after a kill",
        description="Scores CSV, TSV, JSON lines, Parquet (also .gz, .zst) and plain texts into a "
        "folder of tables. Given again, a command that was stopped goes on where it was.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("inputs", metavar="IN", nargs="+", help="a file, a glob or a folder")
    add("--out", metavar="DIR", type=Path, required=True, help="the folder to write")
    add("--text-column", metavar="COL", default="text", help="of the texts (default: text)")
    add("--id-column", metavar="COL", help="of their ids (default: the file and the row)")
    add(
        "--keep",
        metavar="COL",
        action="append",
        default=[],
        help="carry this column into the output; may be given several times",
    )
    add("--no-split", action="store_true", help="score each text whole, as one sentence")
    add(
        "--level",
        choices=["sentence", "document", "both"],
        default="both",
        help="which tables are written (default: both)",
    )
    add("--format", dest="form", choices=["parquet", "jsonl"], default="parquet")
    add("--no-text", action="store_true", help="leave out the text of the sentences")
    add("--encoding", default="utf-8", help="of the input (default: utf-8)")
    add("--max-chars", metavar="N", type=int, default=1_000_000, help="reject longer texts")
    add("--part-rows", metavar="N", type=int, default=5_000, help="rows a part, at most")
    add("--part-chars", metavar="N", type=int, default=4_000_000, help="characters a part, about")
    add(
        "--once",
        action="store_true",
        help="score a sentence that comes again in a part, as wire copy does, the first time only",
    )
    add("--shard", metavar="I/N", help="score only this share of the work, as in 3/16")
    add("--strict", action="store_true", help="stop at the first row that cannot be scored")
    add("--engine", choices=["local", "ray"], default="local", help="(default: local)")
    add("--address", help="of the Ray cluster")
    add(
        "--dry-run",
        action="store_true",
        help="score a few rows, print what to expect of time and size, write nothing",
    )
    add("--model", default="small", help="a name, a folder or a hub id")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, ...")
    add("--backend", choices=["auto", "torch", "onnx"], default="auto")
    add("--precision", choices=["auto", "float32", "float16", "bfloat16"], default="auto")
    add("--workers", metavar="N", type=int, default=0, help="processes that read for a GPU: 3 or 4")
    parser.set_defaults(run=_archive, format=None)


def _add_merge(commands: Commands) -> None:
    parser = commands.add_parser(
        "merge",
        help="put the shards of an archive together",
        description="Puts the output of all shards into one folder, the same as without shards.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shards", metavar="SHARD_DIR", nargs="+", type=Path)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="the folder to write"
    )
    parser.set_defaults(run=_merge, format=None)


def _archive(arguments: argparse.Namespace) -> int:
    options = {
        "text_column": arguments.text_column,
        "id_column": arguments.id_column,
        "keep": tuple(arguments.keep),
        "split": not arguments.no_split,
        "level": arguments.level,
        "format": arguments.form,
        "text": not arguments.no_text,
        "encoding": arguments.encoding,
        "max_chars": arguments.max_chars,
        "part_rows": arguments.part_rows,
        "part_chars": arguments.part_chars,
        "once": arguments.once,
    }

    def work() -> int:
        from framing.archive.display import display
        from framing.archive.job import Job
        from framing.archive.options import ArchiveOptions, shard_of
        from framing.archive.run import score_archive

        if arguments.dry_run:
            asked = ArchiveOptions(**options, shard=shard_of(arguments.shard))
            job = Job.load(
                arguments.inputs,
                asked,
                model=arguments.model,
                device=arguments.device,
                backend=arguments.backend,
                precision=arguments.precision,
            )
            _print_estimate(job.estimate())
            return 0
        with display(sys.stderr) as report:
            summary = score_archive(
                arguments.inputs,
                arguments.out,
                **options,
                shard=arguments.shard,
                model=arguments.model,
                device=arguments.device,
                backend=arguments.backend,
                precision=arguments.precision,
                workers=arguments.workers,
                strict=arguments.strict,
                engine=arguments.engine,
                address=arguments.address,
                progress=report,
            )
        return _say(summary)

    return _resumable(work)


def _merge(arguments: argparse.Namespace) -> int:
    def work() -> int:
        from framing.archive.merge import merge_shards

        return _say(merge_shards(arguments.shards, arguments.out))

    return _resumable(work)


class _Stopped(BaseException):
    """A signal, as an exception, so that what is open is closed."""


def _resumable(work: Callable[[], int]) -> int:
    came: list[int] = []
    try:
        with _stoppable(came):
            return work()
    except BaseException as error:
        # By the list and not by the type: what a signal raises comes out as another exception
        # where it meets the import of an extension module, or Ray while it waits.
        if not came:
            if isinstance(error, ImportError):
                raise InputError(str(error)) from error
            raise
    said, code = _ENDS[came[0]]
    sys.stderr.write(f"framing: {said}; the same command goes on behind what is done\n")
    return code


@contextmanager
def _stoppable(came: list[int]) -> Iterator[None]:
    """Within it, SIGINT and SIGTERM are put down in ``came`` and raise :class:`_Stopped`."""
    if threading.current_thread() is not threading.main_thread():  # only there can they be caught
        yield
        return

    def stop(number: int, frame: object) -> None:
        came.append(number)
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(summary: Summary) -> int:
    from framing.archive.display import counted, duration

    if summary.repeated:
        share = summary.repeated / summary.sentences
        sys.stderr.write(
            f"framing: not scored, being repeats: {counted(summary.repeated, 'sentence')}, "
            f"{share:.1%}\n"
        )
    resumed = f", {summary.resumed_parts:,} of them from before" if summary.resumed_parts else ""
    sys.stderr.write(
        f"framing: {counted(summary.documents, 'document')}, "
        f"{counted(summary.sentences, 'sentence')}, "
        f"{counted(summary.parts, 'part')}{resumed}, "
        f"in {duration(summary.seconds)}: {summary.out}\n"
    )
    if not summary.rejected:
        return 0
    sys.stderr.write(
        f"framing: {counted(summary.rejected, 'row')} could not be scored; "
        f"{summary.out / 'rejected.jsonl'} says which and why\n"
    )
    return EXIT_REJECTED


def _print_estimate(found: Estimate) -> None:
    from framing.archive.display import counted, duration

    sys.stdout.write(
        f"{counted(found.sources, 'source')}, about {counted(found.rows, 'row')}, "
        f"{counted(found.characters, 'character')}, {counted(found.sentences, 'sentence')}\n"
        f"about {duration(found.seconds)} of scoring on this machine, "
        f"{_bytes(found.output_bytes)} of output\n"
        f"judged by {counted(found.sampled_rows, 'row')}; nothing was written\n"
    )


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
