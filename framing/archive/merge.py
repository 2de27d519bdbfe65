"""Shards put together: the output that one run over all of it would have had."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.archive.durable import cannot_write, sync_folder, temporary
from framing.archive.entry import Entry, PartFile, read_entry
from framing.archive.manifest import Manifest, opened
from framing.archive.options import ArchiveOptions
from framing.archive.part import PartKey, in_shard
from framing.archive.run_record import RunRecord
from framing.archive.summary import Summary
from framing.columns import ModelInfo
from framing.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Shard:
    """The output folder of one shard.

    Parameters
    ----------
    manifest : its manifest, which is only read.
    record : of its run.
    number, count : ``3`` and ``16`` of shard 3/16.
    """

    manifest: Manifest
    record: RunRecord
    number: int
    count: int

    @classmethod
    def read(cls, folder: Path) -> Shard:
        """The shard in a folder; InputError if there is none."""
        manifest = Manifest(folder)
        record = RunRecord.read(manifest.home / "run.json")
        shard = record.values["shard"]
        if shard is None:
            raise InputError(
                f"{folder}: not a shard, it holds a whole run; there is nothing to merge"
            )
        return cls(manifest=manifest, record=record, number=shard[0], count=shard[1])

    def entries(self) -> Iterator[Entry]:
        """Its parts that are done; InputError for one that is damaged or another shard's."""
        sources = len(self.record.values["sources"])
        for path in sorted(self.manifest.parts.glob("part-*.json")):
            try:
                entry = read_entry(path)
            except ValueError as error:
                raise InputError(f"{error}; run shard {self.number}/{self.count} again") from None
            if not in_shard(entry.key, sources, (self.number, self.count)):
                raise InputError(f"{path}: a part of another shard than {self.number}/{self.count}")
            yield entry


def merge_shards(shards: Sequence[str | Path], out: str | Path) -> Summary:
    """Puts the output folders of all shards of a run together.

    Data files are linked where the file system allows it, else copied. All are read once and held
    against the hashes in the manifests. A merge that was killed goes on where it stopped when it
    is called again.

    Parameters
    ----------
    shards : the output folders, in any order.
    out : the folder to write: new, empty, or that of the same merge begun before.

    Returns
    -------
    What the folder holds: the same files as a run without shards would have written.

    Raises
    ------
    InputError
        if the shards are not of one run, one is missing or named twice, one is not finished, or a
        file is not what its manifest says.
    OutputError
        if the folder cannot be written to.
    """
    started = time.monotonic()
    found = [Shard.read(Path(folder)) for folder in shards]
    _check_one_run(found)
    homes = {entry.key: (shard, entry) for shard in found for entry in shard.entries()}
    whole = found[0].record.without_shard()
    _check_complete(homes, whole, found[0].count)
    level, model = whole.values["options"]["level"], ModelInfo(**whole.values["model"])
    with opened(Path(out)) as manifest:
        done = manifest.begin(whole, ArchiveOptions(level=level).levels)
        resumed = len(done)
        manifest.log("merge", shards=[str(folder) for folder in shards], resumed_parts=resumed)
        for key, (shard, entry) in sorted(homes.items()):
            if key in done:
                continue
            for file in entry.files:
                _bring(shard, file, manifest.folder)
            manifest.write_entry(key, shard.manifest.entry_path(key).read_bytes())
            done[key] = entry
        summary = Summary.of(
            done.values(),
            out=manifest.folder,
            model=model,
            resumed_parts=resumed,
            seconds=time.monotonic() - started,
        )
        manifest.finish(done, summary.to_dict())
        manifest.log("end", parts=summary.parts, seconds=summary.seconds)
        return summary


def _check_one_run(shards: Sequence[Shard]) -> None:
    if not shards:
        raise InputError("name the output folders of the shards")
    first = shards[0]
    for shard in shards[1:]:
        folder = f"{shard.manifest.folder} and {first.manifest.folder}"
        if shard.count != first.count:
            raise InputError(f"{folder}: one of {shard.count} shards and one of {first.count}")
        if changes := list(first.record.without_shard().changes(shard.record.without_shard())):
            raise InputError(f"{folder} are of different runs: {'; '.join(changes[:8])}")
    places: dict[int, Path] = {}
    for shard in shards:
        if shard.number in places:
            raise InputError(
                f"{shard.manifest.folder} and {places[shard.number]} are both shard "
                f"{shard.number}/{shard.count}; name each once"
            )
        places[shard.number] = shard.manifest.folder
    if missing := [n for n in range(1, first.count + 1) if n not in places]:
        raise InputError(
            f"shards missing: {', '.join(f'{n}/{first.count}' for n in missing)}; name the folders "
            "of all"
        )


def _check_complete(
    homes: Mapping[PartKey, tuple[Shard, Entry]], whole: RunRecord, count: int
) -> None:
    """InputError unless the parts of each source follow on one another, up to its last."""
    sources = whole.values["sources"]
    for file, source in enumerate(sources):
        key, row = PartKey(file, 0), 0
        while True:
            if key not in homes:
                number = next(
                    n for n in range(1, count + 1) if in_shard(key, len(sources), (n, count))
                )
                raise InputError(
                    f"shard {number}/{count} is not finished ({key} of {source['path']} is not "
                    "there); give its command again"
                )
            entry = homes[key][1]
            if entry.first_row != row:
                raise InputError(f"{key}: begins with row {entry.first_row}, wanted {row}")
            key, row = PartKey(file, key.block + 1), entry.end
            if entry.last:
                break


def _bring(shard: Shard, file: PartFile, out: Path) -> None:
    source, target = shard.manifest.folder / file.path, out / file.path
    try:
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from None
    if digest != file.sha256:
        raise InputError(
            f"{source}: not what shard {shard.number}/{shard.count} wrote; copy it from there "
            "once more, or give the command of that shard again"
        )
    waiting = temporary(target)
    try:
        waiting.unlink(missing_ok=True)  # it may be a link: nothing must be written through it
        try:
            os.link(source, waiting)
        except OSError:  # another file system, or one without links
            shutil.copyfile(source, waiting)
            with waiting.open("rb+") as copied:
                os.fsync(copied.fileno())
        waiting.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        waiting.unlink(missing_ok=True)
        raise cannot_write(target.parent, error) from error
