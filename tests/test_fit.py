"""Training on one's own corpus, from labelled sentences to a model that is served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framing import Scorer
from framing.engine import Engine
from framing.task import Task
from training.build import DRAFT, save_model, tokenizer_of
from training.codebook import Codebook
from training.corpus import Corpus
from training.example import Example
from training.faults import Fault, FaultyCorpusError
from training.fit import Plan, fit, plan
from training.method import MANY, METHODS, Method, train_with
from training.selection import choose
from training.start import start_model
from training.teacher import taught

PLACES = ("court", "school", "bank", "union")
CODEBOOK = Codebook(
    name="places",
    tasks=(
        Task(name="place", kind="multiclass", labels=PLACES),
        Task(name="rude", kind="binary", labels=("rude",)),
        Task(name="where", kind="spans", labels=("place",)),
    ),
)


def place_corpus(count: int = 80, tasks: tuple[str, ...] = ("place", "rude")) -> Corpus:
    """Sentences about a place, rude ones among them."""
    rng = np.random.default_rng(1)
    examples = []
    for i in range(count):
        place = PLACES[i % len(PLACES)]
        charge = "reckless" if rng.random() < 0.5 else "new"
        text = f"the {charge} {place} said on monday {i} {rng.integers(10**6)}"
        start = text.index(place)
        labels = {
            "place": place,
            "rude": float(charge == "reckless"),
            "where": {"place": ((start, start + len(place)),)},
        }
        examples.append(
            Example(
                text=text,
                corpus="places",
                id=str(i),
                group=f"places:{i // 4}",
                labels={name: labels[name] for name in tasks},
            )
        )
    return Corpus(codebook=CODEBOOK, examples=examples)


def quick(planned: Plan) -> Plan:
    """The same with few steps."""
    methods = [
        replace(m, contrastive=min(m.contrastive, 10), steps=min(m.steps, 60), passes=1, rate=3e-3)
        for m in planned.methods
    ]
    return replace(planned, methods=tuple(replace(m, span_steps=60) for m in methods))


@pytest.mark.parametrize("method", sorted(METHODS))
def test_each_method_learns_what_can_be_learnt(
    method: str, tiny_encoder: Path, tmp_path: Path
) -> None:
    corpus = place_corpus()
    planned = quick(plan(corpus, tiny_encoder, method=method))
    fitted = fit(planned, CODEBOOK.tasks, tiny_encoder, work=tmp_path / "work", release="places")
    assert fitted.method.name == method
    assert set(fitted.evaluation.tasks) == {"place", "rude"}
    assert "cross-validation" in fitted.protocol
    out = tmp_path / "places"
    save_model(fitted.model, tiny_encoder, out, {})
    scored = Scorer(out, device="cpu").score(
        ["the reckless court said on monday 7", "the new bank said on monday 8"], split=False
    )
    rude, civil = (s.task("rude").probabilities["rude"] for s in scored)
    assert rude > civil
    assert scored[0].tasks == ("place", "rude")


def test_span_heads_learn_on_a_frozen_encoder(tiny_encoder: Path, tmp_path: Path) -> None:
    planned = quick(plan(place_corpus(tasks=("where",)), tiny_encoder, method="heads"))
    fitted = fit(planned, CODEBOOK.tasks, tiny_encoder, work=tmp_path / "work", release="places")
    before = start_model(tiny_encoder, [CODEBOOK.tasks[2]], release="x", seed=13)
    for a, b in zip(fitted.model.encoder.parameters(), before.encoder.parameters(), strict=True):
        assert np.allclose(a.detach(), b.detach().half().float()), "the encoder stayed as it was"
    save_model(fitted.model, tiny_encoder, tmp_path / "m", {})
    (score,) = Scorer(tmp_path / "m", device="cpu").score(
        ["the new school said on monday 3"], split=False
    )
    found = " ".join(s.text for s in score.task("where").spans)
    assert "school" in found and "monday" not in found


def test_the_best_method_out_of_fold_is_taken(tiny_encoder: Path, tmp_path: Path) -> None:
    planned = quick(plan(place_corpus(40), tiny_encoder))
    assert [m.name for m in planned.methods] == ["heads", "contrastive", "top"]
    fitted = fit(planned, CODEBOOK.tasks, tiny_encoder, work=tmp_path / "work", release="places")
    assert set(fitted.scores) == {"heads", "contrastive", "top"}
    assert fitted.scores[fitted.method.name] == max(fitted.scores.values())


@pytest.mark.parametrize("texts", [0, 20])
def test_fine_tuning_without_other_texts_is_warned_of(
    texts: int, tiny_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    corpus = place_corpus()
    planned = plan(corpus, tiny_model, method="top")
    others = [replace(e, id=f"other{i}", labels={}) for i, e in enumerate(corpus.examples[:texts])]
    others = [replace(e, corpus="texts") for e in others]
    fit(
        planned,
        CODEBOOK.tasks,
        tiny_model,
        work=tmp_path / "work",
        release="more",
        rehearsal=others,
    )
    assert ("--text" in caplog.text) == (texts == 0)


def test_kept_tasks_stay_as_they_were_on_a_frozen_encoder(
    tiny_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    planned = plan(place_corpus(), tiny_model, method="heads")
    assert planned.kept == ("loaded", "loaded_spans", "sourcing", "source_spans", "frames")
    fitted = fit(planned, CODEBOOK.tasks, tiny_model, work=tmp_path / "work", release="more")
    save_model(fitted.model, tiny_model, tmp_path / "more", {})
    texts = ["the reckless senator slammed the bill", "the minister said on monday"]
    old = Scorer(tiny_model, device="cpu").score(texts, split=False)
    new = Scorer(tmp_path / "more", device="cpu").score(texts, split=False)
    for a, b in zip(old, new, strict=True):
        assert b.tasks == (*a.tasks, "place", "rude")
        assert a.loaded_language.probability == pytest.approx(
            b.loaded_language.probability, abs=0.01
        )
        assert a.sourcing.kind == b.sourcing.kind
        assert a.framing.probabilities == pytest.approx(b.framing.probabilities, abs=0.01)
    assert "--text" not in caplog.text, "nothing drifts where the encoder is frozen"


def test_rehearsal_holds_kept_tasks_while_the_encoder_learns(
    tiny_model: Path, tmp_path: Path
) -> None:
    corpus = place_corpus()
    tasks = list(CODEBOOK.tasks[:2])
    texts = [e.text for e in corpus.examples[:20]]
    method = replace(METHODS["full"], steps=60, passes=1, rate=1e-3)
    tokenizer = tokenizer_of(start_model(tiny_model, tasks, release="m", seed=1), tiny_model)
    was = Engine(start_model(tiny_model, tasks, release="m", seed=1), tokenizer, DRAFT)
    drift = []
    for steadied in (True, False):
        model = start_model(tiny_model, tasks, release="m", seed=1)
        train = taught(was, corpus.examples, ["frames"]) if steadied else corpus.examples
        train_with(
            method,
            model,
            tokenizer,
            train,
            work=tmp_path / f"{steadied}",
            seed=1,
            learn=("place", "rude"),
        )
        engine = Engine(model, tokenizer, DRAFT)
        a, b = (
            e.run(texts, [False] * 20, np.zeros(20, int)).scores["frames"] for e in (was, engine)
        )
        drift.append(float(np.abs(a - b).mean()))
    assert drift[0] < 0.5 * drift[1]


def test_declared_splits_are_kept_and_missing_ones_cut_by_group(tiny_encoder: Path) -> None:
    corpus = place_corpus(MANY + 200)
    assert not plan(place_corpus(), tiny_encoder).dev
    planned = plan(corpus, tiny_encoder)
    parts = (planned.train, planned.dev, planned.test)
    groups = [{e.group for e in part} for part in parts]
    assert all(groups) and not (
        groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2]
    )
    marked = [
        replace(e, split="test" if i < 100 else "train") for i, e in enumerate(corpus.examples)
    ]
    planned = plan(replace(corpus, examples=marked), tiny_encoder)
    assert {e.id for e in planned.test} == {str(i) for i in range(100)}


def test_a_missing_test_part_is_cut_off_beside_a_declared_dev(tiny_encoder: Path) -> None:
    corpus = place_corpus(MANY + 400)
    marked = [
        replace(e, split="dev" if i < 200 else "train") for i, e in enumerate(corpus.examples)
    ]
    planned = plan(replace(corpus, examples=marked), tiny_encoder)
    assert {e.id for e in planned.dev} == {str(i) for i in range(200)}
    assert 0.1 < len(planned.test) / (MANY + 200) < 0.2
    assert not {e.group for e in planned.test} & {e.group for e in planned.train}


def test_the_largest_groups_are_trained_on(tiny_encoder: Path) -> None:
    sizes = (900, 500, 300, 150, 100, 50, 40, 30, 20, 10)
    group = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    corpus = place_corpus(sum(sizes))
    marked = [replace(e, group=g) for e, g in zip(corpus.examples, group, strict=True)]
    planned = plan(replace(corpus, examples=marked), tiny_encoder)
    for part, whole in (
        (planned.dev, sum(sizes)),
        (planned.test, sum(sizes) - len(planned.dev)),
    ):
        assert 0.08 < len(part) / whole < 0.2
    assert len(planned.train) > 0.6 * sum(sizes)


def test_a_task_that_the_test_part_lacks_is_not_measured(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    corpus = place_corpus()
    marked = [
        replace(e, split="test", labels={"place": e.labels["place"]})
        if i < 20
        else replace(e, split="train")
        for i, e in enumerate(corpus.examples)
    ]
    planned = quick(plan(replace(corpus, examples=marked), tiny_encoder, method="heads"))
    fitted = fit(planned, CODEBOOK.tasks, tiny_encoder, work=tmp_path, release="places")
    assert set(fitted.evaluation.tasks) == {"place"}
    assert "none of them is labelled for rude" in fitted.protocol
    bare = [replace(e, labels={"mood": "x"}) if e.split == "test" else e for e in marked]
    with pytest.raises(ValueError, match="no sentence of the test split is labelled"):
        plan(replace(corpus, examples=bare), tiny_encoder)


def test_what_repeats_over_groups_is_not_trained_on_and_tested_on(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = place_corpus(40)
    wire = "the national agency said on monday that the court would rise again"
    examples = [replace(e, text=wire) if i % 10 == 0 else e for i, e in enumerate(corpus.examples)]
    trained: list[list[str]] = []

    def remember(
        method: Method, model: object, tokenizer: object, train: list, **rest: Any
    ) -> None:
        trained.append([e.text for e in train])
        assert rest["rehearsal"] == ["other texts"]

    monkeypatch.setattr("training.selection.train_with", remember)
    model = start_model(tiny_encoder, CODEBOOK.tasks[:2], release="m", seed=1)
    choice = choose(
        [METHODS["heads"]],
        lambda: model,
        tokenizer_of(model, tiny_encoder),
        examples,
        work=tmp_path,
        seed=1,
        rehearsal=["other texts"],
    )
    for texts, part in zip(trained, choice.predictions.parts, strict=True):
        assert wire not in texts or wire not in {e.text for e in part.examples}
    with pytest.raises(ValueError, match="nearly repeats one of another group"):
        choose(
            [METHODS["heads"]],
            lambda: model,
            tokenizer_of(model, tiny_encoder),
            [replace(e, text=wire) for e in examples],
            work=tmp_path,
            seed=1,
        )


def test_nothing_is_trained_on_a_faulty_corpus(tiny_encoder: Path) -> None:
    fault = Fault(severity="error", message="no text", file="c.jsonl", line=3)
    with pytest.raises(FaultyCorpusError, match=r"c\.jsonl:3: error: no text"):
        plan(replace(place_corpus(), faults=[fault]), tiny_encoder)


def test_what_cannot_be_kept_or_done_is_named(tiny_encoder: Path, tiny_model: Path) -> None:
    with pytest.raises(ValueError, match="bare encoder"):
        plan(place_corpus(), tiny_encoder, keep=["loaded"])
    with pytest.raises(ValueError, match="'mood' is no task"):
        plan(place_corpus(), tiny_model, keep=["mood"])
    with pytest.raises(ValueError, match="give auto or one of"):
        plan(place_corpus(), tiny_encoder, method="magic")
