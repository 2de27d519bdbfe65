"""Where and with what a measurement was made."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

import torch

from benchmarks.new_corpora.versions import versions

PACKAGES = ("numpy", "torch", "transformers", "tokenizers", "sentencex", "sentence-transformers")
PACKAGES += ("onnxruntime", "openvino", "onnx")
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd")
"""Processor features that decide which dtypes are fast."""


def made_with(device: str) -> dict[str, Any]:
    """Code, versions and hardware."""
    return {
        "git": git_state(),
        "python": platform.python_version(),
        **versions(PACKAGES),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        **processor(),
        "torch_threads": torch.get_num_threads(),
        "gpu": gpu(device),
    }


def load() -> list[float] | None:
    """The load averages of the machine over 1, 5 and 15 minutes."""
    try:
        return [round(x, 2) for x in os.getloadavg()]
    except (AttributeError, OSError):
        return None


def git_state() -> str | None:
    """The hash of the commit, and whether the code differs from it; None outside a checkout."""
    root = Path(__file__).resolve().parents[2]

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "framing", "benchmarks/speed", "models")
        return git("rev-parse", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def processor() -> dict[str, Any]:
    """Its name, its features that matter, the cores that may be used, and the memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: dict[str, Any] = {"processor": platform.processor() or "unknown", "cores": cores}
    info, memory = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if info.is_file():
        text = info.read_text(encoding="utf-8")
        name = re.search(r"^model name\s*: (.*)$", text, re.M)
        flags = re.search(r"^(?:flags|Features)\s*: (.*)$", text, re.M)
        found["processor"] = name[1] if name else found["processor"]
        found["features"] = [f for f in FEATURES if flags and f in flags[1].split()]
    if memory.is_file():
        total = re.search(r"^MemTotal:\s+(\d+) kB", memory.read_text(encoding="utf-8"), re.M)
        found["memory_gb"] = round(int(total[1]) * 1024 / 1e9, 1) if total else None
    return found


def gpu(device: str) -> dict[str, Any] | None:
    """The GPU that was measured on; None where it was a CPU."""
    if torch.device(device).type != "cuda":
        return None
    facts = torch.cuda.get_device_properties(device)
    return {
        "name": facts.name,
        "memory_gb": round(facts.total_memory / 1e9, 1),
        "cuda": torch.version.cuda,
        "multiprocessors": facts.multi_processor_count,
    }
