"""Processes that read for a scorer: the same scores, and errors that say what went wrong."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framing import InputError, Scorer, WorkerError, score_archive
from framing import scorer as scorer_module
from framing.engine import Engine
from framing.preparation import sentences_of
from framing.workers import Workers

TEXTS = [
    "The senator slammed the “reckless bill”. It passed on Monday, the mayor said.",
    "",
    "He said: “It is vile. And it is\nreckless.” The union disagreed. \ud800",
    "The court met. It passed on Monday, the mayor said.",
]


@pytest.fixture(scope="module")
def helped(tiny_model: Path) -> Scorer:
    return Scorer(tiny_model, device="cpu", backend="torch", workers=2)


@pytest.fixture
def all_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a short text goes to the workers, and nothing is prepared in this process."""
    monkeypatch.setattr(scorer_module, "_WORTH_SENDING", 0)


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("once", [True, False])
def test_scores_are_the_same_to_the_bit(
    helped: Scorer,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    all_sent: None,
    split: bool,
    once: bool,
) -> None:
    alone = Scorer(tiny_model, device="cpu", backend="torch")
    monkeypatch.setattr(alone, "_batch_size", 100)
    monkeypatch.setattr(helped, "_batch_size", 100)
    wanted = list(alone.stream_columns(TEXTS, split=split, once=once))
    monkeypatch.setattr(Engine, "prepare", None)
    found = list(helped.stream_columns(TEXTS, split=split, once=once))
    assert len(found) == len(wanted) > 1
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.texts == theirs.texts
        assert ours.indptr.tolist() == theirs.indptr.tolist()
        assert ours.repeated == theirs.repeated
        views = [list(lot.documents()) for lot in (ours, theirs)]
        assert [[s.to_dict() for d in v for s in d.sentences] for v in views[:1]] == [
            [s.to_dict() for d in v for s in d.sentences] for v in views[1:]
        ]


def test_little_text_is_not_sent(helped: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helped, "_workers", Workers(1, Path("nowhere"), pad=0, window=9, overlap=1))
    assert helped.score(TEXTS[0]).sentences


def test_an_archive_is_the_same_with_workers(
    tiny_model: Path, lines: Path, tmp_path: Path, all_sent: None
) -> None:
    for name, workers in (("alone", 0), ("helped", 1)):
        score_archive(lines, tmp_path / name, model=tiny_model, device="cpu", workers=workers)
    tables = [sorted((tmp_path / name).rglob("*.parquet")) for name in ("alone", "helped")]
    assert [t.read_bytes() for t in tables[0]] == [t.read_bytes() for t in tables[1]] != []


def test_a_process_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    workers = Workers(1, tmp_path / "none", pad=0, window=32, overlap=4)
    with pytest.raises(WorkerError, match=r"workers=1 did not start or was killed.*__main__"):
        workers.read(TEXTS, split=True)


def test_a_process_that_is_killed_is_an_error(tiny_model: Path) -> None:
    others = set(multiprocessing.active_children())
    workers = Workers(1, tiny_model, pad=0, window=32, overlap=4)
    assert workers.read(TEXTS, split=True)[0].sentences == sentences_of(TEXTS, split=True).sentences
    for process in set(multiprocessing.active_children()) - others:
        process.kill()
    with pytest.raises(WorkerError, match="was killed"):
        workers.read(TEXTS, split=True)


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_processes_end_with_one_that_is_killed(tiny_model: Path, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import multiprocessing, time\n"
        "from pathlib import Path\n"
        "from framing.workers import Workers\n"
        "if __name__ == '__main__':\n"
        f"    workers = Workers(1, Path({str(tiny_model)!r}), pad=0, window=32, overlap=4)\n"
        "    workers.read(['It passed.'], split=True)\n"
        "    print(*(p.pid for p in multiprocessing.active_children()), flush=True)\n"
        "    time.sleep(600)\n",
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert children
    end = time.monotonic() + 30
    while any(map(is_running, children)):
        assert time.monotonic() < end, "a process outlives the one that started it"
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_script_without_a_guard_is_told_so(tiny_model: Path, tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import framing.scorer as s\n"
        "s._WORTH_SENDING = 0\n"
        f"print(s.Scorer({str(tiny_model)!r}, device='cpu', workers=1).score('It passed.'))\n",
        encoding="utf-8",
    )
    run = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 1
    assert run.stderr.rstrip().splitlines()[-1].startswith("framing.errors.WorkerError: a process")


def test_workers_load_no_torch() -> None:
    code = "import sys, framing.workers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_fewer_than_no_workers_are_refused(tiny_model: Path, lines: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not -1"):
        Scorer(tiny_model, workers=-1)
    with pytest.raises(InputError, match="engine='local'"):
        score_archive(lines, tmp_path / "out", model=tiny_model, engine="ray", workers=1)
    assert not (tmp_path / "out").exists()
