"""Labelled sentences that a model of ``framing-train build`` was neither trained nor fitted on."""

from __future__ import annotations

from pathlib import Path

from framing.taxonomy import FRAMING
from training.assemble import Material, assemble
from training.corpora import read_corpus
from training.duplicates import drop_near_duplicates
from training.example import Example
from training.record import RECORD, examples_hash, read_record


def unseen(data_root: Path, model: Path) -> dict[str, list[Example]]:
    """The sentences, by a name for tables.

    PolNeAR dev, documents/dev and the articles of SemEval-2023 are kept apart by
    :func:`training.assemble.assemble`. Frames have no such set, but most in-house sentences from
    BASIL and from those articles were left out of training as near-duplicates: what shares no
    group and no near-duplicate with anything that was used.

    Raises
    ------
    ValueError
        if, by its record, the model was not made from what lies under the data root, for then
        nobody can tell what it has seen.
    FileNotFoundError
        if it has no record.
    """
    record = read_record(model)
    recipe = record.get("recipe", {})
    material = None
    if "seed" in recipe:
        material = assemble(data_root, seed=recipe["seed"], apart=recipe.get("apart", ()))
    if material is None or _hashes(material) != record.get("hashes"):
        raise ValueError(
            f"{model / RECORD}: framing-train build did not make this model from what lies under "
            f"{data_root} now, so what it has not seen cannot be told; give the corpora that it "
            "was made from, or start from a model that was made from these"
        )
    reported = material.reported
    return {
        "PolNeAR dev": reported["polnear/dev"],
        "documents/dev": reported["documents/dev"],
        "SemEval-2023 T3, articles kept apart": reported["semeval2023/test"],
        "in-house frames, never used": _frames(data_root, material),
    }


def _frames(data_root: Path, material: Material) -> list[Example]:
    used = [e for examples in _uses(material).values() for e in examples]
    groups = {e.group for e in used}
    rest = [e for e in read_corpus("inhouse_frames", data_root) if e.group not in groups]
    left, _ = drop_near_duplicates([e for e in rest if FRAMING in e.labels], used)
    return left


def _uses(material: Material) -> dict[str, list[Example]]:
    return {"train": material.train, "held out": material.heldout, **material.apart}


def _hashes(material: Material) -> dict[str, str]:
    return {use: examples_hash(examples) for use, examples in _uses(material).items()}
