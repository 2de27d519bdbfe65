"""Whether a task of one's own spoils the old ones: GVFC's frames added to a model that keeps all.

The old model and the new one label sentences that neither was trained on. What keeping costs the
new task is told by a model that was trained in the same way and keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.new_corpora import gvfc
from benchmarks.new_corpora.change import Change, changes_of
from benchmarks.new_corpora.folds import CODEBOOKS, SEED
from benchmarks.new_corpora.framing_run import facts, only
from benchmarks.new_corpora.run import digest
from benchmarks.new_corpora.unseen import unseen
from benchmarks.new_corpora.versions import versions
from framing.files import write_atomically
from framing.hub import weights_hash
from framing.scorer import Scorer
from training.build import save_model
from training.codebook import Codebook
from training.corpus import Corpus
from training.duplicates import drop_near_duplicates
from training.evaluation.compare import compare_models
from training.example import Example
from training.fit import fit, plan
from training.record import RECORD, examples_hash

log = logging.getLogger(__name__)
TASK = "all_frames"
FOLD = 0
MARGIN = 0.01


@dataclass(frozen=True, kw_only=True)
class Way:
    """A method, and the texts beside the corpus on which the old model's answers are taken."""

    method: str
    texts: tuple[Example, ...] = ()


def kept_changes(
    data_root: Path, start: Path, work: Path, *, texts: Sequence[Example] = ()
) -> tuple[list[Change], list[dict[str, Any]]]:
    """Old tasks before and after, and the new task alone and beside them; how models came about.

    Models and comparisons are kept in ``work``. Headlines that nearly repeat a sentence of the
    comparison are not trained on.

    Parameters
    ----------
    texts : unlabelled sentences, as ``framing-train fit --text`` takes them. Fine-tuning is
        measured with them, too; without them, the old model's answers that hold the kept tasks in
        place are taken on the headlines trained on alone.

    Raises
    ------
    ValueError
        see :func:`.unseen.unseen`.
    """
    sets = unseen(data_root, start)
    shown = [e for examples in sets.values() for e in examples]
    headlines = only(TASK, gvfc.read_fold(data_root, FOLD))
    test = [e for e in headlines if e.split == "test"]
    train, dropped = drop_near_duplicates([e for e in headlines if e.split == "train"], shown)
    free, dropped_texts = drop_near_duplicates(texts, [*shown, *test])
    repeats = {"repeat_what_is_compared_on": dropped | dropped_texts}
    ways = {"full": Way(method="full"), "heads": Way(method="heads")}
    if free:
        ways["full, with texts"] = Way(method="full", texts=tuple(free))
    folder = work / "kept" / start.name
    changes, made = [], []
    for name, way in ways.items():
        new, about = _trained([*train, *test], start, folder, way, keep=True)
        alone, about_alone = _trained([*train, *test], start, folder, way, keep=False)
        made += [{"way": name, **about, **repeats}, {"way": name, **about_alone, **repeats}]
        for data, examples in sets.items():
            changes += _compared(start, new, examples, folder, way=name, data=data)
        data = f"GVFC, published fold {FOLD}; before: alone, after: beside the old tasks"
        changes += _compared(alone, new, test, folder, way=name, data=data)
    return changes, made


def _trained(
    examples: Sequence[Example], start: Path, folder: Path, way: Way, *, keep: bool
) -> tuple[Path, dict[str, Any]]:
    """A model folder, as ``framing-train fit`` makes it, and how it came about."""
    texts = way.texts if keep else ()
    known = facts(TASK, examples, start, method=way.method, seed=SEED)
    known |= {"config": _config_hash(start), "keep": keep, "texts": examples_hash(texts)}
    out = folder / f"{way.method}-{'kept' if keep else 'alone'}-{digest(known)}"
    if not (out / RECORD).is_file():
        log.info("%s from %s", out.name, start.name)
        began = time.perf_counter()
        corpus = Corpus(codebook=Codebook.load(CODEBOOKS / "gvfc.toml"), examples=list(examples))
        planned = plan(corpus, start, keep=None if keep else (), method=way.method, seed=SEED)
        unfinished = out.with_name(f"{out.name}-work")
        fitted = fit(
            planned,
            corpus.codebook.tasks,
            start,
            work=unfinished,
            release=out.name,
            seed=SEED,
            rehearsal=texts,
        )
        about = {
            "method": fitted.method.name,
            "kept": list(planned.kept),
            "sentences": {part: len(getattr(planned, part)) for part in ("train", "dev", "test")},
            "old_answers_on": {"headlines": len(planned.train), "texts": len(texts)}
            if keep
            else {},
            "near_duplicates_dropped": planned.dropped,
            "seconds": time.perf_counter() - began,
        }
        save_model(fitted.model, start, out, {RECORD: json.dumps(about, indent=1) + "\n"})
        shutil.rmtree(unfinished, ignore_errors=True)
    about = json.loads((out / RECORD).read_text(encoding="utf-8"))
    return out, about


def _compared(
    old: Path, new: Path, examples: Sequence[Example], folder: Path, *, way: str, data: str
) -> list[Change]:
    models = [[weights_hash(m), _config_hash(m)] for m in (old, new)]
    known = [models, examples_hash(examples), MARGIN, way, data, versions()]
    path = folder / f"compared-{digest(known)}.json"
    if not path.is_file():
        log.info("%s: %s and %s on %s", way, old.name, new.name, data)
        found = compare_models(Scorer(old), Scorer(new), examples, margin=MARGIN)
        rows = [c.to_dict() for c in changes_of(found, examples, way=way, data=data)]
        write_atomically(path, json.dumps(rows, indent=1) + "\n")
    return [Change.from_dict(row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _config_hash(model: Path) -> str:
    """Of thresholds and calibration, which are not among the weights."""
    return hashlib.sha256((model / "config.json").read_bytes()).hexdigest()[:16]
