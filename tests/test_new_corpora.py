"""The benchmark of retraining: what it keeps, and its arithmetic."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from corpora_files import write
from sklearn.metrics import accuracy_score, f1_score
from test_new_corpora_readers import WORDS, write_gvfc

from benchmarks.new_corpora.contest import Contest, Pair, contest_markdown
from benchmarks.new_corpora.few import SOURCES, draw
from benchmarks.new_corpora.folds import CODEBOOKS, gvfc_rows
from benchmarks.new_corpora.measures import exact, macro, mean_over_folds, micro, pooled
from benchmarks.new_corpora.run import Run, kept
from benchmarks.new_corpora.setfit_peer import classes, encoder_body, run_setfit, setfit_labels
from benchmarks.new_corpora.texts import drawn
from benchmarks.paired import paired_difference
from training.codebook import Codebook
from training.example import Example

# Texts, runs and measures


def test_articles_are_drawn_once_each_and_none_is_a_stub() -> None:
    articles = [None, "", "stub", *(str(n) * 900 for n in range(9)), "long" * 2000]
    found = drawn(articles, 5)
    assert len(set(found)) == 5 and set(found) <= {str(n) * 900 for n in range(9)}
    assert found == drawn(articles, 5) != drawn(articles, 5, seed=1)


def run_of(gold: list[list[int]], given: list[list[int]], name: str = "s") -> Run:
    ids = np.array([f"{name}{i}" for i in range(len(gold))])
    return Run(
        ids=ids,
        groups=ids,
        gold=np.array(gold, dtype=bool),
        given=np.array(given, dtype=bool),
        seconds=1.5,
        about={"method": "heads"},
    )


def test_measures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    gold, given = rng.random((2, 40, 3)) < 0.4
    run = run_of(gold.tolist(), given.tolist())
    assert pooled(macro, [run]).value == pytest.approx(f1_score(gold, given, average="macro"))
    assert pooled(micro, [run]).value == pytest.approx(f1_score(gold, given, average="micro"))
    assert pooled(macro, [run], 1).value == pytest.approx(f1_score(gold[:, 1], given[:, 1]))
    assert pooled(exact, [run]).value == accuracy_score(gold, given)


def test_a_mean_over_folds_weighs_folds_alike() -> None:
    right = run_of([[0, 1], [1, 0]], [[0, 1], [1, 0]], "a")
    wrong = run_of([[0, 1]] * 6, [[1, 0]] * 6, "b")
    assert mean_over_folds(micro, [right, wrong]).value == pytest.approx(0.5)
    assert pooled(micro, [right, wrong]).value == pytest.approx(0.25)
    assert mean_over_folds(micro, [right, wrong]).n == 8


def test_runs_are_made_once_and_again_for_other_facts(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> list[Run]:
        made.append(folder)
        return [run_of([[0, 1]], [[1, 0]]), run_of([[1, 1]], [[1, 0]])]

    first = kept(tmp_path, ["a", "b"], {"seed": 1}, make)
    again = kept(tmp_path, ["a", "b"], {"seed": 1}, make)
    assert len(made) == 1
    assert [(r.gold.tolist(), r.given.tolist()) for r in first] == [
        (r.gold.tolist(), r.given.tolist()) for r in again
    ]
    assert (again[0].seconds, again[0].about, list(again[0].ids)) == (
        1.5,
        {"method": "heads"},
        ["s0"],
    )
    kept(tmp_path, ["a", "b"], {"seed": 2}, make)
    assert len(made) == 2
    # Half of what belongs together is not enough: both were timed side by side.
    next(tmp_path.glob("b-*.npz")).unlink()
    kept(tmp_path, ["a", "b"], {"seed": 1}, make)
    kept(tmp_path, ["a", "b"], {"seed": 2}, make)
    assert len(made) == 3


def test_rows_of_a_run_belong_together() -> None:
    with pytest.raises(ValueError, match="2 rows"):
        run_of([[0, 1], [1, 0]], [[0, 1]])


# Few labels


def pair(seed: int, framing: float, setfit: float) -> Pair:
    return Pair(
        seed=seed,
        framing=framing,
        setfit=setfit,
        framing_seconds=60,
        setfit_seconds=30,
        method="heads" if seed else "full",
        out_of_fold={},
        setfit_steps=200,
        setfit_steps_of_one_pass=900,
    )


def contest(*pairs: Pair) -> Contest:
    return Contest(
        corpus="gvfc",
        task="first_frame",
        measure="macro F1",
        labels=50,
        test="fold 0",
        test_sentences=263,
        pairs=pairs,
    )


def test_the_difference_is_paired_by_draw() -> None:
    found = contest(pair(0, 0.5, 0.4), pair(1, 0.7, 0.6), pair(2, 0.9, 0.8))
    # The scores vary widely between draws, the difference not at all.
    assert found.difference == pytest.approx((0.1, 0.1, 0.1))
    assert found.scores("framing") == pytest.approx((0.7, 0.2))
    mean, low, high = paired_difference([0.0, 0.2])
    # Student's t with one degree of freedom.
    assert (mean, low, high) == pytest.approx((0.1, 0.1 - 1.2706205, 0.1 + 1.2706205))
    assert "+0.100 [+0.100, +0.100]" in contest_markdown([found])
    assert "heads 2, full 1 | 200 of 900" in contest_markdown([found])


def test_one_draw_has_no_interval() -> None:
    found = contest(pair(0, 0.5, 0.4))
    assert math.isnan(found.difference[1])
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["difference"]["low"] is None and values["framing"]["deviation"] is None
    assert "+0.100 |" in contest_markdown([found])


def test_draws_are_the_same_for_the_same_seed() -> None:
    pool = [
        Example(text=f"t {i}", corpus="c", id=str(i), group=str(i), labels={}) for i in range(40)
    ]
    first = [e.id for e in draw(pool, 10, 1)]
    assert first == [e.id for e in draw(pool, 10, 1)] != [e.id for e in draw(pool, 10, 2)]
    assert len(set(first)) == 10
    with pytest.raises(ValueError, match="41 sentences cannot be drawn from 40"):
        draw(pool, 41, 1)


@pytest.mark.parametrize(
    ("corpus", "labels", "wanted"),
    [
        ("gvfc", "politics", 2),
        ("ccf", ("politics", "economy"), [1, 0, 0, 0, 0, 0, 0, 1]),
        ("checkthat", 1.0, 1),
    ],
)
def test_setfit_is_given_and_gives_the_same_labels(corpus: str, labels, wanted) -> None:
    name = SOURCES[corpus].task
    task = Codebook.load(CODEBOOKS / f"{corpus}.toml").task(name)
    example = Example(text="t", corpus="c", id="1", group="1", labels={name: labels})
    assert setfit_labels(task, [example]) == [wanted]
    (row,) = classes(task, np.array([wanted]))
    if corpus == "gvfc":
        assert [task.labels[i] for i in np.flatnonzero(row)] == ["politics"]
    elif corpus == "ccf":
        assert {task.labels[i] for i in np.flatnonzero(row)} == set(labels)
    else:
        assert row.tolist() == [False, True]


def test_a_whole_sentence_transformer_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    modules = [{"path": "", "type": "a.Transformer"}, {"path": "1_Pooling", "type": "a.Pooling"}]
    write(tmp_path / "modules.json", json.dumps(modules))
    assert encoder_body(tmp_path, tmp_path / "other") == tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("corpus", SOURCES)
def test_setfit_labels_every_test_sentence(corpus: str, tiny_encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("setfit", reason="SetFit is not installed")
    name = SOURCES[corpus].task
    task = Codebook.load(CODEBOOKS / f"{corpus}.toml").task(name)
    labels = {"gvfc": ("politics", "safety"), "ccf": ((), ("health",)), "checkthat": (0.0, 1.0)}
    examples = [
        Example(
            text=f"{WORDS[i % 2]} said",
            corpus=corpus,
            id=str(i),
            group=str(i),
            labels={name: labels[corpus][i % 2]},
        )
        for i in range(24)
    ]
    body = encoder_body(tiny_encoder, tmp_path / "body")
    run = run_setfit(
        body, task, examples[:16], examples[16:], steps=3, seed=0, work=tmp_path / "work"
    )
    assert run.about["steps"] == 3 < run.about["steps_of_one_pass"]
    assert list(run.ids) == [e.id for e in examples[16:]]
    # Two texts, two labels.
    assert macro(run.gold, run.counts) == 1


# All of it, on a tiny encoder


def test_gvfc_folds_are_trained_once_and_measured(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [WORDS[i % 9] for i in range(81)]
    rows = [f"{i}\t{w} {w} {w} {w} {i}\t{i % 9 + 1}\t99\n" for i, w in enumerate(words)]
    write_gvfc(
        tmp_path, {"0/train.tsv": "".join(rows[:54]), "0/test_labeled.tsv": "".join(rows[54:])}
    )
    starts = {"tiny": tiny_encoder}
    measured, made = gvfc_rows(tmp_path, starts, tmp_path / "work", folds=1, method="heads")
    assert {m["task"] for m in made} == {"first_frame", "all_frames"}
    assert all(m["sentences"]["test"] == 27 and m["method"] == "heads" for m in made)
    by_measure = {(r.data.split(",")[0], r.measure): r.estimate.value for r in measured}
    # Nine words, nine frames: by chance it would be a ninth.
    assert by_measure["GVFC first_frame", "accuracy, pooled"] > 0.3
    monkeypatch.setattr("benchmarks.new_corpora.folds.run_framing", None)
    again, _ = gvfc_rows(tmp_path, starts, tmp_path / "work", folds=1, method="heads")
    assert again == measured
