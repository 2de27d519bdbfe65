"""Stamps: whether a file is still the one that was looked at when the run began."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from framing.archive.inputs import Source
from framing.errors import InputError


class Stamps:
    """The size and the time of change of every file of an archive's sources.

    Parameters
    ----------
    sources : their files are looked at now.

    Raises
    ------
    InputError
        if one is not there.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._found = {s.index: [_stamp(s, path) for path in s.files] for s in sources}

    def check(self, source: Source, start: int, end: int) -> None:
        """InputError if what the rows ``start`` to ``end`` were read from is no longer the same.

        A plain text is a row, any other source one file.
        """
        rows = slice(start, end) if source.format == "text" else slice(1)
        for path, stamp in zip(source.files[rows], self._found[source.index][rows], strict=True):
            if _stamp(source, path) != stamp:
                raise InputError(
                    f"{path}: it has changed while the archive was read, so what was read of it "
                    "cannot be trusted; put it back as it was and give the same command again, "
                    "or score what it is now into another folder"
                )


def _stamp(source: Source, path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError as error:
        within = "" if str(path) == source.path else f" (of {source.path})"
        raise InputError(
            f"{path}{within}: cannot be read any more: {error.strerror}; once it is back, the same "
            "command goes on where this one stopped"
        ) from None
    return state.st_size, state.st_mtime_ns
