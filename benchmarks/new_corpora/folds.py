"""All labels: GVFC in its published folds, CCF in folds of articles."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.new_corpora import ccf, gvfc
from benchmarks.new_corpora.framing_run import facts, run_framing
from benchmarks.new_corpora.measures import exact, macro, mean_over_folds, micro, pooled
from benchmarks.new_corpora.run import Run, kept
from training.codebook import Codebook
from training.example import Example
from training.quality import Row

log = logging.getLogger(__name__)
SEED = 13
CODEBOOKS = Path(__file__).resolve().parent / "codebooks"

_GVFC_MEASURES = {
    "first_frame": {"macro F1": (macro, ".77"), "accuracy": (micro, ".83")},
    "all_frames": {
        "macro F1": (macro, ".76"),
        "micro F1": (micro, ".82"),
        "exact match": (exact, ".72"),
    },
}
"""With the figures of BERT-base in Akyürek et al. 2020, Table 1: means over the same folds."""
_CCF_PUBLISHED = {
    "science": ".81", "economy": ".76", "politics": ".76", "environment": ".75",
    "justice": ".71", "security": ".68", "culture": ".65", "health": ".63",
}  # fmt: skip

ReadFold = Callable[[Path, int], Sequence[Example]]


def gvfc_rows(
    data_root: Path, starts: Mapping[str, Path], work: Path, *, folds: int, method: str
) -> tuple[list[Row], list[dict[str, Any]]]:
    """Both protocols of GVFC from each start: the rows, and how each fold came about.

    A model is trained for each protocol on its own, as the published ones were.
    """
    rows, made = [], []
    for name, start in starts.items():
        for task, measures in _GVFC_MEASURES.items():
            runs, told = _runs(
                gvfc.read_fold, data_root, "gvfc", task, name, start, work, folds, method
            )
            made += told
            data = f"GVFC {task}, {_published(folds)}, from {name}"
            for measure, (metric, published) in measures.items():
                rows.append(
                    Row(
                        data=data,
                        measure=f"{measure}, mean over folds",
                        estimate=mean_over_folds(metric, runs),
                        beside=f"BERT-base {published}; its dev files are the test files",
                    )
                )
                rows.append(
                    Row(data=data, measure=f"{measure}, pooled", estimate=pooled(metric, runs))
                )
    return rows, made


def ccf_rows(
    data_root: Path, starts: Mapping[str, Path], work: Path, *, folds: int, method: str
) -> tuple[list[Row], list[dict[str, Any]]]:
    """CCF in folds of articles from each start: the rows, and how each fold came about."""
    rows, made = [], []
    task = Codebook.load(CODEBOOKS / "ccf.toml").task("climate_frames")
    for name, start in starts.items():
        runs, told = _runs(
            ccf.read_fold, data_root, "ccf", task.name, name, start, work, folds, method
        )
        made += told
        data = f"CCF in English, {folds} of {ccf.FOLDS} folds by article, from {name}"
        for measure, metric in (("mean F1 of 8", macro), ("micro F1", micro)):
            rows.append(Row(data=data, measure=measure, estimate=pooled(metric, runs)))
        for frame, published in _CCF_PUBLISHED.items():
            estimate = pooled(macro, runs, task.labels.index(frame))
            beside = f"BERT {published}, on another test set"
            rows.append(Row(data=data, measure=f"{frame}, F1", estimate=estimate, beside=beside))
    return rows, made


def _runs(
    read_fold: ReadFold,
    data_root: Path,
    corpus: str,
    task: str,
    name: str,
    start: Path,
    work: Path,
    folds: int,
    method: str,
) -> tuple[list[Run], list[dict[str, Any]]]:
    codebook = Codebook.load(CODEBOOKS / f"{corpus}.toml")
    runs, made = [], []
    for fold in range(folds):
        examples = read_fold(data_root, fold)

        def make(
            folder: Path, examples: Sequence[Example] = examples, fold: int = fold
        ) -> list[Run]:
            log.info("%s %s from %s, fold %d", corpus, task, name, fold)
            return [
                run_framing(codebook, task, examples, start, method=method, seed=SEED, work=folder)
            ]

        (run,) = kept(
            work / corpus / name.replace(" ", "-"),
            [f"{task}-fold{fold}"],
            facts(task, examples, start, method=method, seed=SEED),
            make,
        )
        runs.append(run)
        made.append(
            {"start": name, "task": task, "fold": fold, "seconds": run.seconds, **run.about}
        )
    return runs, made


def _published(folds: int) -> str:
    every = folds == gvfc.FOLDS
    return "the 5 published folds" if every else f"{folds} of the 5 published folds"
