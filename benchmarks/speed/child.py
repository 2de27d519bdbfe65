"""Texts streamed through the library in a process of its own, so that its memory is its own.

python -m benchmarks.speed.child '{"folder": ..., "device": "cpu", "texts": 1000}'
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WARM = 256


def streamed(
    folder: Path, *, device: str, texts: int, backend: str | None, threads: int | None
) -> dict[str, Any]:
    """Seconds and memory of ``texts`` news sentences through ``Scorer.stream``, a text each.

    The process makes each text as it is asked for and drops each result. Memory is what is added
    to the loaded and warmed-up model. ``making_s`` of ``seconds`` went into making the texts.
    """
    given = {"folder": str(folder), "device": device, "texts": texts}
    given |= {"backend": backend, "threads": threads}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed.child", json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise RuntimeError(f"streaming {texts:,} texts failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    given = json.loads(sys.argv[1])

    import torch

    from benchmarks.speed.ours import scorer_options
    from benchmarks.speed.rss import peak_memory
    from benchmarks.speed.scenarios import stream
    from framing.scorer import Scorer

    if given["threads"] is not None:
        torch.set_num_threads(given["threads"])
    scorer = Scorer(given["folder"], device=given["device"], **scorer_options(given["backend"]))
    scorer.score([part[0] for part in stream("news", WARM, seed=1)])
    tried = min(given["texts"], 20_000)
    began = time.perf_counter()
    for _ in stream("news", tried, seed=1):
        pass
    making = (time.perf_counter() - began) / tried * given["texts"]
    with peak_memory(given["device"]) as peak:
        began = time.perf_counter()
        count = sum(1 for _ in scorer.stream(part[0] for part in stream("news", given["texts"])))
        seconds = time.perf_counter() - began
    if count != given["texts"]:
        raise SystemExit(f"{given['texts']:,} texts went in and {count:,} results came out")
    print(
        json.dumps(
            {
                "texts": count,
                "seconds": seconds,
                "making_s": making,
                "loaded_mb": peak.before_mb,
                "growth_mb": peak.growth_mb,
                "cuda_mb": peak.cuda_mb,
            }
        )
    )


if __name__ == "__main__":
    main()
