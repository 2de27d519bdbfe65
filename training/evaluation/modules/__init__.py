"""Metrics for ``evaluate``, a script each; :func:`training.evaluation.load` gives them at once."""

from __future__ import annotations
