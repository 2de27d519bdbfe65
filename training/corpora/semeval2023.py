"""SemEval-2023 Task 3, subtask 3, English (Piskorski et al. 2023): technique spans re-done.

The training articles, 536; the 54 development articles come without labels and are left out. The
labels and the group are told in :mod:`training.corpora.techniques`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.corpora.techniques import read_articles
from training.example import Example

__all__ = ["read"]


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences article by article; there is one part."""
    return read_articles(
        folder / f"{part}-articles-subtask-3",
        folder / f"{part}-labels-subtask-3-spans.txt",
        corpus="semeval2023",
        name_calling="Name_Calling-Labeling",
    )
