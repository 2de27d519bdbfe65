"""The shipped model: there, small, honest about itself, and sensible on plain cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import framing
from framing.cli import main
from framing.hub import shipped_models
from framing.task import default_tasks

SMALL = shipped_models().get("small")
BASE = shipped_models().get("base")

needs_base = pytest.mark.skipif(BASE is None, reason="framing-base is not in this checkout")


@pytest.fixture(scope="module")
def scorer() -> framing.Scorer:
    return framing.Scorer(device="cpu")


def test_it_is_shipped_within_its_size() -> None:
    assert SMALL is not None, "models/framing-small is part of the repository"
    assert sum(p.stat().st_size for p in SMALL.iterdir()) <= 50_000_000
    assert not [p for p in SMALL.iterdir() if p.suffix not in {".json", ".md", ".safetensors"}]


@needs_base
def test_the_large_one_comes_in_pieces_that_a_host_takes() -> None:
    shards = [p.stat().st_size for p in BASE.glob("*.safetensors")]
    assert 200_000_000 < sum(shards) < 256_000_000 and max(shards) < 95_000_000


@pytest.mark.parametrize("size", ["small", pytest.param("base", marks=needs_base)])
def test_its_card_and_configuration_are_filled_in(size: str) -> None:
    folder = shipped_models()[size]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["release"] == f"framing-{size}"
    assert config["calibration"] != "none"
    assert all(t["scale"] != [1.0] * len(t["labels"]) for t in config["tasks"])
    assert {t["name"]: t["trim"] for t in config["tasks"]} == {
        t.name: t.trim for t in default_tasks()
    }
    card = (folder / "README.md").read_text(encoding="utf-8")
    for part in ("## Intended use", "## Limits", "## Results", "PolNeAR dev", "BASIL", "95 %"):
        assert part in card
    assert "Not measured yet" not in card


@needs_base
def test_the_large_one_is_served_by_its_name() -> None:
    scorer = framing.Scorer("base", device="cpu", backend="torch")
    assert scorer.model.name == "framing-base"
    charged, plain = scorer.score(
        [
            "The mayor's shameless cronies rammed through their disgraceful scheme.",
            "The council approved the plan by nine votes to six.",
        ],
        split=False,
    )
    assert charged.loaded_language.label and not plain.loaded_language.label
    said = "The company said it would cut 400 jobs by the end of the year."
    sourcing = scorer.score(said, split=False).sourcing
    assert sourcing.kind == "indirect" and "company" in sourcing.sources[0].text


def test_it_is_the_default(scorer: framing.Scorer) -> None:
    assert scorer.model.name == "framing-small"
    assert framing.score("It rained on Monday.", device="cpu").model == scorer.model


@pytest.mark.parametrize(
    ("charged", "plain"),
    [
        (
            "The mayor's shameless cronies rammed through their disgraceful scheme.",
            "The council approved the plan by nine votes to six.",
        ),
        (
            "This reckless, hysterical mob is hell-bent on wrecking our schools.",
            "About 2,000 people attended the meeting on schools.",
        ),
    ],
)
def test_charged_wording_scores_over_plain(
    scorer: framing.Scorer, charged: str, plain: str
) -> None:
    loaded, sober = scorer.score([charged, plain], split=False)
    assert loaded.loaded_language.probability > 0.4 > 0.2 > sober.loaded_language.probability
    assert loaded.loaded_language.label and loaded.loaded_language.spans
    assert not sober.loaded_language.label


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The bridge reopened on Monday after three weeks of repairs.", "none"),
        ('"We will not close a single school," the minister told reporters.', "direct"),
        ("The company said it would cut 400 jobs by the end of the year.", "indirect"),
        ('The minister called the plan "a gift to the rich" and said it would fail.', "mixed"),
    ],
)
def test_kinds_of_sourcing(scorer: framing.Scorer, text: str, kind: str) -> None:
    sourcing = scorer.score(text, split=False).sourcing
    assert sourcing.kind == kind
    assert bool(sourcing.sources) == (kind != "none")


def test_a_quotation_that_runs_on_is_attributed_only_in_context(scorer: framing.Scorer) -> None:
    text = '"We tried everything," said the coach. "It was not enough. The other side ran more."'
    last = scorer.score(text).sentences[-1]
    alone = scorer.score("The other side ran more.", split=False)
    assert last.sourcing.probability > 0.8 > alone.sourcing.probability


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("Unemployment fell and wages rose by 3 percent in the third quarter.", "economic"),
        ("Police arrested two men on suspicion of robbing the bank.", "crime_and_punishment"),
        ("The hospital treated dozens of patients infected with the virus.", "health_and_safety"),
        (
            "The Supreme Court ruled that the law violates the constitution.",
            "legality_constitutionality_and_jurisprudence",
        ),
    ],
)
def test_frames_of_plain_cases(scorer: framing.Scorer, text: str, frame: str) -> None:
    assert scorer.score(text, split=False).framing.labels[0] == frame


def test_the_demo_writes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.html"
    assert main(["demo", "--html", str(report)]) == 0
    assert str(report) in capsys.readouterr().out
    page = report.read_text(encoding="utf-8")
    assert "framing-small" in page and "<mark" in page
