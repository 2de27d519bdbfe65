"""Files that are whole, or not there, whatever happens to the machine while they are written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from framing.errors import OutputError

TEMPORARY = ".tmp"


def temporary(path: Path) -> Path:
    """The name under which a file is written; table readers pass over it."""
    return path.with_name(f".{path.name}{TEMPORARY}")


def write_durably(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Writes a file so that it is on the disk, whole and under its name, when this returns.

    What stands there already is replaced in one step. Killed in between, a process leaves at most
    a file named by :func:`temporary`.

    Raises
    ------
    OutputError
        if the folder cannot be written to or is full, naming it.
    """
    waiting = temporary(path)
    try:
        with waiting.open("wb") as file:
            for chunk in [content] if isinstance(content, bytes) else content:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
        raise cannot_write(path.parent, error) from error


def make_folder(path: Path) -> None:
    """Makes a folder, and those that it lies in; OutputError if that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def sync_folder(path: Path) -> None:
    """Brings the names in a folder to the disk, where a system can do that."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def cannot_write(folder: Path, error: OSError) -> OutputError:
    """What to raise when a folder cannot be written to."""
    return OutputError(
        f"{folder}: cannot be written to: {error.strerror or error}; put that right and give the "
        "same command again: it goes on behind the last part that was done"
    )
