"""The report shows the text as it is, marks what was found, and runs nothing."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
from fakes import score_columns, score_documents, score_sentences, span_columns
from hypothesis import given
from hypothesis import strategies as st

from framing.columns import ScoreColumns
from framing.html import FRAGMENT_SENTENCES, html_report, sentence_markup, short_names
from framing.results import SentenceScore
from framing.taxonomy import FRAMES

NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from("<>&\"'/ \ud800\u202e\U0001f600")), max_size=30
)


def visible(markup: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", markup))


@st.composite
def sentences_with_spans(draw: st.DrawFn) -> SentenceScore:
    text = draw(NASTY.filter(bool))
    edges = st.integers(0, len(text))

    def spans(labels: int) -> list[tuple[int, int, int, float, int]]:
        pairs = draw(st.lists(st.tuples(edges, edges), max_size=5))
        return [
            (min(a, b), max(a, b), draw(st.integers(0, labels - 1)), 0.5, draw(st.integers(0, 1)))
            for a, b in pairs
            if a != b
        ]

    columns = score_columns([(text, 0, len(text))])
    found = {
        "loaded_spans": span_columns([spans(1)], voice=True),
        "source_spans": span_columns([spans(3)]),
    }
    return SentenceScore(
        text,
        ScoreColumns(
            start=columns.start,
            end=columns.end,
            windows=np.array([1], np.int32),
            scores=columns.scores,
            spans=found,
            tasks=columns.tasks,
            model=columns.model,
        ),
        0,
    )


@given(sentences_with_spans())
def test_without_its_tags_the_markup_is_the_sentence(sentence: SentenceScore) -> None:
    shown = re.sub("[\ud800-\udfff]", "\ufffd", sentence.text)
    assert visible(sentence_markup(sentence)) == shown


@given(sentences_with_spans())
def test_every_character_carries_the_spans_above_it(sentence: SentenceScore) -> None:
    wanted: list[set[str]] = [set() for _ in sentence.text]
    for name, spans in (
        ("source", sentence.sourcing.sources),
        ("cue", sentence.sourcing.cues),
        ("content", sentence.sourcing.contents),
        ("reporter", [s for s in sentence.loaded_language.spans if s.voice == "reporter"]),
        ("quoted", [s for s in sentence.loaded_language.spans if s.voice == "source"]),
    ):
        for span in spans:
            for at in range(span.start, span.end):
                wanted[at].add(name)
    got: list[set[str]] = []
    names = {"source", "cue", "content", "reporter", "quoted"}
    for tag, text in re.findall(r"(<[^>]*>)?([^<]*)", sentence_markup(sentence)):
        found = re.search('class="([^"]*)"', tag)
        classes = set(found[1].split()) & names if found else set()
        got += [classes] * len(unescape(text))
    assert got == wanted


@given(NASTY)
def test_no_text_becomes_markup_and_all_of_it_can_be_written(text: str) -> None:
    nasty = f"{text}<script>alert(1)</script> \"onload='x' stolen."
    for page in (
        html_report(score_documents([nasty, text]), title=nasty),
        html_report(score_sentences([nasty, text])),
        score_documents([nasty])[0]._repr_html_(),
    ):
        assert "<script" not in page
        assert "alert(1)" in page
        assert page.encode("utf-8")


def test_a_report_loads_nothing_and_explains_itself() -> None:
    [document] = score_documents(["A betrayal, he said.\nIt met."])
    page = document.to_html(title="A title")
    assert page.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in page and '<html lang="en">' in page
    assert not re.search(r"""(src|href)=["'](?!#)|@import|url\(""", page)
    assert '<h1 dir="auto">A title</h1>' in page
    assert "<b>2</b> sentences" in page and "<b>50%</b> loaded" in page
    assert "weights c0ffee" in page and "estimates" in page
    assert "prefers-color-scheme: dark" in page and "@media print" in page


def test_paragraphs_stay_paragraphs() -> None:
    [document] = score_documents(["One. Two.\n\nThree.\r\nFour. Five."])
    page = document.to_html()
    blocks = page.split('<div class="paragraph">')[1:]
    assert [block.count('<p dir="auto">') for block in blocks] == [2, 1, 2]
    assert page.count("<div") == page.count("</div>")


def test_several_documents_have_an_index() -> None:
    page = html_report(score_documents(["First one.", "Second <one>.", " "]))
    assert page.count("<section") == page.count("</section>") == 3
    assert '<a href="#text-2" dir="auto">Second &lt;one&gt;.</a>' in page
    assert "(blank)" in page
    assert page.count("Model fake") == 1


def test_texts_scored_whole_make_one_section_blank_ones_too() -> None:
    page = html_report(score_sentences(["A betrayal.", "", "Noon."]))
    assert page.count("<section") == 1 and page.count('<p dir="auto">') == 3
    assert page.count(">blank<") == 1 and not re.search(r"\bnan\b", page)


def test_a_notebook_shows_the_start_of_a_long_text_and_says_so() -> None:
    [document] = score_documents(["Noon. " * (FRAGMENT_SENTENCES + 34)])
    fragment = document._repr_html_()
    assert fragment.count('<p dir="auto">') == FRAGMENT_SENTENCES
    assert "34 more sentences" in fragment
    assert "<html" not in fragment and not re.search(r"^\s*body\b", fragment, re.MULTILINE)


def test_short_names_stay_apart() -> None:
    assert short_names(FRAMES)["crime_and_punishment"] == "crime"
    assert len(set(short_names(FRAMES).values())) == len(FRAMES)
    assert short_names(["law_and_order", "law_and_press"]) == {
        "law_and_order": "law and order",
        "law_and_press": "law and press",
    }
