"""The report on a corpus: its verdict, its forms, and the command that prints it."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flood import CODEBOOK, SIZE, checked, clean

from training.check import Report
from training.codebook import Codebook
from training.commands.check import add_to, print_report
from training.example import Example
from training.faults import Fault
from training.records import to_record

READ = [
    Fault(severity="error", message="text: '' is blank; give one", file="a.csv", line=3),
    Fault(severity="warning", message="labels.blame[2]: 4:9 cuts a word, 'it'; x", file="a.csv",
          line=4),
    Fault(severity="warning", message="labels.blame[0]: 0:7 cuts a word, 'he; s...; y",
          file="a.csv", line=9),
]  # fmt: skip


def test_faults_of_reading_are_passed_on_and_stop_training() -> None:
    report = checked(clean(), READ)
    assert report.faults == tuple(READ)
    assert report.verdict == "cannot be trained on yet: 1 error and 2 warnings"
    assert list(report.by_kind()) == ["text", "labels.blame[…]: … cuts a word, …"]
    assert len(checked([], READ).faults) == 3, "that nothing is left need not be said too"


def test_verdicts() -> None:
    assert checked(clean(), READ[1:]).verdict == (
        "150 sentences of 15 documents can be trained on; 2 warnings"
    )
    alone = [replace(e, document=None) for e in clean()]
    assert checked(alone, READ[1:2]).verdict == "150 sentences can be trained on; 1 warning"
    assert checked(clean(), READ[:1]).verdict == "cannot be trained on yet: 1 error"


def voted() -> list[Example]:
    return [
        replace(
            e,
            votes={
                "ann1": {"alarm": e.labels["alarm"], "blame": e.labels["blame"]},
                "ann2": {"alarm": float(i % 3 == 0)},
            },
        )
        for i, e in enumerate(clean())
    ]


def test_agreement_is_measured_where_there_are_votes() -> None:
    report = checked(voted())
    alarm, blame = report.agreement
    assert (alarm.task, alarm.sentences, alarm.annotators) == ("alarm", SIZE, 2)
    assert alarm.alpha is not None
    assert alarm.low is not None
    assert alarm.low < alarm.alpha
    assert (blame.task, blame.alpha) == ("blame", None)
    assert "no sentence has two annotators" in report.markdown()
    assert checked(clean()).agreement == ()


def test_the_report_as_values() -> None:
    report = checked(voted(), READ)
    values = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert values["verdict"] == report.verdict
    assert (values["errors"], values["warnings"], values["trainable"]) == (1, 2, SIZE)
    assert values["faults"][0] == {
        "kind": "text", "severity": "error", "message": READ[0].message, "file": "a.csv", "line": 3,
    }  # fmt: skip
    assert [t["task"] for t in values["tasks"]] == list(CODEBOOK.names)
    assert values["tasks"][3]["labels"][1]["spans"] == SIZE
    assert values["agreement"][0]["alpha"] == report.agreement[0].alpha


def test_the_report_as_markdown() -> None:
    evil = Fault(
        severity="warning", message="key '<b>|x_y|\n' is *not* [known](http://x)", file="a&b.csv"
    )
    page = checked(clean(split=True), [evil, *(at_line(READ[1], n) for n in range(1, 31))])
    written = page.markdown()
    assert "| train | 90 | 9 | 4 | 9 |" in written
    assert "| all | 150 | 15 | 4 | 15 |" in written
    assert "|  | against | 75 |  | 50.0% | 45 | 15 | 15 |" in written
    assert "<b>" not in written
    assert (
        "a&amp;b.csv: warning: key '&lt;b&gt;\\|x\\_y\\|\ufffd' is \\*not\\* \\[known\\]" in written
    )
    assert written.count("cuts a word") == 1 + 20
    assert "- and 10 more" in written
    assert "| none |" not in checked(clean()).markdown(), "no split is declared"
    assert page.markdown(shown=None).count("cuts a word") == 1 + 30


def at_line(fault: Fault, line: int) -> Fault:
    return replace(fault, line=line)


def printed(report: Report, **options: Any) -> str:
    file = io.StringIO()
    print_report(report, file, **options)
    return file.getvalue()


def test_the_report_in_a_terminal() -> None:
    many = [at_line(READ[1], n) for n in range(1, 31)]
    report = checked(voted(), [READ[0], *many])
    lines = printed(report).splitlines()
    assert lines[-1] == report.verdict
    assert sum("cuts a word" in line for line in lines) == 1 + 20
    assert "  and 10 more; --all lists them" in lines
    assert "  a.csv:3: error: text: '' is blank; give one" in lines
    assert any(line.split() == ["alarm", "75", "50.0%"] for line in lines)
    assert lines.index("text (1)") < next(i for i, x in enumerate(lines) if "cuts a word" in x)
    assert "more;" not in printed(report, shown=None)


def test_a_terminal_obeys_nothing_that_a_corpus_says() -> None:
    fault = Fault(severity="warning", message="[red]x[/red] \x1b[31m\u202e \ud800", file="a\r.csv")
    out = printed(checked(clean(), [fault]))
    assert "[red]x[/red] \ufffd[31m\ufffd \ufffd" in out
    assert "a\ufffd.csv" in out
    out.encode("utf-8")


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers(required=True))
    options = parser.parse_args(["check", *arguments])
    return int(options.run(options))


def write(path: Path, examples: Sequence[Example], codebook: Codebook) -> Path:
    lines = [json.dumps(to_record(e, codebook)) for e in examples]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def codebook(tmp_path: Path) -> Path:
    path = tmp_path / "flood.toml"
    tables = (
        f'[tasks.{t.name}]\nkind = "{t.kind}"\nlabels = {list(t.labels)}' for t in CODEBOOK.tasks
    )
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def test_the_command_on_a_sound_corpus(
    tmp_path: Path, codebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "c.jsonl", clean(), CODEBOOK)
    out = tmp_path / "report.json"
    assert run(str(file), "--codebook", str(codebook), "--strict", "--json", str(out)) == 0
    assert capsys.readouterr().out.endswith("can be trained on; nothing found wrong\n")
    assert json.loads(out.read_text(encoding="utf-8"))["sentences"] == SIZE


def test_the_command_tells_warnings_from_errors(
    tmp_path: Path, codebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = clean()
    examples[3] = replace(examples[3], text="He <b>said</b> no.", labels={})
    warned = write(tmp_path / "c.jsonl", examples, CODEBOOK)
    options = ("--codebook", str(codebook))
    assert run(str(warned), *options) == 0
    assert "c.jsonl:4: warning: HTML" in capsys.readouterr().out
    assert run(str(warned), *options, "--strict") == 1
    with warned.open("a", encoding="utf-8") as file:
        file.write('\n{"text": "It rained.", "labels": {"stance": "fro"}}')
    assert run(str(warned), *options) == 1
    out = capsys.readouterr().out
    assert "c.jsonl:151: error: labels.stance: 'fro'" in out
    assert out.splitlines()[-1].startswith("cannot be trained on yet: 1 error")


def test_the_command_lists_all_faults_if_asked(
    tmp_path: Path, codebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = [replace(e, text=f"{e.text} <br>") for e in clean()]
    file = write(tmp_path / "c.jsonl", examples, CODEBOOK)
    assert run(str(file), "--codebook", str(codebook)) == 0
    assert "  and 130 more; --all lists them" in capsys.readouterr().out
    assert run(str(file), "--codebook", str(codebook), "--all") == 0
    assert capsys.readouterr().out.count("warning: HTML") == SIZE


def test_the_command_reads_columns_and_groups(
    tmp_path: Path, codebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f'"{e.text}",{e.labels["stance"]},{e.outlet}' for e in clean()]
    (tmp_path / "c.csv").write_text("\n".join(["satz,stance,outlet", *rows]), encoding="utf-8")
    options = ("--codebook", str(codebook), "--columns", "text=satz", "--group-by", "outlet")
    assert run(str(tmp_path / "c.csv"), *options) == 0
    out = capsys.readouterr().out
    assert ["all", "150", "0", "4", "4"] in [line.split() for line in out.splitlines()]
    assert out.count("thin class: 75 sentences of 4 groups") == 2


def test_the_sample_corpus_can_be_trained_on() -> None:
    folder = Path(__file__).resolve().parents[1] / "data" / "sample"
    if not folder.is_dir():
        pytest.skip("data/sample is not there")
    assert run(str(folder / "corpus.jsonl")) == 0
