"""Retrains on corpora that no shipped model was made from, and prints and keeps the tables.

    python -m benchmarks.new_corpora --data DIR --encoder DIR [--only gvfc ccf few kept]

What was labelled after each training is kept in ``--work``, so that a run that was stopped goes on.
``few`` needs SetFit: pip install "framing-score[bench]". ``kept`` tells whether a new task spoils
the old ones of ``--start``, and needs no encoder.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.new_corpora import ccf, few, folds, gvfc, kept, setfit_peer
from benchmarks.new_corpora.change import change_markdown
from benchmarks.new_corpora.contest import contest_markdown
from benchmarks.new_corpora.versions import OWN, versions
from framing.files import read_text, write_atomically
from framing.hub import weights_hash
from training.method import METHODS
from training.quality import markdown
from training.start import start_folder
from training.unlabelled import unlabelled

RESULTS = Path(__file__).resolve().parents[1] / "results" / "new_corpora.json"
SECTIONS = ("gvfc", "ccf", "few", "kept")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.new_corpora",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="the root of the corpora")
    parser.add_argument("--encoder", type=Path, help="the pretrained encoder")
    parser.add_argument("--start", default="small", help="the model of gvfc and kept")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="measure some sections again")
    parser.add_argument("--work", type=Path, default=Path("runs/new_corpora"))
    parser.add_argument("--out", type=Path, default=RESULTS, help="the JSON file of results")
    parser.add_argument("--method", default="auto", choices=("auto", *METHODS), help="gvfc, ccf")
    parser.add_argument("--folds", type=int, default=5, choices=range(1, 6), help="gvfc, ccf")
    parser.add_argument("--seeds", type=int, default=5, help="few: draws of each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200], help="few: labels")
    parser.add_argument("--corpora", nargs="+", choices=few.SOURCES, default=list(few.SOURCES))
    parser.add_argument("--steps", type=int, default=200, help="few: the most steps of SetFit")
    parser.add_argument(
        "--text",
        nargs="+",
        default=[],
        metavar="FILE",
        help="kept: texts to keep old tasks by, too",
    )
    options = parser.parse_args()
    wanted = options.only or SECTIONS
    if options.encoder is None and set(wanted) != {"kept"}:
        parser.error("--encoder is needed for gvfc, ccf and few")
    if "few" in wanted:
        setfit_peer.require_setfit()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    results = json.loads(options.out.read_text(encoding="utf-8")) if options.out.is_file() else {}
    for name in wanted:
        began = time.perf_counter()
        found, table = measured(name, options)
        found["seconds_of_this_run"] = time.perf_counter() - began
        print(f"\n## {name}\n\n{table}", flush=True)
        results[name] = {"made_with": made_with(), **found}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(options.out, json.dumps(results, indent=1) + "\n")


def measured(name: str, options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The results of a section as JSON-ready values, and as a Markdown table."""
    if name == "kept":
        return kept_measured(options)
    encoder = start_folder(options.encoder)
    if name == "few":
        contests = few.few_contests(
            options.data,
            encoder,
            options.work,
            corpora=options.corpora,
            sizes=options.sizes,
            seeds=options.seeds,
            steps=options.steps,
        )
        settings = {
            "encoder": {"name": encoder.name, "weights": weights_hash(encoder)},
            "seeds": options.seeds,
            "setfit_most_steps": options.steps,
            "setfit_batch": setfit_peer.BATCH,
        }
        rows = [c.to_dict() for c in contests]
        return {"settings": settings, "contests": rows}, contest_markdown(contests)
    starts = {f"encoder {encoder.name}": encoder}
    if name == "gvfc":
        starts[f"model {Path(options.start).name}"] = start_folder(options.start)
    measure = folds.gvfc_rows if name == "gvfc" else folds.ccf_rows
    rows, made = measure(
        options.data, starts, options.work, folds=options.folds, method=options.method
    )
    settings = {
        "starts": {start: weights_hash(folder) for start, folder in starts.items()},
        "seed": folds.SEED,
        "method": options.method,
        "folds": f"{options.folds} of {gvfc.FOLDS if name == 'gvfc' else ccf.FOLDS}",
    }
    return {"settings": settings, "rows": [r.to_dict() for r in rows], "runs": made}, markdown(rows)


def kept_measured(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """As :func:`measured`, of the section ``kept``."""
    start = start_folder(options.start)
    texts = unlabelled((name, read_text(name)) for name in options.text)
    changes, made = kept.kept_changes(options.data, start, options.work, texts=texts)
    settings = {
        "start": {"name": start.name, "weights": weights_hash(start)},
        "seed": folds.SEED,
        "task": f"gvfc {kept.TASK}, published fold {kept.FOLD}",
        "margin": kept.MARGIN,
        "old_answers_on": "the headlines trained on"
        + (f"; with texts, also {len(options.text)} files of unlabelled text" if texts else ""),
    }
    rows = [c.to_dict() for c in changes]
    return {"settings": settings, "rows": rows, "runs": made}, change_markdown(changes)


def made_with() -> dict[str, Any]:
    """Versions and machine."""
    return {
        "python": platform.python_version(),
        **versions((*OWN, *setfit_peer.PACKAGES)),
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


if __name__ == "__main__":
    main()
