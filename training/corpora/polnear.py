"""PolNeAR (Newell, Margolin and Ruths 2018): who says what in political news.

Labels of each CoreNLP sentence: ``source_spans`` (source, cue, content, cut at sentence ends) and
``sourcing``, derived: none without a content character in the sentence, else by the share of the
sentence's content letters and digits that stand inside quotation marks: direct over 0.9, indirect
at 0, mixed between. Quotation marks are read in the document, so a quotation carries over sentence
ends within its paragraph. Of the 18 train and dev articles with several annotators the first
annotator's file is read, by name. Four documents have no CoreNLP sentences and are left out, as
are spans that no attribution joins. Newlines inside a sentence stay. Group: the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from framing.quotes import open_at, quoted_spans
from framing.taxonomy import SOURCE_SPAN_TASK, SOURCE_SPANS, SOURCING
from training.corpora.brat import parse_events
from training.corpora.offsets import Span, cut, join
from training.corpora.reading import CorpusError, read_json, tar_texts
from training.example import Example, Spans

__all__ = ["attribution_kinds", "quoted_share", "read", "sentence_kind"]


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences of `part`, document by document."""
    path = folder / f"sentences-{part}.json"
    sentences = read_json(path)
    documents = list(_documents(folder, part))
    unknown = set(sentences) - {name for name, _, _ in documents}
    if unknown:
        raise CorpusError(f"{path}: no text for {sorted(unknown)[0]}")
    for name, text, attributions in documents:
        if name in sentences:
            places = [(int(start), int(end)) for start, end in sentences[name]]
            _check(places, len(text), f"{path}, {name}")
            yield from _sentences(name, text, attributions, places)


def attribution_kinds(folder: Path, part: str) -> list[str]:
    """The derived kind of every attribution of `part`, to compare with published counts.

    ``none`` stands for an attribution without letters or digits as content.
    """
    kinds = []
    for _, text, attributions in _documents(folder, part):
        quoted = quoted_spans(text)
        kinds += [sentence_kind(quoted_share(text, a["content"], quoted)) for a in attributions]
    return kinds


def quoted_share(text: str, content: Sequence[Span], quoted: Sequence[Span]) -> float | None:
    """The share of the letters and digits of `content` inside `quoted`; None without any.

    Both are sorted; neither overlaps itself.
    """
    whole = sum(_letters(text, start, end) for start, end in content)
    inside = sum(
        _letters(text, max(start, lo), min(end, hi))
        for start, end in content
        for lo, hi in quoted
        if lo < end and hi > start
    )
    return inside / whole if whole else None


def sentence_kind(share: float | None) -> str:
    """The kind of attribution by the quoted share of its content."""
    if share is None:
        return "none"
    return "direct" if share > 0.9 else "mixed" if share > 0 else "indirect"


def _letters(text: str, start: int, end: int) -> int:
    return sum(map(str.isalnum, text[start:end]))


def _sentences(
    name: str, text: str, attributions: list[dict[str, list[Span]]], places: list[Span]
) -> Iterator[Example]:
    quoted = quoted_spans(text)
    spans = {
        label: join(text, (span for found in attributions for span in found[label]))
        for label in SOURCE_SPANS
    }
    opened = open_at(text, (start for start, _ in places))
    for (start, end), quote_open in zip(places, opened, strict=True):
        found: dict[str, Spans] = {
            label: cut(text, spans[label], start, end) for label in SOURCE_SPANS
        }
        content = [(start + lo, start + hi) for lo, hi in found["content"]]
        near = [span for span in quoted if span[0] < end and span[1] > start]
        yield Example(
            text=text[start:end],
            corpus="polnear",
            id=f"{name}#{start}",
            group=f"polnear:{name}",
            labels={
                SOURCING: sentence_kind(quoted_share(text, content, near)),
                SOURCE_SPAN_TASK: found,
            },
            outlet=name.split("_", 1)[0],
            quote_open=quote_open,
        )


def _documents(folder: Path, part: str) -> Iterator[tuple[str, str, list[dict[str, list[Span]]]]]:
    """The name, text and attributions of each document: by label, the joined fragments."""
    path = folder / f"polnear-{part}.tar.gz"
    files = tar_texts(path)
    notes: dict[str, str] = {}
    for name in files:
        if name.endswith(".ann"):
            # <document>_<annotator>.ann, sorted: the first annotator comes first.
            notes.setdefault(Path(name).stem.rpartition("_")[0], name)
    for name, text in files.items():
        if not name.endswith(".txt"):
            continue
        document = Path(name).stem
        if document not in notes:
            raise CorpusError(f"{path}: {name} has no annotations")
        where = f"{path}, {notes[document]}"
        attributions = []
        for event in parse_events(files[notes[document]], text, where):
            roles = {role.lower(): found for role, found in event.roles.items()}
            attributions.append({
                label: join(text, (span for fragments in roles.get(label, ())
                                   for span in join(text, fragments, over_space=True)))
                for label in SOURCE_SPANS
            })  # fmt: skip
        yield document, text, attributions


def _check(places: list[Span], length: int, where: str) -> None:
    inside = all(0 <= start < end <= length for start, end in places)
    if not inside or any(a[1] > b[0] for a, b in pairwise(places)):
        raise CorpusError(f"{where}: sentences overlap or lie outside {length} characters")
