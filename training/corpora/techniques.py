"""Articles with propaganda technique spans, the format that PTC and SemEval-2023 Task 3 share.

Labels of each sentence: ``loaded_spans`` (loaded language or name calling), the narrower
``loaded_language_spans``, and ``semeval_loaded``, whether a loaded span touches the sentence. That
last is no ``loaded`` label: many sentences of charged wording carry no span. The techniques are
marked in articles; sentences are those of :func:`framing.sentences.sentence_spans`, spans are cut
at their ends. Some offsets lie a character off: spans are trimmed and widened to whole words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from framing.quotes import open_at
from framing.sentences import sentence_spans
from framing.taxonomy import LOADED_SPANS
from training.corpora.offsets import Span, cut, join, touches, trim, whole_words
from training.corpora.reading import CorpusError, read_text, require
from training.example import Example

__all__ = ["article_group", "read_articles"]

LOADED_LANGUAGE = "Loaded_Language"


def article_group(article: str) -> str:
    """The group of an article, one for both corpora: they label the same 536 articles."""
    return f"ptc:{article}"


def read_articles(
    articles: Path, labels: Path, *, corpus: str, name_calling: str
) -> Iterator[Example]:
    """Yield the sentences of all articles of a folder, by article number, in text order.

    `labels` holds lines of article, technique, start and end, split by tabs; `name_calling` is how
    the release spells that technique.
    """
    texts: dict[str, str] = {}
    for path in require(articles).glob("*.txt"):
        match = re.fullmatch(r"article(\d+)\.txt", path.name)
        if match is None:
            raise CorpusError(f"{path}: article<number>.txt was expected")
        texts[match[1]] = read_text(path)
    if not texts:
        raise CorpusError(f"{articles}: no article*.txt in it")
    spans = _spans(labels, texts, {LOADED_LANGUAGE, name_calling})
    for article in sorted(texts):
        yield from _sentences(article, texts[article], spans[article], corpus)


def _sentences(
    article: str, text: str, spans: dict[str, list[Span]], corpus: str
) -> Iterator[Example]:
    language = join(text, spans[LOADED_LANGUAGE])
    both = join(text, (span for found in spans.values() for span in found))
    places = sentence_spans(text)
    quoted = open_at(text, (start for start, _ in places))
    for (start, end), quote_open in zip(places, quoted, strict=True):
        yield Example(
            text=text[start:end],
            corpus=corpus,
            id=f"{article}#{start}",
            group=article_group(article),
            labels={
                LOADED_SPANS: {"loaded": cut(text, both, start, end)},
                "loaded_language_spans": {"loaded": cut(text, language, start, end)},
                "semeval_loaded": float(touches(both, start, end)),
            },
            quote_open=quote_open,
        )


def _spans(
    path: Path, texts: dict[str, str], techniques: set[str]
) -> defaultdict[str, defaultdict[str, list[Span]]]:
    """The spans of `techniques`, by article and technique."""
    found: defaultdict[str, defaultdict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, row {number}"
        fields = line.rstrip("\r").split("\t")
        if len(fields) != 4 or not (fields[2].isdigit() and fields[3].isdigit()):
            raise CorpusError(f"{where}: article, technique, start, end were expected: {line!r}")
        article, technique, start, end = fields[0], fields[1], int(fields[2]), int(fields[3])
        if article not in texts:
            raise CorpusError(f"{where}: there is no article {article}")
        text = texts[article]
        if not 0 <= start < end <= len(text):
            raise CorpusError(f"{where}: the article has {len(text)} characters")
        if technique in techniques:
            trimmed = trim(text, (start, end))
            if trimmed is None:
                raise CorpusError(f"{where}: the span holds nothing but white space")
            found[article][technique].append(whole_words(text, trimmed))
    return found
