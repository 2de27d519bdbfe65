"""Scores news prose for loaded language, sourcing and framing, sentence by sentence.

>>> import framing
>>> doc = framing.score("The senator slammed the reckless bill. It passed on Monday.")
>>> [s.loaded_language.label for s in doc.sentences]
[True, False]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framing._version import __version__

if TYPE_CHECKING:
    from framing.api import score
    from framing.archive.run import score_archive
    from framing.errors import FramingError, InputError, ModelError, OutputError, WorkerError
    from framing.results import DocumentScore, SentenceScore, Span
    from framing.scorer import Scorer

__all__ = [
    "DocumentScore",
    "FramingError",
    "InputError",
    "ModelError",
    "OutputError",
    "Scorer",
    "SentenceScore",
    "Span",
    "WorkerError",
    "__version__",
    "score",
    "score_archive",
]

_HOMES = {
    "DocumentScore": "framing.results",
    "FramingError": "framing.errors",
    "InputError": "framing.errors",
    "ModelError": "framing.errors",
    "OutputError": "framing.errors",
    "Scorer": "framing.scorer",
    "SentenceScore": "framing.results",
    "Span": "framing.results",
    "WorkerError": "framing.errors",
    "score": "framing.api",
    "score_archive": "framing.archive.run",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that ``import framing`` loads no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'framing' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
