"""What a saved model was made from: enough to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from framing._version import __version__
from training.assemble import Material
from training.corpora import CORPORA
from training.example import Example
from training.recipe import Recipe

RECORD = "training.json"


def examples_hash(examples: Sequence[Example]) -> str:
    """The first 16 hexadecimal digits of a SHA-256 over texts and labels, in order."""
    digest = hashlib.sha256()
    for e in examples:
        line = json.dumps([e.corpus, e.id, e.text, sorted(map(repr, e.labels.items()))])
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:16]


def training_record(
    material: Material,
    recipe: Recipe,
    encoder: str,
    *,
    file: str = "",
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The facts of a training run, as JSON-ready values.

    ``file`` is the name of the recipe's file. ``before`` is the record of the model that went on
    learning, if it was no bare encoder.
    """
    uses = {"train": material.train, "held out": material.heldout, **material.apart}
    corpora = sorted({e.corpus for examples in uses.values() for e in examples})
    return {
        "library": __version__,
        "encoder": encoder,
        **({"recipe_file": file} if file else {}),
        "recipe": asdict(recipe),
        **({"teacher": material.teacher} if material.teacher else {}),
        "sentences": {
            use: {c: sum(e.corpus == c for e in examples) for c in corpora}
            for use, examples in uses.items()
        },
        "hashes": {use: examples_hash(examples) for use, examples in uses.items()},
        "near_duplicates_dropped": material.dropped,
        "reported_on": {use: len(examples) for use, examples in material.reported.items()},
        "corpora": {
            c: {k: getattr(CORPORA[c], k) for k in ("licence", "citation", "note")}
            for c in corpora
            if c in CORPORA
        },
        **({"before": dict(before)} if before else {}),
    }


def read_record(folder: Path) -> dict[str, Any]:
    """The record in a model folder.

    Raises
    ------
    FileNotFoundError
        if the folder has none.
    """
    path = folder / RECORD
    if not path.is_file():
        raise FileNotFoundError(f"{folder} has no {RECORD}: it was not made by framing-train build")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
