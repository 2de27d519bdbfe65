"""Measures speed beside what a user would otherwise pick, and prints and keeps the tables.

    python -m benchmarks.speed                  on the CPU
    python -m benchmarks.speed --device cuda    on a GPU

A section that is measured again replaces the stored one of the same model, and of the contest a
scenario at a size; the others stay. A contest is stored race by race, so that a run which is ended
early keeps what it has.
``--quick`` goes through everything in small, and keeps nothing unless ``--out`` is given.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.speed.chart import draw
from benchmarks.speed.scenarios import SCENARIOS
from benchmarks.speed.subject import RANDOM, subject
from benchmarks.speed.suite import SECTIONS, Settings, Suite, peers_on
from benchmarks.speed.tables import markdown
from framing.files import write_atomically

LOG = logging.getLogger("benchmarks.speed")
ROOT = Path(__file__).resolve().parents[2]
SIZES = (1, 32, 1_000)
NEWS = {"cpu": (10_000,), "cuda": (100_000, 1_000_000)}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.speed",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N (default cpu)")
    made.add_argument("--model", default="small", help=f"a name, a folder, or {', '.join(RANDOM)}")
    made.add_argument("--encoder", type=Path, help="measure untrained heads on this encoder")
    made.add_argument("--only", nargs="+", choices=(*SECTIONS, "chart"), help="some sections")
    made.add_argument("--backend", nargs="+", help="of Scorer: torch, torch:bfloat16 ...")
    made.add_argument("--tolerance", type=float, help="of the gate for the library's back ends")
    made.add_argument("--peers", nargs="*", help="these peers only")
    made.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    made.add_argument("--sizes", type=int, nargs="+", help="texts a call, for every scenario")
    made.add_argument("--rounds", type=int, default=3)
    made.add_argument("--patience", type=float, default=30, help="seconds a round, at most")
    made.add_argument("--threads", type=int, help="of everything on the CPU")
    made.add_argument("--workers", type=int, help="of Scorer in the contest; 4 on a large GPU host")
    made.add_argument("--calls", type=int, default=300, help="latency: single calls")
    made.add_argument("--host-size", type=int, default=10_000, help="host: sentences")
    made.add_argument("--scaling-sizes", type=int, nargs="+", default=[100, 1000, 10**4, 10**5])
    made.add_argument("--memory-sizes", type=int, nargs="+", default=[10**4, 10**5, 10**6])
    made.add_argument("--memory-model", default="random-tiny")
    made.add_argument("--quick", action="store_true", help="a few texts of everything, one round")
    made.add_argument("--out", type=Path, help="the JSON file of results")
    made.add_argument("--charts", type=Path, default=ROOT / "docs", help="folder of the chart")
    return made


def main() -> None:
    reader = parser()
    options = reader.parse_args()
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    LOG.setLevel(logging.INFO)  # and of nobody else
    settings = settings_of(options, reader)
    kind = torch.device(settings.device).type
    out = (
        options.out
        or ROOT / "benchmarks" / "results" / f"speed_{'gpu' if kind == 'cuda' else kind}.json"
    )
    keeps = options.out is not None or not options.quick
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
        os.environ["OMP_NUM_THREADS"] = str(settings.threads)  # for the processes to come
    stored = json.loads(out.read_text(encoding="utf-8")) if keeps and out.is_file() else {}
    with tempfile.TemporaryDirectory() as work:
        measured = subject(
            options.model, encoder=options.encoder, device=settings.device, work=Path(work)
        )
        found = stored.setdefault(measured.name, {})
        suite = Suite(model=measured, settings=settings, work=Path(work), say=LOG.info)
        for name in options.only or SECTIONS:
            if name == "chart":
                continue
            for section in suite.measure(name, stored=found.get(name)):
                found[name] = section
                if keeps:
                    out.parent.mkdir(parents=True, exist_ok=True)
                    write_atomically(out, json.dumps(stored, indent=1) + "\n")
    print(f"# {measured.name}\n\n{markdown(found, device=settings.device)}", flush=True)
    if (keeps and "contest" in (options.only or SECTIONS)) or "chart" in (options.only or ()):
        if "contest" not in found:
            reader.error(f"no contest of {measured.name} in {out} to draw")
        for path in draw(found["contest"], options.charts, out.stem):
            print(path)


def settings_of(options: argparse.Namespace, reader: argparse.ArgumentParser) -> Settings:
    """The options, checked; an option that cannot be followed ends the program."""
    try:
        kind = torch.device(options.device).type
    except RuntimeError:
        reader.error(f"--device {options.device}: use cpu, cuda or cuda:N")
    if kind == "cuda" and not torch.cuda.is_available():
        reader.error("--device cuda: no GPU is there; nothing was measured")
    if kind not in NEWS:
        reader.error(f"--device {options.device}: use cpu, cuda or cuda:N")
    known = peers_on(options.device)
    if unknown := set(options.peers or ()) - set(known):
        reader.error(f"--peers: no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    sizes = {
        name: tuple(options.sizes or (SIZES + (NEWS[kind] if name == "news" else ())))
        for name in options.scenarios
    }
    workers = options.workers
    if workers is None:
        workers = min(4, (os.cpu_count() or 1) // 4) if kind == "cuda" else 0
    quick = options.quick
    if quick and not options.sizes:
        sizes = {name: (1, 8) for name in options.scenarios}
    return Settings(
        device=options.device,
        backends=options.backend or [None],
        workers=workers,
        tolerance=options.tolerance,
        peers=options.peers,
        sizes=sizes,
        rounds=1 if quick else options.rounds,
        patience=1 if quick else options.patience,
        threads=options.threads,
        gate=20 if quick else 500,
        calls=3 if quick else options.calls,
        host=32 if quick else options.host_size,
        scaling_sizes=(20, 60) if quick else options.scaling_sizes,
        memory_sizes=(100, 300) if quick else options.memory_sizes,
        memory_model=options.memory_model,
    )


if __name__ == "__main__":
    main()
