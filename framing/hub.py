"""Finds the folder of a model: shipped, local, or on a hub."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from framing.errors import ModelError

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PATTERNS = ("*.json", "*.safetensors", "README.md")


def shipped_models() -> dict[str, Path]:
    """The models that came with the library, by their short names."""
    here = Path(__file__).resolve().parent
    found: dict[str, Path] = {}
    for root in (here.parent / "models", here / "models"):
        found |= _models_in(root)
    return found


def _models_in(root: Path) -> dict[str, Path]:
    folders = [config.parent for config in sorted(root.glob("framing-*/config.json"))]
    return {folder.name.removeprefix("framing-"): folder for folder in folders}


def model_folder(name: str | Path) -> Path:
    """The folder of a model given by a short name, a path, or a hub id such as ``owner/model``.

    A short name, ``base`` or ``framing-base``, is that of a shipped model, or else of a model
    folder in the folder that the environment variable FRAMING_MODELS names. Only configuration,
    tokenizer and safetensors files are taken from a hub.

    Raises
    ------
    ModelError
        if there is no such model.
    """
    named = shipped_models()
    if root := os.environ.get("FRAMING_MODELS"):
        named = _models_in(Path(root)) | named
    key = str(name).removeprefix("framing-")
    if key in named:
        return named[key]
    folder = Path(name)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelError(f"{folder} has no config.json: it is not a saved model folder")
        return folder
    known = ", ".join(sorted(named)) or "none in this installation"
    if folder.exists() or not _HUB_ID.fullmatch(str(name)):
        raise ModelError(
            f"no model {str(name)!r}: give a shipped name ({known}), the path of a saved model "
            "folder, or a hub id such as owner/model; names of models elsewhere are looked up in "
            "the folder that FRAMING_MODELS is set to"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(str(name), allow_patterns=list(_PATTERNS)))
    except Exception as error:
        raise ModelError(
            f"no folder {str(name)!r} here, and the hub gave no model of that name "
            f"({type(error).__name__}); shipped names: {known}"
        ) from error


def is_framing_model(folder: Path) -> bool:
    """Whether ``config.json`` of ``folder`` is that of a model of this library.

    Raises
    ------
    ModelError
        if it cannot be read.
    """
    path = folder / "config.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    return isinstance(values, dict) and values.get("model_type") == "framing"


def weights_hash(folder: Path) -> str:
    """The first 16 hexadecimal digits of the SHA-256 over the safetensors files of a folder.

    Raises
    ------
    ModelError
        if there are none: weights in any other format are never read.
    """
    digest = hashlib.sha256()
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(
            f"{folder} has no .safetensors weights; other formats can run code and are not read"
        )
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:16]
