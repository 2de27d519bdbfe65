"""Sentence spans: what counts as a sentence in news prose, and exact offsets for any string."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.sentences import is_blank, sentence_spans

ARTICLES = Path(__file__).parent.parent / "data" / "sentences" / "articles.jsonl"


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


# A bar stands where a sentence ends; the text is what is left without the bars.
@pytest.mark.parametrize(
    "marked",
    [
        "Sen. Ann Lee met Gov. Bo Ray in the U.S. Capitol at 9 a.m. Monday.| They spoke.",
        "It opens at 5 p.m. EDT on Sept. 3.| Ms. Cole, of Orrin Inc., will speak.",
        "See No. 5 on p. 12, vol. 3, of the list.| It cost $3.5 million, or 4.2 p.c. more.",
        "He told me.| Nobody else knew.| She said no.| Smith said yes.",
        "Lt. Col. J. K. Marsh and W. E. B. Dale left.| R. Ray stayed.",
        "“I was cold.| I was tired.| Who wasn't?” he said.| “Go home,” she said.",
        '"I was cold.| I was tired!" he said.| "Was it far?" Ann Lee asked.| "Yes."',
        "‘I was cold.| I was tired,’ he said.| ‘It’s late.’| She left.",
        "'I was cold.| I was tired,' he said.| 'It's late.'| She left.",
        "``I was cold.| I was tired,'' he said.",
        "He called it “over.”| (She did not.)| [He did.]| They left.",
        "It ended.| (It began at 9.| Few came.)| They left.",
        "Flood hits town (again)|\n|By Ann Lee|\n\n|It rained.| It poured.",
        "He left the park.| (Photo: Ann Lee/Wire)",
        "I thought … maybe not.| And then...| Silence.| So ... why?",
        "They want:|\n|- Pay.| Now.|\n|• Rest.| And beds|\n|1. A roof|\n|2. A door",
        "WASHINGTON (AP) — The House voted.| It passed.",
        "PORT ELLAN, Aug. 2 (Wire) - Shares of Bright (BWD.N) fell.| Few sold.",
        "Go to www.town.example/a.html or https://town.example/?q=5.| Write to a.b@town.example.",
        "It fell.| eBay rose.| iPhone sales fell.",
        "Is it art?| It is art.| The rest is in Art. 5.",
        "He said it was “fine.” and left.|",
        "J.\u00a0K. Rowe left.|\u2003Ann stayed.",
        "Ha!| 😀 no.| יום טוב.| 今日は。|明日。",
    ],
)
def test_sentences_of_news_prose(marked: str) -> None:
    text = marked.replace("|", "")
    assert split(text) == [part.strip() for part in marked.split("|") if part.strip()]


def test_own_articles_stay_split_as_measured() -> None:
    rows = [json.loads(line) for line in ARTICLES.read_text("utf-8").splitlines()]
    gold = {(row["id"], *span) for row in rows for span in row["sentences"]}
    found = {(row["id"], *span) for row in rows for span in sentence_spans(row["text"])}
    assert len(gold) >= 150 and len(rows) >= 6
    assert len(gold & found) >= 0.97 * max(len(gold), len(found))


def test_own_articles_are_sound_gold() -> None:
    for row in map(json.loads, ARTICLES.read_text("utf-8").splitlines()):
        assert row["split"] in ("tune", "check")
        check_spans(row["text"], [(start, end) for start, end in row["sentences"]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t\n\r\n",
        "\u200b",
        "\ufeff \u200d\u2060",
        "\x00\x1f\x7f",
        "\u00ad\ufe0f",
        "\u2800",
    ],
)
def test_blank_text_has_no_sentence(text: str) -> None:
    assert is_blank(text)
    assert sentence_spans(text) == []
    assert split(f"One.\n{text}\nTwo.") == ["One.", "Two."]


@pytest.mark.parametrize("text", ["a", " .", "\u200b!", "😀", "\ud800", "中", "\ue000", "\u0600"])
def test_what_shows_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    assert len(sentence_spans(text)) == 1


def check_spans(text: str, spans: list[tuple[int, int]]) -> None:
    edge = 0
    for start, end in spans:
        piece = text[start:end]
        assert edge <= start < end
        assert is_blank(text[edge:start])
        assert piece == piece.strip() and not is_blank(piece)
        assert len(piece.splitlines()) == 1
        edge = end
    assert is_blank(text[edge:])


WORDS = [
    "A",
    "b",
    "Ms.",
    "U.S.",
    "p.m.",
    "5",
    "No.",
    "me.",
    "He ",
    "said ",
    "é",
    "İ",
    "שלום",
    "中。",
]
MARKS = [". ", ".", "! ", "?", "…", "...", '"', "'", "“", "”", "‘", "’", "(", ")", "[", "]", "`"]
BREAKS = ["\n", "\r\n", "\x85", "\x1c", "\x0b", "\u2028", " ", "\t", "\u00a0", "\u2003"]
ODD = [
    "\u200b",
    "\ufeff",
    "\u0301",
    "\u202e",
    "😀",
    "👩\u200d🚒",
    "\ud800",
    "\udc00",
    "\0",
    "•",
    "- ",
]
PIECES = st.sampled_from([*WORDS, *MARKS, *BREAKS, *ODD])
ANY_TEXT = st.one_of(
    st.lists(PIECES, max_size=40).map("".join),
    st.text(st.characters(codec=None, categories=None), max_size=80),
)


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_spans_of_any_string(text: str) -> None:
    check_spans(text, sentence_spans(text))


@given(ANY_TEXT)
@settings(max_examples=100, deadline=None)
def test_sentences_joined_by_line_breaks_stay_themselves(text: str) -> None:
    parts = split(text)
    again = split("\n".join(parts))
    # A line may fall apart once more where the words before it had spoken against a boundary.
    assert "".join("".join(again).split()) == "".join("".join(parts).split())
    assert len(again) >= len(parts)


@given(st.lists(ANY_TEXT.filter(lambda text: len(text.splitlines()) < 2), max_size=5))
@settings(max_examples=100, deadline=None)
def test_lines_are_split_alone(lines: list[str]) -> None:
    lines = [line.rstrip("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029") for line in lines]
    assert split("\n".join(lines)) == [part for line in lines for part in split(line)]


@pytest.mark.parametrize("unit", ["word ", "A word. ", "'", "?’", "“", "A.B", "me. ", "\ud800. "])
def test_time_is_linear(unit: str) -> None:
    text = unit * (250_000 // len(unit))
    start = time.process_time()
    spans = sentence_spans(text)
    assert time.process_time() - start < 3  # a quadratic splitter takes far longer
    check_spans(text, spans)


def test_a_line_of_fifty_thousand_words_is_one_sentence() -> None:
    text = "word " * 50_000
    assert sentence_spans(text) == [(0, len(text) - 1)]


def test_boundaries_do_not_depend_on_the_window() -> None:
    sentence = "The council met on Monday at 9 a.m. in St. Ives, and Mr. Lee spoke for an hour."
    assert split(" ".join([sentence] * 500)) == [sentence] * 500
