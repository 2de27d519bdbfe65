"""Files and folders put in place when they are whole, never half written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["placed"]


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """Gives a path to write a file or a folder to, which takes the place of ``path`` at the end.

    What stood there stays until then, and stays if anything fails.

    Raises
    ------
    ValueError
        if the place cannot be written to.
    """
    target = path.resolve()  # a link stays one
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        yield part
        if target.is_dir():
            if not part.is_dir():
                raise ValueError(f"{path} is a folder; name a file")
            target.replace(old)
        part.replace(target)
    except OSError as error:
        if old.exists():
            old.replace(target)
        raise ValueError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        for left in (part, old):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink(missing_ok=True)
