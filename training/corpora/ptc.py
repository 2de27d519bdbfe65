"""PTC version 2 (Da San Martino et al. 2019; SemEval-2020 Task 11): the first technique spans.

The articles are those of SemEval-2023 Task 3 with other labels, and share their group; the labels
of the 90 test articles are withheld, so they are left out. The labels and the group are told in
:mod:`training.corpora.techniques`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.corpora.techniques import read_articles
from training.example import Example

__all__ = ["read"]


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences of `part`, article by article."""
    return read_articles(
        folder / f"{part}-articles",
        folder / f"{part}-task-flc-tc.labels",
        corpus="ptc",
        name_calling="Name_Calling,Labeling",
    )
