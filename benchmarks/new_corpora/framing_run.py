"""This library trained on a corpus with a test part, as ``framing-train fit`` does it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.new_corpora.run import Run
from benchmarks.new_corpora.versions import versions
from framing.hub import weights_hash
from training.codebook import Codebook
from training.corpus import Corpus
from training.evaluation.labels import SentenceResult
from training.example import Example
from training.fit import fit, plan
from training.method import METHODS
from training.record import examples_hash


def run_framing(
    codebook: Codebook,
    task: str,
    examples: Sequence[Example],
    start: Path,
    *,
    method: str,
    seed: int,
    work: Path,
) -> Run:
    """Trains a model of ``task`` alone on what is in ``split`` train, and labels the test part.

    From 1,000 sentences on, 15 % of the training part are cut off by group: epochs are chosen and
    thresholds fitted on those. With fewer, method and thresholds come from cross-validation within
    the training part. Near-duplicates of test sentences are left out of training.
    """
    began, processor = time.perf_counter(), time.process_time()
    corpus = Corpus(codebook=codebook, examples=only(task, examples))
    planned = plan(corpus, start, keep=(), method=method, seed=seed)
    fitted = fit(planned, codebook.tasks, start, work=work, release=codebook.name, seed=seed)
    shutil.rmtree(work, ignore_errors=True)
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    result = fitted.evaluation.tasks[task]
    if not isinstance(result, SentenceResult) or len(result) != len(planned.test):
        raise ValueError(f"task {task!r}: {len(planned.test)} test sentences to be labelled")
    return Run(
        ids=np.array(result.ids),
        groups=np.array(result.groups),
        gold=result.gold_classes,
        given=result.given_classes,
        seconds=seconds,
        about={
            "processor_seconds": processor,
            "method": fitted.method.name,
            "out_of_fold": fitted.scores,
            "sentences": {part: len(getattr(planned, part)) for part in ("train", "dev", "test")},
            "near_duplicates_dropped": planned.dropped,
        },
    )


def only(task: str, examples: Sequence[Example]) -> list[Example]:
    """The examples with the labels of one task alone."""
    return [replace(e, labels={task: e.labels[task]}) for e in examples]


def facts(
    task: str, examples: Sequence[Example], start: Path, *, method: str, seed: int
) -> dict[str, Any]:
    """What a run of :func:`run_framing` depends on."""
    return {
        "examples": examples_hash(only(task, examples)),
        "splits": [e.split for e in examples],
        "start": weights_hash(start),
        "methods": {n: asdict(m) for n, m in METHODS.items() if method in ("auto", n)},
        "method": method,
        "seed": seed,
        "versions": versions(),
    }
