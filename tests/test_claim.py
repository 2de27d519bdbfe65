"""Folders of the user's: nothing is written over or deleted that is no model or run of ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from framing.modeling import FramingModel
from training.build import save_model
from training.claim import check_output, claim


def test_a_model_takes_the_place_of_a_model_only(
    tiny_model: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    model = FramingModel.from_pretrained(tiny_model)
    out = tmp_path / "model"
    for _ in range(2):  # a new folder, then the model that is there
        save_model(model, tiny_encoder, out, {"README.md": "# model\n"})
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    for taken in (out, tmp_path):
        with pytest.raises(ValueError, match="other files in it"):
            save_model(model, tiny_encoder, taken, {})
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    with pytest.raises(ValueError, match="is a file"):
        save_model(model, tiny_encoder, out / "notes.txt", {})
    encoder = tmp_path / "encoder"
    encoder.mkdir()
    shutil.copy(tiny_encoder / "config.json", encoder)
    with pytest.raises(ValueError, match="other files in it"):
        check_output(encoder)
    (tmp_path / "empty").mkdir()
    check_output(tmp_path / "empty")


def test_a_run_goes_on_in_its_own_folder_only(tmp_path: Path) -> None:
    work = tmp_path / "deep" / "work"
    claim(work, ["a", 1])
    (work / "checkpoint").mkdir()
    claim(work, ["a", 1])
    with pytest.raises(ValueError, match="another run"):
        claim(work, ["a", 2])
    with pytest.raises(ValueError, match="other files"):
        claim(tmp_path, ["a", 1])
    assert (work / "checkpoint").is_dir()
