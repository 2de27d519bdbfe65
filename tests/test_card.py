"""The model card and the record that it is written from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from framing.configuration import FramingConfig
from framing.task import default_tasks
from training.assemble import Material
from training.card import model_card
from training.cli import main
from training.example import Example
from training.metrics import Estimate
from training.quality import Row, markdown
from training.recipe import RECIPES, Recipe
from training.record import RECORD, examples_hash, training_record

RECIPE = Recipe.load(RECIPES / "small.toml")


def example(number: int, corpus: str = "babe", loaded: float = 1.0) -> Example:
    return Example(
        text=f"sentence {number}",
        corpus=corpus,
        id=str(number),
        group=f"{corpus}:{number}",
        labels={"loaded": loaded},
    )


@pytest.fixture
def record() -> dict:
    material = Material(
        train=[example(1, "polnear"), example(2, "polnear")],
        heldout=[example(3, "polnear")],
        apart={"babe": [example(4)]},
        reported={"polnear/dev": [example(5, "polnear")]},
        dropped={"ptc": 1669},
    )
    return training_record(material, RECIPE, "an/encoder")


def row(value: float = 0.8) -> Row:
    return Row(
        data="BABE SG2",
        measure="macro F1",
        estimate=Estimate(value=value, low=0.7, high=0.9, n=3673),
    )


def test_the_card_states_the_facts(record: dict) -> None:
    cuts = {"thresholds": (0.2, 0.3, 0.4), "span_thresholds": (0.35, 0.45, 0.55)}
    tasks = [replace(t, **cuts) if t.name == "source_spans" else t for t in default_tasks()]
    card = model_card("framing-x", record, tasks, "1,000 sentences", {"babe": markdown([row()])})
    assert card.startswith("---\n")
    assert "base_model: an/encoder" in card
    assert "| polnear | 2 | 1 |" in card and "| babe | 1 | 0 |" in card
    assert "ptc 1,669" in card and "polnear/dev (1)" in card
    assert "Fitted on 1,000 sentences" in card
    assert "| BABE SG2 | macro F1 | 0.800 [0.700, 0.900] | 3,673 |" in card
    assert "| sourcing | none | argmax |" in card
    assert "| source_spans | cue | 0.300, of spans 0.450 |" in card
    assert "polnear 1.5" in card and f"Seed {RECIPE.seed}" in card
    assert record["hashes"]["train"] in card
    assert "non-commercial research" in card


def test_the_commands_of_a_card_are_those_of_its_size(record: dict) -> None:
    card = model_card("framing-base", record, default_tasks(), "y", {})
    assert "--recipe training/recipes/base.toml --out models/framing-base" in card
    assert "--size base" in card and "benchmarks/results/quality-base.json" in card


def test_the_card_of_a_student_tells_the_whole_of_its_training(record: dict) -> None:
    student = Recipe.load(RECIPES / "small-taught.toml")
    material = Material(
        train=[example(1, "documents"), example(2, "text"), example(3, "text")],
        heldout=[example(4, "documents")],
        apart={"babe": [example(5)]},
        reported={},
        teacher="framing-base 0123456789abcdef",
    )
    after = training_record(material, student, "an/encoder", before=record)
    card = model_card("framing-small", after, default_tasks(), "y", {})
    assert "`framing-base 0123456789abcdef` said" in card
    assert "text 2" in card and "documents 1" in card and "babe 1" in card
    first, second = (card.index(f"--recipe training/recipes/{n}") for n in ("small.", "small-t"))
    assert first < second
    assert "--out framing-small-1\n" in card and "--encoder framing-small-1 --teacher" in card
    assert card.index("broad: ") < card.index("settle: ") < card.index("taught: ")


def test_the_card_names_the_file_of_each_recipe(record: dict) -> None:
    more = Recipe.load(RECIPES / "base-more.toml")
    material = Material(train=[example(1)], heldout=[example(2)], reported={})
    after = training_record(material, more, "an/encoder", file="base-more.toml", before=record)
    card = model_card("framing-base", after, default_tasks(), "y", {})
    first, second = (f"--recipe training/recipes/{n}.toml" for n in ("base", "base-more"))
    assert card.index(first) < card.index(second)


def test_every_recipe_that_comes_along_is_read() -> None:
    recipes = {path.stem: Recipe.load(path) for path in RECIPES.glob("*.toml")}
    for size in ("small", "base"):
        assert recipes[size].release == f"framing-{size}"
        assert {f"{size}-babe", f"{size}-frames"} < set(recipes)


def test_a_card_without_results_says_so(record: dict) -> None:
    assert "Not measured yet" in model_card("x", record, default_tasks(), "y", {})


def test_rows_survive_json() -> None:
    assert Row.from_dict(json.loads(json.dumps(row().to_dict()))) == row()


def test_the_hash_tells_texts_labels_and_order_apart() -> None:
    one, two = example(1), example(2)
    hashes = {
        examples_hash(examples)
        for examples in ([one, two], [two, one], [one], [example(1, loaded=0.0), two])
    }
    assert len(hashes) == 4
    assert examples_hash([one, two]) == examples_hash([example(1), example(2)])


def test_the_card_of_a_folder_is_written_again(record: dict, tmp_path: Path) -> None:
    folder = tmp_path / "framing-x"
    FramingConfig(release="framing-x", calibration="some sentences").save_pretrained(folder)
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
    results = tmp_path / "quality.json"
    results.write_text(json.dumps({"babe": [row(0.812).to_dict()], "model": {}}), encoding="utf-8")
    assert main(["card", str(folder), "--results", str(results)]) == 0
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "0.812" in card and "some sentences" in card


def test_a_stage_that_no_recipe_has_is_named(
    tiny_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["build", "--data", str(tmp_path), "--encoder", str(tiny_encoder), "--out", "x"]
    assert main([*command, "--until", "later"]) == 2
    assert "no stage 'later': broad, settle" in capsys.readouterr().err


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", str(tmp_path)]) == 2
    assert RECORD in capsys.readouterr().err
    command = ["build", "--data", str(tmp_path), "--encoder", str(tmp_path), "--out", "x"]
    assert main(command) == 2
    assert "tokenizer.json" in capsys.readouterr().err
