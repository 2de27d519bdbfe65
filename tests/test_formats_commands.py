"""The options of a corpus on the command line, and ``convert``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from corpora_files import write as write_text

from training.commands import convert
from training.commands.options import add_corpus_options, corpus_of
from training.faults import FaultyCorpusError

CODEBOOK = """
name = "tones"
[tasks.tone]
kind = "multiclass"
labels = ["calm", "angry"]
"""
ROWS = "text,tone,article\nA bill.,calm,d\nBad!,angry,d\n"


@pytest.fixture
def codebook(tmp_path: Path) -> str:
    return str(write_text(tmp_path / "tones.toml", CODEBOOK))


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_corpus_options(parser)
    return parser.parse_args(arguments)


def run(*arguments: str) -> int | None:
    parser = argparse.ArgumentParser()
    convert.add_to(parser.add_subparsers())
    parsed = parser.parse_args(["convert", *arguments])
    return parsed.run(parsed)


def test_every_option_is_obeyed(tmp_path: Path, codebook: str) -> None:
    path = write_text(tmp_path / "c.txt", ROWS.replace("tone", "mood"))
    corpus = corpus_of(
        options(
            str(path), "--codebook", codebook, "--format", "delimited",
            "--columns", "tone=mood", "--columns", "event=article", "--group-by", "event",
        )
    ).sound()  # fmt: skip
    assert corpus.codebook.name == "tones"
    assert [e.labels for e in corpus.examples] == [{"tone": "calm"}, {"tone": "angry"}]
    assert {e.group for e in corpus.examples} == {"c:d"}


def test_the_built_in_codebook_is_the_default(tmp_path: Path) -> None:
    path = write_text(tmp_path / "c.csv", "text,loaded,document\nA bill.,1,d\n")
    corpus = corpus_of(options(str(path))).sound()
    assert corpus.codebook.name == "framing"
    assert corpus.examples[0].labels == {"loaded": 1.0}


def test_files_of_one_folder_are_one_corpus(tmp_path: Path, codebook: str) -> None:
    columns = ("--codebook", codebook, "--columns", "document=article")
    press = tmp_path / "press"
    paths = [str(write_text(press / f"{n}.csv", ROWS)) for n in ("train", "dev", "more")]
    other = str(write_text(tmp_path / "other" / "c.csv", ROWS))
    corpus = corpus_of(options(*paths, other, *columns)).sound()
    found = [(e.group, e.split) for e in corpus.examples[::2]]
    assert found == [
        ("press:d", "train"), ("press:d", "dev"), ("press:d", None), ("c:d", None)
    ]  # fmt: skip
    assert [e.split for e in corpus_of(options(paths[0], *columns)).examples] == [None, None]


@pytest.mark.parametrize("given", [["text"], ["=x"], ["text="], ["text=a", "text=b"]])
def test_columns_that_are_none(given: list[str], tmp_path: Path) -> None:
    path = write_text(tmp_path / "c.csv", "text,loaded\nA bill.,1\n")
    with pytest.raises(ValueError, match="--columns: "):
        corpus_of(options(str(path), "--columns", *given))


def test_convert(tmp_path: Path, codebook: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_text(tmp_path / "c.csv", ROWS)
    out = tmp_path / "out.jsonl"
    columns = ("--codebook", codebook, "--columns", "document=article")
    assert run(str(path), str(out), *columns) == 0
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert records[1] == {
        "id": "c.csv:3", "text": "Bad!", "document": "d", "labels": {"tone": "angry"}
    }  # fmt: skip
    printed = capsys.readouterr()
    assert printed.out == f"{out}: 2 sentences\n"
    assert printed.err == ""
    assert run(str(out), str(tmp_path / "x.txt"), "--codebook", codebook, "--to", "doccano") == 0
    assert '"label": ["angry"]' in (tmp_path / "x.txt").read_text(encoding="utf-8")


def test_convert_says_warnings_and_writes_nothing_of_a_faulty_corpus(
    tmp_path: Path, codebook: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_text(tmp_path / "c.csv", ROWS)
    out = tmp_path / "out.jsonl"
    assert run(str(path), str(out), "--codebook", codebook) == 0
    assert "warning: no document" in capsys.readouterr().err
    out.unlink()
    write_text(path, ROWS.replace("angry", "angri"))
    with pytest.raises(FaultyCorpusError, match="did you mean 'angry'"):
        run(str(path), str(out), "--codebook", codebook)
    assert not out.exists()


def test_a_missing_extra_is_named() -> None:
    code = "import sys; sys.modules['scipy'] = None; from training.cli import main; "
    done = subprocess.run(
        [sys.executable, "-c", f"{code}sys.exit(main(['check', 'corpus.jsonl']))"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "framing-score[train]" in done.stderr
