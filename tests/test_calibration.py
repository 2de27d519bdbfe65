"""Calibration and metrics against cases whose answer is known."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing import Scorer
from framing.decoding import calibrate, decode_spans, sigmoid
from framing.engine import Forwarded
from framing.task import Task
from framing.words import Words
from training.calibration import fit_task, fit_tasks, platt
from training.example import Example
from training.metrics import (
    best_threshold,
    bootstrap,
    calibration_error,
    counts_f1,
    macro_f1,
    span_counts,
)


def test_platt_scaling_finds_what_was_done_to_the_logits() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=20_000) * 2
    gold = (rng.random(20_000) < sigmoid(true)).astype(float)
    scale, bias = platt((true - 1.0) / 0.5, gold)
    assert scale == pytest.approx(0.5, abs=0.05)
    assert bias == pytest.approx(1.0, abs=0.1)


def test_calibration_error_is_nought_for_honest_probabilities_only() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(50_000)
    gold = rng.random(50_000) < probability
    assert calibration_error(gold, probability) < 0.02
    assert calibration_error(gold, np.sqrt(probability)) > 0.1


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.4, 0.8, 0.9])), min_size=1))
def test_no_threshold_does_better_than_the_best(rows: list[tuple[bool, float]]) -> None:
    gold = np.array([g for g, _ in rows])
    probability = np.array([p for _, p in rows])

    def f1(cut: float) -> float:
        found = probability >= cut
        both = gold.sum() + found.sum()
        return 2 * (gold & found).sum() / both if both else 0.0

    best = f1(best_threshold(gold, probability))
    assert best >= max(f1(c) for c in (0.05, 0.15, 0.3, 0.6, 0.85, 0.95)) - 1e-12


def test_span_counts_tell_exact_from_overlapping() -> None:
    gold, found = [(0, 4), (10, 12)], [(0, 4), (11, 14)]
    assert span_counts(gold, found, exact=True) == (1, 2, 2)
    assert span_counts(gold, found, exact=False) == (5, 7, 6)
    counts = np.array([span_counts(gold, found, exact=True)])
    assert counts_f1(counts, counts) == pytest.approx(0.5)


def test_the_bootstrap_draws_groups_and_its_interval_holds_the_value() -> None:
    gold = np.array([0, 1] * 50)
    found = gold.copy()
    found[:20] = 0
    alone = bootstrap(macro_f1, gold, found, [str(i) for i in range(100)])
    grouped = bootstrap(macro_f1, gold, found, [str(i // 20) for i in range(100)])
    assert alone.low < alone.value < alone.high
    assert grouped.high - grouped.low > alone.high - alone.low
    assert alone == bootstrap(macro_f1, gold, found, [str(i) for i in range(100)])


def test_fitting_leaves_unlabelled_tasks_and_fits_the_others(tiny_model: Path) -> None:
    scorer = Scorer(tiny_model, device="cpu")
    texts = [f"the senator said number {i} on monday {'reckless ' * (i % 3)}" for i in range(60)]
    examples = [
        Example(
            text=text,
            corpus="c",
            id=str(i),
            group=str(i),
            labels={"loaded": float(i % 3 == 2), "sourcing": "direct" if i % 2 else "none"},
        )
        for i, text in enumerate(texts)
    ]
    before = scorer.engine.tasks
    after = {t.name: t for t in fit_tasks(scorer.engine, examples)}
    assert after["frames"] == before["frames"]
    assert after["source_spans"] == before["source_spans"]
    assert after["loaded"].scale != before["loaded"].scale
    assert after["sourcing"].bias != before["sourcing"].bias
    scorer.engine.tasks = after
    mean = np.mean([s.loaded_language.probability for s in scorer.score(texts, split=False)])
    assert mean == pytest.approx(1 / 3, abs=0.05), "calibrated to the share of positives"


def test_reading_once_fits_as_reading_for_each_task_and_each_way(tiny_model: Path) -> None:
    engine = Scorer(tiny_model, device="cpu", backend="torch").engine
    rng = np.random.default_rng(3)
    examples = []
    for i in range(40):
        text = f"the mayor said {'reckless ' * (i % 3)}bill {i} passed on monday"
        labels = {
            "loaded": float(rng.random() < 0.4),
            "loaded_spans": {"loaded": ((15, 23),) if i % 3 else ()},
            "sourcing": ("none", "direct")[int(rng.integers(2))],
        }
        known = {name: label for name, label in labels.items() if rng.random() < 0.7}
        examples.append(
            Example(
                text=text, corpus="c", id=f"{i}", group=f"{i}", labels=known, quote_open=i % 4 == 0
            )
        )
    fitted = {t.name: t for t in fit_tasks(engine, examples)}
    for name, task in engine.tasks.items():
        labelled = [e for e in examples if name in e.labels]
        if not labelled:
            assert fitted[name] == task
            continue
        both = labelled + [replace(e, quote_open=False) for e in labelled]
        prepared = engine.prepare([e.text for e in both], [e.quote_open for e in both])
        wanted = fit_task(task, both, prepared.words, engine.forward(prepared, tasks={name}))
        for field in ("thresholds", "scale", "bias"):
            assert getattr(fitted[name], field) == pytest.approx(getattr(wanted, field), abs=1e-3)


def test_few_sentences_do_not_give_every_class_away_to_the_commonest() -> None:
    task = Task(name="m", kind="multiclass", labels=("a", "b", "c"))
    labels = ["a"] * 40 + ["b"] * 6 + ["c"] * 4
    gold = np.eye(3, dtype=np.float32)[["abc".index(label) for label in labels]]
    noise = np.random.default_rng(5).normal(scale=1.2, size=gold.shape)
    logits = (gold + noise).astype(np.float32)

    def fitted(times: int) -> Task:
        examples = [
            Example(id=f"{i}", text="", corpus="toy", group=f"{i}", labels={"m": label})
            for i, label in enumerate(labels * times)
        ]
        forwarded = Forwarded(logits={"m": np.tile(logits, (times, 1))}, inside={}, begin={})
        numbers, flags = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
        words = Words(
            sentence=numbers, start=numbers, end=numbers, token=numbers, plain=flags, function=flags
        )
        return fit_task(task, examples, words, forwarded)

    few, many = (calibrate(fitted(times), logits) for times in (1, 200))
    assert (few.argmax(axis=1) > 0).sum() > (many.argmax(axis=1) > 0).sum()
    assert many.mean(axis=0) == pytest.approx(gold.mean(axis=0), abs=0.01), "calibrated as before"


@pytest.mark.parametrize("trim", [False, True])
def test_cuts_of_spans_are_those_that_find_the_annotated_ones(trim: bool) -> None:
    task = Task(name="s", kind="spans", labels=("never", "weak inside"), trim=trim)
    texts = ["alpha beta gamma delta", "alpha beta", "delta epsilon"] * 20
    likely = {"alpha": 0.9, "beta": 0.45, "gamma": 0.9, "delta": 0.05, "epsilon": 0.45}
    spans = (((0, 16),), ((0, 10),), ()) * 20
    examples = [
        Example(
            id=f"{i}",
            text=text,
            corpus="toy",
            group=f"{i}",
            labels={"s": {"never": (), "weak inside": spans[i]}},
        )
        for i, text in enumerate(texts)
    ]
    places = [(i, m.start(), m.end()) for i, t in enumerate(texts) for m in re.finditer(r"\w+", t)]
    sentence, start, end = np.array(places).T
    words = Words(
        sentence=sentence,
        start=start,
        end=end,
        token=np.arange(len(places)),
        plain=np.ones(len(places), dtype=bool),
        function=np.zeros(len(places), dtype=bool),
    )
    of_word = np.array([likely[texts[i][a:b]] for i, a, b in places], dtype=np.float32)
    inside = np.stack([np.full_like(of_word, 0.1), of_word], axis=1)
    begin = np.zeros_like(inside)
    said = Forwarded(logits={}, inside={"s": inside}, begin={"s": begin})
    fitted = fit_task(task, examples, words, said)
    found = decode_spans(fitted, words, inside, begin)
    got = list(zip(found.sentence.tolist(), found.start.tolist(), found.end.tolist(), strict=True))
    annotated = [(i, a, b) for i, here in enumerate(spans) for a, b in here]
    if trim:
        assert fitted.span_thresholds == (0, 0), "single words: one cut"
        assert set(annotated) < set(got), "which takes the weak word that stands alone, too"
    else:
        assert set(found.label.tolist()) == {1}
        assert got == annotated


def test_a_span_of_bare_punctuation_is_nothing_to_choose_cuts_by() -> None:
    task = Task(name="s", kind="spans", labels=("a",))
    example = Example(id="0", text="so !", corpus="toy", group="0", labels={"s": {"a": ((3, 4),)}})
    words = Words(
        sentence=np.array([0, 0]),
        start=np.array([0, 3]),
        end=np.array([2, 4]),
        token=np.array([0, 1]),
        plain=np.array([True, False]),
        function=np.array([False, False]),
    )
    inside = np.array([[0.1], [0.9]], dtype=np.float32)
    said = Forwarded(logits={}, inside={"s": inside}, begin={"s": inside})
    with np.errstate(all="raise"):
        fitted = fit_task(task, [example], words, said)
    assert (fitted.thresholds, fitted.span_thresholds) == ((0.5,), (0.0,))
