"""The benchmark of robustness: its material, and its swaps of names in sentences."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from test_corpora_loaded import write_basil

from benchmarks.robustness.corpora import Sentence, real_sentences
from benchmarks.robustness.families import STYLES, fill, template_families
from benchmarks.robustness.gender import swap_genders
from benchmarks.robustness.real import real_families
from benchmarks.robustness.replace import mentions, swapped
from benchmarks.robustness.swaps import Filler, MaterialError, SwapGroup, read_swaps
from benchmarks.robustness.voice import read_marked
from benchmarks.robustness.wire import read_wire
from framing.quotes import quoted_spans
from training.corpora import CORPORA, CorpusError

SWAPS = read_swaps()
FAMILIES = template_families(SWAPS)

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


def test_a_group_needs_two_fillers() -> None:
    one = Filler(shown="Iran", forms={})
    with pytest.raises(MaterialError, match="two fillers or more"):
        SwapGroup(name="countries", fillers=(one,))
    with pytest.raises(MaterialError, match="same name"):
        SwapGroup(name="countries", fillers=(one, one))


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
