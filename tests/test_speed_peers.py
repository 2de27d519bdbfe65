"""The speed benchmark: who is compared, and the gate that all must pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from speed_fakes import saying

from benchmarks.speed import peers, runtimes
from benchmarks.speed.field import Field
from benchmarks.speed.gate import flipped, gate_sentences, judge
from benchmarks.speed.ours import STEPS, framing_system, scorer_options, tokens_read, watched
from benchmarks.speed.scenarios import Sample, sample
from benchmarks.speed.subject import Subject
from benchmarks.speed.system import System
from benchmarks.speed.workshop import Workshop
from framing.scorer import Scorer
from framing.task import Task
from framing.taxonomy import FRAMING, LOADED, SOURCING


def test_the_gate_compares_every_probability(tiny_subject: Subject) -> None:
    sentences = gate_sentences(tiny_subject, 40)
    right = tiny_subject.probabilities(sentences)
    assert judge(saying(right), tiny_subject, sentences, right).passed
    assert {n: v.shape[1] for n, v in right.items()} == {LOADED: 1, SOURCING: 4, FRAMING: 14}

    for name in right:
        wrong = {n: v.copy() for n, v in right.items()}
        wrong[name][-1, -1] += 0.006
        verdict = judge(saying(wrong), tiny_subject, sentences, right)
        assert not verdict.passed and verdict.deviation == pytest.approx(0.006, abs=1e-4)
        wrong[name][-1, -1] = np.nan
        assert not judge(saying(wrong), tiny_subject, sentences, right).passed


def test_a_label_may_flip_within_the_tolerance_only() -> None:
    one = Task(name="t", kind="multilabel", labels=("a", "b"), thresholds=(0.5, 0.2))
    wanted = np.array([[0.504, 0.1], [0.52, 0.1]], dtype=np.float32)
    assert flipped(one, wanted, wanted - 0.01, 0.005) == 0
    assert flipped(one, wanted, wanted - 0.03, 0.005) == 1
    kinds = Task(name="k", kind="multiclass", labels=("a", "b"))
    wanted = np.array([[0.504, 0.496], [0.6, 0.4]], dtype=np.float32)
    assert flipped(kinds, wanted, wanted[:, ::-1], 0.005) == 1


def test_this_library_says_what_plain_transformers_says(tiny_subject: Subject) -> None:
    sentences = gate_sentences(tiny_subject, 60)
    # Wide, as random weights are far more sensitive to half precision than trained ones.
    system = framing_system(tiny_subject, backend="torch", tolerance=0.1)
    assert judge(system, tiny_subject, sentences, tiny_subject.probabilities(sentences)).passed


@pytest.mark.parametrize("name", ["pipeline 1", "pipeline 32", "plain loop 32"])
def test_peers_pass_the_gate(name: str, tiny_subject: Subject, workshop: Workshop) -> None:
    check_peer(peers.ON_CPU[name](workshop, name=name), tiny_subject)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_onnx_runtime_is_a_peer(precision: str, tiny_subject: Subject, workshop: Workshop) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    system = runtimes.onnx_runtime(workshop, name=precision, int8=precision == "int8")
    check_peer(system, tiny_subject, must_pass=precision == "fp32")
    assert system.tolerance == (0.02 if precision == "int8" else 0.005)


def test_openvino_is_a_peer(tiny_subject: Subject, workshop: Workshop) -> None:
    pytest.importorskip("openvino")
    pytest.importorskip("onnx")
    check_peer(runtimes.openvino(workshop, name="openvino fp32", precision="f32"), tiny_subject)


def test_sentence_transformers_is_a_peer(tiny_subject: Subject, workshop: Workshop) -> None:
    pytest.importorskip("sentence_transformers")
    check_peer(peers.sentence_transformers(workshop, name="sentence-transformers"), tiny_subject)


def check_peer(system: System, tiny_subject: Subject, must_pass: bool = True) -> None:
    sentences = gate_sentences(tiny_subject, 40)
    verdict = judge(system, tiny_subject, sentences, tiny_subject.probabilities(sentences))
    assert verdict.passed or not must_pass
    assert verdict.deviation < 0.2
    lengths = tiny_subject.lengths(sentences)
    read = system.padded(Sample(scenario="s", parts=[[s] for s in sentences]), lengths)
    assert read[0] == lengths.sum() <= read[1]
    system.run(Sample(scenario="s", parts=[[s] for s in sentences[:3]]))


def test_only_this_library_is_turned_away_by_the_gate(tiny_subject: Subject) -> None:
    def missing() -> System:
        raise ImportError("not installed: pip install something")

    def broken() -> System:
        raise RuntimeError("no such operator\nin line 3")

    wrong = {
        n: 1 - v for n, v in tiny_subject.probabilities(gate_sentences(tiny_subject, 20)).items()
    }
    builders: dict[str, Callable[[], System]] = {
        "framing": lambda: saying(wrong, name="framing", ours=True),
        "peer": lambda: saying(wrong, name="peer"),
        "missing": missing,
        "broken": broken,
    }
    field = Field(tiny_subject, builders, gate=20)
    assert list(field.systems) == ["peer"]
    assert [(v.system, v.passed) for v in field.verdicts] == [("framing", False), ("peer", False)]
    assert "not timed: off by" in field.absent["framing"]
    assert field.absent["missing"] == "not installed: pip install something"
    assert field.absent["broken"] == "RuntimeError: no such operator"
    first = field.systems["peer"]
    assert field.systems["peer"] is first
    field.free()
    assert field.systems["peer"] is not first


def test_operations_are_counted_by_the_matrices(tiny_subject: Subject) -> None:
    # Two layers 32 wide with 64 inside: four square matrices and two of 32 x 64 each, and heads
    # of 1 + 3 + 4 + 9 + 14 outputs.
    weights = 2 * (4 * 32 * 32 + 2 * 32 * 64) + 32 * (1 + 3 + 4 + 9 + 14)
    wanted = 2 * weights * 15 + 4 * 32 * 2 * (10**2 + 5**2)
    assert tiny_subject.flops(np.array([10, 5])) == wanted


def test_watching_the_engine_changes_nothing(tiny_subject: Subject, scorer: Scorer) -> None:
    texts = sample("news", 12)
    before = [d.to_dict() for d in scorer.score(texts.texts)]
    with watched(scorer) as seconds:
        assert [d.to_dict() for d in scorer.score(texts.texts)] == before
    assert list(seconds) == list(STEPS) and all(s > 0 for s in seconds.values())
    assert seconds["tokenise"] <= seconds["prepare"] and seconds["model"] <= seconds["forward"]
    kept = dict(seconds)
    real, padded = tokens_read(scorer, texts)
    # One opening quotation mark or none before each window, and overlapping windows of 32.
    assert tiny_subject.lengths(texts.sentences).sum() <= real <= padded
    assert seconds == kept  # nothing is timed any more


@pytest.mark.parametrize(
    ("backend", "options"),
    [
        (None, {}),
        ("onnx", {"backend": "onnx"}),
        ("torch:bfloat16", {"backend": "torch", "precision": "bfloat16"}),
    ],
)
def test_a_back_end_is_passed_on_only_if_it_is_named(backend, options) -> None:
    assert scorer_options(backend) == options
