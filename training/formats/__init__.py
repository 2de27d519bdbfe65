"""The formats that a researcher's own corpus may come in: read into one, and written again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from training.codebook import Codebook
from training.corpus import Corpus
from training.example import Example
from training.faults import Fault
from training.findings import Findings, did_you_mean
from training.formats import (
    brat,
    delimited,
    doccano,
    huggingface,
    jsonl,
    label_studio,
    parquet,
    prodigy,
    public,
)
from training.formats.detection import format_of, split_of
from training.formats.format import Format, Reading, Row
from training.formats.tables import check_codebook, check_columns
from training.records import GROUP_FIELDS, SPLITS, parse_record

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

__all__ = ["FORMATS", "Format", "read", "write"]

FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format(
            name="jsonl",
            extensions=(".jsonl", ".ndjson"),
            read=jsonl.read,
            write=jsonl.write,
        ),
        Format(
            name="delimited",
            extensions=(".csv", ".tsv"),
            read=delimited.read,
            write=delimited.write,
        ),
        Format(
            name="parquet",
            extensions=(".parquet", ".pq"),
            read=parquet.read,
            write=parquet.write,
        ),
        Format(
            name="huggingface",
            extensions=(),
            read=huggingface.read,
            write=huggingface.write,
            folders=True,
        ),
        Format(
            name="label_studio",
            extensions=(".json",),
            read=label_studio.read,
            write=label_studio.write,
        ),
        Format(
            name="doccano",
            extensions=(".jsonl", ".json"),
            read=doccano.read,
            write=doccano.write,
            folders=True,
        ),
        Format(
            name="prodigy",
            extensions=(".jsonl",),
            read=prodigy.read,
            write=prodigy.write,
        ),
        Format(
            name="brat",
            extensions=(".txt", ".ann"),
            read=brat.read,
            folders=True,
        ),
    )
}
"""By name. Where several have an extension, the first is meant, and what is in a file decides."""


def read(
    source: str | Path | Dataset | DatasetDict,
    *,
    codebook: Codebook,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    group_by: str = "document",
    name: str | None = None,
    split: str | None = None,
) -> Corpus:
    """The corpus in a file, a folder, a data set in memory, or among the public ones.

    Parameters
    ----------
    source : a file; a folder that is one source (brat, doccano, ``save_to_disk``) or has files of
        one format, where ``train.csv`` and the like are of that split; a ``datasets.Dataset`` or
        ``DatasetDict``; or ``NAME:FOLDER``, a corpus of ``training.corpora`` and its data root.
    codebook : the tasks that the sentences are labelled for.
    format : a name of :data:`FORMATS`; by default the extension and the contents tell.
    columns : by field (a task, or a key of a record), the column, key, control or attribute that
        holds it, where that is not its name.
    group_by : what must not be split between training and testing: document, event or outlet.
    name : of the corpus; by default that of the file or folder, without its extension. A file
        called ``train`` or the like has the name of its folder.
    split : puts the sentences that name no split in this one, train, dev or test; of a source in
        parts (a ``DatasetDict``, a public corpus) it reads that part alone.

    Returns
    -------
    the sentences without an error, and every fault: nothing is left out that is not among them.

    Raises
    ------
    FileNotFoundError
        if there is no such file or folder.
    ValueError
        for an option that cannot be, or (CorpusError) a public corpus that cannot be read.
    """
    columns = dict(columns or {})
    check_codebook(codebook)
    check_columns(columns, codebook)
    for option, value, known in (("group_by", group_by, GROUP_FIELDS), ("split", split, SPLITS)):
        if value is not None and value not in known:
            raise ValueError(f"{option}: {value!r} is none of {', '.join(known)}")
    if format is not None and format not in FORMATS:
        raise ValueError(f"format: {format!r} is none; {did_you_mean(format, FORMATS)}")
    if not isinstance(source, str | Path):
        file = name or "dataset"
        reading = Reading(codebook=codebook, findings=Findings(file), columns=columns, split=split)
        return _corpus(huggingface.rows_of(source, reading), reading, file, group_by)
    findings = Findings(str(source))
    reading = Reading(codebook=codebook, findings=findings, columns=columns, split=split)
    if known_corpus := public.name_of(str(source)):
        found = list(public.examples_of(*known_corpus, reading, group_by))
        return Corpus(codebook=codebook, examples=found, faults=findings.faults)
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}")
    return _corpus(_rows(path, format, reading), reading, name or _name_of(path), group_by)


def write(
    corpus: Corpus | Iterable[Example],
    path: str | Path,
    *,
    codebook: Codebook,
    format: str | None = None,
) -> None:
    """Writes a corpus to a file or folder, all of it or nothing.

    Read again, labels, votes, offsets and the fields of a record are the same; the name of the
    corpus and the group follow from the new file.

    Parameters
    ----------
    format : a name of :data:`FORMATS`; by default the extension tells, and a path without one is
        the folder of a data set.

    Raises
    ------
    FaultyCorpusError
        if a corpus has an error.
    ValueError
        if the format is not known, is only read, or cannot hold what the sentences have.
    """
    check_codebook(codebook)
    examples = corpus.sound().examples if isinstance(corpus, Corpus) else list(corpus)
    path = Path(path)
    if format is None:
        suffix = path.suffix.lower()
        fitting = [f for f in FORMATS.values() if suffix in f.extensions]
        format = fitting[0].name if fitting else None if suffix else "huggingface"
    if format not in FORMATS:
        known = ", ".join(f for f, kind in FORMATS.items() if kind.write)
        raise ValueError(f"{path}: its name tells no format; give one of {known} (--to NAME)")
    writer = FORMATS[format].write
    if writer is None:
        raise ValueError(f"{path}: {format} is only read here; write .jsonl")
    writer(path, examples, codebook)


def _rows(path: Path, format: str | None, reading: Reading) -> Iterator[Row]:
    """The records of a path; an error where there is none."""
    findings = reading.findings
    name = format or format_of(path, list(FORMATS.values()), findings)
    if path.is_dir() and (name is None or not FORMATS[name].folders):
        yield from _rows_of_files(path, name, reading)
    elif name is not None:
        yield from FORMATS[name].read(path, reading)


def _rows_of_files(folder: Path, format: str | None, reading: Reading) -> Iterator[Row]:
    """The records of the files of a folder, which must be of one format."""
    findings = reading.findings
    found: dict[Path, str] = {}
    for file in sorted(folder.iterdir()):
        inside = findings.of(f"{findings.file}/{file.name}")
        suffixes = FORMATS[format].extensions if format else _EXTENSIONS
        if file.name.startswith(".") or file.name.startswith("_"):
            continue
        if file.is_dir() or file.suffix.lower() not in suffixes:
            inside.once("it is no file of a corpus, and left out")
            continue
        name = format or format_of(file, list(FORMATS.values()), inside)
        if name is not None:
            found[file] = name
    formats = sorted(set(found.values()))
    if len(formats) > 1:
        which = "; ".join(f"{f}: {next(p.name for p in found if found[p] == f)}" for f in formats)
        findings.error(f"files of several formats ({which}); give one of them, or --format NAME")
    elif not found:
        findings.error("there is no file of a corpus in this folder")
    elif FORMATS[formats[0]].folders:
        yield from FORMATS[formats[0]].read(folder, reading)
    else:
        for file, name in found.items():
            inside = findings.of(f"{findings.file}/{file.name}")
            own = split_of(file) if len(found) > 1 else None
            for origin, record in FORMATS[name].read(file, replace(reading, findings=inside)):
                if own is not None and record.get("split") is None:
                    record["split"] = own
                yield origin, record


def _corpus(rows: Iterator[Row], reading: Reading, name: str, group_by: str) -> Corpus:
    findings = reading.findings
    examples = []
    seen = False
    for origin, record in rows:
        seen = True
        if reading.split is not None and record.get("split") is None:
            record["split"] = reading.split
        example, faults = parse_record(
            record, reading.codebook, corpus=name, origin=origin, group_by=group_by
        )
        findings.extend(faults)
        if example is not None:
            examples.append(example)
    if not seen and not findings.errors:
        findings.error("there is no sentence in it")
    wrong = {(f.file, f.line) for f in findings.faults if f.severity == "error"}
    return Corpus(
        codebook=reading.codebook,
        examples=[e for e in examples if e.origin not in wrong],
        faults=_in_order(findings.faults),
    )


def _in_order(faults: Sequence[Fault]) -> list[Fault]:
    """By file, in the order that the files came in; those of the whole file first, then by line."""
    files = {file: place for place, file in enumerate(dict.fromkeys(f.file for f in faults))}
    return sorted(faults, key=lambda f: (files[f.file], f.line or 0))


def _name_of(path: Path) -> str:
    whole = path.resolve()
    if whole.is_dir():
        return whole.name
    return whole.parent.name if split_of(whole) else whole.stem


# A text without annotations is no corpus, and with them the folder is one of brat.
_EXTENSIONS = {e for f in FORMATS.values() if f.name != "brat" for e in f.extensions}
