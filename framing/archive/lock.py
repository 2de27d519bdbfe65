"""A lock on an output folder, so that two processes do not write to it at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from framing.archive.durable import cannot_write
from framing.errors import OutputError


@contextmanager
def locked(path: Path, folder: Path) -> Iterator[bool]:
    """Holds the lock file while a run works on ``folder``; it goes with the process, however ended.

    Yields False where the system has no such locks (Windows, some network file systems): there
    nothing keeps a second run out.

    Raises
    ------
    OutputError
        if another process holds it, or the file cannot be opened.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield False
        return
    try:
        file = path.open("ab")
    except OSError as error:
        raise cannot_write(path.parent, error) from error
    with file:
        held = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                f"{folder}: another process is writing to it; wait until it has ended, or name "
                "another folder"
            ) from None
        except OSError:  # a file system without locks
            held = False
        yield held
