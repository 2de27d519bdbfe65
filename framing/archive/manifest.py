"""The manifest of an output folder: what is being made there, and which parts of it are done."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from framing.archive.durable import (
    TEMPORARY,
    cannot_write,
    make_folder,
    sync_folder,
    temporary,
    write_durably,
)
from framing.archive.entry import Entry, PartFile, read_entry, read_rejected
from framing.archive.lock import locked
from framing.archive.part import PartKey, ScoredPart
from framing.archive.run_record import RunRecord
from framing.errors import InputError, OutputError

TABLES = ("sentences", "documents")


class Manifest:
    """An output folder that is held by this process.

    Parameters
    ----------
    folder : the output folder, locked; see :func:`opened`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "_manifest"
        self.parts = self.home / "parts"

    def begin(self, record: RunRecord, tables: Iterable[str]) -> dict[PartKey, Entry]:
        """Makes the folder ready for a run and returns the parts that are done already.

        What a run that was killed has left of an uncommitted part is removed, and so is a part
        whose files are no longer there in full.

        Raises
        ------
        InputError
            if the folder holds the output of a run with other inputs, model or options.
        """
        path = self.home / "run.json"
        if path.exists():
            RunRecord.read(path).check_same(record, self.folder)
        for name in (*tables, "_manifest/parts"):
            make_folder(self.folder / name)
        if not path.exists():
            write_durably(path, record.to_json())
        try:
            done = self._entries()
            self._sweep(done)
        except OutputError:
            raise
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        return done

    def commit(self, scored: ScoredPart, tables: Mapping[str, bytes]) -> Entry:
        """Writes the data files of a part and then, which makes it done, its entry.

        Parameters
        ----------
        scored : the part.
        tables : by its path below the output folder, the content of each table that has rows.
        """
        files = []
        for path, content in tables.items():
            write_durably(self.folder / path, content)
            digest = hashlib.sha256(content).hexdigest()
            files.append(PartFile(path=path, size=len(content), sha256=digest))
        part = scored.pending
        entry = Entry.of(scored, files=tuple(files))
        rejected = [
            {"file": part.path, "row": r.row, "line": r.line, "id": r.id, "reason": r.reason}
            for r in part.rejected
        ]
        self.write_entry(entry.key, entry.to_json(rejected))
        return entry

    def write_entry(self, key: PartKey, content: bytes) -> None:
        """Writes the file of an entry: from then on its part is done."""
        write_durably(self.entry_path(key), content)

    def entry_path(self, key: PartKey) -> Path:
        """Where the entry of a part stands."""
        return self.parts / f"{key}.json"

    def rejected(self, key: PartKey) -> Iterator[Mapping[str, Any]]:
        """The rejected rows of a part that is done, as rejected.jsonl has them."""
        return read_rejected(self.entry_path(key))

    def finish(self, done: Iterable[PartKey], summary: Mapping[str, Any]) -> None:
        """Writes what is made at the end, from the parts: rejected.jsonl and summary.json."""
        lines = (
            json.dumps(row, ensure_ascii=True).encode() + b"\n"
            for key in sorted(done)
            for row in self.rejected(key)
        )
        write_durably(self.folder / "rejected.jsonl", lines)
        content = json.dumps(summary, indent=1).encode() + b"\n"
        write_durably(self.folder / "summary.json", content)

    @property
    def finished(self) -> bool:
        """Whether what is made at the end is there."""
        return (self.folder / "summary.json").is_file() and (
            self.folder / "rejected.jsonl"
        ).is_file()

    def log(self, event: str, **values: object) -> None:
        """Adds a line to the log, with the time (UTC)."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = json.dumps({"time": now, "event": event} | values, default=str)
        path = self.home / "log.jsonl"
        try:
            with path.open("ab+") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - 1))
                # A run that was killed may have left half a line.
                torn = file.read(1) not in (b"", b"\n")
                file.write((b"\n" if torn else b"") + line.encode() + b"\n")
        except OSError as error:
            raise cannot_write(self.home, error) from error

    def _entries(self) -> dict[PartKey, Entry]:
        found = {}
        for path in sorted(self.parts.glob("part-*.json")):
            try:
                entry = read_entry(path)
                complete = all(_size(self.folder / f.path) == f.size for f in entry.files)
            except ValueError:
                complete = False
            if complete:
                found[entry.key] = entry
                continue
            # Scored again, as if it had never been done, and the run is not finished any more.
            self.log("redo", part=path.stem)
            (self.folder / "summary.json").unlink(missing_ok=True)
            path.unlink()
            sync_folder(self.parts)
        return found

    def _sweep(self, done: Mapping[PartKey, Entry]) -> None:
        wanted = {file.path for entry in done.values() for file in entry.files}
        ends = (
            self.folder / "rejected.jsonl",
            self.folder / "summary.json",
            self.home / "run.json",
        )
        left = [temporary(path) for path in ends] + _unfinished(self.parts)
        for name in TABLES:
            left += _unfinished(self.folder / name)
            left += [
                path
                for path in (self.folder / name).glob("part-*")
                if PartKey.parse(path.stem) and f"{name}/{path.name}" not in wanted
            ]
        for path in left:
            path.unlink(missing_ok=True)


@contextmanager
def opened(folder: Path) -> Iterator[Manifest]:
    """The manifest of an output folder, made if need be, and locked while it is in use.

    Raises
    ------
    InputError
        if there is a folder with something else in it.
    OutputError
        if the folder cannot be written to, or another process is at it.
    """
    home = folder / "_manifest"
    if folder.exists() and not home.is_dir():
        if not folder.is_dir():
            raise InputError(f"{folder}: a file; name a folder to write to")
        if other := sorted(path.name for path in folder.iterdir()):
            raise InputError(
                f"{folder}: a folder with something else in it ({other[0]}); name a new or an "
                "empty one"
            )
    make_folder(folder)
    make_folder(home)
    with locked(home / "lock", folder) as held:
        manifest = Manifest(folder)
        if not held:
            manifest.log("unlocked", reason="no file locks here; run one process only")
        try:
            yield manifest
        except BaseException as error:
            with suppress(OutputError):
                manifest.log("stopped", error=f"{type(error).__name__}: {error}")
            raise


def _unfinished(folder: Path) -> list[Path]:
    return list(folder.glob(f".part-*{TEMPORARY}"))


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
