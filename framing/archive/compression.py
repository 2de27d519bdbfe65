"""The bytes of a file as they were before it was compressed, or why they are not all there."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

SUFFIXES = (".gz", ".zst")
_READ = 1 << 18
# What a step may inflate to is bounded by what goes in: zstd makes up to 128 KiB of four bytes.
_STEP = 1 << 8
_LONGEST_WINDOW = 1 << 31  # zstd --long=31, as in some large public dumps


class UnreadableError(Exception):
    """What ends a source before its end; whoever knows file and row puts them in front."""


def read_pieces(path: Path) -> Generator[bytes, None, None]:
    """The bytes of a file, inflated if its name ends in ``.gz`` or ``.zst``, in small pieces.

    Raises UnreadableError for a stream that is broken or cut off, or for a file whose size changes
    while it is read; OSError where the file cannot be read; ImportError without zstandard.
    """
    pieces = _read_file(path)
    suffix = path.suffix.lower()
    if suffix == ".gz":
        yield from _inflate(pieces, lambda: zlib.decompressobj(wbits=31), "gzip", zlib.error)
    elif suffix == ".zst":
        try:
            import zstandard
        except ImportError:
            raise ImportError(
                '.zst files need zstandard: pip install "framing-score[archive]"'
            ) from None
        machine = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW)
        yield from _inflate(pieces, machine.decompressobj, "zstd", zstandard.ZstdError)
    else:
        yield from pieces


def _read_file(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        size, seen = os.fstat(file.fileno()).st_size, 0
        while piece := file.read(_READ):
            seen += len(piece)
            yield piece
    if seen != size:
        raise UnreadableError(
            f"it had {size:,} bytes when opened and {seen:,} when read; leave it alone until the "
            "run is over"
        )


def _inflate(
    pieces: Iterator[bytes], begin: Callable[[], Any], name: str, broken: type[Exception]
) -> Iterator[bytes]:
    # The members (gzip) or frames (zstd) of a file, one after another. Every one must come to its
    # own end: the readers of the libraries pass over a frame that is cut off.
    machine, members = None, 0
    for piece in pieces:
        for at in range(0, len(piece), _STEP):
            step = piece[at : at + _STEP]
            while step:
                if machine is None:
                    if members and name == "gzip" and not (step := step.lstrip(b"\0")):
                        break  # a tape's padding
                    machine = begin()
                try:
                    inflated = machine.decompress(step)
                except broken as error:
                    raise UnreadableError(f"its {name} stream is broken: {error}") from None
                for start in range(0, len(inflated), _READ):
                    yield inflated[start : start + _READ]
                step = b""
                if machine.eof:
                    step, machine, members = machine.unused_data, None, members + 1
    if machine is not None or not members:
        raise UnreadableError(f"its {name} stream is cut off; fetch or write the file again")
