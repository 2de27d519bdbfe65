"""Soft labels from a teacher, linear heads, contrastive pairs, and runs that are interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_fit import CODEBOOK, place_corpus

from framing import Scorer
from framing.engine import Engine
from framing.task import Task
from training import trainer
from training.build import DRAFT, save_model, tokenizer_of
from training.contrastive import label_likeness, pair_loss
from training.distillation import agreement, distil
from training.example import Example
from training.heads import fit_heads, mean_states
from training.losses import class_weights
from training.recipe import Stage
from training.soft import SoftSpans
from training.start import start_model
from training.teacher import taught
from training.unlabelled import unlabelled

SENTENCES = [
    "the reckless senator slammed the bill on monday",
    "the minister said the report was new",
    "police said on monday that the court met",
]


def bare(texts: list[str]) -> list[Example]:
    return [
        Example(text=t, corpus="text", id=str(i), group=f"text:{i}", labels={})
        for i, t in enumerate(texts)
    ]


def soft_spans(inside: list[float], begin: list[float], pieces: list[tuple[int, int]]) -> SoftSpans:
    return SoftSpans(
        labels=("a",),
        start=np.array([a for a, _ in pieces], np.int32),
        end=np.array([b for _, b in pieces], np.int32),
        inside=np.array(inside, np.float16)[:, None],
        begin=np.array(begin, np.float16)[:, None],
    )


def test_soft_spans_carry_over_to_finer_and_coarser_tokens() -> None:
    soft = soft_spans([0.0, 0.75, 0.5], [0.0, 0.5, 0.25], [(0, 3), (4, 10), (11, 14)])
    same = soft.on(np.array([0, 4, 11]), np.array([3, 10, 14]))[:, 0]
    assert same.tolist() == [[1, 0, 0], [0.25, 0.5, 0.25], [0.5, 0.25, 0.25]]
    finer = soft.on(np.array([4, 7]), np.array([7, 10]))[:, 0]
    assert finer.tolist() == [[0.25, 0.5, 0.25], [0.25, 0.0, 0.75]], "one beginning a piece"
    assert soft.on(np.array([3]), np.array([4]))[0, 0].tolist() == [1, 0, 0]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_soft_spans_are_distributions(values: list[tuple[float, float]]) -> None:
    pieces = [(2 * i, 2 * i + 2) for i in range(len(values))]
    soft = soft_spans([a for a, _ in values], [b for _, b in values], pieces)
    starts = np.arange(2 * len(values))
    found = soft.on(starts, starts + 1)
    assert (found >= 0).all()
    assert np.allclose(found.sum(axis=-1), 1, atol=1e-3)


def test_a_teacher_says_what_it_would_score(scorer: Scorer) -> None:
    examples = bare(SENTENCES)
    examples[0] = replace(examples[0], labels={"loaded": 1.0})
    found = taught(scorer.engine, examples)
    scores = scorer.score(SENTENCES, split=False)
    assert found[0].labels["loaded"] == 1.0, "a label of people stays"
    for example, score in zip(found[1:], scores[1:], strict=True):
        assert example.labels["loaded"] == pytest.approx(score.loaded_language.probability)
        assert example.labels["frames"] == pytest.approx(score.framing.probabilities)
        assert example.labels["sourcing"] == pytest.approx(score.sourcing.probabilities)
        assert isinstance(example.labels["source_spans"], SoftSpans)


def test_a_calibrated_head_goes_on_with_the_same_probabilities(
    tiny_model: Path, tmp_path: Path
) -> None:
    from framing.modeling import FramingModel

    model = FramingModel.from_pretrained(tiny_model, dtype=torch.float32)
    model.config.tasks = [
        replace(t, scale=(0.5,) * len(t.labels), bias=(0.25,) * len(t.labels)).to_dict()
        for t in model.tasks
    ]
    save_model(model, tiny_model, tmp_path / "calibrated", {})
    before = Scorer(tmp_path / "calibrated", device="cpu").score(SENTENCES, split=False)
    started = start_model(tmp_path / "calibrated", [], release="m", seed=1)
    save_model(started, tiny_model, tmp_path / "started", {})
    after = Scorer(tmp_path / "started", device="cpu").score(SENTENCES, split=False)
    for a, b in zip(before, after, strict=True):
        assert a.framing.probabilities == pytest.approx(b.framing.probabilities, abs=5e-3)
        assert a.sourcing.probabilities == pytest.approx(b.sourcing.probabilities, abs=5e-3)


def test_a_student_comes_to_say_what_its_teacher_says(
    tiny_model: Path, tiny_encoder: Path, scorer: Scorer, tmp_path: Path
) -> None:
    texts = [(str(i), f"{s}. {s} {i}.") for i, s in enumerate(SENTENCES * 4)]
    sentences = unlabelled(texts)
    assert len({e.text for e in sentences}) == len(sentences)
    teacher = scorer.engine.model
    stage = Stage(name="d", rates={"text": 60.0}, learning_rate=4e-3, batch_tokens=256)
    far, near = (
        agreement(
            scorer.engine,
            Engine(
                distil(
                    teacher,
                    scorer.engine.tokenizer,
                    tiny_encoder,
                    sentences,
                    stage=replace(stage, rates={"text": passes}),
                    work=tmp_path / str(passes),
                    release="student",
                    seed=3,
                ),
                scorer.engine.tokenizer,
                DRAFT,
            ),
            sentences,
        )
        for passes in (1.0, 60.0)
    )
    assert set(near) == set(scorer.engine.tasks)
    for task in near:
        assert near[task]["difference"] < far[task]["difference"], task
    assert near["frames"]["difference"] < 0.1


def test_heads_find_a_boundary_that_the_frozen_encoder_shows(tiny_encoder: Path) -> None:
    corpus = place_corpus(60)
    model = start_model(tiny_encoder, list(CODEBOOK.tasks[:2]), release="m", seed=1)
    tokenizer = tokenizer_of(model, tiny_encoder)
    before = mean_states(model, tokenizer, [corpus.examples[0].text])
    fit_heads(model, tokenizer, corpus.examples, seed=1)
    assert (mean_states(model, tokenizer, [corpus.examples[0].text]) == before).all()
    columns = Engine(model, tokenizer, DRAFT).run(
        [e.text for e in corpus.examples], [False] * 60, np.zeros(60, np.int64)
    )
    gold = np.array([CODEBOOK.tasks[0].labels.index(e.labels["place"]) for e in corpus.examples])
    assert (columns.scores["place"].argmax(axis=1) == gold).mean() > 0.9


def test_likeness_is_that_of_labels_and_unknown_without_any() -> None:
    tasks = [Task(name="m", kind="multilabel", labels=("a", "b"))]
    labels = [{"m": ("a",)}, {"m": ("a", "b")}, {"m": ()}, {"m": ()}, {}]
    examples = [
        Example(text="x", corpus="c", id=str(i), group=str(i), labels=found)
        for i, found in enumerate(labels)
    ]
    alike = label_likeness(tasks, examples)
    assert alike[0, 1] == pytest.approx(0.5**0.5)
    assert alike[0, 2] == 0 and alike[2, 3] == 1
    assert alike[4, :4].isnan().all()


def test_the_pair_loss_is_zero_where_cosines_are_as_wanted() -> None:
    states = torch.eye(3)[[0, 0, 1]]
    wanted = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert pair_loss(states, wanted) == 0
    assert pair_loss(states, 1 - wanted) > 0.5
    assert pair_loss(states, torch.full((3, 3), torch.nan)) == 0, "unknown pairs do not count"


def test_rare_labels_are_weighted_up_and_the_mean_weight_stays_one() -> None:
    task = Task(name="t", kind="multiclass", labels=("often", "rare"))
    targets = np.repeat(np.eye(2, dtype=np.float32), [9, 1], axis=0)
    weights = class_weights(task, targets, 1.0)
    assert weights[1] == pytest.approx(9 * weights[0])
    assert weights @ targets.mean(axis=0) == pytest.approx(1)
    assert class_weights(task, targets, 0.0).tolist() == pytest.approx([1, 1])


def test_a_killed_run_ends_as_an_undisturbed_one(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = place_corpus(40)
    stage = Stage(
        name="s", rates={"places": 6.0}, learning_rate=1e-3, batch_tokens=128, masking=0.2, checks=4
    )

    def trained(folder: Path) -> dict[str, torch.Tensor]:
        model = start_model(tiny_encoder, list(CODEBOOK.tasks[:2]), release="m", seed=1)
        trainer.train_stage(
            model,
            tokenizer_of(model, tiny_encoder),
            corpus.examples,
            stage,
            folder=folder,
            seed=1,
            heldout=corpus.examples[:8],
        )
        return model.state_dict()

    whole = trained(tmp_path / "whole")
    steps = 0
    real = trainer.MultiTaskTrainer.compute_loss

    def dies(*arguments, **options):
        nonlocal steps
        steps += 1
        if steps == 45:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(trainer.MultiTaskTrainer, "compute_loss", dies)
        trained(tmp_path / "killed")
    assert steps == 45
    resumed = trained(tmp_path / "killed")
    for name, weight in whole.items():
        torch.testing.assert_close(resumed[name], weight, msg=name)
