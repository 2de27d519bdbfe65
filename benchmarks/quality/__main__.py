"""Measures quality on data that was not trained on, and prints and keeps the table.

    python -m benchmarks.quality --data DIR --encoder DIR [--size base] [--only babe spans ...]

The folds of BABE start from the first stage of the size's recipe. It is trained into ``--work``
unless it is there already, and so is every fold. Where a recipe is for a student, its teacher must
not have seen BABE either (``framing-train build --until``). Results are kept section by section,
those of ``framing-small`` in ``quality.json`` and of ``framing-base`` in ``quality-base.json``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path

from benchmarks.quality.articles import article_rows
from benchmarks.quality.documents import document_rows
from benchmarks.quality.frames import frame_rows
from benchmarks.quality.loaded import CUTS, babe_rows, span_rows, transfer_rows
from benchmarks.quality.sourcing import polnear_rows
from framing.files import write_atomically
from framing.scorer import Scorer
from training.assemble import Material, assemble
from training.commands.lessons import add_lesson_options, lessons_of
from training.quality import Row, markdown, results_name
from training.recipe import RECIPES, Recipe

RESULTS = Path(__file__).resolve().parents[1] / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.quality")
    parser.add_argument("--data", type=Path, required=True, help="the root of the corpora")
    parser.add_argument("--encoder", type=Path, help="the pretrained encoder, for the folds")
    parser.add_argument("--size", choices=("small", "base"), default="small", help="which model")
    parser.add_argument("--model", help="a folder to measure in place of the shipped model")
    parser.add_argument("--work", type=Path, help="for checkpoints and folds; runs/SIZE")
    parser.add_argument(
        "--cuts", nargs="+", choices=CUTS, default=list(CUTS), help="how BABE is cut into folds"
    )
    add_lesson_options(parser)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="measure some sections again")
    options = parser.parse_args()
    if options.encoder is None and (options.only is None or {"babe", "frames"} & set(options.only)):
        parser.error("--encoder is needed for the folds of babe and frames")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    size = options.size
    work = options.work or Path("runs") / size
    results = RESULTS / results_name(size)
    kept = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {}
    recipe = Recipe.load(RECIPES / f"{size}.toml")

    @cache
    def material() -> Material:
        return assemble(options.data, seed=recipe.seed, apart=recipe.apart)

    @cache
    def lessons() -> Material:
        return lessons_of(options, material(), recipe, work)

    @cache
    def scorer() -> Scorer:
        return Scorer(options.model or size)

    measure: dict[str, Callable[[], list[Row]]] = {
        "babe": lambda: babe_rows(
            lessons(),
            recipe,
            Recipe.load(RECIPES / f"{size}-babe.toml"),
            options.encoder,
            work,
            options.cuts,
        ),
        "spans": lambda: span_rows(
            scorer().engine, material().reported["semeval2023/test"], options.data
        ),
        "polnear": lambda: polnear_rows(scorer().engine, material().reported["polnear/dev"]),
        "documents": lambda: document_rows(scorer().engine, options.data),
        "frames": lambda: frame_rows(
            options.data, Recipe.load(RECIPES / f"{size}-frames.toml"), options.encoder, work
        ),
        "articles": lambda: article_rows(scorer().engine, material(), options.data),
        "transfer": lambda: transfer_rows(scorer().engine, material().reported["basil/train"]),
    }
    for name in options.only or SECTIONS:
        rows = measure[name]()
        print(f"\n## {name}\n\n{markdown(rows)}", flush=True)
        if name == "babe":  # cuts that are not measured this time stay as they were
            now = {r.data for r in rows}
            rows = [r for r in map(Row.from_dict, kept.get(name, ())) if r.data not in now] + rows
        kept[name] = [r.to_dict() for r in rows]
        if name not in ("babe", "frames"):
            kept["model"] = scorer().model.to_dict()
        RESULTS.mkdir(parents=True, exist_ok=True)
        write_atomically(results, json.dumps(kept, indent=1) + "\n")


SECTIONS = ("babe", "spans", "polnear", "documents", "frames", "articles", "transfer")

if __name__ == "__main__":
    main()
