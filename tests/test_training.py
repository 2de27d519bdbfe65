"""Training from labelled sentences to a saved, calibrated model folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.quality.folds import out_of_fold
from framing import Scorer
from framing.encoding import SentenceTokenizer
from framing.modeling import FramingModel
from framing.task import Task, default_tasks
from training import build, soup, trainer
from training.assemble import Material
from training.batches import MixtureSampler
from training.build import (
    SIDE_TASKS,
    calibrated,
    fresh_model,
    save_model,
    tokenizer_of,
    train_stages,
    without_side_tasks,
)
from training.dataset import Collator, SentenceDataset, token_target
from training.example import Example
from training.losses import task_losses
from training.recipe import RECIPES, Recipe, Stage
from training.splits import grouped_folds
from training.trainer import train_stage

NOUNS = ("senator", "mayor", "minister", "union", "court", "school", "firm", "bank")
LOADED_WORDS = ("reckless", "slammed", "vile")
STAGE = Stage(
    name="only",
    rates={"toy": 40.0},
    learning_rate=4e-3,
    head_rate=3.0,
    weights={"loaded": 2.0, "loaded_spans": 8.0, "frames": 0.2},
    batch_tokens=256,
    window=48,
)
RECIPE = Recipe(release="framing-toy", seed=3, stages=(STAGE,), window=48, overlap=8)


def toy_examples(count: int = 120) -> list[Example]:
    """Sentences whose labels follow from single words, a few of the tasks labelled in each."""
    rng = np.random.default_rng(0)
    examples = []
    for i in range(count):
        noun, other = rng.choice(NOUNS, size=2)
        charge = str(rng.choice(LOADED_WORDS)) if i % 2 else "new"
        text = f"the {charge} {noun} met the {other} on monday {i}"
        spans = ((4, 4 + len(charge)),) if i % 2 else ()
        examples.append(
            Example(
                text=text,
                corpus="toy",
                id=str(i),
                group=f"toy:{i // 4}",
                labels={
                    "loaded": float(i % 2),
                    "loaded_spans": {"loaded": spans},
                    "sourcing": "direct" if noun == "mayor" else "none",
                    "frames": ("economic",) if noun in ("firm", "bank") else (),
                },
            )
        )
    return examples


def test_tokens_take_the_classes_of_the_spans_they_touch(tiny_encoder: Path) -> None:
    task = Task(name="s", kind="spans", labels=("a", "b"))
    tokens = SentenceTokenizer(tiny_encoder, pad=0).encode(["the bill slammed"])
    found = token_target(task, {"a": ((4, 16),)}, tokens.start, tokens.end)
    first = list(tokens.start).index(4)
    classes = found[:, 0].argmax(axis=1).tolist()
    assert classes[:first] == [0] * first
    assert classes[first] == 1
    assert set(classes[first + 1 :]) <= {2}
    assert np.isnan(found[:, 1]).all(), "a label that was not annotated is masked"


def test_an_unlabelled_task_gets_no_loss_and_no_gradient(tiny_encoder: Path) -> None:
    tasks = default_tasks()
    model = fresh_model(tiny_encoder, RECIPE, tasks)
    tokenizer = tokenizer_of(model, tiny_encoder)
    bare = [replace(e, labels={"loaded": e.labels["loaded"]}) for e in toy_examples(6)]
    data = SentenceDataset(bare, tokenizer, tasks, window=48)
    batch = Collator(tasks, tokenizer.pad)([data[i] for i in range(6)])
    logits = model(batch["input_ids"], batch["attention_mask"])
    losses = task_losses(tasks, logits, batch["targets"])
    assert losses["loaded"] > 0
    assert all(losses[t.name] == 0 for t in tasks if t.name != "loaded")
    sum(losses.values()).backward()
    assert model.heads["loaded"].weight.grad.abs().sum() > 0
    assert model.heads["frames"].weight.grad.abs().sum() == 0


def test_a_model_that_goes_on_learning_starts_from_what_it_says(
    tiny_model: Path, scorer: Scorer
) -> None:
    model = fresh_model(tiny_model, RECIPE).eval()
    assert {t.name for t in SIDE_TASKS} < set(model.heads)
    assert model.config.release == RECIPE.release
    tokens = torch.tensor([[2, 5, 6, 7, 3]])
    seen = torch.ones_like(tokens)
    known = FramingModel.from_pretrained(tiny_model, dtype=torch.float32).eval()
    with torch.no_grad():
        new, old = model(tokens, seen), known(tokens, seen)
    for name, task in scorer.engine.tasks.items():
        if task.kind != "spans":
            scale, bias = torch.tensor(task.scale), torch.tensor(task.bias)
            torch.testing.assert_close(new[name], old[name] * scale + bias)


def test_soft_labels_are_targets_in_between(tiny_encoder: Path) -> None:
    tasks = (
        Task(name="b", kind="binary", labels=("yes",)),
        Task(name="m", kind="multiclass", labels=("x", "y")),
    )
    example = Example(
        text="the bill",
        corpus="c",
        id="1",
        group="g",
        labels={"b": 0.25, "m": {"x": 0.5, "y": 0.5}},
    )
    data = SentenceDataset([example], SentenceTokenizer(tiny_encoder, pad=0), tasks, window=16)
    targets = Collator(tasks, 0)([data[0]])["targets"]

    def losses(logit: float, x: float, y: float) -> dict[str, torch.Tensor]:
        logits = {"b": torch.tensor([[logit]]), "m": torch.tensor([[x, y]])}
        return task_losses(tasks, logits, targets)

    best = losses(float(np.log(0.25 / 0.75)), 0.0, 0.0)
    for worse in (losses(0.0, 1.0, 0.0), losses(-3.0, 0.0, 2.0)):
        assert worse["b"] > best["b"]
        assert worse["m"] > best["m"]


def test_a_label_that_does_not_fit_is_named(tiny_encoder: Path) -> None:
    tasks = default_tasks()
    wrong = replace(toy_examples(1)[0], labels={"sourcing": "hearsay"})
    data = SentenceDataset([wrong], SentenceTokenizer(tiny_encoder, pad=0), tasks, window=48)
    with pytest.raises(ValueError, match="hearsay"):
        data[0]


def test_the_sampler_reads_each_corpus_at_its_rate() -> None:
    corpora = ["a"] * 40 + ["b"] * 20 + ["c"] * 10
    lengths = np.random.default_rng(0).integers(5, 50, size=70)
    sampler = MixtureSampler(corpora, lengths, rates={"a": 0.5, "b": 2.5}, budget=200, seed=1)
    drawn = [i for batch in sampler for i in batch]
    counts = np.bincount(drawn, minlength=70)
    assert counts[:40].sum() == 20 and counts[:40].max() == 1
    assert counts[40:60].sum() == 50 and set(counts[40:60]) == {2, 3}
    assert counts[60:].sum() == 0
    for batch in sampler:
        assert max(lengths[batch]) * len(batch) <= 200
    again = MixtureSampler(corpora, lengths, rates={"a": 0.5, "b": 2.5}, budget=200, seed=1)
    assert list(again) == list(sampler)


def test_from_examples_to_a_folder_that_scores(tiny_encoder: Path, tmp_path: Path) -> None:
    examples = toy_examples()
    material = Material(train=examples[:88], heldout=examples[88:], reported={})
    model = train_stages(material, RECIPE, tiny_encoder, tmp_path / "work")
    model = without_side_tasks(model)
    tokenizer = tokenizer_of(model, tiny_encoder)
    model = calibrated(model, tokenizer, material.heldout, "toy heldout")
    out = tmp_path / "framing-toy"
    save_model(model, tiny_encoder, out, {"README.md": "# framing-toy\n"})
    assert {p.name for p in out.iterdir()} >= {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "README.md",
    }
    scorer = Scorer(out, device="cpu")
    loaded, sober = scorer.score(
        ["the reckless senator met the union on monday", "the new union met the mayor on monday"],
        split=False,
    )
    assert loaded.loaded_language.probability > 0.6 > 0.4 > sober.loaded_language.probability
    assert [s.text for s in loaded.loaded_language.spans] == ["reckless"]
    assert loaded.model.calibration.startswith("toy heldout, ")
    assert {t.name for t in SIDE_TASKS}.isdisjoint(loaded.tasks)
    assert "tmp" not in (out / "config.json").read_text(), "no path of the machine is saved"


def test_large_weights_are_saved_in_shards(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FramingModel.from_pretrained(tiny_model, dtype=torch.float32)
    save_model(model, tiny_model, tmp_path / "whole", {})
    monkeypatch.setattr(build, "SHARD", "20KB")
    save_model(model, tiny_model, tmp_path / "shards", {})
    assert len(list((tmp_path / "whole").glob("*.safetensors"))) == 1
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 1
    whole, shards = (
        Scorer(tmp_path / name, device="cpu").score("The reckless senator met the union.")
        for name in ("whole", "shards")
    )
    assert shards.to_columns() == whole.to_columns()


def test_a_finished_stage_is_not_trained_again(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = Material(train=toy_examples(24), heldout=[], reported={})
    stage = replace(STAGE, rates={"toy": 1.0})
    recipe = replace(RECIPE, stages=(stage,))
    trained = []

    def counted(*given: Any, **options: Any) -> None:
        trained.append(options["folder"])
        train_stage(*given, **options)

    monkeypatch.setattr(soup, "train_stage", counted)
    first = train_stages(material, recipe, tiny_encoder, tmp_path).state_dict()
    second = train_stages(material, recipe, tiny_encoder, tmp_path).state_dict()
    assert len(trained) == 1
    for name, values in first.items():
        assert torch.equal(second[name], values)

    slower = replace(recipe, stages=(replace(stage, learning_rate=stage.learning_rate / 2),))
    reseeded = replace(recipe, seed=recipe.seed + 1)
    fewer = replace(material, train=material.train[:-1])
    relabelled = replace(
        material, train=[replace(material.train[0], labels={}), *material.train[1:]]
    )
    train_stages(material, slower, tiny_encoder, tmp_path)
    train_stages(material, reseeded, tiny_encoder, tmp_path)
    train_stages(fewer, recipe, tiny_encoder, tmp_path)
    train_stages(relabelled, recipe, tiny_encoder, tmp_path)
    assert len(set(trained)) == 5, "what was made otherwise is not taken for it"


def test_runs_of_a_stage_are_averaged_and_kept(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = Material(train=toy_examples(24), heldout=[], reported={})
    stage = replace(STAGE, rates={"toy": 1.0})
    once = replace(RECIPE, stages=(stage,))
    twice = replace(RECIPE, stages=(replace(stage, runs=2),))
    first = train_stages(material, once, tiny_encoder, tmp_path).state_dict()
    (kept,) = (tmp_path / stage.name).iterdir()
    mean = train_stages(material, twice, tiny_encoder, tmp_path).state_dict()
    (added,) = set((tmp_path / stage.name).iterdir()) - {kept}
    second = FramingModel.from_pretrained(added / "done", dtype=torch.float32).state_dict()
    different = 0
    for name, values in mean.items():
        torch.testing.assert_close(values, (first[name] + second[name]) / 2)
        different += not torch.equal(first[name], second[name])
    assert different > 10, "each run has a seed of its own"

    monkeypatch.setattr(soup, "train_stage", None)  # killed after the last run, before the mean
    again = train_stages(material, twice, tiny_encoder, tmp_path).state_dict()
    for name, values in mean.items():
        assert torch.equal(again[name], values)


def test_a_stage_keeps_a_share_of_the_weights_from_before(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    material = Material(train=toy_examples(24), heldout=[], reported={})
    stage = replace(STAGE, rates={"toy": 1.0})
    start, all_new, mixed = (
        train_stages(material, replace(RECIPE, stages=s), tiny_encoder, tmp_path).state_dict()
        for s in ((), (stage,), (replace(stage, kept=0.25),))
    )
    assert len(list((tmp_path / stage.name).iterdir())) == 1, "what was trained is used again"
    for name, values in mixed.items():
        torch.testing.assert_close(values, 0.25 * start[name] + 0.75 * all_new[name])
    assert any(not torch.equal(mixed[name], all_new[name]) for name in mixed)


def test_a_stage_reads_sentences_under_other_names(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[str]] = []

    class Watched(SentenceDataset):
        def __init__(self, examples: Sequence[Example], *given: Any, **options: Any) -> None:
            super().__init__(examples, *given, **options)
            read.append([e.text for e in examples])

    monkeypatch.setattr(trainer, "SentenceDataset", Watched)
    examples = [replace(e, text=f"Iran {e.text}") for e in toy_examples(24)]
    material = Material(train=examples, heldout=[], reported={})
    stage = replace(STAGE, rates={"toy": 1.0}, renamed=1.0, runs=2)
    train_stages(material, replace(RECIPE, stages=(stage,)), tiny_encoder, tmp_path)
    first, second = read
    for one, other, example in zip(first, second, examples, strict=True):
        assert one != example.text != other
        assert one.endswith(example.text.removeprefix("Iran"))
    assert first != second, "other names in each run"


def test_a_stage_without_data_says_so(tiny_encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="reads nothing"):
        train_stages(Material(train=[], heldout=[], reported={}), RECIPE, tiny_encoder, tmp_path)


def test_folds_score_every_sentence_once_and_learn(tiny_encoder: Path, tmp_path: Path) -> None:
    examples = toy_examples()
    probability, given = out_of_fold(
        examples,
        grouped_folds([e.group for e in examples], 2, seed=RECIPE.seed),
        lambda: fresh_model(tiny_encoder, RECIPE),
        RECIPE,
        tiny_encoder,
        tmp_path,
        task="loaded",
    )
    gold = np.array([e.labels["loaded"] for e in examples]) > 0
    assert probability.shape == (120, 1)
    assert (given[:, 0] == gold).mean() > 0.8


def test_the_recipes_can_be_read() -> None:
    for path in RECIPES.glob("*.toml"):
        assert Recipe.load(path).stages, path.name


def test_a_recipe_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('release = "x"\nseed = 1\nlerning_rate = 2\n', encoding="utf-8")
    with pytest.raises(ValueError, match="lerning_rate"):
        Recipe.load(path)
