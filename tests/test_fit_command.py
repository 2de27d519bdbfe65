"""``framing-train fit`` as it is typed: what it refuses, and what its card says to type again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_fit import place_corpus

from training.cli import main

CODEBOOK = """
[tasks.place]
kind = "multiclass"
labels = ["court", "school", "bank", "union"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus, a codebook and a table of other texts, to be worked with from where they lie."""
    lines = [
        json.dumps({"text": e.text, "document": e.group, "labels": {"place": e.labels["place"]}})
        for e in place_corpus().examples
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "places.toml").write_text(CODEBOOK, encoding="utf-8")
    rows = [f"{i},A report of day {i} is out. It is long." for i in range(20)]
    (tmp_path / "news.csv").write_text("\n".join(["id,body", *rows]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fit(*options: str) -> int:
    return main(["fit", "corpus.jsonl", "--codebook", "places.toml", *options])


def test_its_card_has_the_command_that_makes_it_again(folder: Path, tiny_model: Path) -> None:
    said = ["--method", "heads", "--keep", "loaded", "--text-column", "body", "--seed", "3"]
    assert fit("--from", str(tiny_model), "--text", "news.csv", *said, "--out", "mine") == 0
    card = (folder / "mine" / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall("framing-train fit CORPUS .*", card)
    for part in ("--method heads", "--keep loaded", "--text TEXTS", "--text-column body"):
        assert part in command
    record = json.loads((folder / "mine" / "training.json").read_text(encoding="utf-8"))
    assert set(record["hashes"]) == {"train", "unlabelled"}
    assert not (folder / "mine-work").exists()


def test_texts_without_a_kept_task_are_refused(
    folder: Path, tiny_encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--from", str(tiny_encoder), "--text-column", "body", "--out", "mine"]
    assert fit(*options, "--text", "news.csv") == 2
    assert "none is kept" in capsys.readouterr().err
    assert not (folder / "mine").exists() and not (folder / "mine-work").exists()


def test_folders_with_other_files_are_left_alone(
    folder: Path, tiny_encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    for option in (["--out", "."], ["--out", "mine", "--work", "."]):
        assert fit("--from", str(tiny_encoder), *option) == 2
        assert "other files" in capsys.readouterr().err
    assert fit("--from", str(tiny_encoder), "--out", "news.csv") == 2
    assert "is a file" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_checkpoints_of_other_texts_are_not_gone_on_from(
    folder: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mine-work").mkdir()
    (folder / "mine-work" / "job").write_text("of another run\n", encoding="utf-8")
    assert fit("--from", str(tiny_model), "--method", "heads", "--out", "mine") == 2
    assert "checkpoints of another run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("codebook", "message"),
    [
        ('[tasks.place]\nkind = "multiclass"\nlabels = "court"', "write a list, such as ['court']"),
        ('built_in = "loaded"', "write true, or a list such as ['loaded']"),
        ('[tasks]\nplace = "binary"', "write a table, [tasks.place]"),
    ],
)
def test_what_a_codebook_has_in_place_of_a_list_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], codebook: str, message: str
) -> None:
    (folder / "places.toml").write_text(codebook, encoding="utf-8")
    assert fit("--out", "mine") == 2
    assert message in capsys.readouterr().err
