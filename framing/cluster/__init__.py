"""Scoring on many machines: Ray data sets, and the parts of an archive on Ray actors."""

from __future__ import annotations

from framing.cluster.dataset import score_dataset
from framing.cluster.engine import RayEngine

__all__ = ["RayEngine", "score_dataset"]
