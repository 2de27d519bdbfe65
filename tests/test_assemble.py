"""What is trained on, fitted on and reported on never meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from training import assemble as module
from training.assemble import FITTED_ON, REPORTED_ON, TRAINED_ON, assemble
from training.duplicates import near_duplicates
from training.example import Example

LINES = (
    "the {0} council of {1} voted on a budget of {0} million for roads in {1}",
    "a judge in {1} heard case number {0} about a disputed bridge near {1}",
    "nurses at hospital {0} in {1} said that the wards were short of {0} staff",
)


def fake_corpus(name: str, root: Path, part: str = "train") -> list[Example]:
    """Forty documents of three sentences; in each corpus one sentence that all of them share."""
    prefix = "ptc" if name in ("ptc", "semeval2023") else name
    examples = []
    for document in range(40):
        for i, line in enumerate(LINES):
            text = line.format(document * 7 + i, f"{name}{part}town{document}")
            if document == 5 and i == 0:
                text = "every paper ran this very same agency line about the storm on friday"
            examples.append(
                Example(
                    text=text,
                    corpus=name,
                    id=f"{part}{document}.{i}",
                    group=f"{prefix}:{'' if prefix == 'ptc' else part}{document}",
                    labels={"loaded": 1.0},
                )
            )
    return examples


@pytest.fixture
def material(monkeypatch: pytest.MonkeyPatch) -> module.Material:
    monkeypatch.setattr(module, "read_corpus", fake_corpus)
    return assemble(Path("unused"), seed=3, apart=("babe",))


def test_no_group_is_on_two_sides(material: module.Material) -> None:
    train = {e.group for e in material.train}
    heldout = {e.group for e in material.heldout}
    reported = {e.group for examples in material.reported.values() for e in examples}
    assert train and heldout and reported
    assert not train & heldout and not train & reported and not heldout & reported


def test_an_article_of_two_corpora_is_on_one_side(material: module.Material) -> None:
    test = {e.group for e in material.reported["semeval2023/test"]}
    assert test and all(g.startswith("ptc:") for g in test)
    assert {e.corpus for e in material.train if e.group.startswith("ptc:")} == {
        "ptc",
        "semeval2023",
    }


def test_nothing_trained_on_repeats_what_is_reported_or_fitted_on(
    material: module.Material,
) -> None:
    reference = [e.text for e in material.heldout] + [
        e.text for examples in material.reported.values() for e in examples
    ]
    assert not near_duplicates([e.text for e in material.train], reference).any()
    assert sum(material.dropped.values()) > 0


def test_a_corpus_apart_is_in_no_other_use(material: module.Material) -> None:
    apart = material.apart["babe"]
    assert len(apart) == 120
    others = material.train + material.heldout
    assert "babe" not in {e.corpus for e in others}
    assert not near_duplicates([e.text for e in others], [e.text for e in apart]).any()


def test_thresholds_are_fitted_on_corpora_like_what_users_score(
    material: module.Material,
) -> None:
    assert {e.corpus for e in material.heldout} <= set(FITTED_ON)
    assert "anno_lexical" not in FITTED_ON


def test_what_is_reported_on_is_never_trained_on() -> None:
    assert not set(TRAINED_ON) & set(REPORTED_ON)


@pytest.mark.corpora
@pytest.mark.slow
def test_the_real_corpora_are_kept_apart(corpora_dir: Path) -> None:
    material = assemble(corpora_dir, seed=13, apart=("babe",))
    held = {e.group for e in material.heldout}
    reported = {e.group for examples in material.reported.values() for e in examples}
    train = {e.group for e in material.train}
    assert not train & held and not train & reported
    assert "basil" not in {e.corpus for e in material.train}
