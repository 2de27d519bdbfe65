"""The speed benchmark: its texts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.speed.scenarios import NEWS_PIECES, SCENARIOS, Sample, sample, stream
from benchmarks.speed.subject import Subject
from benchmarks.speed.system import batches_of
from framing.sentences import sentence_spans


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_texts_are_the_same_every_time_and_a_longer_stream_begins_like_a_shorter(scenario) -> None:
    few = list(stream(scenario, 5))
    assert few == list(stream(scenario, 5)) == list(itertools.islice(stream(scenario, 8), 5))
    assert len(few) == 5


def test_no_scenario_is_guessed() -> None:
    with pytest.raises(ValueError, match="no scenario 'blogs': there are news, "):
        sample("blogs", 1)


def test_an_article_holds_the_sentences_that_peers_are_given() -> None:
    articles = sample("articles", 12)
    found = [t[a:b] for t in articles.texts for a, b in sentence_spans(t)]
    # A question with "they said" after it is one sentence to the splitter, and hardly wrong.
    assert len(set(found) & set(articles.sentences)) > 0.97 * len(articles.sentences)
    assert "".join("".join(articles.texts).split()) == "".join("".join(found).split())


def test_news_is_as_long_as_news_and_hardly_repeats_itself(shipped_subject: Subject) -> None:
    texts = sample("news", 3000).texts
    lengths = shipped_subject.lengths(texts)
    both = np.array(list(NEWS_PIECES.values()))
    said = [lengths.mean(), *np.percentile(lengths, [50, 90, 99])]
    assert np.all(both.min(axis=0) * 0.95 < said) and np.all(said < both.max(axis=0) * 1.05)
    assert len(set(texts)) > 0.995 * len(texts)
    words = " ".join(texts).lower().split()
    seen = set(words[: len(words) // 2])
    new = np.mean([w not in seen for w in words[len(words) // 2 :]])
    assert 0.04 < new < 0.15  # as in real news


def test_flat_sentences_fill_an_encoder_to_the_token(shipped_subject: Subject) -> None:
    assert set(shipped_subject.lengths(sample("flat_512", 20).sentences)) == {512}


def test_a_sample_is_cut_without_loss() -> None:
    whole = sample("articles", 7)
    chunks = whole.chunks(3)
    assert [len(c) for c in chunks] == [3, 3, 1]
    assert [t for c in chunks for t in c.texts] == whole.texts
    assert whole.first(2).texts == whole.texts[:2]


# What a system reads, and what the gate lets in


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(1, 9), st.data())
def test_padding_is_what_batches_come_to(lengths, batch, data) -> None:
    order = data.draw(st.sampled_from(["arrival", "tokens", "characters"]))
    texts = Sample(scenario="s", parts=[["x" * n] for n in lengths])
    rows = lengths if order == "arrival" else sorted(lengths, reverse=True)
    groups = [rows[i : i + batch] for i in range(0, len(rows), batch)]
    wanted = sum(max(g) * len(g) for g in groups)
    assert batches_of(batch, order)(texts, np.array(lengths)) == (sum(lengths), wanted)
