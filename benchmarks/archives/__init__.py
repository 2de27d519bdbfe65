"""What archives promise, measured: nothing lost or doubled under kill -9, in little more memory and
time than the scoring itself."""

from __future__ import annotations
