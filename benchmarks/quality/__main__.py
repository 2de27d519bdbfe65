"""Measures quality on data that was not trained on, and prints and keeps the table.

    python -m benchmarks.quality --data DIR --encoder DIR [--only babe spans ...]

The folds of BABE start from the first stage of the recipe, which is trained into ``--work``
unless it is there already; every fold's predictions are kept there too.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.quality.documents import document_rows
from benchmarks.quality.frames import frame_rows
from benchmarks.quality.loaded import babe_rows, span_rows, transfer_rows
from benchmarks.quality.sourcing import polnear_rows
from framing.scorer import Scorer
from training.assemble import Material, assemble
from training.quality import Row, markdown
from training.recipe import RECIPES, Recipe

RESULTS = Path(__file__).resolve().parents[1] / "results" / "quality.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.quality")
    parser.add_argument("--data", type=Path, required=True, help="the root of the corpora")
    parser.add_argument("--encoder", type=Path, help="the pretrained encoder, for the folds")
    parser.add_argument("--model", default="small", help="the model that is measured as shipped")
    parser.add_argument("--work", type=Path, default=Path("runs/small"))
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="measure some sections again")
    options = parser.parse_args()
    if options.encoder is None and (options.only is None or {"babe", "frames"} & set(options.only)):
        parser.error("--encoder is needed for the folds of babe and frames")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    small = Recipe.load(RECIPES / "small.toml")

    @cache
    def material() -> Material:
        return assemble(options.data, seed=small.seed, apart=small.apart)

    @cache
    def scorer() -> Scorer:
        return Scorer(options.model)

    measure: dict[str, Callable[[], list[Row]]] = {
        "babe": lambda: babe_rows(
            material(), small, Recipe.load(RECIPES / "babe.toml"), options.encoder, options.work
        ),
        "spans": lambda: span_rows(
            scorer().engine, material().reported["semeval2023/test"], options.data
        ),
        "polnear": lambda: polnear_rows(scorer().engine, material().reported["polnear/dev"]),
        "documents": lambda: document_rows(scorer().engine, options.data),
        "frames": lambda: frame_rows(
            options.data, Recipe.load(RECIPES / "frames.toml"), options.encoder, options.work
        ),
        "transfer": lambda: transfer_rows(scorer().engine, material().reported["basil/train"]),
    }
    for name in options.only or SECTIONS:
        rows = measure[name]()
        print(f"\n## {name}\n\n{markdown(rows)}", flush=True)
        kept[name] = [r.to_dict() for r in rows]
        if name not in ("babe", "frames"):
            kept["model"] = scorer().model.to_dict()
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


SECTIONS = ("babe", "spans", "polnear", "documents", "frames", "transfer")

if __name__ == "__main__":
    main()
