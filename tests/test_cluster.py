"""Scoring on Ray: the same numbers as without it, whichever actors die meanwhile."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from archive_runs import BAD, article, output, run, write_lines
from test_cluster_crew import pending

import framing
import framing.cluster.connection
import framing.cluster.engine
from framing.archive.layout import Layout
from framing.archive.part import PendingPart
from framing.cluster import RayEngine, score_dataset
from framing.cluster.connection import connected, ray_module
from framing.cluster.engine import PartWorker
from framing.cluster.placement import Placement
from framing.cluster.recipe import ScorerRecipe
from framing.errors import InputError, ModelError
from framing.scorer import Scorer


def placed(*machines: tuple[int, int], **options: Any) -> Placement:
    resources = [{"CPU": float(cpus), "GPU": float(gpus)} for cpus, gpus in machines]
    return Placement.on(resources, **{"device": "auto", "threads": 2} | options)


def test_actors_fill_the_machines_of_a_cluster() -> None:
    assert placed((4, 0), (3, 0)) == Placement(device="cpu", actors=3, cpus=2, gpus=0)
    assert placed((4, 0), (3, 0), num_cpus=1).actors == 7
    assert placed((4, 0), concurrency=1).actors == 1
    # Two cores for each of two GPUs; the machine without one has no part in it.
    assert placed((4, 2), (16, 0), threads=8) == Placement(device="cuda", actors=2, cpus=2, gpus=1)
    assert placed((4, 2), device="cpu", threads=4) == Placement(
        device="cpu", actors=1, cpus=4, gpus=0
    )


def test_actors_run_the_model_as_the_archive_is_told(
    lines: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Told(Exception):
        pass

    def engine(**options: Any) -> None:
        raise Told(options["backend"], options["precision"], options["device"])

    monkeypatch.setattr("framing.cluster.RayEngine", engine)
    how: Any = {"backend": "torch", "precision": "bfloat16", "device": "cuda"}
    with pytest.raises(Told, match="'torch', 'bfloat16', 'cuda'"):
        framing.score_archive(lines, tmp_path / "out", model=tiny_model, engine="ray", **how)


@pytest.mark.parametrize(
    ("machines", "options", "message"),
    [
        ([(2, 0)], {"threads": 4}, "has 4 CPUs .* 2 are the most: give num_cpus"),
        ([(2, 0)], {"device": "cuda"}, "has a GPU"),
        ([(2, 2)], {"device": "cuda:1"}, "a GPU of its own"),
        ([(2, 0)], {"num_cpus": 0}, "num_cpus: 0; give 1 or more"),
        ([(2, 0)], {"concurrency": 0}, "concurrency: 0; give 1 or more"),
    ],
)
def test_what_cannot_be_placed(machines: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        placed(*machines, **options)


def test_a_recipe_makes_the_scorer_that_it_was_made_for(
    scorer: Scorer, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_model.parent)
    recipe = ScorerRecipe.of(tiny_model.name, device="cpu", threads=2)
    monkeypatch.chdir("/")
    threads = torch.get_num_threads()
    try:
        made = recipe.make()
        assert torch.get_num_threads() == 2
        assert (made.model, made.backend) == (scorer.model, scorer.backend)
        other = replace(recipe, info=replace(recipe.info, calibration="another"))
        with pytest.raises(ModelError, match=r"calibration another.*on every machine"):
            other.make()
    finally:
        torch.set_num_threads(threads)
    on_gpu = ScorerRecipe.of("small", device="cuda", threads=1, info=recipe.info)
    assert (on_gpu.model, on_gpu.backend, on_gpu.precision) == ("small", "torch", "float16")
    with pytest.raises(ModelError, match="backend='torch'"):
        ScorerRecipe.of("small", device="cuda", backend="onnx", threads=1, info=recipe.info)


class Stopped(BaseException):
    """What the caller's handler of SIGTERM raises."""


@pytest.mark.parametrize("meanwhile", [False, True])
def test_sigterm_stays_with_the_caller(monkeypatch: pytest.MonkeyPatch, meanwhile: bool) -> None:
    ended = []

    def init(**options: Any) -> Any:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(15))  # as Ray does
        if meanwhile:
            signal.raise_signal(signal.SIGTERM)
        return SimpleNamespace(address_info={"gcs_address": "10.0.0.1:6379"})

    def stop(*_: Any) -> None:
        raise Stopped

    ray = SimpleNamespace(
        is_initialized=lambda: False, init=init, shutdown=lambda: ended.append(True)
    )
    monkeypatch.setattr(framing.cluster.connection, "ray_module", lambda: ray)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), connected("auto"):
            assert not meanwhile
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended == [True] * (not meanwhile)


def test_ray_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r'pip install "framing-score\[ray\]"'):
        ray_module()


def test_ray_is_not_touched_for_nothing(scorer: Scorer, tiny_model: Path) -> None:
    engine = RayEngine(layout=layout(scorer), model=tiny_model, address="no such place")
    assert list(engine.run([])) == []


def test_no_cluster_at_the_address(scorer: Scorer, tiny_model: Path) -> None:
    pytest.importorskip("ray")
    engine = RayEngine(layout=layout(scorer), model=tiny_model, address="no such place")
    with pytest.raises(InputError, match="no Ray cluster at 'no such place'"):
        list(engine.run([pending(0)]))


def results(folder: Path) -> dict[str, bytes]:
    """Every file of an output folder but the one that says what has run."""
    found = output(folder)
    del found["_manifest/run.json"]
    return found


def layout(scorer: Scorer) -> Layout:
    tasks = tuple(scorer.engine.tasks.values())
    return Layout(level="both", tasks=tasks, model=scorer.model, kept=pa.schema([]))


# From here on with Ray itself, in processes of its own.


@pytest.fixture(scope="module")
def ray_quietly() -> Iterator[Any]:
    """Ray, not connected, and one thread a model, so that two actors find room."""
    ray = pytest.importorskip("ray")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")  # no token in the home folder
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # else a busy machine lets actors starve
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))  # the actors import this file
        yield ray
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def cluster(ray_quietly: Any) -> Iterator[Any]:
    """A cluster of two cores on this machine."""
    ray_quietly.init(
        address="local",
        num_cpus=2,
        object_store_memory=100_000_000,
        include_dashboard=False,
        log_to_driver=False,
    )
    yield ray_quietly
    ray_quietly.shutdown()


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("in") / "news.jsonl", 23, bad=BAD)


@pytest.fixture(scope="module")
def without(lines: Path, tiny_model: Path, ray_quietly: Any) -> Path:
    """The output of a run without Ray."""
    out = lines.parent / "without"
    summary = run(lines, out, model=tiny_model, device="cpu")
    assert summary.parts == 5
    return out


class KilledOnce(PartWorker):
    """Is killed when it comes to the third part, the first time that this happens."""

    def score(self, part: PendingPart) -> Any:
        mark = Path(part.path).with_name("killed")
        if part.key.block == 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(part)


@pytest.mark.slow
def test_a_cluster_is_started_and_stopped_again(
    ray_quietly: Any, lines: Path, without: Path, tiny_model: Path, tmp_path: Path
) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    run(
        lines,
        tmp_path / "out",
        model=tiny_model,
        device="cpu",
        engine="ray",
        address="local",
    )
    assert not ray_quietly.is_initialized()
    assert signal.getsignal(signal.SIGTERM) is handler
    assert results(tmp_path / "out") == results(without)


@pytest.mark.slow
def test_the_output_is_the_same_though_an_actor_is_killed(
    cluster: Any,
    lines: Path,
    without: Path,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(framing.cluster.engine, "PartWorker", KilledOnce)
    run(lines, tmp_path / "out", model=tiny_model, device="cpu", engine="ray")
    assert (lines.parent / "killed").exists()
    assert "an actor died over part-00000-00002, rows 10 to 14" in caplog.text
    assert results(tmp_path / "out") == results(without)
    assert cluster.is_initialized()  # being the caller's


@pytest.mark.slow
def test_an_actor_with_another_model_says_so(
    cluster: Any, scorer: Scorer, tiny_model: Path
) -> None:
    other = replace(layout(scorer), model=replace(scorer.model, weights="c0ffee"))
    engine = RayEngine(layout=other, model=tiny_model, device="cpu")
    with pytest.raises(ModelError, match=r"has another model .*weights c0ffee") as raised:
        list(engine.run([pending(0)]))
    assert "Traceback" not in str(raised.value)


@pytest.mark.slow
def test_a_data_set_becomes_the_sentences_of_an_archive(
    cluster: Any, lines: Path, tiny_model: Path, tmp_path: Path
) -> None:
    import ray.data

    count = 12
    table = pa.table(
        {
            "headline": [f"Day {n}" for n in range(count)],
            "text": [article(n) if n != 4 else " " for n in range(count)],
            "row": pa.array(range(count), pa.int16()),
            "key": pa.array(range(100, 100 + count)),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    run(
        tmp_path / "in.parquet",
        tmp_path / "out",
        model=tiny_model,
        device="cpu",
        id_column="key",
        keep=["headline", "row"],
        part_rows=4,
    )
    files = sorted((tmp_path / "out" / "sentences").iterdir())
    wanted = pa.concat_tables(map(pq.read_table, files))
    dataset = ray.data.from_arrow([table.slice(first, 4) for first in range(0, count, 4)])
    made = score_dataset(dataset, id_column="key", model=tiny_model, device="cpu", batch_size=4)
    found = pa.concat_tables(ray.get(made.to_arrow_refs()))
    assert found.column("file").null_count == found.column("row").null_count == len(found)
    assert found.schema.field("keep_row").type == pa.int16()
    assert found.drop_columns(["file", "row"]) == wanted.drop_columns(["file", "row"])
    assert len(found) > count


@pytest.mark.slow
def test_a_text_that_is_none_is_named(cluster: Any, tiny_model: Path) -> None:
    import ray.data

    dataset = ray.data.from_items([{"text": "It rained.", "n": 1}, {"text": None, "n": 2}])
    with pytest.raises(InputError, match="no column 'body': it has text, n"):
        score_dataset(dataset, text_column="body", model=tiny_model)
    with pytest.raises(InputError, match="give num_gpus=1"):
        score_dataset(dataset, model=tiny_model, device="cuda")
    made = score_dataset(dataset, model=tiny_model, concurrency=1)
    with pytest.raises(Exception, match=r"TypeError: row 1 of a batch of 2.*'n': '2'.* is null"):
        made.take_all()
    numbers = score_dataset(dataset, text_column="n", model=tiny_model, concurrency=1)
    with pytest.raises(Exception, match=r"TypeError: row 0 .* is int, where a string is needed"):
        numbers.take_all()
