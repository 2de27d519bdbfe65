"""Names of what can run a model, and of the numbers that it can run in."""

from __future__ import annotations

from typing import Literal

Backend = Literal["auto", "torch", "onnx"]
Precision = Literal["auto", "float32", "float16", "bfloat16"]
