"""The subcommands of ``framing-train``, a module each."""

from __future__ import annotations
