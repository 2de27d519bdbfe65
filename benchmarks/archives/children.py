"""One measurement in a process of its own, so that its memory is its own.

python -m benchmarks.archives.children archive FOLDER ROWS
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1e6
TINY = "random-tiny"
_EVERY = 0.05
_WARM = 256
_BLOCK = 20_000
_REACH = 1_000


def child(action: str, folder: Path, *, rows: int, **options: Any) -> dict[str, Any]:
    """Does one of :data:`ACTIONS` in a process, watches its memory, and gives what it found.

    The watching process must be smaller than the watched: what ``ru_maxrss`` says is at least what
    the parent held when it began the process.
    """
    given = {"action": action, "folder": str(folder), "rows": rows} | options
    command = [sys.executable, "-m", "benchmarks.archives.children", json.dumps(given)]
    errors = folder.parent / f"{folder.name}.errors"
    with errors.open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"FRAMING_CACHE": str(folder / "cache")},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        samples = []
        while process.poll() is None:
            if (size := _resident_mb(process.pid)) is not None:
                samples.append((time.monotonic(), size))
            time.sleep(_EVERY)
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        process.stdout.close()
        if process.returncode:
            log.seek(0)
            raise RuntimeError(f"{action} of {rows:,} rows failed:\n{log.read()[-2000:]}")
    errors.unlink()
    found: dict[str, Any] = json.loads(lines[-1])
    if "began" in found:
        began, ended = found.pop("began"), found.pop("ended")
        found["quarters_mb"] = quarters(samples, began, ended)
        found["sampled_mb"] = max(found["quarters_mb"])
    return found


def quarters(samples: Iterable[tuple[float, float]], began: float, ended: float) -> list[float]:
    """The highest sample of each quarter of the time from ``began`` to ``ended``, 0 if none."""
    peaks = [0.0] * 4
    for at, size in samples:
        if began <= at <= ended:
            place = min(3, int(4 * (at - began) / max(ended - began, 1e-9)))
            peaks[place] = max(peaks[place], size)
    return peaks


def make(folder: Path, rows: int, copies: float = 0.0) -> dict[str, Any]:
    """Writes the archive, such a share of it :func:`copied`, and the model if it is not there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.speed.scenarios import stream
    from benchmarks.speed.subject import subject

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / TINY).is_dir():
        subject(TINY, encoder=None, device="cpu", work=folder)
        _scorer(folder)  # which may have to be exported for the runtime, once
    texts = copied((part[0] for part in stream("news", rows)), copies)
    schema = pa.schema([("text", pa.string())])
    with pq.ParquetWriter(_archive(folder, rows, copies), schema) as file:
        while block := list(islice(texts, _BLOCK)):
            file.write_table(pa.table({"text": block}, schema))
    return {}


def copied(texts: Iterable[str], share: float) -> Iterator[str]:
    """As many texts, such a share of them copies of one of the thousand before, as in wire news."""
    draw = random.Random(0)
    before: deque[str] = deque(maxlen=_REACH)
    for text in texts:
        said = draw.choice(before) if before and draw.random() < share else text
        before.append(said)
        yield said


def archive(folder: Path, rows: int, copies: float = 0.0, once: bool = False) -> dict[str, Any]:
    """Scores the archive with ``score_archive``, whose model is loaded already."""
    scorer = _scorer(folder)
    with _Watch() as watch:
        summary, written = _score(scorer, _archive(folder, rows, copies), folder, once=once)
    return {
        "texts": summary.documents,
        "sentences": summary.sentences,
        "repeated": summary.repeated,
        "written_mb": written / MEGABYTE,
        **watch.found,
    }


def turns(folder: Path, rows: int, rounds: int, model: str = TINY) -> dict[str, Any]:
    """Streams the texts of the archive, which are in memory, and scores the archive, in turns."""
    import pyarrow.parquet as pq

    scorer = _scorer(folder, model)
    source = _archive(folder, rows)
    texts = pq.read_table(source).column("text").to_pylist()
    ways: dict[str, Callable[[], int]] = {
        "stream": lambda: sum(1 for _ in scorer.stream(texts)),
        "archive": lambda: _score(scorer, source, folder)[0].documents,
    }
    found: dict[str, Any] = {name: [] for name in ways}
    ways["stream"]()  # words are looked up the slow way the first time
    for number in range(rounds):
        for name in sorted(ways, reverse=number % 2 == 0):
            with _Watch() as watch:
                count = ways[name]()
            found[name].append({"texts": count, **watch.found})
    return found


def _score(scorer: Any, source: Path, folder: Path, **options: Any) -> tuple[Any, int]:
    """The summary of a run, and the bytes that it has written, which are removed."""
    import framing
    from framing.archive.run import score_archive

    vars(framing)["Scorer"] = lambda model, **_: scorer
    out = folder / "scores"
    summary = score_archive(source, out, device="cpu", **options)
    written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    shutil.rmtree(out)
    return summary, written


ACTIONS = {"make": make, "archive": archive, "turns": turns}


def main() -> None:
    given = json.loads(sys.argv[1])
    action, folder = ACTIONS[given.pop("action")], Path(given.pop("folder"))
    print(json.dumps(action(folder, **given)))


class _Watch:
    """Times what is done within it."""

    def __enter__(self) -> _Watch:
        self.found: dict[str, Any] = {"loaded_mb": _resident_mb("self")}
        self._processor = time.process_time()
        self._began = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        ended = time.monotonic()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
        self.found |= {
            "seconds": ended - self._began,
            "processor_seconds": time.process_time() - self._processor,
            "maxrss_mb": peak,
            "began": self._began,
            "ended": ended,
        }


def _scorer(folder: Path, model: str = TINY) -> Any:
    import framing
    from benchmarks.speed.scenarios import stream as texts

    scorer = framing.Scorer(folder / TINY if model == TINY else model, device="cpu")
    scorer.score([part[0] for part in texts("news", _WARM)])
    return scorer


def _archive(folder: Path, rows: int, copies: float = 0.0) -> Path:
    return folder / f"sentences-{rows}-{copies}.parquet"


def _resident_mb(process: int | str) -> float | None:
    """What is resident of a process; None once it has gone."""
    with suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        if found := re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE):
            return int(found[1]) * 1024 / MEGABYTE
    return None


if __name__ == "__main__":
    main()
