"""Tokens, windows and batches: nothing is cut, nothing is read twice over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.encoding import SentenceTokenizer, Tokens, batches_by_tokens, plan_windows
from framing.engine import _owned
from framing.errors import ModelError


@pytest.fixture(scope="module")
def tokenizer(tiny_encoder: Path) -> SentenceTokenizer:
    return SentenceTokenizer(tiny_encoder, pad=0)


def of_lengths(lengths: list[int]) -> Tokens:
    total = sum(lengths)
    empty = np.zeros(total, dtype=np.int64)
    bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Tokens(ids=empty, start=empty, end=empty, bounds=bounds)


def test_offsets_count_code_points(tokenizer: SentenceTokenizer) -> None:
    text = "é👩‍👧 the \ud800 İ bill"
    tokens = tokenizer.encode([text])
    words = {text[a:b] for a, b in zip(tokens.start, tokens.end, strict=True)}
    assert {"the", "İ", "bill"} <= words
    assert tokens.end.max() == len(text)


def test_special_tokens_in_the_text_are_plain_text(tokenizer: SentenceTokenizer) -> None:
    specials = set(tokenizer.prefix + tokenizer.suffix)
    assert not specials & set(tokenizer.encode(["a [SEP] b [CLS]"]).ids.tolist())


def test_a_window_is_read_between_the_special_tokens(tokenizer: SentenceTokenizer) -> None:
    tokens = tokenizer.encode(["the bill"])
    plain = tokenizer.window_ids(tokens, 0, len(tokens.ids), False)
    quoted = tokenizer.window_ids(tokens, 0, len(tokens.ids), True)
    assert plain == tokenizer.backend.encode("the bill").ids
    assert quoted == tokenizer.backend.encode('"the bill').ids


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        SentenceTokenizer(tmp_path, pad=0)


@given(
    st.lists(st.integers(0, 60), max_size=8),
    st.integers(4, 20),
    st.data(),
)
def test_each_token_is_spoken_for_by_one_window(
    lengths: list[int], size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size // 2))
    tokens = of_lengths(lengths)
    windows = plan_windows(tokens, [False] * len(lengths), size=size, overlap=overlap)
    assert set(windows.sentence.tolist()) == set(range(len(lengths)))
    assert (windows.hi - windows.lo <= size).all()
    lo, hi = _owned(windows)
    assert (windows.lo <= lo).all() and (hi <= windows.hi).all()
    spoken = np.concatenate([np.arange(a, b) for a, b in zip(lo, hi, strict=True)] or [[]])
    assert spoken.tolist() == list(range(sum(lengths)))


@given(st.lists(st.integers(1, 100), max_size=60), st.integers(1, 300))
def test_batches_hold_every_window_once_within_the_budget(lengths: list[int], budget: int) -> None:
    sizes = np.array(lengths, dtype=np.int64)
    groups = batches_by_tokens(sizes, budget)
    held = [int(i) for group in groups for i in group]
    assert sorted(held) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or sizes[group].max() * len(group) <= budget
