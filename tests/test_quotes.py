"""Quotation marks: which characters stand inside them, and where a quotation is open."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.quotes import open_at, quoted_spans

MARKS = '"“”„‟«»'
TEXTS = st.text(alphabet=st.sampled_from(MARKS + " \n.,'a(5-\u2028")) | st.text()


@pytest.mark.parametrize(
    ("text", "quotations"),
    [
        ("No marks, but 'single' ones and can't.", []),
        ('"We go," he said. "They stay."', ['"We go,"', '"They stay."']),
        ("“We go. They stay,” he said.", ["“We go. They stay,”"]),
        ('He called it ("a ruse") [“a trick”].', ['"a ruse"', "“a trick”"]),
        ('The "big," "bad" and—"ugly"—wolf', ['"big,"', '"bad"', '"ugly"']),
        ('"Is it?" "No."', ['"Is it?"', '"No."']),
        ('He said "... we go"', ['"... we go"']),
        ('"$5," he said', ['"$5,"']),
        ("„Wir gehen“, sagte er.", ["„Wir gehen“"]),
        ("«On part», «on reste»", ["«On part»", "«on reste»"]),
        ("« On part » dit-il", ["« On part »"]),
        ("»Wir gehen« sagte er", ["»Wir gehen«"]),
    ],
)
def test_balanced_marks(text: str, quotations: list[str]) -> None:
    assert [text[start:end] for start, end in quoted_spans(text)] == quotations


@pytest.mark.parametrize(
    ("text", "quotations"),
    [
        # Closed by a mark of another kind, and by one turned the wrong way.
        ('“We go" said the mayor. He left.', ['“We go"']),
        ('"We go” said the mayor. He left.', ['"We go”']),
        ("”We go” said the mayor.", ["”We go”"]),
        ("“We go“ said the mayor.", ["“We go“"]),
        # A quotation within a quotation, marked in another way.
        ('“He said "no" to me,” she said.', ['“He said "no" to me,”']),
        ("“He said ‘no.’” She left.", ["“He said ‘no.’”"]),
        # No space after the closing mark; spaces on both sides.
        ('"We go,"he said, "now"', ['"We go,"', '"now"']),
        ('Then " we go " he said', ['" we go "']),
        # Inches, and a closing mark that closes nothing.
        ('He is 6\'2" tall, the board 5" wide.', []),
        ('we go," he said, and "left."', ['"left."']),
        ("we go,” he said, and “left.”", ["“left.”"]),
    ],
)
def test_marks_astray(text: str, quotations: list[str]) -> None:
    assert [text[start:end] for start, end in quoted_spans(text)] == quotations


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\n\n", "\v", "\x85", "\u2028"])
def test_a_quotation_ends_with_its_paragraph(line_break: str) -> None:
    text = f'"We go.{line_break}"We stay," he said.{line_break}They left.'
    first, second = quoted_spans(text)
    assert text[slice(*first)] == '"We go.'
    assert text[slice(*second)] == '"We stay,"'


def test_a_quotation_never_closed_ends_where_the_next_begins() -> None:
    text = 'He said: "We go. She said: "We stay."'
    assert [text[a:b] for a, b in quoted_spans(text)] == ['"We go. She said: ', '"We stay."']


def test_open_between_the_marks_and_nowhere_else() -> None:
    text = 'He: "We go. You stay." She left.'
    opening, closing = text.index('"'), text.rindex('"')
    wanted = [opening < place <= closing for place in range(len(text) + 1)]
    assert open_at(text, range(len(text) + 1)) == wanted


def test_positions_in_any_order() -> None:
    text = '"One. Two." Three. “Four. Five.”'
    places = [text.index(word) for word in ("Five", "Two", "Three", "“", "Four", '"')]
    assert open_at(text, places) == [True, True, False, False, True, False]
    assert open_at(text, []) == []


@given(TEXTS)
def test_ranges_are_ordered_disjoint_and_within_a_line(text: str) -> None:
    reached = 0
    for start, end in quoted_spans(text):
        assert reached <= start < end <= len(text)
        assert text[start] in MARKS
        assert len(text[start:end].splitlines()) == 1
        reached = end


@given(TEXTS)
def test_open_is_strictly_inside_a_range(text: str) -> None:
    spans = quoted_spans(text)
    places = range(len(text) + 1)
    assert open_at(text, places) == [any(s < place < e for s, e in spans) for place in places]


@given(st.lists(TEXTS, max_size=4))
def test_paragraphs_do_not_change_each_other(paragraphs: list[str]) -> None:
    lines = [line for text in paragraphs for line in text.splitlines()]
    found, offset = [], 0
    for line in lines:
        found += [(start + offset, end + offset) for start, end in quoted_spans(line)]
        offset += len(line) + 1
    assert quoted_spans("\n".join(lines)) == found


@given(st.lists(st.sampled_from(["word", "other", "."]), min_size=1), st.sampled_from(["“”", '""']))
def test_what_is_quoted_is_found(words: list[str], marks: str) -> None:
    quotation = f"{marks[0]}{' '.join(words)}{marks[1]}"
    text = f"He said {quotation} and left."
    assert quoted_spans(text) == [(8, 8 + len(quotation))]


def test_time_is_linear_in_one_long_paragraph() -> None:
    def seconds(times: int) -> float:
        text = '“a “b "c d” "e.' * times
        begin = time.process_time()
        open_at(text, range(0, len(text), 7))
        return time.process_time() - begin

    seconds(100)
    # 16 times the text: 16 times the time if linear, 256 times if quadratic.
    assert seconds(32_000) < 64 * max(seconds(2_000), 0.01)
