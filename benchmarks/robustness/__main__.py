"""Measures how robust a model's scores are, prints the tables and keeps the results.

    python -m benchmarks.robustness [--model small] [--data DIR] [--out FILE] [--page FILE]

Names swapped, neutral sentences on heated topics, loaded words quoted and not, and noise
(docs/robustness.md). With ``--data``, the root of the corpora, real sentences are swapped too, and
noise is measured on whole articles too.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

from benchmarks.robustness.change import changes
from benchmarks.robustness.corpora import real_sentences
from benchmarks.robustness.families import Family, template_families
from benchmarks.robustness.noise import labelled_sets, noise_results
from benchmarks.robustness.readings import read
from benchmarks.robustness.real import real_families
from benchmarks.robustness.swaps import read_swaps
from benchmarks.robustness.tables import renewed, tables
from benchmarks.robustness.voice import read_marked, voice_results
from benchmarks.robustness.wire import read_wire, wire_results
from framing import Scorer
from framing.files import write_atomically

RESULTS = Path(__file__).resolve().parents[1] / "results" / "robustness.json"
SEED = 13


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.robustness",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", default="small", help="a shipped name or a model folder")
    parser.add_argument("--data", type=Path, help="the root of the corpora")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the JSON file of results")
    parser.add_argument("--page", type=Path, help="a page whose tables are made anew")
    parser.add_argument("--size", type=int, default=400, help="real sentences a group (400)")
    parser.add_argument("--articles", type=int, default=2000, help="of the archive (2,000)")
    options = parser.parse_args()
    page = options.page.read_text(encoding="utf-8") if options.page else None
    results = measured(
        Scorer(options.model), options.data, size=options.size, articles=options.articles
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(options.out, json.dumps(results, indent=1, allow_nan=False) + "\n")
    for name, table in tables(results):
        print(f"\n## {name}\n\n{table}", flush=True)
    if page is not None:
        write_atomically(options.page, renewed(page, results))


def measured(scorer: Scorer, root: Path | None, *, size: int, articles: int) -> dict[str, Any]:
    """All results as JSON-ready values; those on real sentences only if there is a data root."""
    began = time.process_time()
    swaps = read_swaps()
    families = {"templates": template_families(swaps)}
    if root is not None:
        sentences = real_sentences(root, articles=articles, seed=SEED)
        families["real"] = real_families(sentences, swaps, size=size, seed=SEED)
    results: dict[str, Any] = {
        "model": scorer.model.to_dict(),
        "made_with": {"python": platform.python_version(), "seed": SEED, "articles": articles},
        "swaps": {source: swap_results(scorer, groups) for source, groups in families.items()},
        "wire": wire_results(scorer, read_wire()),
        "voice": voice_results(scorer, read_marked()),
        "noise": {
            name: noise_results(scorer, examples) for name, examples in labelled_sets(root).items()
        },
    }
    results["made_with"]["processor_seconds"] = round(time.process_time() - began)
    return results


def swap_results(scorer: Scorer, groups: dict[str, list[Family]]) -> dict[str, Any]:
    """The changes of each group, whose versions are scored together."""
    texts = [text for families in groups.values() for f in families for text in f.versions.values()]
    if not texts:
        return {name: {"families": 0} for name in groups}
    readings, row_of = read(scorer, texts)
    return {name: changes(families, readings, row_of) for name, families in groups.items()}


if __name__ == "__main__":
    main()
