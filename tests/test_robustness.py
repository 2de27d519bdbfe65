"""The benchmark of robustness: its material, its swaps, its noise and its arithmetic."""

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
from test_corpora_loaded import write_basil

from benchmarks.robustness import __main__ as command
from benchmarks.robustness import measures, noise
from benchmarks.robustness.change import changes
from benchmarks.robustness.corpora import Sentence, real_sentences
from benchmarks.robustness.families import STYLES, Family, fill, template_families
from benchmarks.robustness.gender import swap_genders
from benchmarks.robustness.noise import NOISES, labelled_sets, noise_results
from benchmarks.robustness.perturb import curly, straight, typos, without_stop
from benchmarks.robustness.readings import Readings, read
from benchmarks.robustness.real import real_families
from benchmarks.robustness.replace import mentions, swapped
from benchmarks.robustness.swaps import Filler, MaterialError, SwapGroup, read_swaps
from benchmarks.robustness.tables import renewed, tables, verdict
from benchmarks.robustness.voice import MISSED, read_marked, unmark, voice_of, voice_results
from benchmarks.robustness.wire import read_wire, wire_results
from framing import Scorer
from framing.quotes import quoted_spans
from training.corpora import CORPORA, CorpusError

ROOT = Path(__file__).resolve().parents[1]
SWAPS = read_swaps()
FAMILIES = template_families(SWAPS)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are not what is tested here, and most of the time would go into them."""
    monkeypatch.setattr(measures, "SAMPLES", 20)
    monkeypatch.setattr(noise, "SAMPLES", 20)


# Material


def test_templates_cover_every_group_and_style() -> None:
    assert set(FAMILIES) == set(SWAPS)
    for families in FAMILIES.values():
        assert Counter(f.style for f in families) == dict.fromkeys(STYLES, 5)
    texts = [text for fs in FAMILIES.values() for f in fs for text in set(f.versions.values())]
    assert len(set(texts)) == len(texts)
    assert not [t for t in texts if re.search(r"[{}]|\ba [aeio]|\ban [^aeiouAEIOUh\W]|^[a-z]", t)]


def test_wire_sentences_are_plenty_and_half_of_them_have_names() -> None:
    sentences = read_wire()
    assert len(sentences) >= 200
    assert len({s.text for s in sentences}) == len(sentences)
    topics = Counter((s.topic, s.names) for s in sentences)
    assert set(topics.values()) == {8}


def test_marked_words_are_inside_quotations_or_outside_as_their_voice_says() -> None:
    sentences = read_marked()
    assert Counter(s.voice for s in sentences) == {"source": 80, "reporter": 80}
    for sentence in sentences:
        assert ("curly" in sentence.style) == ("“" in sentence.text)
        for start, end in sentence.words:
            inside = any(lo < start and end < hi for lo, hi in quoted_spans(sentence.text))
            assert inside == (sentence.voice == "source"), sentence


def test_faulty_material_is_named(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_text("voice\tstyle\ttext\nsource\tdirect\tIt [rained.\n", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"it, row 2: put loaded words"):
        read_marked(path)
    path.write_text("voice\tstyle\ttext\nnobody\tdirect\tIt [rained].\n", encoding="utf-8")
    with pytest.raises(MaterialError, match="row 2: 'nobody'"):
        read_marked(path)
    path.write_text("topic\tnames\ttext\nwar\tmaybe\tIt rained.\n", encoding="utf-8")
    with pytest.raises(MaterialError, match="row 2: names is 'maybe'"):
        read_wire(path)
    path.write_text('[rains]\nneutral = ["It rained."]\n', encoding="utf-8")
    with pytest.raises(MaterialError, match=r"\[rains\]: no such group"):
        template_families(SWAPS, path)
    path.write_text('[parties]\nneutral = ["It rained."]\n', encoding="utf-8")
    with pytest.raises(MaterialError, match="parties/neutral/1: no slot"):
        template_families(SWAPS, path)
    path.write_text('[parties]\nneutral = ["{rain} fell."]\n', encoding="utf-8")
    with pytest.raises(MaterialError, match="no filler has the form 'rain'"):
        template_families(SWAPS, path)
    path.write_text("[parties]\nreal = 3\n", encoding="utf-8")
    with pytest.raises(MaterialError, match=r"\[parties\]: not a list of names"):
        read_swaps(path)
    path.write_text('[a]\nreal = ["x"]\nfillers = [{shown = "b"}, {shown = "c"}]', encoding="utf-8")
    with pytest.raises(MaterialError, match="a, b: no x"):
        read_swaps(path)


# Swaps


def test_articles_and_capitals_fit_what_is_filled_in() -> None:
    def filler(form: str) -> Filler:
        return Filler(shown=form, forms={"one": form})

    assert fill("{one} met a {one} there.", filler("imam")) == "Imam met an imam there."
    assert fill("A {one} spoke.", filler("Ukrainian")) == "A Ukrainian spoke."
    assert fill("A {one} spoke.", filler("NPR")) == "An NPR spoke."
    assert fill("An {one} spoke.", filler("CNN")) == "A CNN spoke."


def swap(name: str, text: str, other: str) -> str | None:
    group = SWAPS[name]
    found = mentions(text, group)
    if found is None:
        return None
    (to,) = (f for f in group.fillers if f.shown == other)
    return swapped(text, found, found[0].filler, to)


@pytest.mark.parametrize(
    ("name", "text", "other", "wanted"),
    [
        ("parties", "A Republican senator left.", "Democrats", "A Democratic senator left."),
        ("parties", "A Republican, he left.", "Democrats", "A Democrat, he left."),
        ("parties", "It is Republican-led.", "Democrats", "It is Democratic-led."),
        (
            "parties",
            "Democrats beat Republicans in the Democratic Party's state.",
            "Republicans",
            "Republicans beat Democrats in the Republican Party's state.",
        ),
        ("parties", "The town is Republican and poor.", "Democrats", None),
        ("parties", "Republican Ann Lee won.", "Democrats", None),
        ("parties", "The GOP and Republicans won.", "Democrats", None),
        (
            "politicians",
            "Donald Trump's aide met Trump.",
            "Joe Biden",
            "Joe Biden's aide met Biden.",
        ),
        ("politicians", "President Obama met Biden.", "Joe Biden", "President Biden met Obama."),
        ("politicians", "Michelle Obama spoke.", "Joe Biden", None),
        ("politicians", "They met at Trump Tower.", "Joe Biden", None),
        ("politicians", "Trump spoke of Trumpism.", "Joe Biden", None),
        ("politicians", "Donald J. Trump spoke.", "Joe Biden", None),
        ("countries", "A Russian ship left for Russia.", "Iran", "An Iranian ship left for Iran."),
        ("countries", "An Iranian ship left.", "Ukraine", "A Ukrainian ship left."),
        ("countries", "The Chinese said no.", "Iran", None),
        ("countries", "New Mexico is warm.", "Iran", None),
        ("countries", "Russia and the Kremlin agreed.", "Iran", None),
        ("religions", "A Muslim told Jewish friends.", "Jews", "A Jew told Muslim friends."),
        ("religions", "He was Muslim.", "Jews", None),
        (
            "religions",
            "Judeo-Christian values and Muslims.",
            "Jews",
            "Judeo-Christian values and Jews.",
        ),
        ("outlets", "A CNN poll was shown on CNN.", "NPR", "An NPR poll was shown on NPR."),
        ("outlets", "The New York Times asked.", "Washington Post", "The Washington Post asked."),
        ("outlets", "Watch Fox News Sunday.", "CNN", None),
    ],
)
def test_names_in_real_sentences(name: str, text: str, other: str, wanted: str | None) -> None:
    assert swap(name, text, other) == wanted


@pytest.mark.parametrize("name", ["parties", "politicians", "countries", "religions", "outlets"])
def test_a_swap_in_a_filled_sentence_is_the_other_filling(name: str) -> None:
    group = SWAPS[name]
    known = [f for f in group.fillers if f.kind]
    tried = 0
    for family in FAMILIES[name]:
        for one, other in ((a, b) for a in known for b in known if a.kind == b.kind and a is not b):
            text, wanted = family.versions[one.shown], family.versions[other.shown]
            found = mentions(text, group)
            if found:
                assert {m.filler.shown for m in found} == {one.shown}
                assert swapped(text, found, one, other) == wanted
                tried += 1
    assert tried >= 20


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("He saw his dog.", "She saw her dog."),
        ("They met her after the vote.", "They met him after the vote."),
        ("They met her, too.", "They met him, too."),
        ("Her own car is hers.", "His own car is his."),
        ("A friend of his, he said.", "A friend of hers, she said."),
        ("Mr. Lee spoke to Mrs. Ray himself.", "Ms. Lee spoke to Mr. Ray herself."),
        ("The spokeswoman’s brother left.", "The spokesman’s sister left."),
        ("They gave her money.", None),
        ("It made her cry.", None),
        ("He or she may vote.", None),
        ("Ann Lee said she won.", None),
        ("It rained.", None),
    ],
)
def test_men_and_women(text: str, wanted: str | None) -> None:
    found = swap_genders(text, SWAPS["genders"])
    assert (found and found[0]) == wanted


def test_genders_of_filled_sentences() -> None:
    tried = 0
    for family in FAMILIES["genders"]:
        men, women = family.versions["men"], family.versions["women"]
        for text, other, who in ((men, women, "male"), (women, men, "female")):
            found = swap_genders(text, SWAPS["genders"])
            if found is not None:
                assert found == (other, who)
                tried += 1
    assert tried >= 25


def test_real_families_are_drawn_by_document() -> None:
    sentences = [
        Sentence(text=f"Iran sent {n} ships.", id=f"d{n % 3}#{n}", document=f"d{n % 3}")
        for n in range(30)
    ]
    sentences.append(Sentence(text="Iran met Israel at noon.", id="e#1", document="e"))
    sentences.append(Sentence(text="She waited for Mr. Lee.", id="e#2", document="e"))
    sentences.append(Sentence(text="He waited for Mr. Obama.", id="e#3", document="e"))
    found = real_families(sentences, SWAPS, size=9, seed=1)
    assert Counter(f.group for f in found["countries"]) == {"d0": 2, "d1": 2, "d2": 2, "e": 1}
    for family in found["countries"]:
        assert family.versions["Iran"] == next(s.text for s in sentences if s.id == family.id)
        assert len(set(family.versions.values())) == 5
        assert [pair[0] for pair in family.pairs()] == ["Iran"] * 4
        assert family.mixed == (family.group == "e")
    (family,) = found["genders"]
    assert family.versions == {
        "men": "She waited for Mr. Lee.",
        "women": "He waited for Ms. Lee.",
    }
    assert family.mixed
    assert len(real_families(sentences, SWAPS, size=3, seed=1)["countries"]) == 3


def test_sentences_come_from_three_corpora(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_basil(tmp_path, [])
    documents = tmp_path / CORPORA["documents"].folder
    documents.mkdir(parents=True)
    (documents / "dev.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"articles\.parquet is missing"):
        real_sentences(tmp_path, articles=5, seed=0)
    archive = tmp_path / "archive" / "allsides" / "articles.parquet"
    archive.parent.mkdir(parents=True)
    whole = "The council of the old town met on Monday evening."
    import pyarrow

    texts = [f"Town\n\n{whole} So.", f"{whole} The vote on the new bridge is planned for Friday."]
    parquet.write_table(pyarrow.table({"id": ["a", "b"], "text": texts}), archive)
    found = real_sentences(tmp_path, articles=5, seed=0)
    assert [(s.text, s.document) for s in found] == [
        (whole, "allsides:b"),
        ("The vote on the new bridge is planned for Friday.", "allsides:b"),
    ]


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
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def family(key: str, texts: str, **changed: object) -> Family:
    made = Family(
        id=key, group=key, style="neutral", versions=dict(zip("xyz", texts, strict=False))
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


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
    ]  # type: ignore[union-attr]
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


def test_a_group_needs_two_fillers() -> None:
    one = Filler(shown="Iran", forms={})
    with pytest.raises(MaterialError, match="two fillers or more"):
        SwapGroup(name="countries", fillers=(one,))
    with pytest.raises(MaterialError, match="same name"):
        SwapGroup(name="countries", fillers=(one, one))
