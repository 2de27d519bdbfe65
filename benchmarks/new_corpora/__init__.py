"""Retraining on corpora that no shipped model was made from, with all their labels or few."""

from __future__ import annotations
