"""The speed benchmark: a small run of it."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from speed_fakes import LATENCY, section

from benchmarks.speed.__main__ import main
from benchmarks.speed.bars import NO_GPU
from benchmarks.speed.child import streamed
from benchmarks.speed.cold import cold_start
from benchmarks.speed.contest import race
from benchmarks.speed.ours import STEPS, framing_system
from benchmarks.speed.scenarios import stream
from benchmarks.speed.subject import Subject, subject
from benchmarks.speed.workshop import Workshop
from framing.scorer import Scorer
from framing.taxonomy import FRAMING, SOURCING


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr(sys, "argv", ["speed", *map(str, words)])
    main()


def test_a_small_run_keeps_what_other_sections_found(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    out = tmp_path / "speed.json"
    kept = section(rows=[{"system": "framing", "ours": True, "calls": 7, **LATENCY}])
    out.write_text(json.dumps({tiny_model.name: {"latency": kept}, "other": {}}), encoding="utf-8")
    words = ("--quick", "--model", tiny_model, "--out", out, "--charts", tmp_path)
    words += ("--scenarios", "news", "short_zipf", "--sizes", 4, "--peers", "plain loop 32")
    run(monkeypatch, *words, "--backend", "torch:float32", "--only", "contest", "host")
    stored = json.loads(out.read_text(encoding="utf-8"))
    assert list(stored) == [tiny_model.name, "other"]
    found = stored[tiny_model.name]
    assert found["latency"] == kept
    systems = {"framing (torch:float32)", "plain loop 32"}
    rows = found["contest"]["rows"]
    assert {(r["scenario"], r["size"], r["system"]) for r in rows} == set(
        itertools.product(("news", "short_zipf"), (4,), systems)
    )
    assert all(r["sentences_per_s"] > 0 for r in rows)
    assert found["contest"]["made_with"]["cores"] >= 1
    assert {v["system"]: v["passed"] for v in found["contest"]["gate"]} == dict.fromkeys(
        systems, True
    )
    assert set(found["host"]["rows"][0]["steps_s"]) == set(STEPS)
    reading = found["host"]["reading"]
    assert reading[0]["workers"] == 0 and all(r["sentences_per_s"] > 0 for r in reading)
    said = capsys.readouterr().out
    assert "## contest" in said and "## latency" in said and NO_GPU in said
    assert "if the model took no time" in said
    assert (tmp_path / "speed.png").is_file()
    assert str(tmp_path) not in out.read_text(encoding="utf-8")


def test_a_contest_is_kept_race_by_race(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    out = tmp_path / "speed.json"
    words = ("--quick", "--model", tiny_model, "--out", out, "--charts", tmp_path)
    words += ("--backend", "torch:float32", "--peers", "plain loop 32", "--only", "contest")

    def rows() -> dict[tuple[str, int, str], list[float]]:
        found = json.loads(out.read_text(encoding="utf-8"))[tiny_model.name]["contest"]["rows"]
        assert all(r["git"] is None or len(r["git"]) >= 40 for r in found)
        return {(r["scenario"], r["size"], r["system"]): r["seconds"] for r in found}

    run(monkeypatch, *words, "--scenarios", "news", "--sizes", 1, 4)
    first = rows()
    assert len(first) == 4

    done = []

    def race_once(*given: Any, **named: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(race(*given, **named))
        return done[0]

    monkeypatch.setattr("benchmarks.speed.contest.race", race_once)
    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch, *words, "--scenarios", "articles", "news", "--sizes", 1)
    second = rows()
    assert {k: v for k, v in second.items() if k in first} == first
    assert {k[:2] for k in set(second) - set(first)} == {("articles", 1)}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--device", "cuda"), "no GPU is there; nothing was measured"),
        (("--device", "tpu"), "use cpu, cuda or cuda:N"),
        (("--peers", "nobody"), "no nobody; there are pipeline 1, "),
    ],
)
def test_what_cannot_be_done_is_said(words, message, monkeypatch, capsys) -> None:
    if words == ("--device", "cuda"):
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit):
        run(monkeypatch, *words)
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_processes_of_their_own_report_back(tiny_subject: Subject, workshop: Workshop) -> None:
    found = streamed(tiny_subject.folder, device="cpu", texts=50, backend="torch", threads=1)
    assert found["texts"] == 50 and found["making_s"] > 0
    ours, pipeline = cold_start(
        tiny_subject, workshop.classifier_folder, backends=["torch"], rounds=1
    )
    assert next(iter(ours["steps_s"])) == "import framing" and not ours["torch_with_framing"]
    assert pipeline["system"] == "pipeline" and "first score" in pipeline["steps_s"]


def test_random_models_are_marked_and_need_no_download(tmp_path: Path) -> None:
    found = subject("random-tiny", encoder=None, device="cpu", work=tmp_path)
    assert not found.trained and found.folder.parent == tmp_path
    said = found.probabilities(["A first sentence.", "Quite another one, then."])
    assert said[SOURCING].sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_random_models_find_about_as_many_spans_as_trained_ones(tmp_path: Path) -> None:
    texts = [part[0] for part in stream("news", 200)]
    scorer = Scorer(
        subject("random-tiny", encoder=None, device="cpu", work=tmp_path).folder,
        device="cpu",
        backend="torch",
    )
    (scored,) = scorer.stream_columns(texts, split=False)
    found = sum(len(spans.label) for spans in scored.columns.spans.values())
    assert 2 < found / len(texts) < 12


def test_an_encoder_gets_untrained_heads(tiny_encoder: Path, tmp_path: Path) -> None:
    found = subject("small", encoder=tiny_encoder, device="cpu", work=tmp_path)
    assert found.name == f"heads on {tiny_encoder.name}" and not found.trained
    assert framing_system(found, backend="torch").probabilities(["One."])[FRAMING].shape == (1, 14)
