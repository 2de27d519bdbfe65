"""Metrics against values from scikit-learn or by hand, with ``evaluate`` and without."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    log_loss,
    matthews_corrcoef,
    roc_auc_score,
)

from training import metrics
from training.evaluation import load
from training.evaluation.reliability import calibration_pairs, reliability
from training.evaluation.scores import (
    auroc,
    average_precision,
    correlation,
    label_scores,
    span_label_counts,
    span_scores,
)
from training.metrics import (
    brier_score,
    counts_correlation,
    macro_counts_f1,
    micro_counts_f1,
    weighted_counts_f1,
)

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=5).map(
    lambda found: [(a, a + n) for a, n in found]
)


def table(rows: int = 200, labels: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gold, labels given and scores that know a little."""
    rng = np.random.default_rng(0)
    gold = rng.random((rows, labels)) < np.linspace(0.1, 0.5, labels)
    scores = (gold + rng.normal(size=gold.shape)).astype(np.float32)
    return gold, scores > 0.6, scores


def counts(gold: np.ndarray, found: np.ndarray) -> np.ndarray:
    return np.stack([gold & found, found, gold], axis=2).astype(int)


def test_scores_of_labels_are_those_of_scikit_learn() -> None:
    gold, found, scores = table()
    three = counts(gold, found)
    assert macro_counts_f1(three, three) == pytest.approx(f1_score(gold, found, average="macro"))
    assert micro_counts_f1(three, three) == pytest.approx(f1_score(gold, found, average="micro"))
    assert weighted_counts_f1(three, three) == pytest.approx(
        f1_score(gold, found, average="weighted")
    )
    assert auroc(gold, scores) == pytest.approx(roc_auc_score(gold, scores))
    assert average_precision(gold, scores) == pytest.approx(average_precision_score(gold, scores))
    assert correlation(gold[:, 0], found[:, 0]) == matthews_corrcoef(gold[:, 0], found[:, 0])
    coarse = scores.round(1)
    assert auroc(gold, coarse) == pytest.approx(roc_auc_score(gold, coarse)), "with ties"
    assert average_precision(gold, coarse) == pytest.approx(average_precision_score(gold, coarse))
    for i, score in enumerate(label_scores("abcd", gold, found, scores)):
        assert score.f1 == pytest.approx(f1_score(gold[:, i], found[:, i]))
        assert score.support == gold[:, i].sum()
        assert score.found == found[:, i].sum()
        assert score.ap == pytest.approx(average_precision_score(gold[:, i], scores[:, i]))


def test_the_correlation_of_counts_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    for size in (2, 3, 5):
        gold = rng.integers(0, size, 80)
        found = np.where(rng.random(80) < 0.5, gold, rng.integers(0, size, 80))
        three = counts(gold[:, None] == np.arange(size), found[:, None] == np.arange(size))
        assert counts_correlation(three, three) == pytest.approx(matthews_corrcoef(gold, found))
    one = counts(np.eye(2, dtype=bool)[[0, 0]], np.eye(2, dtype=bool)[[0, 1]])
    assert math.isnan(counts_correlation(one, one)), "the gold has one class"
    same = counts(np.eye(2, dtype=bool)[[0, 1]], np.eye(2, dtype=bool)[[0, 0]])
    assert counts_correlation(same, same) == 0


def test_a_label_without_gold_takes_no_part_in_macro_f1_and_has_no_auroc() -> None:
    gold, found, scores = table()
    gold[:, 0] = False
    three = counts(gold, found)
    assert macro_counts_f1(three, three) == pytest.approx(
        f1_score(gold[:, 1:], found[:, 1:], average="macro")
    )
    absent = label_scores("abcd", gold, found, scores)[0]
    assert (absent.f1, absent.auroc, absent.ap, absent.mcc) == (0, None, None, None)
    assert auroc(gold, scores) == pytest.approx(roc_auc_score(gold[:, 1:], scores[:, 1:]))
    none = counts(gold[:, :1], found[:, :1])
    assert math.isnan(macro_counts_f1(none, none))


def test_brier_score_and_log_loss_by_hand() -> None:
    assert brier_score([1, 0], [0.8, 0.4]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier_score([0.5], [0.5]) == 0, "a share of annotators is met by that share"
    wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert brier_score(*wrong, exclusive=True) == 2
    assert brier_score(*wrong) == 1
    gold, likely = np.array([1, 0, 1]), np.array([0.9, 0.2, 0.6])
    assert metrics.log_loss(gold, likely) == pytest.approx(log_loss(gold, likely))
    classes = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    assert metrics.log_loss(np.eye(3)[[0, 2]], classes, exclusive=True) == pytest.approx(
        log_loss([0, 2], classes, labels=[0, 1, 2])
    )
    assert metrics.log_loss([0.5], [0.5]) == pytest.approx(math.log(2))
    assert math.isfinite(metrics.log_loss([0], [1]))


def test_what_is_calibrated_by_kind() -> None:
    gold = np.array([[0.0, 1.0, 0.0], [0.25, 0.75, 0.0]])
    likely = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
    right, top, rows = calibration_pairs("multiclass", gold, likely)
    assert right.tolist() == [1.0, 0.25]
    assert top.tolist() == [0.5, 0.6]
    assert rows.tolist() == [0, 1]
    right, cells, rows = calibration_pairs("multilabel", gold, likely)
    assert right.tolist() == gold.ravel().tolist()
    assert cells.tolist() == likely.ravel().tolist()
    assert rows.tolist() == [0, 0, 0, 1, 1, 1]


def test_reliability_of_honest_probabilities_lies_within_its_bands() -> None:
    rng = np.random.default_rng(0)
    likely = rng.random(4000)
    gold = rng.random(4000) < likely
    groups = [str(i // 4) for i in range(4000)]
    found = reliability(gold, likely, groups)
    assert found.count.tolist() == [400] * 10
    inside = (found.low <= found.probability) & (found.probability <= found.high)
    assert inside.sum() >= 8
    assert (found.low <= found.observed).all()
    assert (found.observed <= found.high).all()
    boast = reliability(gold, np.sqrt(likely), groups)
    assert ((boast.low <= boast.probability) & (boast.probability <= boast.high)).sum() <= 3
    alone = reliability(gold, likely, ["one"] * 4000)
    assert np.isnan(alone.low).all()
    assert alone.to_dict()["low"] == [None] * 10


def test_the_bootstrap_of_one_group_has_no_interval() -> None:
    found = metrics.bootstrap(metrics.macro_f1, [0, 1], [0, 1], ["a", "a"])
    assert found.value == 1
    assert math.isnan(found.low)
    assert str(found) == "1.000 (one group: no interval)"


def f1(gold: list[tuple[int, int]], found: list[tuple[int, int]], match: str) -> float:
    three = span_label_counts(["x"], [{"x": gold}], [{"x": found}], match)
    return span_scores(["x"], three)[0].f1


@given(SPANS, SPANS, st.sampled_from(["exact", "characters"]))
def test_span_f1_is_bounded_and_symmetric(
    gold: list[tuple[int, int]], found: list[tuple[int, int]], match: str
) -> None:
    value = f1(gold, found, match)
    assert 0 <= value <= 1
    assert value == pytest.approx(f1(found, gold, match))
    assert f1(gold, gold, match) == (1 if gold else 0)
    covered = [{i for a, b in spans for i in range(a, b)} for spans in (gold, found)]
    if match == "characters":
        assert (value > 0) == bool(covered[0] & covered[1])
        assert (value == 1) == (covered[0] == covered[1] and bool(gold))
    else:
        assert (value == 1) == (set(gold) == set(found) and bool(gold))


@given(SPANS, SPANS, st.integers(0, 50))
def test_span_f1_does_not_change_when_everything_moves(
    gold: list[tuple[int, int]], found: list[tuple[int, int]], by: int
) -> None:
    moved = [[(a + by, b + by) for a, b in spans] for spans in (gold, found)]
    for match in ("exact", "characters"):
        assert f1(gold, found, match) == f1(*moved, match)


def test_a_span_label_that_was_not_annotated_counts_for_nothing() -> None:
    three = span_label_counts(
        ["cue", "source"], [{"source": [(0, 3)]}], [{"cue": [(4, 8)], "source": [(0, 2)]}], "exact"
    )
    assert three.tolist() == [[[0, 0, 0], [0, 1, 1]]]


def test_the_metrics_of_evaluate_give_these_scores(tmp_path: Path) -> None:
    def compute(name: str, config: str | None = None, **inputs: Any) -> dict[str, Any]:
        return load(name, config, cache_dir=str(tmp_path)).compute(**inputs)

    labels = compute(
        "sentence_labels",
        predictions=[1, 0, 1, 0],
        references=[1, 0, 0, 0],
        scores=[0.9, 0.2, 0.6, 0.1],
        labels=["loaded"],
    )
    assert labels["micro_f1"] == 0.75
    assert labels["auroc"] == labels["ap"] == 1
    assert [s["label"] for s in labels["per_label"]] == ["not loaded", "loaded"]
    assert labels["per_label"][1]["precision"] == 0.5

    several = compute(
        "sentence_labels", "multiclass", predictions=[0, 1, 2, 2], references=[0, 1, 1, 2]
    )
    assert several["micro_f1"] == 0.75
    assert several["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    assert "auroc" not in several

    frames = compute(
        "sentence_labels",
        "multilabel",
        predictions=[[1, 0], [0, 1]],
        references=[[1, 0], [1, 1]],
        scores=[[0.9, 0.1], [0.4, 0.8]],
    )
    assert frames["per_label"][0]["recall"] == 0.5
    assert frames["auroc"] == 1, "of the label that has both a positive and a negative"

    found = [[{"start": 0, "end": 4, "label": "loaded"}], []]
    gold = [[{"start": 0, "end": 6, "label": "loaded"}], []]
    spans = compute("span_overlap", predictions=found, references=gold)
    assert spans["exact"]["micro_f1"] == 0
    assert spans["characters"]["micro_f1"] == pytest.approx(0.8)

    right = compute("calibration", predictions=[0.8, 0.4], references=[1.0, 0.0])
    assert right["brier"] == pytest.approx(0.1)
    wrong = compute("calibration", "multiclass", predictions=[[0.0, 1.0]], references=[[1.0, 0.0]])
    assert (wrong["brier"], wrong["ece"]) == (2, 1)


@pytest.mark.parametrize(
    ("name", "config", "inputs"),
    [
        ("bleu", None, None),
        ("calibration", "ranking", None),
        ("sentence_labels", "multiclass", {"predictions": [3], "labels": ["a", "b"]}),
        ("sentence_labels", "binary", {"predictions": [1], "scores": [[0.1, 0.2]]}),
        ("span_overlap", None, {"predictions": [[{"start": 0, "end": 1, "label": "b"}]]}),
    ],
)
def test_what_no_metric_can_use_is_refused(
    name: str, config: str | None, inputs: dict[str, Any] | None, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"choose|labels|shape"):
        metric = load(name, config, cache_dir=str(tmp_path))
        if name == "span_overlap":
            inputs = {**inputs, "labels": ["a"]}
        metric.compute(**{**inputs, "references": inputs["predictions"]})


_OFFLINE = """
import socket

def refuse(*_, **__):
    raise OSError("no network")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import evaluate
from training.evaluation import METRICS, load, module_path

inputs = {
    "sentence_labels": {"predictions": [1, 0, 1], "references": [1, 0, 0]},
    "span_overlap": {"predictions": [[{"start": 0, "end": 4, "label": "loaded"}]],
                     "references": [[{"start": 2, "end": 4, "label": "loaded"}]]},
    "calibration": {"predictions": [0.8, 0.4], "references": [1.0, 0.0]},
}
for name in METRICS:
    copied = evaluate.load(str(module_path(name))).compute(**inputs[name])
    assert copied == load(name).compute(**inputs[name]), copied
"""


@pytest.mark.slow  # it imports evaluate and torch anew
def test_the_metrics_are_evaluate_modules_that_need_no_network(tmp_path: Path) -> None:
    package = Path(metrics.__file__).parent

    def files() -> dict[Path, int]:
        found = (p for p in package.rglob("*") if "__pycache__" not in p.parts)
        return {p: p.stat().st_mtime_ns for p in found if "evaluation" in p.parts}

    before = files()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "XDG_"))}
    environment |= {
        "HF_HOME": str(tmp_path / "cache"),
        "HF_EVALUATE_OFFLINE": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert files() == before, "nothing is written into the package"
    assert (tmp_path / "cache").is_dir()
