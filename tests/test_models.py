"""Which model is meant, and what is refused before anything is scored with it."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import framing
from framing import Scorer
from framing.hub import model_folder


def test_unknown_models_and_devices_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(framing.ModelError, match="shipped name"):
        Scorer("no such model")
    with pytest.raises(framing.ModelError, match=r"config\.json"):
        Scorer(tmp_path)
    with pytest.raises(framing.ModelError, match="safetensors"):
        (tmp_path / "config.json").write_text("{}")
        (tmp_path / "pytorch_model.bin").write_bytes(b"x")
        Scorer(tmp_path)


def test_models_elsewhere_go_by_their_names(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_model, tmp_path / "framing-huge")
    shutil.copytree(tiny_model, tmp_path / "framing-small")
    with pytest.raises(framing.ModelError, match="FRAMING_MODELS"):
        model_folder("huge")
    monkeypatch.setenv("FRAMING_MODELS", str(tmp_path))
    assert model_folder("huge") == model_folder("framing-huge") == tmp_path / "framing-huge"
    assert model_folder("small").parent != tmp_path, "a shipped name is the shipped model's"


@pytest.mark.parametrize("device", ["abacus", "meta", "cuda:99"])
def test_an_unknown_device_says_what_to_do(tiny_model: Path, device: str) -> None:
    with pytest.raises(framing.ModelError, match=f"device '{device}'"):
        Scorer(tiny_model, device=device)


def test_a_model_of_another_kind_or_in_pieces_is_refused(
    tiny_model: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    with pytest.raises(framing.ModelError, match="holds a model of another kind"):
        Scorer(tiny_encoder)
    broken = tmp_path / "broken"
    shutil.copytree(tiny_model, broken)
    weights = load_file(broken / "model.safetensors")
    lacking = {k: v for k, v in weights.items() if k != "heads.frames.weight"}
    save_file(lacking, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(framing.ModelError, match=r"lacks weights.*heads\.frames\.weight"):
        Scorer(broken)
    for name, contents in (
        ("model.safetensors", (tiny_model / "model.safetensors").read_bytes()[:1000]),
        ("model.safetensors", b"version https://git-lfs.github.com/spec/v1\n"),
        ("tokenizer.json", b"{}"),
        ("config.json", b"{"),
    ):
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tiny_model, folder)
        (folder / name).write_bytes(contents)
        with pytest.raises(framing.ModelError, match="cannot be read"):
            Scorer(folder)


def test_numbers_that_are_none_are_an_error(tiny_model: Path) -> None:
    scorer = Scorer(tiny_model, device="cpu", backend="torch")
    with torch.no_grad():
        scorer.engine.model.heads["loaded_spans"].bias.fill_(math.nan)
    with pytest.raises(framing.ModelError, match="precision='float32'"):
        scorer.score("The mayor said so.")
