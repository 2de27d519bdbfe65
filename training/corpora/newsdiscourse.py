"""NewsDiscourse (Choubey et al. 2020): does a sentence report the speech of a human?

Label: ``attributed_speech``, a side task. It is narrower than attribution in PolNeAR (no reports,
documents or beliefs), so its negatives are not sentences without a source. Group: the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from training.corpora.reading import CorpusError, zip_texts
from training.example import Example

__all__ = ["read"]

_SENTENCE = re.compile(r"S(\d+)\s+(\S.*)")
_UNLABELLED = ("H", "URL", "DATE/")
"""How the lines of the headline, the address and the date begin; they are left out."""


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the numbered sentences of `part`, document by document."""
    path = folder / f"{part}.zip"
    files = zip_texts(path)
    for name in files:
        if not name.endswith(".txt"):
            continue
        notes = name.removesuffix(".txt") + ".ann"
        if notes not in files:
            raise CorpusError(f"{path}: {name} has no {notes}")
        speech = _speech(files[notes], f"{path}, {notes}")
        # The first folder is that of the part.
        document = name.removesuffix(".txt").split("/", 1)[-1]
        for row, line in enumerate(files[name].split("\n"), start=1):
            if not line.strip() or line.split()[0] in _UNLABELLED:
                continue
            match = _SENTENCE.fullmatch(line.strip())
            if match is None:
                raise CorpusError(f"{path}, {name}, row {row}: no numbered sentence: {line!r}")
            spoken = match[1] in speech
            speech.discard(match[1])
            yield Example(
                text=match[2],
                corpus="newsdiscourse",
                id=f"{document}#S{match[1]}",
                group=f"newsdiscourse:{document}",
                labels={"attributed_speech": float(spoken)},
            )
        if speech:
            raise CorpusError(f"{path}, {notes}: Speech in S{min(speech)}, which is not there")


def _speech(notes: str, where: str) -> set[str]:
    """The numbers of the sentences that are labelled Speech."""
    numbers = set()
    for row, line in enumerate(notes.split("\n"), start=1):
        if not line.startswith("T"):
            continue
        fields = line.split("\t")
        if len(fields) != 3:
            raise CorpusError(f"{where}, row {row}: three fields were expected: {line!r}")
        if fields[1].startswith("Speech "):
            numbers.add(fields[2].strip().removeprefix("S"))
    return numbers
