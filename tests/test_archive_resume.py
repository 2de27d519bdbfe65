"""Archives: nothing is lost and nothing done twice, whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from archive_runs import (
    Crash,
    KeywordScorer,
    article,
    crashing,
    output,
    run,
    write_lines,
)

import framing
from framing.archive.manifest import opened
from framing.archive.progress import Progress
from framing.errors import InputError, OutputError
from framing.scorer import Scorer


@pytest.fixture(autouse=True)
def keyword_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)


def test_a_run_killed_at_any_step_gives_the_same_output(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "news.jsonl", 5, bad=[2])
    with crashing() as calls:
        run(lines, tmp_path / "whole", part_rows=3)
    assert calls[0] > 20
    whole = output(tmp_path / "whole")
    for step in range(1, calls[0] + 1):
        out = tmp_path / f"killed-{step}"
        with crashing(step), pytest.raises(Crash):
            run(lines, out, part_rows=3)
        assert step == calls[0] or not (out / "summary.json").exists()
        with crashing():
            run(lines, out, part_rows=3)
        assert output(out) == whole, f"after a crash at step {step} of {calls[0]}"


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_kill_9_at_random_instants(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "news.jsonl", 60)
    with crashing():
        run(lines, tmp_path / "whole", part_rows=2)
    code = "import sys, archive_runs; archive_runs.killed_again_and_again(*sys.argv[1:], 4)"
    tests = Path(__file__).parent
    subprocess.run(
        [sys.executable, "-c", code, str(lines), str(tmp_path / "out")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
        check=True,
        timeout=100,
    )
    with crashing():
        summary = run(lines, tmp_path / "out", part_rows=2)
    assert 4 <= summary.resumed_parts <= summary.parts == 30
    assert output(tmp_path / "out") == output(tmp_path / "whole")


def test_an_interrupt_leaves_no_thread_and_no_lock(lines: Path, tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.parts == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(lines, tmp_path / "out", part_rows=2, progress=interrupt)
    assert not [t for t in threading.enumerate() if t.name.startswith("framing")]
    summary = run(lines, tmp_path / "out", part_rows=2)
    assert 1 <= summary.resumed_parts < summary.parts == 6
    run(lines, tmp_path / "whole", part_rows=2)
    assert output(tmp_path / "out") == output(tmp_path / "whole")


def test_a_model_that_fails_keeps_what_was_done(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = KeywordScorer.group

    def group(self: Any, texts: list[str], *, split: bool) -> Any:
        if article(10) in texts:
            raise RuntimeError("no more memory")
        yield from real(self, texts, split=split)

    with monkeypatch.context() as patch:
        patch.setattr(KeywordScorer, "group", group)
        with pytest.raises(RuntimeError, match="no more memory"):
            run(lines, tmp_path / "out")
    assert run(lines, tmp_path / "out").resumed_parts == 2
    log = (tmp_path / "out" / "_manifest" / "log.jsonl").read_text("utf-8")
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events == ["start", "part", "stopped", "start", "part", "end"] or events == [
        *["start", "part", "part", "stopped"],
        *["start", "part", "end"],
    ]


def test_a_finished_run_is_left_as_it_is(lines: Path, tmp_path: Path) -> None:
    first = run(lines, tmp_path / "out")
    before = {
        p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.*") if p.suffix != ".jsonl"
    }
    again = run(lines, tmp_path / "out")
    assert (again.parts, again.resumed_parts) == (first.parts, first.parts)
    assert (again.documents, again.sentences) == (first.documents, first.sentences)
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_part_whose_files_are_damaged_is_done_again(lines: Path, tmp_path: Path) -> None:
    run(lines, tmp_path / "out")
    whole = output(tmp_path / "out")
    (tmp_path / "out" / "sentences" / "part-00000-00000.parquet").unlink()
    (tmp_path / "out" / "documents" / "part-00000-00001.parquet").write_bytes(b"half")
    assert run(lines, tmp_path / "out").resumed_parts == 1
    assert output(tmp_path / "out") == whole
    (tmp_path / "out" / "_manifest" / "parts" / "part-00000-00002.json").write_bytes(b'{"key"')
    assert run(lines, tmp_path / "out").resumed_parts == 2
    assert output(tmp_path / "out") == whole


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"part_rows": 4}, "options.part_rows: 5 then, 4 now"),
        ({"split": False}, "options.split: true then, false now"),
        ({"keep": []}, "options.keep"),
        ({"shard": "1/2"}, r"shard: null then, \[1, 2\] now"),
    ],
)
def test_other_options_do_not_resume(
    options: dict[str, Any], said: str, lines: Path, tmp_path: Path
) -> None:
    run(lines, tmp_path / "out")
    before = output(tmp_path / "out")
    with pytest.raises(InputError, match=f"{said}.*name another folder"):
        run(lines, tmp_path / "out", **options)
    assert output(tmp_path / "out") == before


def test_other_inputs_or_models_do_not_resume(
    lines: Path, tmp_path: Path, tiny_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(lines, tmp_path / "out")
    other = write_lines(tmp_path / "other.jsonl", 2)
    with pytest.raises(InputError, match="1 sources then, 2 now"):
        run([lines, other], tmp_path / "out")
    with pytest.raises(InputError, match=r"source .*news\.jsonl then, .*other\.jsonl now"):
        run(other, tmp_path / "out")
    content = lines.read_bytes()
    lines.write_bytes(content.replace(b"day 1.", b"day 9."))
    with pytest.raises(InputError, match=r"news\.jsonl: its content has changed"):
        run(lines, tmp_path / "out")
    lines.write_bytes(content)
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)
    with pytest.raises(InputError, match=r'model\.name: "framing-tiny" then, "fake" now'):
        run(lines, tmp_path / "out")


def test_an_input_that_changes_or_vanishes_on_the_way(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(article(number), "utf-8")
    run(folder, tmp_path / "whole", part_rows=2, keep=[])
    victim = folder / "3.txt"
    content, state = victim.read_bytes(), victim.stat()

    for act in (victim.unlink, lambda: victim.write_bytes(content.replace(b"3", b"4"))):
        with pytest.raises(InputError, match=r"3\.txt"):
            run(
                folder,
                tmp_path / "out",
                part_rows=2,
                keep=[],
                progress=lambda p, act=act: act() if p.documents <= 2 and victim.exists() else None,
            )
        victim.write_bytes(content)
        os.utime(victim, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert run(folder, tmp_path / "out", part_rows=2, keep=[]).resumed_parts == 1
    assert output(tmp_path / "out") == output(tmp_path / "whole")


def test_a_full_disk_is_said_and_survived(lines: Path, tmp_path: Path) -> None:
    run(lines, tmp_path / "whole")
    real, calls = os.fsync, [0]

    def full(handle: int) -> None:
        calls[0] += 1
        if calls[0] > 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match=r"out/\w+.*No space left on device.*same command"):
            run(lines, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert run(lines, tmp_path / "out").resumed_parts >= 1
    assert output(tmp_path / "out") == output(tmp_path / "whole")


@pytest.mark.parametrize("name", ["mkdir", "replace"])
def test_a_folder_that_is_read_only(
    name: str, lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, name, refuse)
    with pytest.raises(OutputError, match=r"out.*: cannot be written to: Read-only file system"):
        run(lines, tmp_path / "out")


def test_a_folder_with_something_else_in_it_is_not_touched(lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("One.")
    with pytest.raises(InputError, match=r"thesis: a folder with something else in it \(chapter"):
        run(lines, out)
    with pytest.raises(InputError, match="a file; name a folder"):
        run(lines, lines)
    assert [p.name for p in out.iterdir()] == ["chapter.txt"]


@pytest.mark.skipif(os.name == "nt", reason="locks are those of POSIX")
def test_two_processes_do_not_write_to_one_folder(lines: Path, tmp_path: Path) -> None:
    said = "out: another process is writing to it"
    with opened(tmp_path / "out"), pytest.raises(OutputError, match=said):
        run(lines, tmp_path / "out")
    assert run(lines, tmp_path / "out").parts == 3
