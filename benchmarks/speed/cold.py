"""From a cold process to the first score, step by step, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.speed.ours import ours_name, scorer_options
from benchmarks.speed.subject import Subject

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The minister slammed the reckless bill on Monday."

CLOCK = """
import json, sys, time
marks, last = {}, time.perf_counter()
def mark(name):
    global last
    now = time.perf_counter()
    marks[name], last = now - last, now
"""
FRAMING = """
import framing
mark("import framing")
early = "torch" in sys.modules
import torch
mark("import torch")
from framing.scorer import Scorer
mark("import transformers and the rest")
scorer = Scorer(sys.argv[1], device=sys.argv[2], **json.loads(sys.argv[4]))
mark("load the model")
scorer.score(sys.argv[3])
mark("first score")
scorer.score(sys.argv[3])
mark("second score")
print(json.dumps({"steps": marks, "torch_with_framing": early}))
"""
PIPELINE = """
import torch
mark("import torch")
from transformers import pipeline
mark("import transformers and the rest")
pipe = pipeline("text-classification", model=sys.argv[1], device=sys.argv[2])
mark("load the model")
pipe(sys.argv[3])
mark("first score")
pipe(sys.argv[3])
mark("second score")
print(json.dumps({"steps": marks}))
"""


def cold_start(
    subject: Subject, classifier: Path, *, backends: Sequence[str | None], rounds: int
) -> list[dict[str, Any]]:
    """Seconds by step, the median of ``rounds`` processes in turn; files are in the page cache.

    ``whole`` is the life of the process, interpreter and all. ``classifier`` is a folder that
    ``transformers.pipeline`` loads.
    """
    runs = [(ours_name(b), FRAMING, subject.folder, scorer_options(b)) for b in backends]
    runs.append(("pipeline", PIPELINE, classifier, {}))
    said: dict[str, list[dict[str, Any]]] = {name: [] for name, *_ in runs}
    for _ in range(rounds):
        for name, script, folder, options in runs:
            said[name].append(in_process(script, folder, subject.device, options))
    return [
        {
            "system": name,
            "rounds": rounds,
            "whole_s": median([r["whole_s"] for r in found]),
            "torch_with_framing": any(r.get("torch_with_framing", False) for r in found),
            "steps_s": {
                step: median([r["steps"][step] for r in found]) for step in found[0]["steps"]
            },
        }
        for name, found in said.items()
    ]


def in_process(script: str, folder: Path, device: str, options: dict[str, str]) -> dict[str, Any]:
    """Runs a script in a process of its own and reads the JSON of its last line."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CLOCK + script, str(folder), device, TEXT, json.dumps(options)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    whole = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"a cold start failed:\n{done.stderr[-2000:]}")
    return {**json.loads(done.stdout.splitlines()[-1]), "whole_s": whole}
