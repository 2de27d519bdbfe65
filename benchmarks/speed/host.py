"""Where the library's time goes: splitting, tokenising, preparing, the model, finishing."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from benchmarks.speed.ours import STEPS, scorer, token_lengths, watched
from benchmarks.speed.scenarios import sample
from benchmarks.speed.subject import Subject
from framing.sentences import sentence_spans

SEED = 2


def host_time(subject: Subject, *, backend: str | None, size: int, rounds: int) -> dict[str, Any]:
    """Seconds for ``size`` news sentences in one call, by step, the median of ``rounds``.

    ``split`` is measured on its own, on one core.
    """
    made = scorer(subject, backend)
    texts = sample("news", size * (rounds + 1), seed=SEED).chunks(size)
    made.score(texts[0].texts)
    walls, steps = [], []
    for part in texts[1:]:  # each on texts of its own, as words that were met are remembered
        with watched(made) as seconds:
            began = time.perf_counter()
            made.score(part.texts)
            walls.append(time.perf_counter() - began)
        steps.append(dict(seconds))
    lengths = token_lengths(subject, texts[-1])
    began = time.perf_counter()
    for text in texts[-1].texts:
        sentence_spans(text)
    split = time.perf_counter() - began
    found = {name: median([s[name] for s in steps]) for name in STEPS}
    flops = subject.flops(lengths)
    return {
        "backend": backend,
        "sentences": size,
        "tokens": int(lengths.sum()),
        "wall_s": median(walls),
        "split_s": split,
        "steps_s": found,
        "flops": flops,
        "forward_flops_per_s": flops / found["forward"],
    }
