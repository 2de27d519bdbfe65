"""How fast the library is beside what a user would otherwise pick, on a CPU or a GPU."""

from __future__ import annotations
