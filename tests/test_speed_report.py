"""The speed benchmark: bars, tables and the chart."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from speed_fakes import section

from benchmarks.speed.bars import NO_GPU, bars
from benchmarks.speed.chart import INK, PAGES, draw
from benchmarks.speed.tables import markdown


def row(system: str, rate: float, *, ours: bool = False, size: int = 10_000) -> dict[str, Any]:
    return {
        "scenario": "news",
        "size": size,
        "system": system,
        "ours": ours,
        "texts": size,
        "sentences": [size] * 3,
        "tokens": [36 * size] * 3,
        "whole": True,
        "seconds": [size / rate] * 3,
        "sentences_per_s": rate,
        "slowest_round": rate,
        "fastest_round": rate,
        "tokens_per_s": 36 * rate,
        "flops_per_s": 8e8 * rate,
        "padding": 0.01,
        "memory_mb": None,
        "cuda_mb": None,
    }


def contest_of(*rows: dict[str, Any], failed: Sequence[str] = ()) -> dict[str, Any]:
    verdict = {"deviation": 0.1, "mean": 0.1, "tolerance": 0.02, "flipped": 1, "passed": False}
    return section(
        gate=[{"system": name, **verdict} for name in failed],
        absent={"sentence-transformers": "not installed"},
        ceiling={"float32": 2e11, "bfloat16": 4e11},
        tokenising_sentences_per_s=20_000.0,
        rows=list(rows),
    )


def test_bars_are_met_and_missed() -> None:
    found = {
        "contest": contest_of(
            row("framing", 1000, ours=True),
            row("pipeline 32", 190),
            row("openvino", 900),
            row("onnxruntime int8", 2000),
            failed=["onnxruntime int8"],
        ),
        "latency": section(
            rows=[
                {"system": "framing", "ours": True, "p50": 4.0},
                {"system": "plain call", "ours": False, "p50": 5.0},
            ]
        ),
        "memory": section(
            runs=[
                {
                    "system": "framing",
                    "model": "random-tiny",
                    "rows": [{"texts": 10**6, "growth_mb": 501.0}],
                }
            ]
        ),
        "cold": section(
            rows=[
                {
                    "system": "framing",
                    "steps_s": {"import framing": 0.05},
                    "torch_with_framing": True,
                }
            ]
        ),
    }
    said = {(b.aim.split(",")[0], b.met) for b in bars(found, device="cpu")}
    assert said == {
        ("at least 5x pipeline 32", True),
        ("at least 1.2x the fastest peer that passes the gate", False),
        ("at least 1.2x the fastest peer of all", False),
        ("one sentence takes at most as long as model(**tokenizer(x))", True),
        ("padding under 2 % on news lengths", True),
        ("1", False),
        ("import framing under 0.1 s", False),
        ("base", None),
        ("small", None),
    }
    assert [b.measured for b in bars(found, device="cpu")][-3:] == [NO_GPU] * 3


def test_a_bar_is_not_met_on_fewer_texts_than_it_names() -> None:
    few = contest_of(row("framing", 1000, ours=True, size=100), row("pipeline 32", 1, size=100))
    found = [b for b in bars({"contest": few}, device="cpu") if "pipeline 32" in b.aim]
    assert [b.met for b in found] == [None] and "at 100 texts only" in found[0].measured


@pytest.mark.parametrize(
    ("name", "aims"),
    [
        (
            "random-base",
            {
                "at least 50 % of the measured bf16 matmul ceiling": True,
                "at least 60,000 sentences/s end to end": False,
                "at least 15x pipeline 256 in fp16": True,
                "padding under 2 % on news lengths": True,
            },
        ),
        (
            "small",
            {"as far as tokenising allows": None, "padding under 2 % on news lengths": True},
        ),
    ],
)
def test_on_a_gpu_the_aims_are_those_of_the_model(name: str, aims: dict[str, bool | None]) -> None:
    rows = [row("framing", 50_000, ours=True, size=10**6)]
    rows.append(row("pipeline 256 fp16", 3000, size=10**6))
    host = {"system": "framing", "forward_flops_per_s": 2.4e11}
    found = {
        "contest": contest_of(*rows) | {"model": {"name": name, "trained": False}},
        "host": section(ceiling={"bfloat16": 4e11}, rows=[host])
        | {"model": {"name": name, "trained": False}},
    }
    assert {b.aim: b.met for b in bars(found, device="cuda")} == aims


def test_tables_tell_the_losses() -> None:
    found = contest_of(
        row("framing", 1000, ours=True), row("a | b", 2000), row("c", 100), failed=["a | b"]
    )
    page = markdown({"contest": found}, device="cpu")
    assert "- news, 10,000 texts: 0.50x a | b" in page and "c\n" not in page.split("Slower")[1]
    assert "| a \\| b (fails the gate) |" in page
    assert "absent: not installed" in page and "no GPU was there" in page


def test_the_chart_reads_on_light_and_dark_pages(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear)) + 0.05

    for page in PAGES:  # as the Web Content Accessibility Guidelines measure contrast
        dark, bright = sorted([light(INK), light(page)])
        assert bright / dark > 4
    found = contest_of(row("framing", 1000, ours=True), row("peer", 500), failed=["peer"])
    paths = draw(found, tmp_path, "speed_cpu")
    assert sorted(p.name for p in paths) == ["speed_cpu.png", "speed_cpu.svg"]
    drawn = (tmp_path / "speed_cpu.svg").read_text(encoding="utf-8")
    said = " ".join("".join(ET.fromstring(drawn).itertext()).split())
    assert "framing is 2.0x" in said and "peer (fails the parity gate)" in said
    again = draw(found, tmp_path / "again", "speed_cpu")
    assert again[1].read_text(encoding="utf-8") == drawn
