"""Robustness: what moves a score that should not, and what is missed that should be found."""

from __future__ import annotations
