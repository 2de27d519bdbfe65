"""The registry of corpora, and the arithmetic of spans that the readers share."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from corpora_files import folder
from hypothesis import given
from hypothesis import strategies as st

from training.corpora import CORPORA, CorpusError, read_corpus
from training.corpora.offsets import cut, join, trim, whole_words

# The registry


def test_unknown_names_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no corpus 'bab'; there are babe, anno_lexical"):
        read_corpus("bab", tmp_path)
    with pytest.raises(CorpusError, match=r"ptc has no part 'test'; give one of train, dev"):
        read_corpus("ptc", tmp_path, "test")
    with pytest.raises(CorpusError, match="babe is not under the data root"):
        read_corpus("babe", tmp_path)


@pytest.mark.parametrize("name", CORPORA)
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    path = folder(tmp_path, name)
    with pytest.raises(CorpusError, match=str(path)):
        read_corpus(name, tmp_path)


# Spans


TEXT = st.text(alphabet="ab \n.", min_size=1, max_size=30)
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(TEXT, SPANS)
def test_joined_spans_cover_the_same_words(text: str, spans: list[tuple[int, int]]) -> None:
    spans = [(a, b) for a, b in spans if a < b <= len(text)]
    joined = join(text, spans)
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in joined)
    visible = {i for i, letter in enumerate(text) if not letter.isspace()}
    covered = {i for a, b in spans for i in range(a, b)}
    assert {i for a, b in joined for i in range(a, b)} & visible == covered & visible


@given(TEXT, SPANS, st.data())
def test_cut_spans_fit_the_sentence(
    text: str, spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    joined = join(text, [(a, b) for a, b in spans if a < b <= len(text)])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for lo, hi in cut(text, joined, start, end):
        assert 0 <= lo < hi <= end - start
        assert any(a <= start + lo and start + hi <= b for a, b in joined)


def test_span_arithmetic() -> None:
    text = "  one two-three  four "
    assert trim(text, (0, 6)) == (2, 5)
    assert trim(text, (0, 2)) is None
    assert whole_words(text, (3, 7)) == (2, 9)
    assert whole_words(text, (7, 11)) == (6, 15)
    assert whole_words(text, (2, 5)) == (2, 5)
    assert join(text, [(17, 21), (6, 15), (2, 4), (3, 5)]) == [(2, 5), (6, 15), (17, 21)]
    assert join(text, [(17, 21), (6, 15)], over_space=True) == [(6, 21)]
    assert join(text, [(2, 5), (10, 15)], over_space=True) == [(2, 5), (10, 15)]
    assert cut(text, [(2, 9), (17, 21)], 6, 18) == ((0, 3), (11, 12))
