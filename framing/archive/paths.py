"""Paths as text, and the files that a folder holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path


def printable(path: str | Path) -> str:
    """A path as text that can be written, whatever bytes are in its name."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def below(file: Path, folder: Path) -> str:
    """The path of a file below a folder as printable text, with slashes on every system."""
    return printable(os.path.relpath(file, folder)).replace(os.sep, "/")


def shared_folder(files: Sequence[Path]) -> Path:
    """The deepest folder that holds all the files."""
    folders = {file.parent for file in files}
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # some are absolute and some are not
        return Path(os.path.commonpath([folder.absolute() for folder in folders]))


def walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder that is not hidden; links to folders are followed, once each.

    Raises OSError for a folder that cannot be read.
    """
    seen = {os.path.realpath(folder)}
    for root, folders, names in os.walk(folder, followlinks=True, onerror=_fail):
        visible = [name for name in folders if not name.startswith(".")]
        # In place: os.walk goes on into those that are left.
        folders[:] = [name for name in visible if _is_new(Path(root, name), seen)]
        yield from (Path(root, name) for name in names if not name.startswith("."))


def _is_new(folder: Path, seen: set[str]) -> bool:
    place = os.path.realpath(folder)
    if place in seen:
        return False
    seen.add(place)
    return True


def _fail(error: OSError) -> None:
    raise error


class SeenFiles:
    """Which files were met before, under whatever name."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._folders: dict[Path, str] = {}

    def is_new(self, file: Path) -> bool:
        """Whether the file is met for the first time; it counts as met from then on."""
        place = Path(os.path.realpath(file)) if file.is_symlink() else file
        if place.parent not in self._folders:
            self._folders[place.parent] = os.path.realpath(place.parent)
        key = self._folders[place.parent], place.name
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
