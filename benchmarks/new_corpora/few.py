"""Few labels: this library and SetFit, from the same encoder, on the same draws of sentences."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.new_corpora import ccf, checkthat, gvfc
from benchmarks.new_corpora.contest import Contest, Pair
from benchmarks.new_corpora.folds import CODEBOOKS
from benchmarks.new_corpora.framing_run import facts, only, run_framing
from benchmarks.new_corpora.measures import macro
from benchmarks.new_corpora.run import Run, kept
from benchmarks.new_corpora.setfit_peer import PACKAGES, encoder_body, run_setfit
from benchmarks.new_corpora.versions import versions
from training.codebook import Codebook
from training.duplicates import drop_near_duplicates
from training.example import Example

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A task of a corpus with a fixed test part, and the name of its measure."""

    task: str
    test: str
    read: Callable[[Path], Sequence[Example]]
    measure: str = "macro F1"


SOURCES = {
    "gvfc": Source(
        task="first_frame", test="published fold 0", read=lambda root: gvfc.read_fold(root, 0)
    ),
    "ccf": Source(
        task="climate_frames",
        test="fold 0 of 5 by article",
        read=lambda root: ccf.read_fold(root, 0),
        measure="mean F1 of 8 frames",
    ),
    "checkthat": Source(task="subjectivity", test="gold test of 2024", read=checkthat.read),
}


def few_contests(
    data_root: Path,
    encoder: Path,
    work: Path,
    *,
    corpora: Sequence[str],
    sizes: Sequence[int],
    seeds: int,
    steps: int,
) -> list[Contest]:
    """Trains both systems on the same sentences, one after the other, draw by draw.

    Sentences are drawn from what is not in the test part and does not nearly repeat a sentence of
    it. Which system goes first changes from draw to draw.
    """
    body = encoder_body(encoder, work / "few" / "setfit-encoder")
    contests = []
    for corpus in corpora:
        source = SOURCES[corpus]
        codebook = Codebook.load(CODEBOOKS / f"{corpus}.toml")
        examples = only(source.task, source.read(data_root))
        test = [e for e in examples if e.split == "test"]
        pool, _ = drop_near_duplicates([e for e in examples if e.split == "train"], test)
        for size in sizes:
            pairs = [
                _pair(codebook, source.task, draw(pool, size, seed), test, encoder, body,
                      work / "few" / corpus, steps=steps, seed=seed)
                for seed in range(seeds)
            ]  # fmt: skip
            contests.append(
                Contest(
                    corpus=corpus,
                    task=source.task,
                    measure=source.measure,
                    labels=size,
                    test=source.test,
                    test_sentences=len(test),
                    pairs=tuple(pairs),
                )
            )
    return contests


def draw(pool: Sequence[Example], size: int, seed: int) -> list[Example]:
    """``size`` sentences at random, the same ones for the same seed, in the order of the pool."""
    if size > len(pool):
        raise ValueError(f"{size} sentences cannot be drawn from {len(pool)}")
    rows = np.random.default_rng(seed).choice(len(pool), size=size, replace=False)
    return [replace(pool[i], split="train") for i in sorted(rows)]


def _pair(
    codebook: Codebook,
    task: str,
    train: Sequence[Example],
    test: Sequence[Example],
    encoder: Path,
    body: Path,
    work: Path,
    *,
    steps: int,
    seed: int,
) -> Pair:
    examples = [*train, *test]

    def ours(folder: Path) -> Run:
        return run_framing(codebook, task, examples, encoder, method="auto", seed=seed, work=folder)

    def theirs(folder: Path) -> Run:
        return run_setfit(
            body, codebook.task(task), train, test, steps=steps, seed=seed, work=folder
        )

    def make(folder: Path) -> list[Run]:
        log.info("%s, %d labels, seed %d", task, len(train), seed)
        if seed % 2:
            peer = theirs(folder)
            return [ours(folder), peer]
        own = ours(folder)
        return [own, theirs(folder)]

    known = facts(task, examples, encoder, method="auto", seed=seed)
    known |= {"setfit_steps": steps, "setfit": versions(PACKAGES)}
    name = f"{len(train)}-seed{seed}"
    own, peer = kept(work, [f"{name}-framing", f"{name}-setfit"], known, make)
    if set(own.ids) != set(peer.ids):
        raise ValueError(f"{task}: the systems labelled different sentences")
    return Pair(
        seed=seed,
        framing=macro(own.gold, own.counts),
        setfit=macro(peer.gold, peer.counts),
        framing_seconds=own.about["processor_seconds"],
        setfit_seconds=peer.about["processor_seconds"],
        method=own.about["method"],
        out_of_fold=own.about["out_of_fold"],
        setfit_steps=peer.about["steps"],
        setfit_steps_of_one_pass=peer.about["steps_of_one_pass"],
    )
