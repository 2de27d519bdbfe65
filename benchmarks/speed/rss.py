"""How much memory a stretch of work takes at its peak."""

from __future__ import annotations

import ctypes
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import torch

MEGABYTE = 1e6
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(kw_only=True)
class Peak:
    """Megabytes (10^6 bytes): resident memory before the work and how much it grew at most, and
    what the work took of the GPU at most, the model included. None where it cannot be told."""

    before_mb: float | None = None
    growth_mb: float | None = None
    cuda_mb: float | None = None


@contextmanager
def peak_memory(device: str) -> Iterator[Peak]:
    """Measures what is done within it; the kernel keeps the peak, so that none is missed."""
    peak = Peak()
    gc.collect()
    with suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
    resettable = False
    with suppress(OSError):
        _RESET.write_text("5")  # the peak counts from now on
        resettable = True
    peak.before_mb = resident_mb("VmRSS")
    on_gpu = torch.device(device).type == "cuda"
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)
    try:
        yield peak
    finally:
        highest = resident_mb("VmHWM")
        if resettable and highest is not None and peak.before_mb is not None:
            peak.growth_mb = max(0.0, highest - peak.before_mb)
        if on_gpu:
            peak.cuda_mb = torch.cuda.max_memory_allocated(device) / MEGABYTE


def resident_mb(field: str) -> float | None:
    """``VmRSS``, what is resident now, or ``VmHWM``, the most that was; None but on Linux."""
    try:
        found = re.search(rf"^{field}:\s+(\d+) kB", _STATUS.read_text(encoding="utf-8"), re.M)
    except OSError:
        return None
    return int(found[1]) * 1024 / MEGABYTE if found else None
