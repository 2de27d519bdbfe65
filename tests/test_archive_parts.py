"""Archives: which parts an archive is cut into, and what becomes of rows on the way."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_runs import BAD, ROWS, KeywordScorer, rows, run, write_lines
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing.archive.engine import ahead, behind
from framing.archive.inputs import find_sources
from framing.archive.options import ArchiveOptions
from framing.archive.part import PartKey, PendingPart, pending_parts
from framing.archive.progress import Progress
from framing.errors import InputError
from framing.scorer import Scorer


@pytest.fixture(autouse=True)
def keyword_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)


def test_rejected_rows_are_set_aside_with_their_reasons(lines: Path, tmp_path: Path) -> None:
    summary = run(lines, tmp_path / "out")
    assert (summary.documents, summary.rejected) == (ROWS - 2, 2)
    content = (tmp_path / "out" / "rejected.jsonl").read_text("utf-8")
    found = [json.loads(line) for line in content.splitlines()]
    assert [(r["file"], r["row"], r["line"]) for r in found] == [
        (str(lines), 3, 4),
        (str(lines), 7, 8),
    ]
    assert all(set(r) == {"file", "row", "line", "id", "reason"} for r in found)
    done = {row["row"] for row in rows(tmp_path / "out" / "documents")}
    assert done == set(range(ROWS)) - set(BAD)


@pytest.mark.parametrize("real", [False, True])
def test_parts_of_nothing_but_rejected_rows(
    real: bool, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if real:
        monkeypatch.setitem(vars(framing), "Scorer", lambda model, **how: scorer)
    lines = write_lines(tmp_path / "news.jsonl", 12, bad=[0, 1, 4, 5, 6, 7, 10, 11])
    summary = run(lines, tmp_path / "out", part_rows=2)
    assert (summary.parts, summary.documents, summary.rejected) == (6, 4, 8)
    assert [row["row"] for row in rows(tmp_path / "out" / "documents")] == [2, 3, 8, 9]
    entries = (tmp_path / "out" / "_manifest" / "parts").glob("*.json")
    counts = [json.loads(entry.read_text("utf-8"))["documents"] for entry in sorted(entries)]
    assert counts == [0, 2, 0, 0, 2, 0]


def test_strict_ends_at_the_first_rejected_row(lines: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"news\.jsonl, line 4: .*without --strict"):
        run(lines, tmp_path / "out", strict=True)
    run(lines, tmp_path / "out")  # the option changes no output: it goes on
    with pytest.raises(InputError, match="line 4"):
        run(lines, tmp_path / "out", strict=True)


def test_sources_of_several_kinds_and_empty_ones(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_lines(folder / "a.jsonl", 0)
    write_lines(folder / "b.jsonl", 6)
    (folder / "c.csv").write_text("text,outlet\nOne day. It rained.,x\n", "utf-8")
    summary = run([folder, folder / "b.jsonl"], tmp_path / "out")
    assert (summary.documents, summary.parts) == (7, 4)
    assert {p.name for p in (tmp_path / "out" / "documents").iterdir()} == {
        "part-00001-00000.parquet",
        "part-00001-00001.parquet",
        "part-00002-00000.parquet",
    }


def parts_of(path: Path, done: Any = (), **options: Any) -> list[PendingPart]:
    return list(pending_parts(find_sources([path]), ArchiveOptions(**options), dict(done)))


@given(
    st.lists(st.integers(0, 30), max_size=25),
    st.integers(1, 6),
    st.integers(1, 60),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_parts_are_a_function_of_the_input_alone(
    sizes: list[int], part_rows: int, part_chars: int, shards: int, chance: random.Random
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_text("".join(f'{{"text": "{"x" * size}"}}\n' for size in sizes))
        options = {"part_rows": part_rows, "part_chars": part_chars}
        whole = parts_of(path, **options)
        assert [row.row for part in whole for row in part.rows] == list(range(len(sizes)))
        assert [part.key for part in whole] == [PartKey(0, b) for b in range(len(whole))]
        assert [part.last for part in whole] == [False] * (len(whole) - 1) + [True]
        for part in whole:
            chars = [len(row.text) for row in part.rows]
            assert len(chars) <= part_rows and sum(chars[:-1]) < max(part_chars, 1)
            assert part.last or len(chars) == part_rows or sum(chars) >= part_chars
        done = {part.key: part for part in whole if chance.random() < 0.5}
        assert parts_of(path, done, **options) == [p for p in whole if p.key not in done]
        shared: list[PendingPart] = []
        for number in range(1, shards + 1):
            own = parts_of(path, shard=(number, shards), **options)
            left = {part.key: part for part in own if chance.random() < 0.5}
            assert parts_of(path, left, shard=(number, shards), **options) == [
                p for p in own if p.key not in left
            ]
            shared += own
        assert sorted(shared, key=lambda part: part.key) == whole


def test_reading_and_writing_go_on_while_the_model_works() -> None:
    read, written = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 1
        read.set()
        yield 2

    def score(item: int) -> int:
        assert (read if item == 1 else written).wait(timeout=60)
        return item

    def write(item: int) -> int:
        written.set()
        return -item

    assert list(behind(write, map(score, ahead(items())))) == [-1, -2]


def test_what_is_read_ahead_is_bounded_and_an_error_keeps_its_place() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        try:
            for item in range(9):
                drawn.append(item)
                if item == 5:
                    raise InputError("the sixth")
                yield item
        finally:
            drawn.append(-1)

    reading = ahead(items())
    assert [next(reading), next(reading)] == [0, 1]
    reading.close()
    assert drawn in ([0, 1, -1], [0, 1, 2, -1])
    seen: list[int] = []
    with pytest.raises(InputError, match="the sixth"):
        seen.extend(ahead(items()))
    assert seen == [0, 1, 2, 3, 4]
    assert not [t for t in threading.enumerate() if t.name.startswith("framing")]


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    paths = [write_lines(tmp_path / "a.jsonl", 9, bad=[1]), tmp_path / "b.csv"]
    paths[1].write_text('text,outlet\n"One day.\nTwo, three.",x\nFour days.,y\n', "utf-8")
    seen: list[Progress] = []
    summary = run(paths, tmp_path / "out", part_rows=4, progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions[0] == 0 and fractions[-1] == 1 and fractions == sorted(fractions)
    assert len(seen) > 2 * summary.parts
    last = seen[-1]
    assert (last.documents, last.sentences, last.rejected, last.parts) == (
        summary.documents,
        summary.sentences,
        summary.rejected,
        summary.parts,
    )
    assert last.seconds_left == 0 and last.rate > 0


def test_the_options_are_checked_before_anything_is_read() -> None:
    for options, said in (
        ({"level": "word"}, "level: 'word' is none of sentence, document, both"),
        ({"format": "csv"}, "format: 'csv' is none of parquet, jsonl"),
        ({"part_rows": 0}, "part_rows: 0; give 1 or more"),
        ({"shard": "4/3"}, "1/16 to 16/16"),
        ({"shard": "third"}, "give it as 3/16"),
        ({"keep": "outlet"}, "keep: a tuple"),
        ({"keep": ["a", "a"]}, "named twice"),
        ({"engine": "spark"}, "engine: 'spark' is none of local, ray"),
    ):
        with pytest.raises(InputError, match=said):
            run("absent", Path("absent-too"), **options)
    assert not Path("absent-too").exists()
