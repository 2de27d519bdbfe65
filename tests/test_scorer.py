"""The contract of the public API, on a tiny real model."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing import DocumentScore, Scorer, SentenceScore
from framing.modeling import FramingModel
from framing.repeats import Repeats
from framing.task import Task, default_tasks

ARTICLE = (
    "MAYOR SLAMS RECKLESS PLAN\n\n"
    'The mayor said the plan was "a disaster. Nobody wants it. It will fail." '
    "According to a report, costs rose 5.5 percent — to $3.2 million.\n\n"
    "“We are not going anywhere,” she said. Dr. A. B. Smith of the U.S. office disagreed…"
)
HARD = [
    "Plain words.",
    "Emoji 👩‍👩‍👧‍👦 and 🇫🇷 flags 🎉 here.",
    "שלום עולם. مرحبا بالعالم.",
    "zero\u200bwidth\u200d joiner\ufeff text.",
    "lone \ud800 surrogate \udfff here.",
    "e\u0301 combining and ﬁ ligature, İstanbul ß.",
    "[SEP] [CLS] [MASK] special-looking.",
    "x" * 3000,
    "\u0000 control \u0007 bell.",
]
ANY_TEXT = st.text(st.characters(), max_size=200)


def spans_of(sentence: SentenceScore) -> list:
    assert sentence.loaded_language is not None and sentence.sourcing is not None
    sourcing = sentence.sourcing
    return [*sentence.loaded_language.spans, *sourcing.sources, *sourcing.cues, *sourcing.contents]


def numbers_of(sentence: SentenceScore) -> np.ndarray:
    assert sentence.loaded_language and sentence.sourcing and sentence.framing
    if sentence.windows == 0:
        return np.empty(0)
    return np.array(
        [
            sentence.loaded_language.probability,
            *sentence.sourcing.probabilities.values(),
            *sentence.framing.probabilities.values(),
        ],
        dtype=float,
    )


def check_document(document: DocumentScore, text: str) -> None:
    assert document.text == text
    end = 0
    for sentence in document.sentences:
        assert end <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end] == sentence.text
        end = sentence.end
        for span in spans_of(sentence):
            assert sentence.start <= span.start < span.end <= sentence.end
            assert text[span.start : span.end] == span.text
            assert 0 <= span.probability <= 1


def test_shapes_of_the_four_ways_to_call(scorer: Scorer) -> None:
    assert isinstance(scorer.score(ARTICLE), DocumentScore)
    documents = scorer.score([ARTICLE, "One.", ""])
    assert [type(d) for d in documents] == [DocumentScore] * 3
    assert [d.text for d in documents] == [ARTICLE, "One.", ""]
    assert isinstance(scorer.score("One sentence.", split=False), SentenceScore)
    assert [s.text for s in scorer.score(["b.", "a."], split=False)] == ["b.", "a."]
    assert scorer.score([]) == []


def test_a_sentence_has_every_facet(scorer: Scorer) -> None:
    sentence = scorer.score("The senator slammed the bill.", split=False)
    assert 0 <= sentence.loaded_language.probability <= 1
    assert isinstance(sentence.loaded_language.label, bool)
    assert list(sentence.sourcing.probabilities) == ["none", "direct", "indirect", "mixed"]
    assert sum(sentence.sourcing.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert sentence.sourcing.kind == max(
        sentence.sourcing.probabilities, key=sentence.sourcing.probabilities.get
    )
    assert sentence.sourcing.probability == pytest.approx(
        1 - sentence.sourcing.probabilities["none"], abs=1e-6
    )
    assert len(sentence.framing.probabilities) == 14
    assert sentence.windows == 1
    assert (sentence.start, sentence.end) == (0, len(sentence.text))


def test_offsets_on_an_article(scorer: Scorer) -> None:
    document = scorer.score(ARTICLE)
    check_document(document, ARTICLE)
    assert len(document.sentences) >= 6
    assert any(spans_of(s) for s in document.sentences), "the random heads should mark something"


@pytest.mark.parametrize("text", HARD)
def test_offsets_on_hard_text(scorer: Scorer, text: str) -> None:
    check_document(scorer.score(text), text)
    alone = scorer.score(text, split=False)
    assert alone.text == text
    assert alone.windows >= 1
    for span in spans_of(alone):
        assert text[span.start : span.end] == span.text


@given(ANY_TEXT)
def test_offsets_on_any_text(scorer: Scorer, text: str) -> None:
    check_document(scorer.score(text), text)


def test_spans_are_whole_words(scorer: Scorer) -> None:
    text = (
        "The far-right senator didn't say overreaching things about antidisestablishmentarianism."
    )
    for span in spans_of(scorer.score(text, split=False)):
        before = text[span.start - 1 : span.start]
        after = text[span.end : span.end + 1]
        assert not (before.isalnum() and text[span.start].isalnum())
        assert not (after.isalnum() and text[span.end - 1].isalnum())


def test_batched_equals_one_by_one(scorer: Scorer) -> None:
    texts = [ARTICLE, *HARD, "", ARTICLE[50:], "A short one."] * 2
    for split in (True, False):
        together = scorer.score(texts, split=split)
        for text, batched in zip(texts, together, strict=True):
            alone = scorer.score(text, split=split)
            pairs = (
                zip(batched.sentences, alone.sentences, strict=True)
                if split
                else [(batched, alone)]
            )
            for a, b in pairs:
                np.testing.assert_allclose(numbers_of(a), numbers_of(b), atol=1e-4)
                assert a.windows == b.windows


def test_scores_do_not_depend_on_order(scorer: Scorer) -> None:
    texts = [f"The senator said number {i}{' very' * (i % 7)} much." for i in range(40)]
    forwards = scorer.score(texts, split=False)
    backwards = scorer.score(texts[::-1], split=False)[::-1]
    for a, b in zip(forwards, backwards, strict=True):
        assert a.text == b.text
        np.testing.assert_allclose(numbers_of(a), numbers_of(b), atol=1e-4)


def test_the_same_call_gives_the_same_scores(scorer: Scorer) -> None:
    assert scorer.score(ARTICLE).to_dict() == scorer.score(ARTICLE).to_dict()


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\u200d", "\ufeff"])
def test_blank_text(scorer: Scorer, text: str) -> None:
    assert len(scorer.score(text).sentences) == 0
    alone = scorer.score(text, split=False)
    assert alone.windows == 0
    assert alone.loaded_language.probability is None
    assert alone.loaded_language.label is False
    assert alone.sourcing.kind is None and alone.sourcing.probabilities is None
    assert alone.framing.probabilities is None and alone.framing.labels == ()


def test_a_long_sentence_is_read_in_windows_to_its_end(scorer: Scorer) -> None:
    quiet = "the bill " * 60
    alone = scorer.score(quiet, split=False)
    assert alone.windows > 1
    changed = scorer.score(quiet + "slammed reckless slammed", split=False)
    assert changed.loaded_language.probability >= alone.loaded_language.probability - 0.2
    assert not np.allclose(numbers_of(alone), numbers_of(changed), atol=1e-6)


def test_fifty_thousand_words(scorer: Scorer) -> None:
    text = "word " * 50_000
    document = scorer.score(text)
    (sentence,) = document.sentences
    assert sentence.end == len(text.rstrip())
    assert sentence.windows > 1000
    check_document(document, text)


def test_an_open_quotation_counts_only_when_split(scorer: Scorer) -> None:
    text = 'She said: "It failed. Nobody cares about it."'
    with_context = scorer.score(text).sentences[1]
    alone = scorer.score(with_context.text, split=False)
    assert with_context.text == 'Nobody cares about it."'
    assert not np.allclose(numbers_of(with_context), numbers_of(alone), atol=1e-6)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "NoneType"),
        (3.5, "float"),
        (b"bytes", "bytes"),
        (["fine", None], "NoneType at index 1"),
        (["fine", 7], "int at index 1"),
        ([b"x"], "bytes at index 0"),
        ({"a": "b"}, "dict"),
    ],
)
def test_what_is_no_text_is_a_type_error(scorer: Scorer, value: object, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        scorer.score(value)


def test_stream_takes_any_iterable_in_order(scorer: Scorer) -> None:
    texts = [f"Text number {i}. It has two sentences." for i in range(30)]
    assert [d.text for d in scorer.stream(iter(texts))] == texts


def test_stream_hands_out_what_came_before_a_bad_text(scorer: Scorer) -> None:
    seen = []
    with pytest.raises(TypeError, match="index 2"):
        for document in scorer.stream(["a.", "b.", None, "c."]):
            seen.append(document.text)
    assert seen == ["a.", "b."]


def test_stream_reads_only_some_way_ahead(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer, "_batch_size", 400)  # 8 texts
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield "One sentence here."

    stream = scorer.stream(endless())
    for _ in range(20):
        next(stream)
    assert taken <= 20 + 5 * 8


def test_results_name_the_model(scorer: Scorer, tiny_model: Path) -> None:
    info = scorer.score("A sentence.").model
    assert info.name == "framing-tiny"
    assert len(info.weights) == 16
    assert info.library == framing.__version__
    changed = tiny_model / "model.safetensors"
    assert changed.is_file()


def test_what_is_no_text_but_can_be_gone_over_is_refused(scorer: Scorer) -> None:
    table = pandas.DataFrame({"title": ["One."], "body": ["Two."]})
    for call in (scorer.score, lambda given: next(scorer.stream(given))):
        with pytest.raises(TypeError, match="column of the texts"):
            call(table)
        with pytest.raises(TypeError, match="not dict"):
            call({"a": "One."})
    for article in ("One article.", b"One article."):
        with pytest.raises(TypeError, match="a list or another iterable"):
            next(scorer.stream(article))
    assert len(scorer.score(table["body"])) == 1


def test_a_content_that_is_not_there_leaves_the_voice_open(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    tasks = [
        *default_tasks()[:2],
        Task(name="source_spans", kind="spans", labels=("source", "cue")),
    ]
    model = FramingModel.from_encoder(tiny_encoder, tasks, window=32, overlap=8)
    with torch.no_grad():
        model.heads["loaded_spans"].bias[2] += 9.0
    model.save_pretrained(tmp_path)
    shutil.copy(tiny_encoder / "tokenizer.json", tmp_path)
    (score,) = Scorer(tmp_path, device="cpu", backend="torch").score(ARTICLE[:60]).sentences[:1]
    assert score.loaded_language.spans and score.loaded_language.spans[0].voice is None


def test_import_is_free_of_torch() -> None:
    code = (
        "import sys, framing; "
        "assert not {'torch', 'transformers', 'numpy'} & set(sys.modules); "
        "print(json.dumps(sorted(framing.__all__)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import json; " + code], capture_output=True, text=True, check=True
    )
    assert "score" in json.loads(done.stdout)


def test_fewer_facets_give_the_same_scores_of_those(tiny_model: Path, scorer: Scorer) -> None:
    whole = scorer.score(ARTICLE)
    for facet, others in (
        ("loaded_language", ("sourcing", "framing")),
        ("sourcing", ("loaded_language", "framing")),
        ("framing", ("loaded_language", "sourcing")),
    ):
        some = Scorer(tiny_model, device="cpu", backend="torch", facets=[facet]).score(ARTICLE)
        for one, full in zip(some.sentences, whole.sentences, strict=True):
            assert getattr(one, facet) == getattr(full, facet)
            assert all(getattr(one, other) is None for other in others)
        assert some.to_html() and some.to_columns() and some.to_dict()


def test_an_unknown_facet_names_those_there_are(tiny_model: Path) -> None:
    for facets, words in (
        (["tone"], "no facet 'tone': the model has frames, framing, loaded"),
        ("framing", "give a list"),
        ([], "at least one"),
    ):
        with pytest.raises(ValueError, match=words):
            Scorer(tiny_model, device="cpu", backend="torch", facets=facets)


@given(st.lists(st.sampled_from([ARTICLE, "The police said so.", "", HARD[1], "It passed."])))
def test_scoring_repeats_once_changes_nothing(scorer: Scorer, texts: list[str]) -> None:
    plain = [d for lot in scorer.stream_columns(texts) for d in lot.documents()]
    lots = list(scorer.stream_columns(texts, once=True))
    once = [d for lot in lots for d in lot.documents()]
    assert [d.text for d in once] == texts
    for ours, theirs in zip(once, plain, strict=True):
        for a, b in zip(ours.sentences, theirs.sentences, strict=True):
            assert (a.start, a.end, a.text) == (b.start, b.end, b.text)
            np.testing.assert_allclose(numbers_of(a), numbers_of(b), atol=1e-5)
            assert [(s.start, s.end) for s in spans_of(a)] == [
                (s.start, s.end) for s in spans_of(b)
            ]
    seen = {(s.text, i > 0) for d in plain for i, s in enumerate(d.sentences)}
    assert sum(lot.repeated for lot in lots) >= sum(len(d.sentences) for d in plain) - len(seen) - 3


def test_repeats_are_found_over_lots_and_forgotten_when_too_many(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "_batch_size", 100)
    texts = [f"Report {i // 4 % 3} on the bill." for i in range(48)]
    lots = list(scorer.stream_columns(texts, split=False, once=True))
    assert len(lots) > 5 and sum(lot.repeated for lot in lots) == 48 - 3
    monkeypatch.setattr("framing.scorer.Repeats", lambda: Repeats(size=1))
    fewer = list(scorer.stream_columns(texts, split=False, once=True))
    assert 0 < sum(lot.repeated for lot in fewer) < 48 - 3
    for a, b in zip(lots, fewer, strict=True):
        for name, values in a.columns.scores.items():
            np.testing.assert_allclose(b.columns.scores[name], values, atol=1e-5)


@given(
    st.lists(st.lists(st.sampled_from([ARTICLE, "The police said so.", "", HARD[1]]), max_size=4))
)
def test_a_group_is_scored_as_if_it_were_alone(scorer: Scorer, groups: list[list[str]]) -> None:
    lots = list(scorer.stream_groups(groups, once=True))
    alone = [lot for group in groups for lot in scorer.stream_columns(group, once=True)]
    assert [list(lot.texts) for lot in lots] == [list(lot.texts) for lot in alone]
    for ours, theirs in zip(lots, alone, strict=True):
        assert ours.repeated == theirs.repeated
        for name, values in theirs.columns.scores.items():
            np.testing.assert_array_equal(ours.columns.scores[name], values)
