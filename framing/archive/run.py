"""A run over an archive: from its files to a folder that holds the scores of each row once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from framing.archive.engine import LocalEngine, PartEngine, Tick, behind, closed
from framing.archive.entry import Entry
from framing.archive.estimate import expected_rows
from framing.archive.job import Inputs, Job
from framing.archive.manifest import Manifest, opened
from framing.archive.options import ArchiveOptions, Format, Level, shard_of
from framing.archive.part import PartKey, PendingPart, ScoredPart, pending_parts
from framing.archive.progress import Progress, Tracker
from framing.archive.stamps import Stamps
from framing.archive.summary import Summary
from framing.archive.tables import SUFFIXES, table_bytes
from framing.errors import InputError
from framing.runtime import Backend, Precision

ENGINES = ("local", "ray")


def score_archive(
    inputs: Inputs,
    out: str | Path,
    *,
    text_column: str = "text",
    id_column: str | None = None,
    keep: Sequence[str] = (),
    model: str | Path = "small",
    device: str = "auto",
    backend: Backend = "auto",
    precision: Precision = "auto",
    workers: int = 0,
    split: bool = True,
    level: Level = "both",
    format: Format = "parquet",
    text: bool = True,
    encoding: str = "utf-8",
    max_chars: int = 1_000_000,
    part_rows: int = 5_000,
    part_chars: int = 4_000_000,
    once: bool = False,
    shard: str | tuple[int, int] | None = None,
    strict: bool = False,
    engine: str = "local",
    address: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Scores the texts of files into tables, so that nothing is lost and nothing done twice.

    The work is done part by part. Killed at any moment, even by a power cut, a run goes on behind
    the last part that was done when it is called again with the same arguments, and its output
    is the same to the byte as if nothing had happened.

    Parameters
    ----------
    inputs : files, globs and folders of CSV, TSV, JSON lines, Parquet and plain texts, each but
        Parquet also as ``.gz`` or ``.zst``.
    out : the folder to write: new, empty, or that of the same run begun before.
    text_column, id_column, keep : the columns of the texts, of their ids and those to carry over.
    model, device, backend, precision, workers : see :class:`framing.Scorer`. ``workers`` are of
        this machine, for ``engine="local"``.
    split : find the sentences of each text; if False each text is scored whole.
    level : which tables: ``sentence``, ``document`` or ``both``.
    format : ``parquet`` or ``jsonl``.
    text : write the text of each sentence.
    encoding : of the sources that are text; a byte-order mark is obeyed.
    max_chars : longer texts are rejected, never cut.
    part_rows, part_chars : a part ends at so many rows, or characters of text.
    once : score a sentence that comes again within a part, as syndicated news does, the first time
        only; the summary counts the repeats.
    shard : ``"3/16"`` or ``(3, 16)``: only this share; ``framing merge`` puts them together.
    strict : end at the first row that cannot be scored, instead of setting it aside.
    engine : ``local``, or ``ray`` for a Ray cluster, at ``address``.
    progress : called as the work goes on, on the thread of the caller.

    Returns
    -------
    What the folder holds at the end.

    Raises
    ------
    InputError
        for an argument or a source that cannot be used, for a folder that holds another run, and
        under ``strict`` for a rejected row.
    ModelError
        if the model cannot be loaded.
    OutputError
        if the folder cannot be written to, is full, or is in use by another process.
    """
    options = ArchiveOptions(
        text_column=text_column,
        id_column=id_column,
        keep=keep,  # type: ignore[arg-type]  # which makes a tuple of it, or refuses
        split=split,
        level=level,
        format=format,
        text=text,
        encoding=encoding,
        max_chars=max_chars,
        part_rows=part_rows,
        part_chars=part_chars,
        once=once,
        shard=shard_of(shard),
    )
    if engine not in ENGINES:
        raise InputError(f"engine: {engine!r} is none of {', '.join(ENGINES)}")
    if workers and engine == "ray":
        raise InputError("workers: they serve engine='local'; on Ray more actors do the same")
    # With Ray the actors do the work; here the model only says what it is.
    how: dict[str, Any] = {"device": "cpu", "backend": "torch"}
    if engine == "local":
        how = {"device": device, "backend": backend, "precision": precision, "workers": workers}
    job = Job.load(inputs, options, model=model, **how)
    if engine == "ray":
        job = replace(job, runtime=f"ray, {backend} {precision}, {device}")

    def make_engine(tick: Tick) -> PartEngine:
        if engine == "local":
            return LocalEngine(job.scorer, job.layout, tick=tick)
        from framing.cluster import RayEngine

        made: PartEngine = RayEngine(
            model=model,
            device=device,
            backend=backend,
            precision=precision,
            layout=job.layout,
            address=address,
        )
        return made

    with opened(Path(out)) as manifest:
        return _Run(job, manifest, strict=strict).finish(make_engine, progress)


class _Run:
    """One run into a folder that is held."""

    def __init__(self, job: Job, manifest: Manifest, *, strict: bool) -> None:
        self.job = job
        self.manifest = manifest
        self.strict = strict
        self.schemas = job.layout.schemas
        self.stamps = Stamps(job.sources)
        self.done = manifest.begin(job.record(), job.options.levels)
        self.taken: set[PartKey] = set()

    def finish(
        self,
        make_engine: Callable[[Tick], PartEngine],
        report: Callable[[Progress], None] | None,
    ) -> Summary:
        started = time.monotonic()
        job, manifest, resumed = self.job, self.manifest, len(self.done)
        manifest.log("start", resumed_parts=resumed, device=str(job.scorer.device))
        tracker = Tracker(
            job.sources,
            job.options,
            expected_rows(job.sources, job.options),
            self.done.values(),
            report or (lambda progress: None),
        )
        if self.strict:
            self._refuse_rejected()
        with (
            closed(make_engine(tracker.scored).run(self._parts())) as scored,
            closed(behind(self._commit, scored)) as entries,
        ):
            for entry in entries:
                self.done[entry.key] = entry
                tracker.done(entry)
                manifest.log(
                    "part",
                    part=str(entry.key),
                    documents=entry.documents,
                    sentences=entry.sentences,
                    rejected=entry.rejected,
                    seconds=round(time.monotonic() - started, 3),
                )
        if lost := self.taken - set(self.done):
            raise RuntimeError(f"the engine has not returned {', '.join(map(str, sorted(lost)))}")
        summary = Summary.of(
            self.done.values(),
            out=manifest.folder,
            model=job.layout.model,
            resumed_parts=resumed,
            seconds=time.monotonic() - started,
        )
        if self.taken or not manifest.finished:
            manifest.finish(self.done, summary.to_dict())
        manifest.log("end", parts=summary.parts, seconds=summary.seconds)
        return summary

    def _parts(self) -> Iterator[PendingPart]:
        job = self.job
        for part in pending_parts(
            job.sources,
            job.options,
            dict(self.done),
            kept=job.layout.kept,
            stamps=self.stamps,
        ):
            if self.strict and part.rejected:
                first = part.rejected[0]
                raise _refusal(part.path, first.row, first.line, first.reason)
            self.taken.add(part.key)
            yield part

    def _refuse_rejected(self) -> None:
        for key, entry in sorted(self.done.items()):
            if entry.rejected:
                first = next(iter(self.manifest.rejected(key)))
                raise _refusal(first["file"], first["row"], first["line"], first["reason"])

    def _commit(self, scored: ScoredPart) -> Entry:
        form = self.job.options.format
        tables = {
            f"{name}/{scored.pending.key}{SUFFIXES[form]}": table_bytes(batches, schema, form)
            for name, schema in self.schemas.items()
            if any(map(len, batches := getattr(scored, name)))
        }
        return self.manifest.commit(scored, tables)


def _refusal(path: str, row: int, line: int | None, reason: str) -> InputError:
    where = f"row {row}" if line is None else f"line {line}"
    return InputError(
        f"{path}, {where}: {reason}; without --strict such rows are set aside in rejected.jsonl"
    )
