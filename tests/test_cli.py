"""The command line: what it prints, where it writes, and what it says when it cannot."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeScorer

import framing
from framing.cli import main
from framing.errors import InputError, ModelError, WorkerError

ARTICLE = "The vote is a shameful betrayal.\n\nThe council met at “noon”. It left.\n"


@pytest.fixture(autouse=True)
def fake_scorer_and_plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    # Not setattr: that would first load the real one, and torch with it.
    monkeypatch.setitem(vars(framing), "Scorer", FakeScorer)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def article(tmp_path: Path) -> str:
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8", newline="")
    return str(path)


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "texts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], ["a", ARTICLE], ["b", ""], ["c", "One. Two."]])
    return str(path)


def test_a_table_is_printed_in_80_plain_columns(
    article: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", article]) == 0
    out, err = capsys.readouterr()
    assert "*shameful* *betrayal*" in out and "0.83" in out and "political" in out
    assert "\x1b" not in out and err == ""
    assert max(map(len, out.splitlines())) <= 80


def test_colours_only_where_they_are_wanted(
    article: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["score", article])
    coloured = capsys.readouterr().out
    assert "\x1b[1;31mshameful" in coloured and "*shameful*" not in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    main(["score", article])
    assert "*shameful*" in (plain := capsys.readouterr().out)
    assert "31m" not in plain


def test_a_text_cannot_drive_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nasty.txt"
    path.write_text("A \x1b]0;owned\x07 \x9b31m [red]stolen[/red] crown.", encoding="utf-8")
    assert main(["score", str(path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x9b" not in out and "\x07" not in out
    assert "[red]*stolen*[/red]" in out


def test_json_of_a_text_is_an_object_and_of_a_table_an_array(
    article: str, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", article, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["text"] == ARTICLE and len(document["sentences"]) == 3
    assert main(["score", table, "--json"]) == 0
    documents = json.loads(capsys.readouterr().out)
    assert [len(d["sentences"]) for d in documents] == [3, 0, 2]
    assert documents[0] == document


def test_jsonl_is_one_document_a_line_whatever_the_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["One\u2028two\x85three.", "Four."]
    path = tmp_path / "texts.tsv"
    path.write_text("body\n" + "\n".join(f'"{t}"' for t in texts), encoding="utf-8")
    assert main(["score", str(path), "--text-column", "body", "--jsonl"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["text"] for line in lines] == texts


def test_csv_is_one_row_a_sentence(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", table, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(r["document"], r["sentence"]) for r in rows] == [
        ("0", "0"),
        ("0", "1"),
        ("0", "2"),
        ("2", "0"),
        ("2", "1"),
    ]
    assert ARTICLE[int(rows[1]["start"]) : int(rows[1]["end"])] == rows[1]["text"]
    assert rows[0]["loaded"] == "0.83" and rows[0]["loaded_label"] == "True"
    assert rows[0]["sourcing"] == "none" and rows[1]["frames"] == "political"
    assert rows[0]["model"] == "fake"


def test_no_split_scores_each_line_or_row_whole(
    article: str, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", article, "--no-split", "--jsonl"]) == 0
    sentences = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [s["text"] for s in sentences] == ARTICLE.splitlines()
    assert [s["windows"] for s in sentences] == [1, 0, 1]
    assert main(["score", table, "--no-split", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [r["text"] for r in rows] == [ARTICLE, "", "One. Two."]
    assert rows[1]["loaded"] == "" and rows[1]["windows"] == "0"
    assert main(["score", article, "--no-split"]) == 0
    assert "*betrayal*" in capsys.readouterr().out


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("\ufeffOne. Two.".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["score", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "One. Two."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_obeyed_and_no_part_of_the_text(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Ein Zitat: „nein“.".encode(encoding))
    assert main(["score", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Ein Zitat: „nein“."


def test_an_encoding_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Wörter.".encode("cp1252"))
    assert main(["score", str(path), "--json", "--encoding", "cp1252"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Wörter."


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (b"", [], "empty"),
        (b" \n\t", [], "empty"),
        (b"%PDF\0\1", [], "zero byte at offset 4"),
        (b"ab \xff cd", [], "byte 0xff at offset 3"),
        (b"ab \xff cd", [], "--encoding"),
        (b"ab", ["--encoding", "utf-9"], "unknown encoding 'utf-9'"),
        (b"id,body\n1,x\n", ["--text-column", "text"], "choose with --text-column: 'id', 'body'"),
        (b"id,text\n", ["--text-column", "text"], "no row"),
        (b"id,text\n1,a\n2\n", ["--text-column", "text"], "line 3: 1 fields"),
        (b'id,text\n1,"open\n2,b\n', ["--text-column", "text"], "broken table"),
    ],
)
def test_bad_input_is_explained(
    data: bytes,
    options: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "input"
    path.write_bytes(data)
    assert main(["score", str(path), *options]) == 2
    out, err = capsys.readouterr()
    assert out == "" and message in err and err.startswith("framing: ") and err.count("\n") == 1


def test_bad_paths_are_explained(
    article: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(tmp_path / "absent.txt")]) == 2
    assert "absent.txt: no such file" in capsys.readouterr().err
    assert main(["score", str(tmp_path)]) == 2
    assert "a folder" in capsys.readouterr().err
    assert main(["score", article, "--html", str(tmp_path / "no" / "report.html")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert main(["score", article, "--html", str(tmp_path)]) == 2
    assert "not a file" in capsys.readouterr().err


def test_separators_are_told_from_the_header(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id;text\n1;One, two.\n", encoding="utf-8")
    assert main(["score", str(path), "--jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "One, two."


def test_html_is_written_whole_or_not_at_all(
    article: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    out = tmp_path / "report.html"
    assert main(["score", article, "--html", str(out)]) == 0
    printed, err = capsys.readouterr()
    assert printed == "" and f"wrote {out}" in err
    assert "article.txt" in (before := out.read_text(encoding="utf-8"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert main(["score", article, "--html", str(out)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["article.txt", "report.html"]


def test_html_and_data_go_together(
    article: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    assert main(["score", article, "--jsonl", "--html", str(out)]) == 0
    assert len(json.loads(capsys.readouterr().out)["sentences"]) == 3
    assert "betrayal" in out.read_text(encoding="utf-8")


def test_the_demo_prints_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert "framing-report.html" in out and "*betrayal*" in out
    assert "Orrin Island" in (tmp_path / "framing-report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelError("no model 'big'"), 1),
        (WorkerError("a process was killed"), 1),
        (InputError("no such text"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_codes(
    error: BaseException,
    code: int,
    article: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scorer(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setitem(vars(framing), "Scorer", scorer)
    assert main(["score", article]) == code
    assert str(error) in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["score"], ["score", "a", "--json", "--csv"], ["sing"]])
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2 and "usage" in capsys.readouterr().err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, wanted in (
        (["--help"], "130  interrupted"),
        (["score", "--help"], "--text-column"),
        (["--version"], framing.__version__),
        (["score", "--version"], framing.__version__),
    ):
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        assert exit_.value.code == 0 and wanted in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise on Windows")
def test_a_reader_who_leaves_is_no_error(tmp_path: Path) -> None:
    tests = Path(__file__).parent
    path = tmp_path / "long.txt"
    path.write_text("A betrayal. " * 3000, encoding="utf-8")
    code = (
        "import sys; import framing, framing.cli, fakes; framing.Scorer = fakes.FakeScorer; "
        f"sys.exit(framing.cli.main(['score', {str(path)!r}, '--csv']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
    )
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_the_command_line_starts_without_torch() -> None:
    code = "import sys, framing.cli; sys.exit('torch' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
