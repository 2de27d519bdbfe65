"""The public corpora that ``training.corpora`` reads, as ``NAME:FOLDER``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.corpora import CORPORA, read_corpus
from training.example import Example
from training.formats.format import Reading
from training.records import FIELDS, parse_record, split_named, to_record

__all__ = ["examples_of", "name_of"]


def name_of(source: str) -> tuple[str, Path] | None:
    """The corpus and the data root that a source names; None if it is another source."""
    name, colon, folder = source.partition(":")
    return (name, Path(folder)) if colon and name in CORPORA else None


def examples_of(name: str, root: Path, reading: Reading, group_by: str) -> Iterator[Example]:
    """Yields the sentences of every part of a corpus, or of the one that ``reading`` wants.

    A task that is not in the codebook is left out, with a warning. The groups are those of the
    corpus, which others may share, unless another field than the document is asked for. A line
    counts the sentences of a part.

    Raises
    ------
    CorpusError
        if the corpus is not under the data root, or malformed.
    ValueError
        if it has no such part, or the codebook has another kind of task by the name of one of its.
    """
    known = set(reading.codebook.names)
    parts = [p for p in CORPORA[name].parts if reading.split in (None, split_named(p))]
    if not parts:
        there = ", ".join(split_named(p) or p for p in CORPORA[name].parts)
        raise ValueError(f"{name} has no split {reading.split!r}, only {there}")
    for part in parts:
        findings = reading.findings.of(f"{name}:{part}")
        for number, example in enumerate(read_corpus(name, root, part), start=1):
            for task in sorted(set(example.labels) - known):
                findings.once(f"task {task!r} is not in the codebook; its labels are left out")
            kept = replace(
                example,
                labels={task: label for task, label in example.labels.items() if task in known},
                document=example.document or example.group.partition(":")[2],
                split=example.split or split_named(part),
                extra={},
            )
            found, faults = parse_record(
                to_record(kept, reading.codebook),
                reading.codebook,
                corpus=name,
                origin=(findings.file, number),
                group_by=group_by,
            )
            findings.extend(faults)
            if found is not None:
                own = group_by == "document" or getattr(found, group_by) is None
                notes = {f"{name}_{k}" if k in FIELDS else k: v for k, v in example.extra.items()}
                yield replace(found, group=example.group if own else found.group, extra=notes)
