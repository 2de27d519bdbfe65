"""One model against another: significance, the words, the gate and the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from framing import Scorer
from framing.modeling import FramingModel
from framing.task import Task
from tests.conftest import WORDS
from training.cli import main
from training.evaluation.compare import Comparison, TaskComparison, compare_models
from training.evaluation.significance import Difference, mcnemar, paired_bootstrap
from training.evaluation.words import in_words, plain, signed
from training.example import Example
from training.prediction import predict


def accuracy(gold: np.ndarray, found: np.ndarray) -> float:
    return float((gold == found).mean())


@pytest.fixture(scope="module")
def answers(scorer: Scorer) -> list[Example]:
    """Sentences whose gold labels are what the tiny model says, so that it makes no mistake."""
    rng = np.random.default_rng(0)
    known = [w for w in WORDS.split() if w.isalpha()]
    texts = [" ".join(rng.choice(known, size=6)) + f" {i}." for i in range(120)]
    examples = [
        Example(text=t, corpus="mine", id=str(i), group=f"mine:{i // 3}", labels={})
        for i, t in enumerate(texts)
    ]
    columns = predict(scorer.engine, examples, context=False)
    kinds, frames = columns.tasks["sourcing"].labels, columns.tasks["frames"].labels
    loaded, given_frames = (columns.given(n, 0, 120) for n in ("loaded", "frames"))
    return [
        replace(
            e,
            labels={
                "loaded": float(loaded[i, 0]),
                "sourcing": kinds[columns.scores["sourcing"][i].argmax()],
                "frames": tuple(
                    f for f, is_so in zip(frames, given_frames[i], strict=True) if is_so
                ),
            },
        )
        for i, e in enumerate(examples)
    ]


@pytest.fixture(scope="module")
def make_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Saves the tiny model after a change to it."""

    def make(name: str, change: Callable[[FramingModel], FramingModel | None]) -> Path:
        folder = tmp_path_factory.mktemp("models") / name
        model = FramingModel.from_pretrained(tiny_model, dtype=torch.float32)
        with torch.no_grad():
            model = change(model) or model
        model.save_pretrained(folder)
        (folder / "tokenizer.json").write_bytes((tiny_model / "tokenizer.json").read_bytes())
        return folder

    return make


@pytest.fixture(scope="module")
def spoiled(make_model: Callable[..., Path]) -> Path:
    """The tiny model with noise in the head of one task."""

    def spoil(model: FramingModel) -> None:
        torch.manual_seed(5)
        weight = model.heads["sourcing"].weight
        weight.add_(torch.randn_like(weight) * weight.std() * 3)

    return make_model("spoiled", spoil)


def test_a_model_is_no_worse_than_itself(scorer: Scorer, answers: list[Example]) -> None:
    found = compare_models(scorer, scorer, answers, margin=0, samples=100)
    assert found.passed
    assert [t.task for t in found.tasks] == ["loaded", "sourcing", "frames"]
    for task in found.tasks:
        assert task.verdict == "no worse"
        assert (task.difference.value, task.difference.low, task.difference.high) == (0, 0, 0)
        assert task.difference.p == 1
        assert task.rows is not None
        assert (task.rows.only_a, task.rows.only_b, task.rows.p) == (0, 0, 1)
        assert all(d.value == 0 for d in task.calibration.values())
    words = in_words(found)
    assert "NEW and OLD are equal at sourcing" in words
    assert "In both, but not labelled here: loaded_spans, source_spans." in words
    assert words.splitlines()[-1].startswith("PASSED")


def test_a_spoiled_head_is_found_and_nothing_else_is_blamed(
    scorer: Scorer, spoiled: Path, answers: list[Example]
) -> None:
    worse = Scorer(spoiled, device="cpu")
    found = compare_models(scorer, worse, answers, samples=200)
    by_name = {t.task: t for t in found.tasks}
    assert not found.passed
    assert by_name["sourcing"].verdict == "worse"
    assert by_name["sourcing"].difference.a == 1
    assert by_name["sourcing"].difference.p < 0.05
    assert by_name["loaded"].passed
    assert by_name["frames"].passed
    assert in_words(found).splitlines()[-1].startswith("FAILED")
    assert "NEW is WORSE at sourcing" in in_words(found)
    back = compare_models(worse, scorer, answers, samples=200)
    assert back.passed
    turned = {t.task: t for t in back.tasks}["sourcing"]
    assert turned.verdict == "better"
    assert turned.difference.value == -by_name["sourcing"].difference.value
    assert "NEW is better at sourcing: macro F1 1.000 against ." in in_words(back)


def test_models_of_other_tasks_are_compared_at_what_they_share(
    scorer: Scorer,
    tiny_encoder: Path,
    make_model: Callable[..., Path],
    answers: list[Example],
) -> None:
    def other(model: FramingModel) -> FramingModel:
        tasks = {t.name: t for t in model.tasks}
        kinds = Task(name="frames", kind="multilabel", labels=("economic", "other"))
        tone = Task(name="tone", kind="binary", labels=("tone",))
        return FramingModel.from_encoder(
            tiny_encoder, [tasks["loaded"], kinds, tone], window=32, overlap=8
        )

    new = Scorer(make_model("other", other), device="cpu")
    found = compare_models(scorer, new, answers, samples=50)
    assert [t.task for t in found.tasks] == ["loaded"]
    assert found.only_old == ("loaded_spans", "sourcing", "source_spans")
    assert found.only_new == ("tone",)
    assert found.incomparable == ("frames",)
    words = in_words(found, "before", "after")
    assert "Only before has: loaded_spans, sourcing, source_spans." in words
    assert "Only after has: tone." in words
    assert "not compared: frames." in words


def test_labels_in_another_order_are_the_same_labels(
    scorer: Scorer, make_model: Callable[..., Path], answers: list[Example]
) -> None:
    order = [2, 0, 3, 1]

    def turn(model: FramingModel) -> None:
        head = model.heads["sourcing"]
        head.weight.copy_(head.weight[order])
        head.bias.copy_(head.bias[order])
        for task in model.config.tasks:
            if task["name"] == "sourcing":
                task["labels"] = [task["labels"][i] for i in order]

    turned = Scorer(make_model("turned", turn), device="cpu")
    assert turned.engine.tasks["sourcing"].labels[0] == "indirect"
    found = compare_models(scorer, turned, answers, margin=0, samples=50)
    assert [t.difference.value for t in found.tasks] == [0, 0, 0]
    assert all(abs(d.value) < 1e-6 for t in found.tasks for d in t.calibration.values())


def test_what_cannot_be_compared_is_refused(scorer: Scorer, answers: list[Example]) -> None:
    one = [replace(e, group="one") for e in answers]
    with pytest.raises(ValueError, match="one group"):
        compare_models(scorer, scorer, one)
    with pytest.raises(ValueError, match="nothing to compare"):
        compare_models(scorer, scorer, [replace(answers[0], labels={"tone": 1.0})])
    with pytest.raises(ValueError, match="margin"):
        compare_models(scorer, scorer, answers, margin=-0.1)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.03, 0.01, 0.05, "better"),
        (0.03, -0.05, 0.1, "no worse"),
        (0.0, -0.2, 0.2, "no worse"),
        (-0.005, -0.009, -0.001, "no worse"),
        (-0.005, -0.01, 0.002, "no worse"),
        (-0.005, -0.011, 0.002, "maybe worse"),
        (-0.03, -0.05, -0.01, "worse"),
        (-0.011, -0.05, 0.03, "worse"),
        (float("nan"), float("nan"), float("nan"), "undefined"),
    ],
)
def test_the_gate_is_the_interval_and_the_difference(
    value: float, low: float, high: float, verdict: str
) -> None:
    difference = Difference(a=0.7, b=0.7 + value, value=value, low=low, high=high, p=0.5, n=9)
    task = TaskComparison(
        task="loaded", measure="macro F1", difference=difference, margin=0.01, calibration={}
    )
    assert task.verdict == verdict
    assert task.passed == (verdict != "worse")
    assert json.dumps(task.to_dict(), allow_nan=False)


def test_numbers_in_words() -> None:
    assert [signed(v) for v in (0.031, -0.0304, 0.0001, -0.0001, -1.0)] == [
        "+.031",
        "-.030",
        "0",
        "0",
        "-1.000",
    ]
    assert [plain(v) for v in (0.8123, 1.0, 0.0)] == [".812", "1.000", ".000"]


def test_the_paired_bootstrap_tells_a_difference_from_luck() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 2, 600)
    groups = [str(i // 3) for i in range(600)]

    def flip(share: float) -> np.ndarray:
        return np.where(rng.random(600) < share, 1 - gold, gold)

    good, bad = flip(0.1), flip(0.3)
    found = paired_bootstrap(accuracy, gold, bad, good, groups, samples=300)
    assert found.value == pytest.approx(accuracy(gold, good) - accuracy(gold, bad))
    assert 0 < found.low < found.value < found.high
    assert found.p == pytest.approx(1 / 301)
    turned = paired_bootstrap(accuracy, gold, good, bad, groups, samples=300)
    assert turned.value == -found.value
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    luck = paired_bootstrap(accuracy, gold, flip(0.2), flip(0.2), groups, samples=300)
    assert luck.low < 0 < luck.high
    assert luck.p > 0.05


def test_the_p_value_of_no_difference_is_evenly_spread() -> None:
    """Over many pairs of equal models about one in twenty is called different at 5 %."""
    rng = np.random.default_rng(1)
    groups = [str(i) for i in range(150)]
    found = []
    for seed in range(100):
        gold = rng.integers(0, 2, 150)
        a, b = (np.where(rng.random(150) < 0.25, 1 - gold, gold) for _ in range(2))

        found.append(
            paired_bootstrap(accuracy, gold, a, b, groups, samples=100, seed=seed).p < 0.05
        )
    assert sum(found) <= 14


def test_groups_that_move_together_widen_the_interval() -> None:
    gold = np.ones(200)
    a, b = np.zeros(200), np.repeat(np.arange(10) % 2, 20)

    alone = paired_bootstrap(accuracy, gold, a, b, [str(i) for i in range(200)], samples=200)
    grouped = paired_bootstrap(
        accuracy, gold, a, b, [str(i // 20) for i in range(200)], samples=200
    )
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)
    with pytest.raises(ValueError, match="belong together"):
        paired_bootstrap(accuracy, gold, a, b[:100], ["a", "b"] * 100)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_mcnemar_is_exact_and_symmetric(rows: list[tuple[bool, bool, bool]]) -> None:
    gold, a, b = np.array(rows).T
    found, turned = mcnemar(gold, a, b), mcnemar(gold, b, a)
    assert (found.only_a, found.only_b) == (turned.only_b, turned.only_a)
    assert found.p == turned.p
    assert found.only_a == ((a == gold) & (b != gold)).sum()
    if both := found.only_a + found.only_b:
        assert found.p == pytest.approx(binomtest(found.only_a, both, 0.5).pvalue)
    else:
        assert found.p == 1


def test_a_row_of_many_labels_is_right_if_all_are() -> None:
    gold = np.array([[1, 0], [1, 1], [0, 0]])
    a = np.array([[1, 0], [1, 0], [0, 0]])
    b = np.array([[1, 1], [1, 1], [0, 1]])
    found = mcnemar(gold, a, b)
    assert (found.only_a, found.only_b) == (2, 1)


@pytest.fixture(scope="module")
def corpus(answers: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sentences as a file of records."""
    path = tmp_path_factory.mktemp("corpus") / "mine.jsonl"
    lines = [
        {
            "id": e.id,
            "text": e.text,
            "document": e.group,
            "split": "test" if i < 60 else "train",
            "labels": {**e.labels, "frames": list(e.labels["frames"])},
        }
        for i, e in enumerate(answers)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_compare_is_a_gate(
    tiny_model: Path,
    spoiled: Path,
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "found.json"
    common = ["--on", str(corpus), "--device", "cpu", "--samples", "100"]
    assert main(["compare", str(tiny_model), str(tiny_model), *common]) == 0
    assert "PASSED" in capsys.readouterr().out
    assert main(["compare", str(tiny_model), str(spoiled), *common, "--json", str(out)]) == 1
    assert "NEW is WORSE at sourcing" in capsys.readouterr().out
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["passed"] is False
    assert {t["task"]: t["passed"] for t in found["tasks"]} == {
        "loaded": True,
        "sourcing": False,
        "frames": True,
    }
    assert found["sentences"] == 120
    assert main(["compare", str(tiny_model), str(tiny_model), "--on", "nowhere.jsonl"]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err
    assert main(["compare", str(tiny_model), str(tmp_path / "none"), *common]) == 2
    assert main(["compare", str(tiny_model), str(spoiled), *common, "--margin", "1"]) == 0
    assert main(["compare", str(tiny_model), str(spoiled), *common, "--samples", "5"]) == 2


def test_evaluate_prints_and_writes(
    tiny_model: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    arguments = ["evaluate", str(tiny_model), "--on", str(corpus), "--device", "cpu"]
    arguments += ["--samples", "50"]
    assert main([*arguments, "--tasks", "loaded", "--split", "test", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "60 sentences of mine" in said
    assert "| mine, loaded | macro F1 | 1.000" in said
    assert {p.name for p in out.iterdir()} == {
        "report.md",
        "results.json",
        "reliability-loaded.png",
        "reliability-loaded.svg",
    }
    assert main([*arguments, "--tasks", "tone"]) == 2
    assert main([*arguments, "--split", "dev"]) == 2
    assert "no sentences of split 'dev'" in capsys.readouterr().err


def test_a_comparison_survives_json(scorer: Scorer, answers: list[Example]) -> None:
    found = compare_models(scorer, scorer, answers[:30], samples=20)
    assert isinstance(found, Comparison)
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["old"] == values["new"] == scorer.model.to_dict()
    assert values["unlabelled"] == ["loaded_spans", "source_spans"]
