"""The sources of an archive: which files are read, in which order, as what."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from framing.archive.compression import SUFFIXES
from framing.archive.paths import SeenFiles, below, printable, shared_folder, walk
from framing.errors import InputError

Format = Literal["csv", "tsv", "jsonl", "parquet", "text"]

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "text",
}
_KNOWN = f"{', '.join(_FORMATS)}, and all but .parquet with {' or '.join(SUFFIXES)} behind it"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One table file, or many plain texts that are read as one table.

    Parameters
    ----------
    index : its place among the sources, from 0.
    path : its name for people: the file, or the folder of the texts.
    format : how it is read.
    files : the one file; of texts all, in the order of their rows.
    folder : what the ids of texts are paths below; None for the folder that all files share.
    """

    index: int
    path: str
    format: Format
    files: tuple[Path, ...]
    folder: Path | None = None

    def fingerprint(self) -> dict[str, str | int]:
        """``path``, ``format``, ``size`` in bytes and ``sha256`` of all that would be read.

        The hash of texts is over the path below their folder, the size and the bytes of each.
        Raises InputError if a file cannot be read.
        """
        digest, size = hashlib.sha256(), 0
        folder = self.folder or shared_folder(self.files)
        for file in self.files:
            try:
                with file.open("rb", buffering=0) as opened:
                    length = os.fstat(opened.fileno()).st_size
                    if self.format == "text":
                        digest.update(f"{below(file, folder)}\0{length}\0".encode())
                    while block := opened.read(1 << 20):
                        digest.update(block)
            except OSError as error:
                raise _unusable(file, f"cannot be read: {error.strerror}") from None
            size += length
        name: dict[str, str | int] = {"path": self.path, "format": self.format}
        return name | {"size": size, "sha256": digest.hexdigest()}


@dataclass(frozen=True)
class _Group:
    """The files of one argument, or of some next to each other that are a text each."""

    files: list[Path]
    folder: Path | None = None  # the argument itself
    loose: bool = False  # single texts, which more may be added to


def find_sources(inputs: Sequence[str | Path]) -> list[Source]:
    """The sources that files, globs and folders hold, in the order in which they are named.

    A folder is searched with all folders in it; its files and those of a glob are sorted by path;
    a file that is named twice is taken once. The plain texts of a folder or of a glob are one
    source, behind the tables there; so are those named one by one with nothing between them.
    Hidden files are passed over unless they are named one by one, and so are the marks that other
    programs leave beside tables (``_SUCCESS``, ``_metadata``).

    Raises
    ------
    InputError
        Nothing is named or found; a file is of an unknown kind or cannot be read.
    """
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    if not inputs:
        raise InputError("no input: name files, folders or globs such as 'articles/*.jsonl'")
    seen = SeenFiles()
    sources: list[Source] = []
    for group in _groups(inputs):
        files = [(_format(file), file) for file in group.files if seen.is_new(file)]
        for format_, file in files:
            _check(file)
            if format_ != "text":
                path = printable(file)
                sources.append(Source(index=len(sources), path=path, format=format_, files=(file,)))
        if texts := tuple(file for format_, file in files if format_ == "text"):
            folder = group.folder or shared_folder(texts)
            path = printable(texts[0] if len(texts) == 1 and not group.folder else folder)
            sources.append(
                Source(index=len(sources), path=path, format="text", files=texts, folder=folder)
            )
    return sources


def _groups(inputs: Sequence[str | Path]) -> Iterator[_Group]:
    loose = _Group([], loose=True)
    for argument in inputs:
        group = _group(argument)
        if group.loose:
            loose.files.extend(group.files)
            continue
        if loose.files:
            yield loose
            loose = _Group([], loose=True)
        yield group
    yield loose


def _group(argument: str | Path) -> _Group:
    path = Path(argument)
    if path.is_dir():
        if files := _files_in(path):
            return _Group(files, folder=path)
        raise _unusable(path, f"there is no file in it to read; known are {_KNOWN}")
    if os.path.lexists(path):
        return _Group([path], loose=_format(path) == "text")
    if not glob.has_magic(str(argument)):
        raise _unusable(path, "no such file or folder")
    found: set[Path] = set()
    # Not Path.glob, which takes no absolute pattern and no hidden file for hidden.
    for match in map(Path, glob.iglob(str(argument), recursive=True)):  # noqa: PTH207
        if not _is_mark(match):
            found.update(_files_in(match) if match.is_dir() else [match])
    if not found:
        raise _unusable(path, "nothing is there that it matches")
    return _Group(sorted(found))


def _files_in(folder: Path) -> list[Path]:
    try:
        files = sorted(walk(folder))
    except OSError as error:
        raise _unusable(folder, f"cannot be searched: {error.strerror}") from None
    files = [file for file in files if not _is_mark(file)]
    if strays := [file for file in files if _known(file) is None]:
        raise _unusable(
            folder,
            f"{len(strays):,} of its files are of an unknown kind, such as "
            f"{below(strays[0], folder)}; name those to take by a glob such as "
            f"'{printable(folder)}/**/*.csv'; known are {_KNOWN}",
        )
    return files


def _is_mark(file: Path) -> bool:
    return file.name.startswith("_") and _known(file) is None and not file.is_dir()


def _known(file: Path) -> Format | None:
    name = file.name.lower()
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            found = _FORMATS.get(Path(name.removesuffix(suffix)).suffix)
            return None if found == "parquet" else found
    return _FORMATS.get(Path(name).suffix)


def _format(file: Path) -> Format:
    if found := _known(file):
        return found
    raise _unusable(file, f"of an unknown kind; known are {_KNOWN}")


def _check(file: Path) -> None:
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise _unusable(file, f"cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        raise _unusable(file, "not a file that can be read twice, as an archive needs")
    if not os.access(file, os.R_OK):
        raise _unusable(file, "cannot be read: no permission")


def _unusable(path: Path, reason: str) -> InputError:
    return InputError(f"{printable(path)}: {reason}")
