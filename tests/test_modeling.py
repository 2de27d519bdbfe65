"""The model as a citizen of transformers: saved, loaded, registered, honest about its tasks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel

from framing.configuration import FramingConfig
from framing.modeling import FramingModel
from framing.task import Task, default_tasks


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(5, 60, (3, 10), generator=generator)
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    return ids, mask


def test_one_forward_gives_logits_for_every_task(tiny_model: Path, batch) -> None:
    model = FramingModel.from_pretrained(tiny_model)
    shapes = {name: tuple(logits.shape) for name, logits in model(*batch).items()}
    assert shapes == {
        "loaded": (3, 1),
        "loaded_spans": (3, 10, 1, 3),
        "sourcing": (3, 4),
        "source_spans": (3, 10, 3, 3),
        "frames": (3, 14),
    }
    assert set(model(*batch, tasks={"loaded"})) == {"loaded"}


def test_padding_changes_nothing(tiny_model: Path, batch) -> None:
    model = FramingModel.from_pretrained(tiny_model).eval()
    ids, mask = batch
    with torch.inference_mode():
        padded = model(ids, mask)
        alone = model(ids[1:2, :6], mask[1:2, :6])
    torch.testing.assert_close(padded["loaded"][1:2], alone["loaded"], atol=1e-5, rtol=0)
    torch.testing.assert_close(
        padded["source_spans"][1:2, :6], alone["source_spans"], atol=1e-5, rtol=0
    )


def test_saved_and_loaded_by_the_auto_classes(tiny_model: Path, batch, tmp_path: Path) -> None:
    model = FramingModel.from_pretrained(tiny_model).eval()
    model.save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path).eval()
    assert isinstance(loaded, FramingModel)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), FramingConfig)
    for name, logits in model(*batch).items():
        torch.testing.assert_close(loaded(*batch)[name], logits)


def test_fresh_heads_pool_by_the_mean(tiny_encoder: Path, batch) -> None:
    task = Task(name="t", kind="binary", labels=("yes",))
    model = FramingModel.from_encoder(tiny_encoder, [task]).eval()
    ids, mask = batch
    with torch.inference_mode():
        states = model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        torch.testing.assert_close(model(ids, mask)["t"], model.heads["t"](mean))


def test_the_encoder_keeps_its_pretrained_weights(tiny_encoder: Path) -> None:
    model = FramingModel.from_encoder(tiny_encoder, default_tasks())
    encoder = AutoModel.from_pretrained(tiny_encoder)
    torch.testing.assert_close(
        model.encoder.embeddings.word_embeddings.weight, encoder.embeddings.word_embeddings.weight
    )
    assert str(tiny_encoder) not in json.dumps(model.config.to_dict())


def test_the_configuration_keeps_tasks_as_data(tmp_path: Path) -> None:
    own = Task(
        name="stance",
        kind="multiclass",
        labels=("for", "against"),
        scale=(2.0, 2.0),
        bias=(0.1, -0.1),
    )
    FramingConfig(tasks=[own], release="mine").save_pretrained(tmp_path)
    assert FramingConfig.from_pretrained(tmp_path).task_objects() == (own,)


def test_calibrating_anew_is_told_by_the_id(tmp_path: Path) -> None:
    one = Task(name="stance", kind="binary", labels=("for",), thresholds=(0.3,))
    config = FramingConfig(tasks=[one], calibration="100 sentences")
    config.save_pretrained(tmp_path)
    assert config.calibration_id.startswith("100 sentences, ")
    assert FramingConfig.from_pretrained(tmp_path).calibration_id == config.calibration_id
    other = FramingConfig(tasks=[replace(one, thresholds=(0.4,))], calibration="100 sentences")
    assert other.calibration_id != config.calibration_id


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "ternary"}, "ternary"),
        ({"labels": ()}, "at least one label"),
        ({"labels": ("a", "a")}, "each of them once"),
        ({"labels": ("a", "b")}, "binary task has one label"),
        ({"thresholds": (0.1, 0.2)}, "2 thresholds for 1 labels"),
        ({"thresholds": (1.5,)}, "from 0 to 1"),
        ({"span_thresholds": (0.5,)}, "for tasks of kind 'spans'"),
        ({"name": "two words"}, "letters, digits and underscores"),
    ],
)
def test_a_task_checks_itself(values: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Task(**{"name": "t", "kind": "binary", "labels": ("yes",), **values})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"tasks": []}, "at least one"),
        ({"tasks": [*default_tasks(), *default_tasks()]}, "each name once"),
        ({"window": 4}, "window"),
        ({"overlap": 200}, "overlap"),
        ({"encoder": {"hidden_size": 3}}, "model_type"),
    ],
)
def test_a_configuration_checks_itself(values: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FramingConfig(**values)
