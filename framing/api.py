"""The front door: one function, and the scorers that it keeps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, overload

from framing.results import DocumentScore, SentenceScore
from framing.scorer import Scorer


@lru_cache(maxsize=2)
def _scorer(model: str, device: str) -> Scorer:
    return Scorer(model, device=device)


@overload
def score(  # type: ignore[overload-overlap]  # a str is an iterable of str, too
    text: str, *, split: Literal[True] = True, model: str = "small", device: str = "auto"
) -> DocumentScore: ...
@overload
def score(  # type: ignore[overload-overlap]
    text: str, *, split: Literal[False], model: str = "small", device: str = "auto"
) -> SentenceScore: ...
@overload
def score(
    text: Iterable[str], *, split: Literal[True] = True, model: str = "small", device: str = "auto"
) -> list[DocumentScore]: ...
@overload
def score(
    text: Iterable[str], *, split: Literal[False], model: str = "small", device: str = "auto"
) -> list[SentenceScore]: ...


def score(
    text: str | Iterable[str], *, split: bool = True, model: str = "small", device: str = "auto"
) -> DocumentScore | SentenceScore | list[DocumentScore] | list[SentenceScore]:
    """Scores one text or a list of texts with a model that stays loaded between calls.

    Parameters
    ----------
    text, split : see :meth:`framing.Scorer.score`.
    model, device : see :class:`framing.Scorer`.

    Returns
    -------
    A ``DocumentScore`` a text, or with ``split=False`` a ``SentenceScore`` a text.
    """
    return _scorer(str(model), device).score(text, split=split)
