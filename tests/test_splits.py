"""Splits by group."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.splits import grouped_folds, part_of

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def test_parts_are_fixed_for_all_time() -> None:
    # A change here moves articles between training and testing.
    groups = ["ptc:1", "ptc:2", "babe:a", "allsides:x", "basil:e", "polnear:n"]
    first = [part_of(group, seed=0, shares=SHARES) for group in groups]
    assert first == ["train", "train", "test", "dev", "train", "train"]


def test_parts_have_their_shares() -> None:
    parts = Counter(part_of(f"doc:{i}", seed=3, shares=SHARES) for i in range(20_000))
    for part, share in SHARES.items():
        assert parts[part] / 20_000 == pytest.approx(share, abs=0.01)


def test_another_seed_is_another_split() -> None:
    groups = [f"doc:{i}" for i in range(200)]
    one, two = ([part_of(g, seed=seed, shares=SHARES) for g in groups] for seed in (1, 2))
    assert one != two


@pytest.mark.parametrize("shares", [{}, {"train": 0.5}, {"train": 1.5, "dev": -0.5}])
def test_shares_add_up(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        part_of("doc:1", seed=0, shares=shares)


@given(st.text(), st.integers(0, 5))
def test_any_group_has_a_part(group: str, seed: int) -> None:
    assert part_of(group, seed=seed, shares={"a": 0.1, "b": 0.2, "c": 0.7}) in "abc"
    assert part_of(group, seed=seed, shares={"all": 1.0}) == "all"


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.integers(0, 3), st.data())
def test_a_group_is_in_one_fold(groups: list[str], seed: int, data: st.DataObject) -> None:
    if len(set(groups)) < 2:
        return
    k = data.draw(st.integers(2, len(set(groups))))
    folds = grouped_folds(groups, k, seed)
    assert folds.shape == (len(groups),)
    assert set(folds) == set(range(k))
    for group in set(groups):
        assert len({int(f) for f, g in zip(folds, groups, strict=True) if g == group}) == 1
    # No fold exceeds another by more than the largest group.
    sizes = np.bincount(folds, minlength=k)
    assert sizes.max() - sizes.min() <= max(Counter(groups).values())


def test_folds_depend_on_the_groups_and_not_on_their_order() -> None:
    groups = [f"g{i % 40}" for i in range(300)]
    by_group = dict(zip(groups, grouped_folds(groups, 5, 7), strict=True))
    backwards = dict(zip(groups[::-1], grouped_folds(groups[::-1], 5, 7), strict=True))
    assert by_group == backwards
    assert np.bincount(grouped_folds(groups, 5, 7)).tolist() == [60, 60, 60, 60, 60]
    assert by_group != dict(zip(groups, grouped_folds(groups, 5, 8), strict=True))


@pytest.mark.parametrize("k", [0, 1, 4])
def test_as_many_folds_as_groups_at_most(k: int) -> None:
    with pytest.raises(ValueError, match="3 groups"):
        grouped_folds(["a", "b", "c", "a"], k, 0)
