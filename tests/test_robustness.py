"""The benchmark of robustness: its measures, its noise and its command."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.robustness import __main__ as command
from benchmarks.robustness import measures, noise
from benchmarks.robustness.change import changes
from benchmarks.robustness.families import Family, template_families
from benchmarks.robustness.noise import NOISES, labelled_sets, noise_results
from benchmarks.robustness.perturb import curly, straight, typos, without_stop
from benchmarks.robustness.readings import Readings, read
from benchmarks.robustness.swaps import read_swaps
from benchmarks.robustness.tables import renewed, tables, verdict
from benchmarks.robustness.voice import MISSED, read_marked, unmark, voice_of, voice_results
from benchmarks.robustness.wire import read_wire, wire_results
from framing import Scorer

ROOT = Path(__file__).resolve().parents[1]
SWAPS = read_swaps()
FAMILIES = template_families(SWAPS)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are not what is tested here, and most of the time would go into them."""
    monkeypatch.setattr(measures, "SAMPLES", 20)
    monkeypatch.setattr(noise, "SAMPLES", 20)


# Measures


def readings(loaded: list[float], **changed: object) -> Readings:
    size = len(loaded)
    made = Readings(
        loaded=np.array(loaded),
        attributed=np.zeros(size),
        frames=np.zeros((size, 2)),
        given_loaded=np.array(loaded) >= 0.5,
        given_frames=np.zeros((size, 2), dtype=bool),
        kind=np.zeros(size, dtype=np.int64),
        spans=[[]] * size,
        kinds=("none", "direct"),
        frame_names=("economic", "morality"),
    )
    return dataclasses.replace(made, **changed)


def family(key: str, texts: str, **changed: object) -> Family:
    made = Family(
        id=key, group=key, style="neutral", versions=dict(zip("xyz", texts, strict=False))
    )
    return dataclasses.replace(made, **changed)


ROWS = {letter: row for row, letter in enumerate("abcdef")}


def test_changes_are_averaged_over_the_pairs_of_a_sentence_first() -> None:
    found = changes(
        [family("1", "abc"), family("2", "de")],
        readings(
            [0.1, 0.2, 0.7, 0.4, 0.4],
            frames=np.array([[0, 0], [0, 0], [0, 0], [0.5, 0], [0, 0.1]]),
            kind=np.array([0, 0, 0, 0, 1]),
        ),
        ROWS,
    )
    assert found["loaded"]["mean"]["value"] == pytest.approx(((0.1 + 0.6 + 0.5) / 3 + 0) / 2)
    assert (found["loaded"]["max"], found["loaded"]["max_in"]) == (0.6, "1")
    assert found["loaded"]["max_between"] == ("x", "z")
    assert found["flipped"]["loaded"]["value"] == pytest.approx((2 / 3 + 0) / 2, abs=1e-5)
    assert found["flipped"]["sourcing"]["value"] == pytest.approx((0 + 1) / 2)
    assert found["frames"]["mean"]["value"] == pytest.approx((0 + 0.3) / 2)
    assert found["frames"]["each"]["morality"]["value"] == pytest.approx(0.05)
    assert (found["families"], found["pairs"]) == (2, 4)


def test_a_real_sentence_is_compared_with_what_stood_there() -> None:
    found = changes([family("1", "abc", written="y")], readings([0.1, 0.2, 0.7]), ROWS)
    assert found["loaded"]["mean"]["value"] == pytest.approx((0.1 + 0.5) / 2)
    assert found["loaded"]["mean"]["low"] is None  # one document: nothing is known of others


def test_changes_are_told_apart_by_how_a_sentence_is_written() -> None:
    written = [
        family("1", "ab", style="loaded"),
        family("2", "cd", written="x", style="real"),
        family("3", "ef", written="y", style="real"),
    ]
    found = changes(written, readings([0.1, 0.2, 0.4, 0.7, 0.5, 0.9]), ROWS)["by_style"]
    assert {style: (part["value"], part["n"]) for style, part in found.items()} == {
        "loaded": (0.1, 1),
        "not called loaded": (0.3, 1),
        "called loaded": (0.4, 1),
    }


@pytest.mark.parametrize(
    ("value", "high", "wanted"),
    [
        (0.01, 0.02, "met"),
        (0.01, 0.04, "met, but for the interval"),
        (0.01, None, "met, but for the interval"),
        (0.03, 0.05, "missed"),
    ],
)
def test_the_aim_is_met_where_the_interval_is_under_it(
    value: float, high: float | None, wanted: str
) -> None:
    assert verdict({"value": value, "low": 0.0, "high": high, "n": 9}) == wanted


def test_fillers_that_give_one_text_are_not_compared() -> None:
    assert list(family("1", "aab").pairs()) == [("x", "z")]
    assert changes([family("1", "aaa")], readings([0.1]), ROWS) == {"families": 0}


def test_a_filler_is_held_against_the_others_in_its_sentence() -> None:
    found = changes(
        [family("1", "abc"), family("2", "def"), family("3", "fa", mixed=True)],
        readings([0.6, 0.2, 0.4, 0.9, 0.9, 0.9]),
        ROWS,
    )["by_filler"]
    assert found["x"]["over_others"]["value"] == pytest.approx((0.3 + 0) / 2)
    assert found["y"]["over_others"]["value"] == pytest.approx((-0.3 + 0) / 2)
    assert found["x"]["mean"]["value"] == pytest.approx(0.75)
    assert found["x"]["mean"]["n"] == 2


def test_readings_are_what_a_reader_of_scores_sees(scorer: Scorer) -> None:
    texts = ["The senator slammed the bill.", "It rained.", 'He said "reckless" things.']
    found, row_of = read(scorer, [*texts, texts[0]])
    assert row_of == {text: row for row, text in enumerate(texts)}
    for text, score in zip(texts, scorer.score(texts, split=False), strict=True):
        row = row_of[text]
        loaded, sourcing, frames = score.loaded_language, score.sourcing, score.framing
        assert loaded and sourcing and frames and frames.probabilities
        assert found.loaded[row] == pytest.approx(loaded.probability)
        assert found.given_loaded[row] == loaded.label
        assert found.attributed[row] == pytest.approx(sourcing.probability, abs=1e-6)
        assert found.kinds[found.kind[row]] == sourcing.kind
        assert found.frames[row] == pytest.approx(list(frames.probabilities.values()))
        given = {
            f for f, yes in zip(found.frame_names, found.given_frames[row], strict=True) if yes
        }
        assert given == set(frames.labels)
        assert list(found.spans[row]) == [(s.start, s.end, s.voice) for s in loaded.spans]
    with pytest.raises(ValueError, match="blank"):
        read(scorer, [" "])


# Voice and wire


@given(st.lists(st.tuples(st.text('ab “”"', max_size=5), st.text("cd", min_size=1)), max_size=4))
def test_marks_come_off_and_leave_their_places(parts: list[tuple[str, str]]) -> None:
    text, words = unmark("".join(f"{before}[{word}]" for before, word in parts))
    assert text == "".join(before + word for before, word in parts)
    assert [text[start:end] for start, end in words] == [word for _, word in parts]


def test_the_span_that_covers_most_gives_the_voice() -> None:
    spans = [(0, 6, "reporter"), (6, 20, "source")]
    assert voice_of((4, 10), spans) == "source"
    assert voice_of((2, 7), spans) == "reporter"
    assert voice_of((20, 25), spans) == MISSED
    assert voice_of((0, 3), []) == MISSED


def test_voices_are_counted_by_phrase(scorer: Scorer) -> None:
    sentences = read_marked()
    found = voice_results(scorer, sentences)
    for voice, row in found["confusion"].items():
        phrases = sum(len(s.words) for s in sentences if s.voice == voice)
        assert sum(row.values()) == phrases
        part = found["voices"][voice]
        assert part["found"]["value"] == pytest.approx(1 - row[MISSED] / phrases, abs=1e-4)
        hits = row["reporter"] + row["source"]
        assert part["voice_right"]["n"] == hits
        if hits:
            assert part["voice_right"]["value"] == pytest.approx(row[voice] / hits, abs=1e-4)


def test_false_positives_are_those_over_the_threshold(scorer: Scorer) -> None:
    sentences = read_wire()[:32]
    found = wire_results(scorer, sentences)
    labels = [
        s.loaded_language.label for s in scorer.score([s.text for s in sentences], split=False)
    ]
    assert found["all"]["false_positives"]["value"] == pytest.approx(np.mean(labels), abs=1e-4)
    assert {t: v["mean"]["n"] for t, v in found["topics"].items()} == {"abortion": 16, "guns": 16}
    falling = [w["probability"] for w in found["worst"]]
    assert len(falling) == 10 and falling == sorted(falling, reverse=True)


# Noise


def test_quotes_change_their_shape() -> None:
    assert curly('"It\'s \'odd\'," he said ("no").') == "“It’s ‘odd’,” he said (“no”)."
    assert straight("“It’s ‘odd’,” he said.") == "\"It's 'odd',\" he said."
    assert without_stop('"It ended."') == '"It ended"'
    assert without_stop("It ended at 9 a.m. today...") == "It ended at 9 a.m. today"


@given(st.text("ab .“”‘’\"'", max_size=30))
def test_only_the_shape_of_quotes_changes(text: str) -> None:
    assert straight(curly(text)) == straight(text)
    assert not set("\"'") & set(curly(text))


@given(st.text("abcé 12.,", max_size=60), st.sampled_from([0.0, 0.01, 0.3]))
def test_typos_touch_letters_alone(text: str, rate: float) -> None:
    noisy = typos(text, rate)
    assert noisy == typos(text, rate)
    assert re.sub(r"[^\W\d]", "", noisy) == re.sub(r"[^\W\d]", "", text)
    assert not Counter(noisy) - Counter(text)
    if not rate:
        assert noisy == text


def test_typos_come_as_often_as_asked() -> None:
    text = "abcdefghij" * 2000
    lost = len(text) - len(typos(text, 0.03))
    assert 200 < lost < 400  # half of 600 slips drop a letter


def test_noise_that_touches_nothing_costs_nothing(scorer: Scorer) -> None:
    (examples,) = labelled_sets(None).values()
    plain = [e for e in examples if not set("\"'“”‘’") & set(e.text)][:40]
    found = noise_results(scorer, plain)
    assert set(found) == {"sentences", "clean", *NOISES}
    for name in ("straight quotes", "curly quotes"):
        assert found[name]["touched"] == 0
        assert {(e["value"], e["low"], e["high"]) for e in found[name]["loss"].values()} == {
            (0, 0, 0)
        }
        assert found[name]["moved"]["loaded"]["value"] is None
    assert found["typos, 3 %"]["touched"] > 20
    assert found["typos, 3 %"]["moved"]["loaded"]["value"] > 0
    assert set(found["clean"]) == {
        "loaded, AUROC",
        "loaded, macro F1",
        "sourcing, macro F1",
        "frames, macro F1",
    }


# The command


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the material, for speed."""
    few = {name: families[::4] for name, families in FAMILIES.items()}
    sample = {name: examples[:30] for name, examples in labelled_sets(None).items()}
    monkeypatch.setattr(command, "template_families", lambda _: few)
    monkeypatch.setattr(command, "labelled_sets", lambda _: sample)
    monkeypatch.setattr(command, "read_wire", lambda: read_wire()[::20])
    monkeypatch.setattr(command, "read_marked", lambda: read_marked()[::20])


@pytest.mark.usefixtures("small")
def test_the_command_keeps_results_and_renews_a_page(
    tmp_path: Path,
    tiny_model: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, page = tmp_path / "new" / "it.json", tmp_path / "page.md"
    page.write_text("Before\n<!-- wire -->\nold\n<!-- end of wire -->\nafter\n", encoding="utf-8")
    arguments = ["--model", str(tiny_model), "--out", str(out), "--page", str(page)]
    monkeypatch.setattr("sys.argv", ["robustness", *arguments])
    command.main()
    results = json.loads(out.read_text(encoding="utf-8"))
    assert results["model"]["name"] == "framing-tiny"
    printed = capsys.readouterr().out
    for name, table in tables(results):
        assert f"## {name}\n\n{table}" in printed
        assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1
    text = page.read_text(encoding="utf-8")
    assert dict(tables(results))["wire"] in text
    assert text.startswith("Before\n<!-- wire -->\n| ") and text.endswith(
        "<!-- end of wire -->\nafter\n"
    )
    with pytest.raises(ValueError, match="no table 'rain'"):
        renewed("<!-- rain -->\n<!-- end of rain -->\n", results)


def test_the_page_shows_the_results_that_are_kept() -> None:
    results = json.loads((ROOT / "benchmarks" / "results" / "robustness.json").read_text("utf-8"))
    page = (ROOT / "docs" / "robustness.md").read_text("utf-8")
    assert renewed(page, results) == page
    assert "<!-- end of swaps, real sentences -->" in page
