"""Back ends and precisions: the same numbers as plain torch, and no batch too big to survive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from framing import ModelError, Scorer, SentenceScore
from framing.backends import onnx_backend
from framing.backends.torch_backend import TorchBackend

TEXTS = [
    "The senator slammed the reckless bill.",
    'According to the report, "the minister said on Monday" that police report a bill.',
    "Short.",
    "",
    "the police " * 60,
    "[SEP] İstanbul 🎉 costs 5.5 percent",
]


def numbers(scores: list[SentenceScore]) -> np.ndarray:
    rows = []
    for score in scores:
        if score.windows:
            rows.append(score.loaded_language.probability)
            rows += score.sourcing.probabilities.values()
            rows += score.framing.probabilities.values()
    return np.array(rows)


def spans(scores: list[SentenceScore]) -> list[tuple[int, int, str]]:
    return [
        (span.start, span.end, span.label)
        for score in scores
        for name in ("loaded_spans", "source_spans")
        for span in score.task(name).spans
    ]


def test_onnx_gives_the_numbers_of_torch(
    tiny_model: Path, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    monkeypatch.setenv("FRAMING_CACHE", str(tmp_path / "cache"))
    onnx = Scorer(tiny_model, device="cpu", backend="onnx")
    assert onnx.backend == "onnx float32"
    theirs, ours = scorer.score(TEXTS, split=False), onnx.score(TEXTS, split=False)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), atol=1e-5)
    assert spans(ours) == spans(theirs)
    (graph,) = (tmp_path / "cache").iterdir()
    made = graph.stat().st_mtime_ns
    again = Scorer(tiny_model, device="cpu", backend="onnx")  # from the kept graph
    assert numbers(again.score(TEXTS, split=False)).tolist() == numbers(ours).tolist()
    assert graph.stat().st_mtime_ns == made
    graph.write_bytes(b"damaged")
    with pytest.raises(ModelError, match="delete it"):
        Scorer(tiny_model, device="cpu", backend="onnx")


def test_a_graph_that_is_right_for_one_shape_only_is_refused(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")

    class Unmasked(onnx_backend._Graph):
        def forward(self, input_ids, attention_mask):
            return super().forward(input_ids, torch.ones_like(attention_mask))

    monkeypatch.setenv("FRAMING_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(onnx_backend, "_Graph", Unmasked)
    with pytest.raises(ModelError, match="other numbers than the model"):
        Scorer(tiny_model, device="cpu", backend="onnx")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_is_close(tiny_model: Path, scorer: Scorer, precision: str) -> None:
    half = Scorer(tiny_model, device="cpu", backend="torch", precision=precision)
    assert half.backend == f"torch {precision}"
    off = np.abs(
        numbers(half.score(TEXTS, split=False)) - numbers(scorer.score(TEXTS, split=False))
    )
    assert 0 < off.max() < 0.1


class Narrow(TorchBackend):
    """Has memory for so many padded tokens."""

    room = 10**9

    def read(self, ids, lengths, tasks):
        if ids.size > self.room:
            raise MemoryError(f"{ids.size} tokens")
        return super().read(ids, lengths, tasks)


def test_a_batch_that_does_not_fit_is_halved_and_nothing_is_lost(
    tiny_model: Path, scorer: Scorer
) -> None:
    narrow = Scorer(tiny_model, device="cpu", backend="torch")
    backend = Narrow(narrow.engine.model)
    backend.room = 200
    narrow.engine.backend = backend
    texts = TEXTS * 20
    ours, theirs = narrow.score(texts, split=False), scorer.score(texts, split=False)
    np.testing.assert_allclose(numbers(ours), numbers(theirs), atol=1e-5)
    assert backend.batch_tokens <= 200
    backend.room = 10
    with pytest.raises(MemoryError):
        narrow.score(texts, split=False)


def test_what_cannot_be_had_says_what_to_use(tiny_model: Path) -> None:
    for options, words in (
        ({"backend": "tpu"}, "no back end 'tpu'"),
        ({"precision": "int3"}, "no precision 'int3'"),
        ({"backend": "onnx", "precision": "bfloat16"}, "use backend='torch'"),
    ):
        with pytest.raises(ModelError, match=words):
            Scorer(tiny_model, device="cpu", **options)


def test_without_onnx_runtime_its_back_end_names_the_extra(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"framing-score\[onnx\]"):
        Scorer(tiny_model, device="cpu", backend="onnx")


def test_auto_takes_onnx_runtime_where_it_is_installed_and_torch_lacks_onednn(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.scorer.has_onednn", lambda: False)
    assert Scorer(tiny_model, device="cpu").backend == "torch float32"
    seen = {}
    monkeypatch.setattr("framing.scorer.find_spec", lambda name: name)
    with monkeypatch.context() as fast:
        fast.setattr("framing.scorer.has_onednn", lambda: True)
        assert Scorer(tiny_model, device="cpu").backend == "torch float32"
    monkeypatch.setattr(
        "framing.scorer.OnnxBackend", lambda model, key: seen.update(key=key) or TorchBackend(model)
    )
    scorer = Scorer(tiny_model, device="cpu")
    assert scorer.backend == "onnx float32" and seen["key"] == scorer.model.weights
    half = Scorer(tiny_model, device="cpu", precision="bfloat16")
    assert half.backend == "torch bfloat16"
