"""``framing archive`` and ``framing merge``: exit codes, messages, and the page about them."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from archive_runs import BAD, ROWS, KeywordScorer, output, write_lines

import framing
from framing.archive.display import describe, display, duration
from framing.archive.progress import Progress
from framing.cli import main
from framing.scorer import Scorer

PAGE = Path(__file__).resolve().parents[1] / "docs" / "archives.md"


@pytest.fixture(autouse=True)
def keyword_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(framing), "Scorer", KeywordScorer)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command over a few rows, without the folder to write."""
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "news.jsonl", ROWS)
    return ["archive", "news.jsonl", "--part-rows", "5", "--keep", "outlet"]


def test_done_and_done_again(
    archive: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*archive, "--out", "out"]) == 0
    printed, said = capsys.readouterr()
    assert printed == "" and "framing: 12 documents, 30 sentences, 3 parts, in " in said
    before = output(tmp_path / "out")
    assert main([*archive, "--out", "out"]) == 0
    assert "3 parts, 3 of them from before" in capsys.readouterr().err
    assert output(tmp_path / "out") == before


def test_rejected_rows_give_exit_code_3(
    archive: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(tmp_path / "news.jsonl", ROWS, bad=BAD)
    assert main([*archive, "--out", "out"]) == 3
    assert f"2 rows could not be scored; {Path('out/rejected.jsonl')}" in capsys.readouterr().err
    assert main([*archive, "--out", "strict", "--strict"]) == 2
    assert "news.jsonl, line 4: " in capsys.readouterr().err


def test_every_option_reaches_the_run(archive: list[str], tmp_path: Path) -> None:
    command = [*archive, "--out", "out", "--text-column", "outlet", "--id-column", "text"]
    command += ["--level", "sentence", "--format", "jsonl", "--no-text", "--no-split"]
    command += ["--max-chars", "9", "--part-chars", "99", "--shard", "1/1", "--encoding", "ascii"]
    command += ["--once", "--precision", "bfloat16"]
    assert main(command) == 0
    record = json.loads((tmp_path / "out" / "_manifest" / "run.json").read_text("utf-8"))
    assert record["options"] == {
        "text_column": "outlet",
        "id_column": "text",
        "keep": ["outlet"],
        "split": False,
        "level": "sentence",
        "format": "jsonl",
        "text": False,
        "encoding": "ascii",
        "max_chars": 9,
        "part_rows": 5,
        "part_chars": 99,
        "once": True,
    }
    assert record["shard"] == [1, 1] and record["runtime"] == "keywords bfloat16, cpu"


def test_what_cannot_be_used_gives_exit_code_2(
    archive: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "news.csv").write_text("text,author\nOne.,Ann\n", "utf-8")
    for options, said in (
        (["absent.jsonl"], "absent.jsonl: no such file"),
        (["news.csv"], "news.csv: no column 'outlet'"),
        (["--shard", "5/4"], "shard: "),
        (["--encoding", "utf-9"], "unknown encoding 'utf-9'"),
    ):
        assert main([archive[0], *options, *archive[1:], "--out", "out"]) == 2
        _, err = capsys.readouterr()
        assert said in err and err.startswith("framing: ") and err.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert main(["merge", "news.jsonl", "--out", "out"]) == 2


def test_a_full_disk_gives_exit_code_1(
    archive: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main([*archive, "--out", "out"]) == 1
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
@pytest.mark.parametrize("turned_into", [None, ImportError, SystemError])
def test_signals_end_a_run_that_can_be_resumed(
    turned_into: type[Exception] | None,
    number: signal.Signals,
    code: int,
    said: str,
    archive: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = KeywordScorer.group
    calls = [0]

    def group(self: Any, texts: list[str], *, split: bool) -> Any:
        calls[0] += 1
        if calls[0] == 2:
            try:
                os.kill(os.getpid(), number)
            except BaseException as error:
                if turned_into is not None:  # as C code does that meets an exception
                    raise turned_into("of another kind") from error
                raise
        yield from real(self, texts, split=split)

    before = signal.getsignal(number)
    with monkeypatch.context() as patch:
        patch.setattr(KeywordScorer, "group", group)
        assert main([*archive, "--out", "out"]) == code
    assert f"framing: {said}; the same command goes on" in capsys.readouterr().err
    assert signal.getsignal(number) is before
    assert main([*archive, "--out", "out"]) == 0
    assert "1 of them from before" in capsys.readouterr().err
    main([*archive, "--out", "whole"])
    assert output(tmp_path / "out") == output(tmp_path / "whole")


@pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")
def test_sigterm_ends_the_process_with_143(archive: list[str], tmp_path: Path) -> None:
    code = (
        "import sys, framing, archive_runs; from framing.cli import main; "
        "archive_runs.KeywordScorer.pause = 0.05; framing.Scorer = archive_runs.KeywordScorer; "
        "sys.exit(main(sys.argv[1:]))"
    )
    tests = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-c", code, *archive, "--part-rows", "1", "--out", "out"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list(Path("out").glob("_manifest/parts/*.json")):
        time.sleep(0.01)
    process.terminate()
    assert "terminated; the same command goes on" in process.communicate(timeout=60)[1]
    assert process.returncode == 143
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_a_dry_run_says_what_to_expect_and_writes_nothing(
    archive: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*archive, "--out", "out", "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "1 source, about 12 rows" in printed and "judged by 5 rows" in printed
    assert re.search(r"about \d+ s of scoring on this machine, \d+\.\d kB of output", printed)
    assert [p.name for p in tmp_path.iterdir()] == ["news.jsonl"]
    expected = float(re.findall(r"([\d.]+) kB", printed)[0]) * 1000
    main([*archive, "--out", "out"])
    written = sum(p.stat().st_size for p in (tmp_path / "out").glob("*/*.parquet"))
    assert written / 2 < expected < written * 2


def test_a_large_file_is_estimated_by_its_beginning(tmp_path: Path) -> None:
    import gzip

    from framing.archive.estimate import expected_rows
    from framing.archive.inputs import find_sources
    from framing.archive.options import ArchiveOptions

    lines = write_lines(tmp_path / "a.jsonl", 8000)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.read_bytes()))
    table = "text,outlet\n" + '"One,\n""two"".",x\n' * 30_000
    (tmp_path / "c.csv").write_text(table, "utf-16")
    found = expected_rows(find_sources([tmp_path]), ArchiveOptions())
    assert found == [
        pytest.approx(8000, rel=0.1),
        pytest.approx(8000, rel=0.1),
        pytest.approx(30_000, rel=0.1),
    ]


def test_progress_in_a_pipe_is_a_line_now_and_then() -> None:
    progress = Progress(
        documents=24_000,
        sentences=480_123,
        rejected=3,
        parts=12,
        fraction=0.125,
        rate=152.4,
        seconds=3150,
        seconds_left=7580,
    )
    stream = io.StringIO()
    with display(stream, every=0) as report:
        report(progress)
    assert stream.getvalue() == f"framing: {describe(progress)}\n"
    assert describe(progress) == (
        "12%, 24,000 documents, 480,123 sentences (152 a second), 3 rejected, about 2 h 6 min left"
    )
    stream = io.StringIO()
    with display(stream) as report:
        report(progress)
    assert stream.getvalue() == ""
    assert [duration(s) for s in (3, 75, 90_000, 300_000)] == [
        "3 s",
        "1 min 15 s",
        "25 h 0 min",
        "3 days 11 h",
    ]


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with display(stream) as report:
        report(
            Progress(
                documents=7,
                sentences=9,
                rejected=0,
                parts=1,
                fraction=None,
                rate=0.0,
                seconds=0.0,
                seconds_left=None,
            )
        )
    assert "7 documents, 9 sentences" in stream.getvalue()


def test_help_names_the_exit_codes_and_needs_no_pyarrow(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("archive", "merge"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0 and "143  ended by SIGTERM" in capsys.readouterr().out
    code = "import sys, framing.cli; sys.exit('pyarrow' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_pyarrow_it_says_what_to_install(
    archive: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("framing.archive.")]:
        if name != "framing.archive.commands":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main([*archive, "--out", "out"]) == 2
    assert 'pip install "framing-score[archive]"' in capsys.readouterr().err


# docs/archives.md


def blocks(language: str) -> list[str]:
    """The code of the page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def commands() -> list[list[str]]:
    """The commands of the page that can be run here, their globs made out."""
    lines = [
        line
        for block in blocks("sh") + blocks("bash")
        for line in block.replace("\\\n", " ").replace("srun ", "").splitlines()
        if line.startswith("framing") and "ray" not in line
    ]
    return [
        [
            str(name)
            for word in shlex.split(line)[1:]
            for name in ("*" in word and sorted(Path().glob(word))) or [word]
        ]
        for line in lines
    ]


def test_the_page_about_archives_runs(
    scorer: Scorer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(vars(framing), "Scorer", lambda model, **how: scorer)
    (tmp_path / "news").mkdir()
    for year in (2024, 2025):
        rows = [json.loads(line) for line in write_lines(Path("x"), 8).read_text().splitlines()]
        rows = [row | {"date": f"{year}-0{1 + n % 3}-11"} for n, row in enumerate(rows)]
        content = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / "news" / f"{year}.jsonl").write_text(content, "utf-8")
    whole, _, shard = commands()
    assert main(whole) == 0

    by_outlet, by_words = blocks("sql")
    loaded = duckdb.sql(by_outlet)
    assert loaded.columns == ["outlet", "sentences", "loaded", "share"]
    assert {row[0] for row in loaded.fetchall()} <= {"o0", "o1", "o2"}
    # To the random weights of the model all that is loaded is in the voice of a source.
    found = [duckdb.sql(by_words.replace("reporter", v)).fetchall() for v in ("reporter", "source")]
    said = [
        sentence["text"][span["start"] - sentence["start"] : span["end"] - sentence["start"]]
        for sentence in pq.read_table("scores/sentences").to_pylist()
        for span in sentence["loaded_spans"]
    ]
    counts = Counter(map(str.lower, said)).most_common()
    assert 0 < len(counts) <= 20
    assert sorted(found[0] + found[1]) == sorted(counts)

    score, pandas, polars = blocks("python")
    capsys.readouterr()
    exec(pandas, {})
    assert "2024-01" in (printed := capsys.readouterr().out) and "frame_economic" in printed
    exec(polars, {})
    assert "news" not in (printed := capsys.readouterr().out) and "2025.jsonl:" in printed
    exec(score, {})
    assert capsys.readouterr().out.split()[0] == "16"

    for number in ("1", "2", "3"):
        command = [word.replace("$SLURM_ARRAY_TASK_ID", number) for word in shard]
        assert main([f"{number}/3" if word == f"{number}/16" else word for word in command]) == 0
    one_run = output(tmp_path / "scores")
    (tmp_path / "scores").rename(tmp_path / "before")
    assert main(commands()[1]) == 0
    assert output(tmp_path / "scores") == one_run
