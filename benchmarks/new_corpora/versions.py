"""Which versions of which packages a result comes from."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from framing._version import __version__

OWN = ("numpy", "scikit-learn", "torch", "transformers")


def versions(packages: Sequence[str] = OWN) -> dict[str, str | None]:
    """By package, this library's own first; None for one that is not installed."""
    found: dict[str, str | None] = {"framing": __version__}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found
