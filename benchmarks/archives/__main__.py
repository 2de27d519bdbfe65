"""Measures what archives promise, prints the tables and keeps the results.

    python -m benchmarks.archives faults [--runs 200] [--engine local ray]
    python -m benchmarks.archives overhead [--rows 1000000]

``faults`` kills runs over every format at random instants, resumes them and holds their output
against that of runs that nobody disturbed; it ends with exit code 1 if anything differs. It needs a
system with fork, and Ray unless ``--engine local``. ``overhead`` measures memory and time of an
archive of sentences beside scoring them from memory.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results" / "archives.json"
ENGINES = ("local", "ray")


def main(argv: list[str] | None = None) -> int:
    """Runs the command line; 1 if an output was not what it should be."""
    options = parser().parse_args(argv)
    if options.section == "faults":
        from benchmarks.archives import faults as section

        found = section.measured(shares(options), seed=options.seed, work=options.work)
    else:
        from benchmarks.archives import overhead as section

        found = section.measured(
            options.rows, beside=options.beside, rounds=options.rounds, work=options.work
        )
    print(f"\n## {options.section}\n\n{section.markdown(found)}", flush=True)
    keep(options.out, options.section, found)
    return 0 if section.passed(found) else 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.archives",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sections = made.add_subparsers(dest="section", required=True)
    faults = sections.add_parser("faults", help="kill runs at random instants and resume them")
    faults.add_argument("--runs", type=int, default=200, help="how many (200)")
    faults.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES))
    faults.add_argument(
        "--ray-share", type=float, default=0.1, help="of the runs, where both engines run (0.1)"
    )
    faults.add_argument("--seed", type=int, default=17, help="of texts, instants, signals (17)")
    overhead = sections.add_parser("overhead", help="memory and time beside scoring alone")
    overhead.add_argument("--rows", type=int, default=1_000_000, help="sentences (1,000,000)")
    overhead.add_argument("--beside", type=int, default=10_000, help="of a small archive (10,000)")
    overhead.add_argument("--rounds", type=int, default=24, help="how often both are timed (24)")
    for section in (faults, overhead):
        section.add_argument("--work", type=Path, help="a new folder for what is written")
        section.add_argument("--out", type=Path, default=RESULTS, help="the JSON file of results")
    return made


def shares(options: argparse.Namespace) -> dict[str, int]:
    """By engine, how many of the runs it has."""
    engines = list(dict.fromkeys(options.engine))
    if len(engines) == 1:
        return {engines[0]: options.runs}
    ray = max(1, round(options.ray_share * options.runs))
    return {"local": options.runs - ray, "ray": ray}


def keep(path: Path, section: str, found: dict[str, Any]) -> None:
    """Puts the results of a section into the file, beside those of the other one."""
    from benchmarks.speed.machine import made_with
    from framing.files import write_atomically

    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    kept[section] = {"made_with": made_with("cpu"), **found}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
