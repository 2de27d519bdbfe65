"""A teacher's answers, kept in files, and what they add to the material."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_teaching import SENTENCES, bare

from framing import Scorer
from training.answers import Answers
from training.assemble import Material
from training.commands.lessons import lessons_of
from training.dataset import SentenceDataset
from training.example import Example
from training.lessons import draw, with_lessons
from training.recipe import Recipe, Stage
from training.soft import SoftSpans
from training.unlabelled import unlabelled

STAGE = Stage(name="broad", rates={"gold": 1.0, "text": 1.0}, learning_rate=1e-3)
RECIPE = Recipe(release="framing-x", seed=3, stages=(STAGE,), taught=("gold", "text"), unlabelled=4)
HELD = "the judge in the northern town heard a case about the disputed old bridge"


def gold(text: str, number: int, corpus: str = "gold") -> Example:
    return Example(
        text=text,
        corpus=corpus,
        id=str(number),
        group=f"{corpus}:{number}",
        labels={"loaded": 1.0},
    )


@pytest.fixture
def material() -> Material:
    return Material(
        train=[gold(SENTENCES[0], 0), gold(SENTENCES[1], 1, "other")],
        heldout=[gold(HELD, 2, "held")],
        reported={},
        apart={"gold": [gold(SENTENCES[2], 3)]},
    )


@pytest.mark.parametrize("texts", [[], ["  "], [*SENTENCES, " ", SENTENCES[0]]])
def test_answers_survive_a_file(scorer: Scorer, texts: list[str], tmp_path: Path) -> None:
    answers = Answers.ask(scorer.engine, bare(texts))
    answers.save(tmp_path / "deeper" / "answers.npz")
    again = Answers.load(tmp_path / "deeper" / "answers.npz")
    assert len(again.blank) == len(texts) and again.tasks == answers.tasks
    for row, text in enumerate(texts):
        first, second = answers.of(row), again.of(row)
        assert set(first) == set(second) == (set(scorer.engine.tasks) if text.strip() else set())
        for name, label in first.items():
            if isinstance(label, SoftSpans):
                assert np.array_equal(label.inside, second[name].inside)
                assert label.end[-1] == len(text)
            else:
                assert label == second[name]


def test_answers_do_not_depend_on_how_many_are_asked(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*SENTENCES, "", *SENTENCES]
    whole = Answers.ask(scorer.engine, bare(texts), ["loaded", "source_spans"])
    monkeypatch.setattr("training.answers._CHUNK", 2)
    parts = Answers.ask(scorer.engine, bare(texts), ["loaded", "source_spans"])
    assert [t.name for t in parts.tasks] == ["loaded", "source_spans"]
    assert np.array_equal(whole.bounds, parts.bounds)
    assert np.array_equal(whole.blank, parts.blank)
    shown = ~whole.blank
    assert whole.scores["loaded"][shown] == pytest.approx(parts.scores["loaded"][shown], abs=1e-5)
    assert whole.inside["source_spans"] == pytest.approx(parts.inside["source_spans"], abs=2e-3)


def test_lessons_fill_what_is_not_labelled(
    scorer: Scorer, material: Material, tmp_path: Path
) -> None:
    texts = unlabelled([("a", f"{HELD}. Another thing happened."), ("b", "Nothing is new today.")])
    found = with_lessons(material, scorer.engine, texts, RECIPE, work=tmp_path)
    first, other, *fresh = found.train
    assert first.labels["loaded"] == 1.0 and set(first.labels) == set(scorer.engine.tasks)
    assert set(other.labels) == {"loaded"}, "of a corpus that is not taught"
    assert {e.text for e in fresh} == {"Another thing happened.", "Nothing is new today."}
    assert all(set(e.labels) == set(scorer.engine.tasks) for e in fresh)
    assert set(found.apart["gold"][0].labels) == set(scorer.engine.tasks)
    assert found.heldout == material.heldout
    assert found.dropped == {"text": 1}, "a sentence that repeats a held-out one"


def test_the_teacher_is_asked_once(
    scorer: Scorer, material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = with_lessons(material, scorer.engine, [], RECIPE, work=tmp_path)
    monkeypatch.setattr(scorer.engine, "forward", None)
    again = with_lessons(material, scorer.engine, [], RECIPE, work=tmp_path)
    assert again.train[0].labels["frames"] == first.train[0].labels["frames"]
    changed = replace(material, train=[gold("something else was said", 0)])
    with pytest.raises(TypeError):
        with_lessons(changed, scorer.engine, [], RECIPE, work=tmp_path)
    otherwise = {n: replace(t, bias=(1.0,) * len(t.labels)) for n, t in scorer.engine.tasks.items()}
    monkeypatch.setattr(scorer.engine, "tasks", otherwise)
    with pytest.raises(TypeError):
        with_lessons(material, scorer.engine, [], RECIPE, work=tmp_path)


def test_whole_texts_are_drawn() -> None:
    texts = [
        (str(i), "One is here. Two is here. Three is here.".replace("is", f"is{i}"))
        for i in range(9)
    ]
    sentences = unlabelled(texts)
    drawn = draw(sentences, 4, seed=1)
    assert len(drawn) == 6 and len({e.group for e in drawn}) == 2
    assert draw(sentences, 4, seed=1) == drawn != draw(sentences, 4, seed=2)
    assert draw(sentences, 100, seed=1) == sentences
    assert draw(sentences, 0, seed=1) == []


@pytest.mark.parametrize(
    ("recipe", "given", "message"),
    [
        (RECIPE, {}, "give its --teacher"),
        (RECIPE, {"teacher": "small"}, "draws 4 sentences of unlabelled text: give --text"),
        (replace(RECIPE, taught=()), {"teacher": "small"}, "leave --teacher and --text out"),
    ],
)
def test_options_that_do_not_fit_the_recipe(
    recipe: Recipe, given: dict, message: str, material: Material, tmp_path: Path
) -> None:
    options = argparse.Namespace(**{"teacher": None, "text": [], "text_column": "text"} | given)
    with pytest.raises(ValueError, match=message):
        lessons_of(options, material, recipe, tmp_path)


def test_words_that_a_teacher_takes_for_loaded_are_not_hidden(scorer: Scorer) -> None:
    text = "the reckless senator slammed the bill"
    words = [(0, 3), (4, 12), (13, 20), (21, 28), (29, 32), (33, 37)]
    inside = np.array([0, 0.9, 0, 0.8, 0, 0.1], np.float16)[:, None]
    spans = SoftSpans(
        labels=("loaded",),
        start=np.array([a for a, _ in words], np.int32),
        end=np.array([b for _, b in words], np.int32),
        inside=inside,
        begin=inside,
    )
    example = replace(bare([text])[0], labels={"loaded_spans": spans})
    data = SentenceDataset(
        [example], scorer.engine.tokenizer, scorer.engine.model.tasks, window=64, masking=0.9999
    )
    ids = data[0]["input_ids"][len(scorer.engine.tokenizer.prefix) :]
    hidden = {
        text[a:b]
        for a, b, token in zip(data.tokens.start, data.tokens.end, ids, strict=False)
        if token == scorer.engine.tokenizer.mask
    }
    assert hidden and not any(part in "reckless slammed" for part in hidden)
