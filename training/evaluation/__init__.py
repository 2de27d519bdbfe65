"""Evaluation: metrics with intervals, folds, learning curves, and one model against another."""

from __future__ import annotations

from training.evaluation.metric import METRICS, load, module_path

__all__ = ["METRICS", "load", "module_path"]
