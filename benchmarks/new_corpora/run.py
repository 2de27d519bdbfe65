"""What a system said of a test part, beside what people said: made once, then read from disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """The labels that a system gave to test sentences after one training.

    Parameters
    ----------
    ids, groups : of each sentence.
    gold, given : bool [sentences, classes]; a binary task has two classes, its label's absence
        first.
    seconds : what training, choosing the method, and labelling the sentences took.
    about : how the labels came about, as JSON-ready values.
    """

    ids: NDArray[np.str_]
    groups: NDArray[np.str_]
    gold: NDArray[np.bool_]
    given: NDArray[np.bool_]
    seconds: float
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.gold.shape == self.given.shape == (len(self.ids), self.gold.shape[1]):
            raise ValueError(f"{len(self.ids)} rows, {self.gold.shape} and {self.given.shape}")

    @property
    def counts(self) -> NDArray[np.int64]:
        """(True positives, given, gold), int [sentences, classes, 3]."""
        return np.stack([self.gold & self.given, self.given, self.gold], axis=2).astype(np.int64)

    def save(self, path: Path) -> None:
        """Writes it, all of it or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.npz")
        try:
            np.savez(
                part,
                ids=self.ids,
                groups=self.groups,
                gold=self.gold,
                given=self.given,
                about=json.dumps({**self.about, "seconds": self.seconds}),
            )
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Run:
        """The inverse of :meth:`save`."""
        with np.load(path, allow_pickle=False) as found:
            about = json.loads(str(found["about"]))
            arrays = {k: found[k] for k in ("ids", "groups", "gold", "given")}
        return cls(**arrays, seconds=about.pop("seconds"), about=about)


def kept(
    folder: Path,
    names: Sequence[str],
    facts: Mapping[str, Any],
    make: Callable[[Path], Sequence[Run]],
) -> list[Run]:
    """Runs that belong together: from ``folder`` if all are there, else made and kept there.

    Parameters
    ----------
    names : one a run.
    facts : what the runs depend on; runs of other facts are made anew, under another name. The
        code is not among them: after a change of it, give another folder.
    make : is given a folder for what it needs on the way.
    """
    mark = digest(facts)
    paths = [folder / f"{name}-{mark}.npz" for name in names]
    if not all(path.is_file() for path in paths):
        for run, path in zip(make(folder / f"{names[0]}-{mark}"), paths, strict=True):
            run.save(path)
    return [Run.load(path) for path in paths]


def digest(facts: Any) -> str:
    """Twelve hexadecimal digits for JSON-ready values, the same ones for the same values."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]
