"""The benchmark of archives: its material, what it finds in an output, and its figures."""

from __future__ import annotations

import os
import random
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from archive_runs import Crash, KeywordScorer, crashing, run, write_lines
from archive_trials import results, trial
from hypothesis import given
from hypothesis import strategies as st

import framing
import framing.cli
from benchmarks.archives import __main__ as command
from benchmarks.archives import faults
from benchmarks.archives.articles import FAULTS, LONGEST, articles
from benchmarks.archives.campaign import Campaign
from benchmarks.archives.engines import Engine
from benchmarks.archives.formats import FORMATS, write_archive
from benchmarks.archives.outputs import Differences, Output
from benchmarks.archives.phases import BEGUN, BETWEEN, COMMIT, PHASES, phase_of
from benchmarks.archives.reference import Pace, parts_done
from benchmarks.archives.trials import Kill, figures, grouped, kills_by_phase
from framing.archive.inputs import find_sources
from framing.archive.rows import Columns, Row, read_rows

ARTICLES = list(articles(120, seed=3))


@pytest.fixture(autouse=True)
def keyword_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """An output of three parts, as JSON lines."""
    lines = write_lines(tmp_path / "news.jsonl", 12, bad=(3, 7))
    with crashing():
        run(lines, tmp_path / "whole", format="jsonl")
    return tmp_path / "whole"


# Material


def test_articles_are_the_same_again_and_each_another_one() -> None:
    assert list(articles(120, seed=3)) == ARTICLES != list(articles(120, seed=4))
    assert {a.fault for a in ARTICLES} == {None, *FAULTS}
    texts = [a.text for a in ARTICLES if a.text]
    assert len(set(texts)) == len(texts) < len(ARTICLES)
    assert all((len(a.text) > LONGEST) == (a.fault == "long") for a in ARTICLES)
    assert any("\n" in a.text and '"' not in a.text for a in ARTICLES)


@pytest.mark.parametrize("name", FORMATS)
def test_each_row_is_read_as_it_was_meant(name: str, tmp_path: Path) -> None:
    archive = write_archive(name, ARTICLES, tmp_path / "in")
    columns = Columns(id="id", keep=("outlet",)) if archive.columns else Columns()
    read = {
        source.path: list(read_rows(source, columns, max_chars=LONGEST))
        for source in find_sources([archive.folder])
    }
    good = {path: [isinstance(row, Row) for row in rows] for path, rows in read.items()}
    assert good == dict(archive.sources)
    texts = [row.text for rows in read.values() for row in rows if isinstance(row, Row)]
    assert texts == [a.text for a in ARTICLES if not a.fault]


# What an output is held against


def test_an_output_is_equal_to_one_that_was_resumed(whole: Path, tmp_path: Path) -> None:
    with crashing(25), pytest.raises(Crash):
        run(tmp_path / "news.jsonl", tmp_path / "out", format="jsonl")
    assert parts_done(tmp_path / "out") == 1
    with crashing():
        run(tmp_path / "news.jsonl", tmp_path / "out", format="jsonl")
    found = Output.read(tmp_path / "out")
    assert not Output.read(whole).differences(found)
    good = [number not in (3, 7) for number in range(12)]
    assert not found.faults({str(tmp_path / "news.jsonl"): good})
    assert found.faults({str(tmp_path / "news.jsonl"): [True] * 12}) == Differences(
        lost=2, differing=2
    )


def test_what_is_lost_doubled_or_different_is_found(whole: Path, tmp_path: Path) -> None:
    before = Output.read(whole)
    first, second = (whole / "documents" / f"part-00000-0000{n}.jsonl" for n in (0, 1))
    rejected = whole / "rejected.jsonl"
    lines = {path: path.read_bytes() for path in (first, second, rejected)}

    def found() -> Differences:
        differences = before.differences(Output.read(whole))
        for path, content in lines.items():
            path.write_bytes(content)
        return differences

    documents = len(lines[first].splitlines())
    first.unlink()
    assert found() == Differences(lost=documents, files=1)
    second.write_bytes(lines[second] + lines[first])
    assert found() == Differences(doubled=documents, files=1)
    first.write_bytes(lines[first].replace(b'"sentences": ', b'"sentences": 1'))
    assert found() == Differences(differing=documents, files=1)
    rejected.write_bytes(lines[rejected].replace(b'"row": 7', b'"row": 70'))
    assert found() == Differences(lost=1, differing=1, files=1)
    (whole / "sentences" / ".part-00000-00002.jsonl.tmp").write_bytes(b"half")
    assert found() == Differences(files=1)


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_no_difference_is_missed(wanted: list[int], there: list[int]) -> None:
    def output(rows: list[int]) -> Output:
        keys = set(rows)
        return Output(
            rows={("documents", "a", k, -1): [str(k)] * rows.count(k) for k in keys}, files={}
        )

    found = output(wanted).differences(output(there))
    assert bool(found) == (sorted(wanted) != sorted(there))
    assert len(there) - len(wanted) == found.doubled + found.differing - found.lost


def test_the_phase_of_a_run_is_told_from_what_it_left(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "news.jsonl", 5)
    with crashing() as calls:
        run(lines, tmp_path / "whole", part_rows=3)
    phases = [phase_of(tmp_path / "never", 2)]
    for step in range(1, calls[0] + 1):
        out = tmp_path / f"killed-{step}"
        with crashing(step), pytest.raises(Crash):
            run(lines, out, part_rows=3)
        phases.append(phase_of(out, 2))
    assert set(phases) == {*PHASES} - {BETWEEN}
    order = [PHASES.index(phase) for phase in phases]
    assert order == sorted(order)

    whole = tmp_path / "whole"
    (whole / "summary.json").unlink()
    for path in whole.rglob("part-00000-00001.*"):
        path.unlink()
    assert phase_of(whole, 2) == BETWEEN


# The campaign, its processes played by the test


class Actor:
    """Stands for a process; what it does is done when it is killed or waited for."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.pid = None
        self.exitcode: int | None = None

    def join(self, seconds: float) -> None:
        assert seconds >= 0

    def go_on(self, step: int | None = None) -> None:
        """Runs the command, up to a step."""
        try:
            with crashing(step):
                self.exitcode = framing.cli.main(self.words)
        except Crash:
            self.exitcode = -signal.SIGKILL


class Stage:
    """Stands for a nursery, and may spoil what a run wrote."""

    log = Path("output.log")

    def __init__(self, spoil: Any = lambda out: None) -> None:
        self.spoil = spoil

    def begin(self, work: Any, words: list[str]) -> Actor:
        return Actor(words)

    def end(self, process: Actor) -> int:
        if process.exitcode is None:
            process.go_on()
            out = Path(process.words[process.words.index("--out") + 1])
            if out.name.startswith("killed"):
                self.spoil(out)
        assert process.exitcode is not None
        return process.exitcode


class Steps(Engine):
    """Kills at a random step."""

    def strike(self, process: Any, number: signal.Signals, draw: random.Random) -> str:
        process.go_on(draw.randrange(1, 80))
        return "run"


def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage) -> Campaign:
    engine = Steps(name="local")
    monkeypatch.setattr("benchmarks.archives.campaign.LOCAL", engine)
    return Campaign(engine, tmp_path, tmp_path, stage, rows=30, seed=1)


def test_a_campaign_finds_nothing_where_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    made = campaign(tmp_path, monkeypatch, Stage())
    trials = made.run(3, said.append)
    assert len(trials) == len(said) == len({t.input for t in trials}) == 3
    assert {t.output for t in trials} == {"parquet", "jsonl"}
    assert not any(t.found for t in trials)
    assert all(t.kills for t in trials)
    assert all(0 <= k.at <= 1 and k.phase in PHASES for t in trials for k in t.kills)
    assert not list(tmp_path.rglob("killed-*"))


def test_a_campaign_tells_what_is_wrong_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(out: Path) -> None:
        shutil.rmtree(out / "documents")

    [trial] = campaign(tmp_path, monkeypatch, Stage(lose)).trials("jsonl", "jsonl", 1)
    good = [a for a in articles(30, seed=1) if not a.fault]
    assert trial.found.lost == len(good)
    assert (trial.found.doubled, trial.found.differing) == (0, 0)
    assert list(tmp_path.rglob("killed-*"))


def test_what_is_left_of_a_run_shrinks_as_parts_are_done(tmp_path: Path) -> None:
    pace = Pace(seconds=9.0, first=1.0)
    assert (pace.left(0), pace.left(0.5), pace.left(1)) == (9.0, 5.0, 1.0)
    (tmp_path / "_manifest" / "parts").mkdir(parents=True)
    for number, at in enumerate((130, 104, 120)):
        path = tmp_path / "_manifest" / "parts" / f"part-00000-0000{number}.json"
        path.touch()
        os.utime(path, (at, at))
    assert Pace.of(tmp_path, 100.0).first == 4.0


# Figures


def test_figures_are_sums() -> None:
    worker = Kill(signal="SIGKILL", victim="worker", at=0.1, phase=BEGUN)
    trials = [
        trial(),
        trial(late=2, found=Differences(lost=3, files=1)),
        trial(engine="ray", odd=[1], kills=[worker, worker]),
    ]
    assert figures(trials) == {
        **{"runs": 3, "kills": 4, "lost": 3, "doubled": 0, "differing": 0, "files": 1},
        **{"odd_exits": 1, "late_signals": 2},
    }
    groups = {tuple(found["group"]): found for found in grouped(trials, lambda t: [t.input])}
    assert {name: found["runs"] for name, found in groups.items()} == {
        ("local", "csv"): 2,
        ("ray", "csv"): 1,
    }
    phases = kills_by_phase(trials)
    assert list(phases) == list(PHASES)
    assert phases[COMMIT] == {
        "local: SIGKILL to the run": 2,
        "ray: SIGKILL to a worker": 0,
    }
    assert phases[BEGUN]["ray: SIGKILL to a worker"] == 2


def test_faults_are_shown_and_fail() -> None:
    good, bad = [trial(), trial(input="txt.zst")], [trial(found=Differences(doubled=1234))]
    assert faults.passed(results(good))
    assert not faults.passed(results(bad))
    assert not faults.passed(results([trial(odd=[1])]))
    shown = faults.markdown(results(good))
    assert "Seed 17; 2 runs, 2 kills" in shown
    assert "| local | csv | 1 | 1 | 0 | 0 | 0 | 0 | 0 |" in shown
    assert "| **all** |  | **1** | **1** | **0** | **1,234** |" in faults.markdown(results(bad))


def test_runs_are_shared_among_engines() -> None:
    def shares(*words: str) -> dict[str, int]:
        return command.shares(command.parser().parse_args(["faults", *words]))

    assert shares() == {"local": 180, "ray": 20}
    assert shares("--runs", "6") == {"local": 5, "ray": 1}
    assert shares("--engine", "ray", "--runs", "7") == {"ray": 7}


# What a run is given and struck by


def test_options_name_what_a_run_is_given(tmp_path: Path) -> None:
    archive = write_archive("mixed", ARTICLES, tmp_path / "mixed")
    assert archive.options == [str(tmp_path / "mixed")]  # texts have no columns
    assert len(archive.sources) == 4
    options = write_archive("tsv.gz", ARTICLES, tmp_path / "tsv").options
    assert options[1:] == ["--id-column", "id", "--keep", "outlet"]


def test_a_worker_is_struck_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    struck: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: struck.append((pid, number)))
    there: list[int] = []
    monkeypatch.setattr("benchmarks.archives.engines.workers", lambda: there)
    process: Any = SimpleNamespace(pid=5, exitcode=None)
    ray, draw = Engine(name="ray", workers=1.0), random.Random(0)
    assert ray.strike(process, signal.SIGTERM, draw) == "run"
    there.append(7)
    assert ray.strike(process, signal.SIGTERM, draw) == "worker"
    assert Engine(name="local").strike(process, signal.SIGTERM, draw) == "run"
    process.exitcode = 0
    assert Engine(name="local").strike(process, signal.SIGTERM, draw) == "run"
    assert struck == [(5, signal.SIGTERM), (7, signal.SIGKILL), (5, signal.SIGTERM)]
