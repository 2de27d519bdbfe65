"""Scored texts as a table for the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from framing.html import replace_surrogates, short_names
from framing.results import SentenceScore

LOADED_STYLES = {"reporter": "bold red", "source": "italic yellow", None: "bold red"}


def print_table(
    sentences: Sequence[SentenceScore], file: IO[str], *, title: str | None = None
) -> None:
    """Print one row a sentence: number (from 1), P(loaded), sourcing, frames and the text.

    Loaded words are coloured on a terminal, and stand between asterisks where there are no
    colours: in a pipe, or when the environment variable NO_COLOR is set. Control characters,
    which a terminal would obey, are shown as U+FFFD.
    """
    console = Console(file=file, highlight=False)
    plain = not console.is_terminal or console.no_color
    if title:
        console.print(Text(_visible(title), style="bold"))
    if not len(sentences):
        console.print(Text("blank: no sentence to score"))
        return
    first = sentences[0]
    has = (first.loaded_language, first.sourcing, first.framing)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    for name, facet in zip(("loaded", "sourcing", "frames"), has, strict=True):
        if facet is not None:
            table.add_column(name, max_width=18, min_width=min(8, len(name)))
    table.add_column("sentence", ratio=1, overflow="fold")
    for number, sentence in enumerate(sentences, 1):
        table.add_row(str(number), *_facets(sentence), _text(sentence, plain))
    console.print(table)
    legend = Text("\n! at or over the threshold; loaded words: ", style="dim")
    if plain:
        legend.append("*marked*")
    else:
        legend.append("reporter’s voice", LOADED_STYLES["reporter"])
        legend.append(", ")
        legend.append("source’s voice", LOADED_STYLES["source"])
    model = first.model
    legend.append(f"; model {model.name}, weights {model.weights}; estimates, not findings")
    console.print(legend)


def _facets(sentence: SentenceScore) -> list[Text]:
    cells = []
    if loaded := sentence.loaded_language:
        number = "" if loaded.probability is None else f"{loaded.probability:.2f}"
        cells.append(
            Text(number + " !", style="bold red") if loaded.label else Text(number, style="dim")
        )
    if sourcing := sentence.sourcing:
        style = "dim" if sourcing.kind in (None, "none") else "cyan"
        cells.append(Text(sourcing.kind or "", style=style))
    if framing := sentence.framing:
        names = short_names(list(framing.probabilities or ()))
        cells.append(Text(", ".join(names[label] for label in framing.labels), style="green"))
    return cells


def _text(sentence: SentenceScore, plain: bool) -> Text:
    text = Text(_visible(sentence.text))
    spans = sentence.loaded_language.spans if sentence.loaded_language else ()
    if not plain:
        for span in spans:
            start, end = span.start - sentence.start, span.end - sentence.start
            text.stylize(LOADED_STYLES[span.voice], start, end)
        return text
    marks = [edge - sentence.start for span in spans for edge in (span.start, span.end)]
    edges = [0, *sorted(marks), len(text)]
    whole = _visible(sentence.text)
    return Text("*".join(whole[a:b] for a, b in pairwise(edges)))


def _visible(text: str) -> str:
    """The text with as many characters, none of which a terminal obeys."""
    text = re.sub(r"[\s\x1c-\x1f\x85]", " ", text)
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "\ufffd", replace_surrogates(text)
    )
