"""Shards of an archive, and how they are put together."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from archive_runs import Crash, KeywordScorer, crashing, output, run, write_lines

import framing
from framing.archive.merge import merge_shards
from framing.errors import InputError


@pytest.fixture(autouse=True)
def keyword_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)


@pytest.mark.parametrize(("files", "count"), [(1, 3), (3, 2), (2, 2)])
def test_shards_merge_to_what_one_run_writes(files: int, count: int, tmp_path: Path) -> None:
    paths = [write_lines(tmp_path / f"{n}.jsonl", 7, bad=[n], first=10 * n) for n in range(files)]
    whole = run(paths, tmp_path / "whole", part_rows=2)
    shards = [tmp_path / f"shard-{n}" for n in range(1, count + 1)]
    for number, shard in enumerate(shards, 1):
        assert run(paths, shard, part_rows=2, shard=f"{number}/{count}").parts < whole.parts
    merged = merge_shards(shards[::-1], tmp_path / "merged")
    assert output(tmp_path / "merged") == output(tmp_path / "whole")
    assert (merged.documents, merged.rejected, merged.parts) == (
        whole.documents,
        whole.rejected,
        whole.parts,
    )
    assert run(paths, tmp_path / "merged", part_rows=2).resumed_parts == whole.parts


def test_shards_that_do_not_belong_together_are_not_merged(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "a.jsonl", 6)
    one, two, odd = (tmp_path / name for name in ("one", "two", "odd"))
    run(lines, one, part_rows=2, shard=(1, 2))
    run(lines, two, part_rows=2, shard=(2, 2))
    run(lines, odd, part_rows=3, shard=(2, 2))
    run(lines, tmp_path / "whole")
    out = tmp_path / "out"
    for shards, said in (
        ([one], "shards missing: 2/2"),
        ([one, one, two], "are both shard 1/2"),
        ([one, odd], "different runs: options.part_rows: 2 then, 3 now"),
        ([one, tmp_path / "whole"], "not a shard"),
        ([one, tmp_path / "absent"], "no record of a run"),
        ([], "name the output folders"),
    ):
        with pytest.raises(InputError, match=said):
            merge_shards(shards, out)
    assert not out.exists()
    entry = two / "_manifest" / "parts" / "part-00000-00001.json"
    content = entry.read_bytes()
    entry.unlink()
    with pytest.raises(InputError, match="shard 2/2 is not finished"):
        merge_shards([one, two], out)
    entry.write_bytes(content)
    data = two / "sentences" / "part-00000-00001.parquet"
    data.write_bytes(data.read_bytes()[::-1])
    with pytest.raises(InputError, match="not what shard 2/2 wrote"):
        merge_shards([one, two], out)


def test_a_merge_killed_at_any_step_gives_the_same_output(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "news.jsonl", 6)
    options = {"part_rows": 3, "level": "document"}
    run(lines, tmp_path / "whole", **options)
    whole = output(tmp_path / "whole")
    shards = [tmp_path / "1", tmp_path / "2"]
    for number, shard in enumerate(shards, 1):
        run(lines, shard, shard=(number, 2), **options)
    before = [output(shard) for shard in shards]
    with crashing() as calls:
        merge_shards(shards, tmp_path / "merged")
    assert output(tmp_path / "merged") == whole
    for step in range(1, calls[0] + 1):
        out = tmp_path / f"killed-{step}"
        with crashing(step), pytest.raises(Crash):
            merge_shards(shards, out)
        with crashing():
            merge_shards(shards, out)
        assert output(out) == whole, f"after a crash at step {step} of {calls[0]}"
    assert [output(shard) for shard in shards] == before


def test_shards_on_another_disk_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    lines = write_lines(tmp_path / "news.jsonl", 3)
    run(lines, tmp_path / "1", shard="1/1")
    run(lines, tmp_path / "whole")
    merge_shards([tmp_path / "1"], tmp_path / "merged")
    assert output(tmp_path / "merged") == output(tmp_path / "whole")
