"""What to expect of a run: rows by the sizes of the files, time and output by a sample."""

from __future__ import annotations

import csv
import io
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from framing.archive.arrow import pa, pq
from framing.archive.compression import UnreadableError
from framing.archive.encodings import one_byte_lines
from framing.archive.engine import TextScorer, score_part
from framing.archive.inputs import Source
from framing.archive.layout import Layout
from framing.archive.options import ArchiveOptions
from framing.archive.part import pending_parts
from framing.archive.tables import table_bytes
from framing.errors import InputError

_HEAD = 1 << 18
_SAMPLED_FILES = 16
_SAMPLED_SOURCES = 3
_SAMPLE_ROWS = 100
_SAMPLE_CHARS = 200_000


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run would come to, judged by a sample.

    Parameters
    ----------
    sources : how many sources there are.
    rows, characters, sentences : how many of each to expect.
    seconds : of scoring, on this machine and device.
    output_bytes : the size of the data files.
    sampled_rows : how many rows were scored to find out.
    """

    sources: int
    rows: int
    characters: int
    sentences: int
    seconds: float
    output_bytes: int
    sampled_rows: int


def estimate(
    sources: Sequence[Source],
    options: ArchiveOptions,
    *,
    scorer: TextScorer,
    layout: Layout,
) -> Estimate:
    """Scores the first rows of up to three sources and reckons from them.

    Raises
    ------
    InputError
        if there is no text in them to reckon from.
    """
    few = replace(
        options,
        part_rows=min(_SAMPLE_ROWS, options.part_rows),
        part_chars=min(_SAMPLE_CHARS, options.part_chars),
        shard=None,
    )
    rows = expected_rows(sources, options)
    step = max(1, len(sources) // _SAMPLED_SOURCES)
    chosen = range(0, len(sources), step)[:_SAMPLED_SOURCES]
    parts = {
        n: part
        for n in chosen
        for part in islice(pending_parts([sources[n]], few, {}, kept=layout.kept), 1)
    }
    if not any(text for part in parts.values() for text in part.rows.texts):
        raise InputError("no text to judge by in the first rows of what is given")
    # Each stands for its source, and all of them together for the sources not looked into.
    share = sum(rows) / max(1.0, sum(rows[n] for n in parts))
    share /= options.shard[1] if options.shard else 1
    found = dict.fromkeys(("characters", "sentences", "seconds", "output_bytes"), 0.0)
    empty = {name: len(table_bytes([], s, options.format)) for name, s in layout.schemas.items()}
    first = next(part for part in parts.values() if part.rows)
    score_part(scorer, replace(first, rows=first.rows[:1]), layout)  # what is slow but once
    for n, part in parts.items():
        started = time.perf_counter()
        scored = score_part(scorer, part, layout)
        seconds = time.perf_counter() - started
        times = share * rows[n] / max(1, part.end - part.first_row)
        found["seconds"] += times * seconds
        found["characters"] += times * sum(map(len, part.rows.texts))
        found["sentences"] += times * scored.sentence_count
        for name, schema in layout.schemas.items():
            size = len(table_bytes(getattr(scored, name), schema, options.format))
            found["output_bytes"] += times * (size - empty[name])
    total = sum(rows) / (options.shard[1] if options.shard else 1)
    found["output_bytes"] += sum(empty.values()) * max(len(sources), total / options.part_rows)
    return Estimate(
        sources=len(sources),
        rows=round(total),
        characters=round(found["characters"]),
        sentences=round(found["sentences"]),
        seconds=found["seconds"],
        output_bytes=round(found["output_bytes"]),
        sampled_rows=sum(part.end - part.first_row for part in parts.values()),
    )


def expected_rows(sources: Sequence[Source], options: ArchiveOptions) -> list[float]:
    """How many rows each source has: exact for Parquet and texts, else judged by its first bytes.

    Of many files of one kind a few are looked into, and the rest taken to be like them. A file
    that cannot be read counts as empty: whoever reads it in earnest says why.
    """
    dense: dict[tuple[str, str], list[tuple[float, int]]] = {}
    found = []
    for source in sources:
        if source.format == "text":
            found.append(float(len(source.files)))
            continue
        [path] = source.files
        try:
            if source.format == "parquet":
                found.append(float(pq.ParquetFile(path).metadata.num_rows))
                continue
            size = path.stat().st_size
            looked = dense.setdefault((source.format, path.suffix), [])
            if len(looked) < _SAMPLED_FILES:
                looked.append((_rows_of(path, source.format, options.encoding), size))
                found.append(looked[-1][0])
            else:
                known = sum(rows for rows, _ in looked) / max(1, sum(s for _, s in looked))
                found.append(known * size)
        except (OSError, pa.ArrowException, UnreadableError, InputError, ImportError):
            found.append(0.0)
    return found


def _rows_of(path: Path, form: str, encoding: str) -> float:
    """The rows of a file of lines, by those in its first bytes."""
    with path.open("rb") as file:
        raw = file.read(_HEAD)
    pieces, *_, encoding = one_byte_lines(iter([_inflated(raw, path.suffix.lower())]), encoding)
    text = b"".join(pieces).decode(encoding, "replace")
    if form == "jsonl":
        rows = sum(not line.isspace() for line in io.StringIO(text))
    else:
        # A quotation mark counts as one only behind a separator, so it matters which that is.
        header = text.lstrip().partition("\n")[0]
        separator = "\t" if form == "tsv" else max(",\t;", key=header.count)
        csv.field_size_limit(max(csv.field_size_limit(), len(text)))
        rows = sum(
            bool(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        )
        rows -= 1
    size = path.stat().st_size
    return rows if len(raw) >= size else max(rows, 1) * size / max(1, len(raw))


def _inflated(raw: bytes, suffix: str) -> bytes:
    """As much as the first bytes of a file give."""
    if suffix == ".gz":
        try:
            return zlib.decompressobj(wbits=31).decompress(raw)
        except zlib.error as error:
            raise UnreadableError(str(error)) from None
    if suffix == ".zst":
        import zstandard

        try:
            machine = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
            return machine.decompress(raw)
        except zstandard.ZstdError as error:
            raise UnreadableError(str(error)) from None
    return raw
