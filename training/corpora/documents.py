"""Whole articles at natural prevalence, annotated sentence by sentence for this project.

As examples: ``loaded``, ``loaded_spans``, ``sourcing``, and ``source_spans`` with the source
alone, for cues and contents are not annotated. Where the two readings of dev differ, the contested
labels are left out. :func:`read_articles` gives everything else. The articles come from the
AllSides archive, as do some sentences of the in-house frames, so the group is the archive's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from framing.quotes import open_at
from framing.taxonomy import LOADED, LOADED_SPANS, SOURCE_SPAN_TASK, SOURCING, SOURCING_KINDS
from training.corpora.offsets import join
from training.corpora.reading import CorpusError, json_lines, typed
from training.example import Example, Label

__all__ = ["Article", "ArticleSentence", "LoadedWords", "Source", "read", "read_articles"]

_FIELDS = ("id", "source", "date", "allsides_bias", "title", "text", "sentences")
_CONTESTED = {
    "loaded": (LOADED, LOADED_SPANS),
    "words": (LOADED_SPANS,),
    "kind": (SOURCING,),
    "sources": (SOURCE_SPAN_TASK,),
}


@dataclass(frozen=True, kw_only=True)
class LoadedWords:
    """A loaded phrase, in offsets into the article, and who says it."""

    start: int
    end: int
    text: str
    voice: Literal["reporter", "source"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source phrase, in offsets into the article; `name` is the fullest name in the article."""

    start: int
    end: int
    text: str
    type: Literal["named", "pronoun", "unnamed", "document"]
    name: str | None


@dataclass(frozen=True, kw_only=True)
class ArticleSentence:
    """A sentence, in offsets into the article.

    `run_on` is the speaker of a quotation that goes on without a source phrase; `contested` names
    the fields (loaded, words, kind, sources, types, names) in which a second reading differed.
    """

    start: int
    end: int
    loaded: bool
    words: tuple[LoadedWords, ...]
    kind: str
    sources: tuple[Source, ...]
    run_on: str | None
    contested: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Article:
    """A whole article; `leaning` is that of its outlet by AllSides: left, center, right."""

    id: str
    outlet: str
    date: str
    leaning: str
    title: str
    text: str
    sentences: tuple[ArticleSentence, ...]

    @property
    def group(self) -> str:
        """What must not be split: the article."""
        return f"allsides:{self.id}"


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences of `part`, article by article."""
    for article in _articles(folder / f"{part}.jsonl"):
        opened = open_at(article.text, (s.start for s in article.sentences))
        for number, sentence in enumerate(article.sentences):
            yield Example(
                text=article.text[sentence.start : sentence.end],
                corpus="documents",
                id=f"{article.id}#{number}",
                group=article.group,
                labels=_labels(article.text, sentence),
                outlet=article.outlet,
                quote_open=opened[number],
            )


def read_articles(root: Path, part: str = "train") -> list[Article]:
    """Return the articles of `part` under the data root `root`, with all that is annotated."""
    return list(_articles(root / "documents" / f"{part}.jsonl"))


def _labels(text: str, sentence: ArticleSentence) -> dict[str, Label]:
    start = sentence.start
    words = join(text, ((w.start, w.end) for w in sentence.words))
    sources = join(text, ((s.start, s.end) for s in sentence.sources))
    labels: dict[str, Label] = {
        LOADED: float(sentence.loaded),
        LOADED_SPANS: {"loaded": tuple((lo - start, hi - start) for lo, hi in words)},
        SOURCING: sentence.kind,
        SOURCE_SPAN_TASK: {"source": tuple((lo - start, hi - start) for lo, hi in sources)},
    }
    for name in sentence.contested:
        for task in _CONTESTED.get(name, ()):
            labels.pop(task, None)
    return labels


def _articles(path: Path) -> Iterator[Article]:
    for where, row in json_lines(path, _FIELDS):
        text = typed(row, "text", str, where)
        try:
            sentences = tuple(
                _sentence(values, text, f"{where}, sentence {number}")
                for number, values in enumerate(typed(row, "sentences", list, where))
            )
        except (KeyError, TypeError) as error:
            raise CorpusError(f"{where}: not an annotated article ({error!r})") from error
        yield Article(
            id=typed(row, "id", str, where),
            outlet=row["source"],
            date=row["date"],
            leaning=row["allsides_bias"],
            title=row["title"],
            text=text,
            sentences=sentences,
        )


def _sentence(values: dict[str, Any], text: str, where: str) -> ArticleSentence:
    sentence = ArticleSentence(
        start=values["start"],
        end=values["end"],
        loaded=bool(values["loaded"]),
        words=tuple(LoadedWords(**words) for words in values["words"]),
        kind=values["kind"],
        sources=tuple(Source(**source) for source in values["sources"]),
        run_on=values["run_on"],
        contested=frozenset(values.get("contested", ())),
    )
    if sentence.kind not in SOURCING_KINDS:
        raise CorpusError(f"{where}: kind {sentence.kind!r} is none of {SOURCING_KINDS}")
    if not 0 <= sentence.start < sentence.end <= len(text):
        raise CorpusError(f"{where}: it lies outside the text of {len(text)} characters")
    phrases = cast("tuple[LoadedWords | Source, ...]", (*sentence.words, *sentence.sources))
    for phrase in phrases:
        inside = sentence.start <= phrase.start < phrase.end <= sentence.end
        if not inside or text[phrase.start : phrase.end] != phrase.text:
            raise CorpusError(f"{where}: {phrase.text!r} is not at {phrase.start}:{phrase.end}")
    return sentence
