"""The labelled corpora that the shipped models are trained and measured on, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.corpora import (
    anno_lexical,
    babe,
    basil,
    documents,
    inhouse_frames,
    mbic,
    newsdiscourse,
    polnear,
    ptc,
    semeval2023,
)
from training.corpora.reading import CorpusError
from training.example import Example

__all__ = ["CORPORA", "Corpus", "CorpusError", "read_corpus"]

_TEXT = "text of the publishers, for research only, not to be redistributed"


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A corpus: where it lies under the data root, its parts, its reader and its terms."""

    name: str
    folder: str
    parts: tuple[str, ...]
    read: Callable[[Path, str], Iterator[Example]]
    licence: str
    citation: str
    note: str


CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name="babe",
            folder="loaded_language/babe",
            parts=("train",),
            read=babe.read,
            licence="AGPL-3.0 (repository); treated as non-commercial research",
            citation="Spinde et al. 2021, Findings of EMNLP",
            note="SG2, 3,673 sentences, five experts each; the sentence without agreement left out",
        ),
        Corpus(
            name="anno_lexical",
            folder="loaded_language/anno_lexical",
            parts=("train", "dev", "test"),
            read=anno_lexical.read,
            licence="CC BY-NC 4.0 (model card); MIT (repository)",
            citation="Horych et al. 2025, Findings of NAACL",
            note="labels by the majority of three language models; grouped by outlet",
        ),
        Corpus(
            name="semeval2023",
            folder="loaded_language/semeval2023_task3_en",
            parts=("train",),
            read=semeval2023.read,
            licence=f"given to registered participants for research; {_TEXT}",
            citation="Piskorski et al. 2023, SemEval-2023 Task 3",
            note="loaded language and name calling; the 54 unlabelled articles left out",
        ),
        Corpus(
            name="ptc",
            folder="loaded_language/ptc_v2_semeval2020",
            parts=("train", "dev"),
            read=ptc.read,
            licence=f"distributed after registration for research; {_TEXT}",
            citation="Da San Martino et al. 2019, EMNLP",
            note="articles of semeval2023 with other labels, same groups; test labels withheld",
        ),
        Corpus(
            name="polnear",
            folder="sourcing/polnear",
            parts=("train", "dev"),
            read=polnear.read,
            licence=f"none stated; {_TEXT}",
            citation="Newell, Margolin and Ruths 2018, LREC",
            note="first annotator; four documents without CoreNLP sentences left out",
        ),
        Corpus(
            name="newsdiscourse",
            folder="sourcing/newsdiscourse",
            parts=("train", "validation"),
            read=newsdiscourse.read,
            licence=f"released for research, no licence stated; {_TEXT}",
            citation="Choubey et al. 2020, ACL",
            note="speech of humans only, a side task; headlines are not annotated",
        ),
        Corpus(
            name="inhouse_frames",
            folder="framing/inhouse_frames",
            parts=("train",),
            read=inhouse_frames.read,
            licence=f"made for this project; {_TEXT}",
            citation="made for this project",
            note="14 policy frames by language models, one reading; not at natural prevalence",
        ),
        Corpus(
            name="documents",
            folder="documents",
            parts=("train", "dev"),
            read=documents.read,
            licence=f"made for this project; {_TEXT}",
            citation="made for this project",
            note="whole articles by language models; what two readings of dev contest left out",
        ),
        Corpus(
            name="basil",
            folder="loaded_language/basil",
            parts=("train",),
            read=basil.read,
            licence=f"none stated; {_TEXT}",
            citation="Fan et al. 2019, EMNLP",
            note="release 1, for transfer tests only; grouped by event",
        ),
        Corpus(
            name="mbic",
            folder="loaded_language/mbic",
            parts=("train",),
            read=mbic.read,
            licence="AGPL-3.0 (repository); treated as non-commercial research",
            citation="Spinde et al. 2021, MBIC",
            note="votes of a crowd on sentences that BABE labels by experts",
        ),
    )
}


def read_corpus(name: str, root: Path, part: str = "train") -> list[Example]:
    """Return the examples of one part of a corpus that lies under the data root `root`.

    Raises
    ------
    CorpusError
        for a name or part that is not known, a folder that is missing, or a malformed file, which
        it names with the row.
    """
    if name not in CORPORA:
        raise CorpusError(f"no corpus {name!r}; there are {', '.join(CORPORA)}")
    corpus = CORPORA[name]
    if part not in corpus.parts:
        raise CorpusError(f"{name} has no part {part!r}; give one of {', '.join(corpus.parts)}")
    folder = Path(root) / corpus.folder
    if not folder.is_dir():
        raise CorpusError(
            f"{folder} is missing: {name} is not under the data root {root}; give another root"
        )
    return list(corpus.read(folder, part))
