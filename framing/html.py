"""A page that shows scored texts sentence by sentence: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import pairwise

from framing.facets import LoadedSpan, Span
from framing.results import DocumentScore, SentenceScore

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
FRAGMENT_SENTENCES = 200

LEGEND = (
    '<span class="meter yes"><i><b style="width:70%"></b></i></span> P(loaded)',
    '<mark class="m reporter">loaded</mark> in the reporter’s voice',
    '<mark class="m quoted">loaded</mark> in a source’s voice',
    '<span class="m source">source</span>',
    '<span class="m cue">cue</span>',
    '<span class="m content content-open content-close">what the source says</span>',
    '<span class="chip">frame <small>0.00</small></span> with its probability',
)


def html_report(
    results: Sequence[DocumentScore | SentenceScore], *, title: str | None = None
) -> str:
    """A standalone HTML page: a section for each document, one for all texts scored unsplit.

    Every text is escaped and a Content-Security-Policy forbids scripts and outside resources.
    Lone surrogates, which no encoding can write, stand as U+FFFD.
    """
    title = title or "Framing report"
    documents = [result for result in results if isinstance(result, DocumentScore)]
    whole = [result for result in results if isinstance(result, SentenceScore)]
    parts = [(_heading(d.text), d.sentences, d.text) for d in documents]
    sections: list[tuple[str, Sequence[SentenceScore], str | None]] = [*parts]
    if whole:
        sections.append(("Texts", whole, None))
    several = len(sections) > 1
    body = [f'<h1 dir="auto">{_escape(title)}</h1>']
    if several:
        body.append('<ol class="contents-list">')
        body += [
            f'<li><a href="#text-{number}" dir="auto">{_escape(heading)}</a></li>'
            for number, (heading, _, _) in enumerate(sections, 1)
        ]
        body += ["</ol>", _legend()]
    for number, (heading, sentences, text) in enumerate(sections, 1):
        body.append(f'<section id="text-{number}">')
        if several:
            body.append(f'<h2 dir="auto">{number}. {_escape(heading)}</h2>')
        body.append(_summary(sentences))
        if not several:
            body.append(_legend())
        body += [*_sentences(sentences, text), "</section>"]
    body.append(_footer(results))
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_escape(title)}</title>\n<style>\n{_style()}</style>\n</head>\n"
        '<body class="framing-page">\n<main class="framing">\n'
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def html_fragment(document: DocumentScore) -> str:
    """The same for a notebook cell; of a long text the first 200 sentences, and it says so."""
    shown = document.sentences[:FRAGMENT_SENTENCES]
    body = [_summary(document.sentences), _legend(), *_sentences(shown, document.text)]
    if left := len(document.sentences) - len(shown):
        body.append(f'<p class="summary">{left:,} more sentences: see to_html().</p>')
    body.append(_footer([document]))
    return f'<style>\n{_style()}</style>\n<div class="framing">\n' + "\n".join(body) + "\n</div>\n"


def sentence_markup(sentence: SentenceScore) -> str:
    """The sentence with its spans marked; without the tags, it is the sentence, escaped.

    Spans may overlap in any way: the text is cut wherever one begins or ends, and each piece
    carries the classes of all the spans above it.
    """
    spans = list(_marks(sentence))
    text, offset = sentence.text, sentence.start
    cuts = {0, len(text)}
    for _, span in spans:
        cuts |= {span.start - offset, span.end - offset}
    edges = sorted(cuts)
    pieces = []
    for start, end in pairwise(edges):
        over = [
            (name, span)
            for name, span in spans
            if span.start - offset <= start and end <= span.end - offset
        ]
        if not over:
            pieces.append(_escape(text[start:end]))
            continue
        classes = {"m": None} | dict.fromkeys(name.split()[0] for name, _ in over)
        for name, span in over:
            if name == "content":
                classes |= {"content-open": None} if span.start - offset == start else {}
                classes |= {"content-close": None} if span.end - offset == end else {}
        notes = dict.fromkeys(_note(name, span) for name, span in over)
        tag = "mark" if {"reporter", "quoted"} & classes.keys() else "span"
        pieces.append(
            f'<{tag} class="{" ".join(classes)}" title="{_escape("; ".join(notes))}">'
            f"{_escape(text[start:end])}</{tag}>"
        )
    return "".join(pieces)


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """A label for small places: ``crime_and_punishment`` is "crime", if that names no other."""
    short = {label: label.partition("_and_")[0].replace("_", " ") for label in labels}
    counts = Counter(short.values())
    return {
        label: name if counts[name] == 1 else label.replace("_", " ")
        for label, name in short.items()
    }


def replace_surrogates(text: str) -> str:
    """The text with each lone surrogate, which no encoding can write, as U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _marks(sentence: SentenceScore) -> Iterator[tuple[str, Span]]:
    if sourcing := sentence.sourcing:
        for name, spans in (
            ("content", sourcing.contents),
            ("source", sourcing.sources),
            ("cue", sourcing.cues),
        ):
            yield from ((name, span) for span in spans)
    if loaded := sentence.loaded_language:
        yield from (("quoted" if s.voice == "source" else "reporter", s) for s in loaded.spans)
    for name in sentence.other_tasks:
        yield from ((f"other {name} {s.label}", s) for s in sentence.task(name).spans)


def _note(name: str, span: Span) -> str:
    if isinstance(span, LoadedSpan):
        name = f"loaded, {span.voice}’s voice" if span.voice else "loaded"
    return f"{name.removeprefix('other ')} {span.probability:.2f}"


def _sentences(sentences: Sequence[SentenceScore], text: str | None) -> Iterator[str]:
    last = 0
    for number, sentence in enumerate(sentences, 1):
        # Sentences of one line of the text are a paragraph; those of no common text are each one.
        gap = "\n" if text is None else text[last : sentence.start]
        if number == 1 or gap.splitlines() not in ([], [gap]):
            yield ("</div>\n" if number > 1 else "") + '<div class="paragraph">'
        last = sentence.end
        yield (
            f'<div class="line"><span class="number">{number}</span>'
            f'<p dir="auto">{sentence_markup(sentence)}</p>'
            f'<div class="facts">{"".join(_facts(sentence))}</div></div>'
        )
    if len(sentences):
        yield "</div>"


def _facts(sentence: SentenceScore) -> Iterator[str]:
    if sentence.windows == 0:
        yield '<span class="badge none">blank</span>'
        return
    loaded, sourcing, framing = sentence.loaded_language, sentence.sourcing, sentence.framing
    if loaded and loaded.probability is not None:
        said = "loaded" if loaded.label else "not loaded"
        yield (
            f'<span class="meter{" yes" if loaded.label else ""}" '
            f'title="P(loaded) = {loaded.probability:.3f}: {said}">'
            f'<i><b style="width:{100 * loaded.probability:.0f}%"></b></i>'
            f"<span>{loaded.probability:.2f}{' loaded' if loaded.label else ''}</span></span>"
        )
    if sourcing and sourcing.kind and sourcing.probabilities:
        numbers = ", ".join(f"{k} {p:.2f}" for k, p in sourcing.probabilities.items())
        plain = sourcing.kind == "none"
        yield (
            f'<span class="badge{" none" if plain else ""}" title="{_escape(numbers)}">'
            f"{'no source' if plain else _escape(sourcing.kind)}</span>"
        )
    if framing and framing.probabilities:
        names = short_names(list(framing.probabilities))
        for label in framing.labels:
            yield _chip(label, names[label], framing.probabilities[label])
    for name in sentence.other_tasks:
        score = sentence.task(name)
        if score.probabilities:
            for label in score.labels:
                yield _chip(name, f"{name}: {label}", score.probabilities[label])


def _chip(title: str, text: str, probability: float) -> str:
    title = f"{title.replace('_', ' ')} {probability:.3f}"
    return (
        f'<span class="chip" title="{_escape(title)}">'
        f"{_escape(text)} <small>{probability:.2f}</small></span>"
    )


def _summary(sentences: Sequence[SentenceScore]) -> str:
    size = loaded = attributed = 0
    frames: Counter[str] = Counter()
    names: dict[str, str] = {}
    has_loaded = has_sourcing = False
    for sentence in sentences:
        size += 1
        if language := sentence.loaded_language:
            has_loaded = True
            loaded += language.label
        if sourcing := sentence.sourcing:
            has_sourcing = True
            attributed += sourcing.kind not in (None, "none")
        if framing := sentence.framing:
            frames.update(framing.labels)
            names = names or short_names(list(framing.probabilities or ()))
    facts = [f"<b>{size:,}</b> sentence{'' if size == 1 else 's'}"]
    if has_loaded:
        facts.append(f"<b>{loaded / size:.0%}</b> loaded")
    if has_sourcing:
        facts.append(f"<b>{attributed / size:.0%}</b> attributed to a source")
    if frames:
        leading = ", ".join(
            f"<b>{_escape(names[label])}</b> ({count})" for label, count in frames.most_common(3)
        )
        facts.append(f"leading frames {leading}")
    return f'<p class="summary">{" · ".join(facts)}</p>'


def _legend() -> str:
    return '<div class="legend">' + "".join(f"<span>{item}</span>" for item in LEGEND) + "</div>"


def _footer(results: Sequence[DocumentScore | SentenceScore]) -> str:
    models = dict.fromkeys(result.model for result in results)
    lines = [
        f"Model {_escape(m.name)}, weights {_escape(m.weights)}, calibration "
        f"{_escape(m.calibration)}, taxonomy {_escape(m.taxonomy)}, framing {_escape(m.library)}."
        for m in models
    ]
    lines.append(
        "All scores are estimates of a statistical model, not findings about the text or its "
        "author: some are wrong, and a number near its threshold means little."
    )
    return "<footer>" + "".join(f"<p>{line}</p>" for line in lines) + "</footer>"


def _heading(text: str) -> str:
    line = next(iter(text.strip().splitlines()), "")
    return (line if len(line) <= 90 else line[:87] + "…") or "(blank)"


def _escape(text: str) -> str:
    return escape(replace_surrogates(text))


@cache
def _style() -> str:
    return (files("framing") / "report.css").read_text(encoding="utf-8")
