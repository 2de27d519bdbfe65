"""Corpus readers: tiny corpora in each format to exact examples, and the real ones by count."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.taxonomy import SOURCE_SPANS
from training.corpora import CORPORA, CorpusError, documents, polnear, read_corpus
from training.corpora.babe import find_words
from training.corpora.brat import parse_events
from training.corpora.offsets import cut, join, trim, whole_words
from training.example import Example


def folder(root: Path, name: str) -> Path:
    path = root / CORPORA[name].folder
    path.mkdir(parents=True)
    return path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def write_workbook(path: Path, rows: list[list[Any]]) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def pieces(example: Example, task: str, label: str = "loaded") -> list[str]:
    spans = example.labels[task]
    assert isinstance(spans, dict)
    return [example.text[start:end] for start, end in spans[label]]


# The registry


def test_unknown_names_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no corpus 'bab'; there are babe, anno_lexical"):
        read_corpus("bab", tmp_path)
    with pytest.raises(CorpusError, match=r"ptc has no part 'test'; give one of train, dev"):
        read_corpus("ptc", tmp_path, "test")
    with pytest.raises(CorpusError, match="babe is not under the data root"):
        read_corpus("babe", tmp_path)


@pytest.mark.parametrize("name", CORPORA)
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    path = folder(tmp_path, name)
    with pytest.raises(CorpusError, match=str(path)):
        read_corpus(name, tmp_path)


# Spans


TEXT = st.text(alphabet="ab \n.", min_size=1, max_size=30)
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(TEXT, SPANS)
def test_joined_spans_cover_the_same_words(text: str, spans: list[tuple[int, int]]) -> None:
    spans = [(a, b) for a, b in spans if a < b <= len(text)]
    joined = join(text, spans)
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in joined)
    visible = {i for i, letter in enumerate(text) if not letter.isspace()}
    covered = {i for a, b in spans for i in range(a, b)}
    assert {i for a, b in joined for i in range(a, b)} & visible == covered & visible


@given(TEXT, SPANS, st.data())
def test_cut_spans_fit_the_sentence(
    text: str, spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    joined = join(text, [(a, b) for a, b in spans if a < b <= len(text)])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for lo, hi in cut(text, joined, start, end):
        assert 0 <= lo < hi <= end - start
        assert any(a <= start + lo and start + hi <= b for a, b in joined)


def test_span_arithmetic() -> None:
    text = "  one two-three  four "
    assert trim(text, (0, 6)) == (2, 5)
    assert trim(text, (0, 2)) is None
    assert whole_words(text, (3, 7)) == (2, 9)
    assert whole_words(text, (7, 11)) == (6, 15)
    assert whole_words(text, (2, 5)) == (2, 5)
    assert join(text, [(17, 21), (6, 15), (2, 4), (3, 5)]) == [(2, 5), (6, 15), (17, 21)]
    assert join(text, [(17, 21), (6, 15)], over_space=True) == [(6, 21)]
    assert join(text, [(2, 5), (10, 15)], over_space=True) == [(2, 5), (10, 15)]
    assert cut(text, [(2, 9), (17, 21)], 6, 18) == ((0, 3), (11, 12))


# Loaded language


BABE_HEADER = "text;news_link;outlet;topic;type;label_bias;label_opinion;biased_words\n"
VOTES_HEADER = ["text", "label_bias", "Label_bias_0-1"]


def write_babe(root: Path, rows: list[str], votes: list[list[Any]]) -> Path:
    path = folder(root, "babe")
    write(path / "final_labels_SG2.csv", BABE_HEADER + "".join(rows))
    write_workbook(path / "raw_labels_SG2.xlsx", [VOTES_HEADER, *votes])
    return path


def test_babe(tmp_path: Path) -> None:
    write_babe(
        tmp_path,
        [
            '"A vile, Vile; ""plan"" by devils";x;o;t;left;Biased;op;[\'vile\']\n',
            "The mayor slept.;https://a.b/1;o;t;;Non-biased;op;['slept']\n",
            "A shameful vote.;https://a.b/1;o;t;;Biased;op;['shameful', 'absent']\n",
            "A shady deal.;;o;t;;Biased;op;[]\n",
            "Undecided.;x;o;t;;No agreement;op;[]\n",
        ],
        [
            ["The mayor slept.", "Non-biased", 0],
            ["The mayor slept.", "Biased", 1],
            ["The mayor slept.", "Biased, rather", None],
            [None, "Biased", 1],
            ["A shady deal.", "Biased", 1],
        ],
    )
    first, second, third, fourth = read_corpus("babe", tmp_path)
    assert first == Example(
        text='A vile, Vile; "plan" by devils',
        corpus="babe",
        id="2",
        group="babe:x",
        labels={"loaded": 1.0, "loaded_spans": {"loaded": ((2, 6), (8, 12))}},
        outlet="o",
    )
    assert second.labels == {
        "loaded": 0.0,
        "loaded_spans": {"loaded": ()},
        "loaded_votes": 0.5,
    }
    assert third.labels == {"loaded": 1.0}
    assert third.group == second.group == "babe:https://a.b/1"
    assert fourth.labels == {"loaded": 1.0, "loaded_votes": 1.0}
    assert fourth.group == "babe:row5"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("One.;x;o;t;;Unbiased;op;[]\n", "row 2: label_bias 'Unbiased'"),
        ("One.;x;o;t;;Biased;op;[vile]\n", "row 2: biased_words"),
        ("One.;x;o;t;;Biased;op;[1]\n", "row 2: biased_words"),
        ("One.;x;o\n", "row 2: it has not as many columns"),
        ("One.;x;o;t;;Biased;op;[];more\n", "row 2: it has not as many columns"),
    ],
)
def test_babe_malformed(row: str, message: str, tmp_path: Path) -> None:
    write_babe(tmp_path, [row], [])
    with pytest.raises(CorpusError, match=rf"final_labels_SG2.csv, {message}"):
        read_corpus("babe", tmp_path)


def test_babe_without_a_column(tmp_path: Path) -> None:
    path = write_babe(tmp_path, [], [])
    write(path / "final_labels_SG2.csv", "text;outlet\nOne.;o\n")
    with pytest.raises(CorpusError, match="row 2: no news_link, label_bias, biased_words"):
        read_corpus("babe", tmp_path)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["mad"], ["Mad", "mad"]),
        (["mad dogs"], ["mad dogs"]),
        (["dogs", "mad dogs"], ["mad dogs"]),
        (["nomads"], ["nomads"]),
        (["it's"], ["It’s"]),
        (["(sic)"], ["(sic)"]),
        (["Mad", "cats"], None),
        (["noma"], None),
        ([" "], None),
        ([], None),
    ],
)
def test_find_words(words: list[str], found: list[str] | None) -> None:
    text = "Mad nomads. It’s mad dogs (sic)."
    spans = find_words(text, words)
    assert (spans and [text[start:end] for start, end in spans]) == found


def test_anno_lexical(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = folder(tmp_path, "anno_lexical") / "anno-lexical-dev.parquet"
    columns = {"text": ["A vile plan."], "source_name": ["wire"], "sentence_id": ["k"]}
    parquet.write_table(arrow.table({**columns, "label": [1]}), path)
    assert read_corpus("anno_lexical", tmp_path, "dev") == [
        Example(
            text="A vile plan.",
            corpus="anno_lexical",
            id="k",
            group="anno_lexical:wire",
            labels={"loaded": 1.0},
            outlet="wire",
        )
    ]
    parquet.write_table(arrow.table({**columns, "label": [2]}), path)
    with pytest.raises(CorpusError, match=r"dev\.parquet, row 0"):
        read_corpus("anno_lexical", tmp_path, "dev")
    parquet.write_table(arrow.table(columns), path)
    with pytest.raises(CorpusError, match="no column label"):
        read_corpus("anno_lexical", tmp_path, "dev")


ARTICLE = "Fools at the Helm\n\nThe vile plan failed. “It was a stupid\nlie. We stay,” he said.\n"


def write_techniques(root: Path, labels: list[tuple[str, str, str]], article: str = ARTICLE) -> str:
    """The spans of `labels` (technique, phrase, more) in SemEval's format; one article, 7."""
    path = folder(root, "semeval2023")
    write(path / "train-articles-subtask-3" / "article7.txt", article)
    rows = []
    for technique, phrase, shift in labels:
        start = article.index(phrase) + int(shift or 0)
        rows.append(f"7\t{technique}\t{start}\t{start + len(phrase)}\n")
    write(path / "train-labels-subtask-3-spans.txt", "".join(rows))
    return article


def test_techniques(tmp_path: Path) -> None:
    write_techniques(
        tmp_path,
        [
            ("Name_Calling-Labeling", "Fools", ""),
            ("Loaded_Language", "vile", "-1"),  # a character off, as in the release
            ("Loaded_Language", "stupid\nlie", ""),
            ("Name_Calling-Labeling", "lie", ""),
            ("Doubt", "We stay", ""),
        ],
    )
    examples = read_corpus("semeval2023", tmp_path)
    texts = [e.text for e in examples]
    assert texts == [
        "Fools at the Helm",
        "The vile plan failed.",
        "“It was a stupid",
        "lie.",
        "We stay,” he said.",
    ]
    assert [pieces(e, "loaded_spans") for e in examples] == [
        ["Fools"], ["vile"], ["stupid"], ["lie"], [],
    ]  # fmt: skip
    assert [pieces(e, "loaded_language_spans") for e in examples] == [
        [], ["vile"], ["stupid"], ["lie"], [],
    ]  # fmt: skip
    assert [e.labels["semeval_loaded"] for e in examples] == [1.0, 1.0, 1.0, 1.0, 0.0]
    assert {e.group for e in examples} == {"ptc:7"}
    assert not any("loaded" in e.labels for e in examples)
    assert len({e.id for e in examples}) == len(examples)
    # The quotation ends with its line.
    assert not any(e.quote_open for e in examples)


def test_techniques_in_an_open_quotation(tmp_path: Path) -> None:
    write_techniques(tmp_path, [], "He said “we go. They stay.” She left.")
    assert [e.quote_open for e in read_corpus("semeval2023", tmp_path)] == [False, True, False]


def test_ptc_spells_name_calling_in_its_own_way(tmp_path: Path) -> None:
    path = folder(tmp_path, "ptc")
    write(path / "dev-articles" / "article7.txt", "Fools came.\nIdiots left.\n")
    write(
        path / "dev-task-flc-tc.labels",
        "7\tName_Calling,Labeling\t0\t5\n7\tName_Calling-Labeling\t12\t18\n",
    )
    examples = read_corpus("ptc", tmp_path, "dev")
    assert [pieces(e, "loaded_spans") for e in examples] == [["Fools"], []]
    assert {(e.corpus, e.group) for e in examples} == {("ptc", "ptc:7")}


@pytest.mark.parametrize(
    "row", ["8\tDoubt\t0\t4", "7\tDoubt\t4\t4", "7\tDoubt\t0\t999", "7\tDoubt\t0", "7\tDoubt\ta\tb"]
)
def test_techniques_malformed(row: str, tmp_path: Path) -> None:
    write_techniques(tmp_path, [])
    path = tmp_path / CORPORA["semeval2023"].folder / "train-labels-subtask-3-spans.txt"
    write(path, f"7\tDoubt\t0\t4\n{row}\n")
    with pytest.raises(CorpusError, match=r"spans\.txt, row 2"):
        read_corpus("semeval2023", tmp_path)


def test_mbic_votes_are_shares(tmp_path: Path) -> None:
    path = folder(tmp_path, "mbic") / "raw_labels_MBIC.xlsx"
    header = ["sentence_id", "text", "label_bias", "news_link", "outlet"]
    votes = [["k", "A vile plan.", vote, "x", "o"] for vote in ("Biased", "Non-biased", "Biased")]
    write_workbook(path, [header, *votes, ["l", "It rained.", "Non-biased", None, "o"]])
    first, second = read_corpus("mbic", tmp_path)
    assert first.labels == {"loaded": pytest.approx(2 / 3)}
    assert (first.group, second.group) == ("babe:x", "babe:l")
    assert second.labels == {"loaded": 0.0}
    write_workbook(path, [header, ["k", "A vile plan.", "Perhaps", "x", "o"]])
    with pytest.raises(CorpusError, match=r"MBIC\.xlsx, row 2"):
        read_corpus("mbic", tmp_path)


def write_basil(root: Path, annotations: list[dict[str, Any]]) -> None:
    path = folder(root, "basil")
    article = {
        "url": "u", "source": "wire", "body": [
            {"sentence": "A vile, vile plan.", "sentence-index": 0, "annotations": annotations}
        ],
    }  # fmt: skip
    with zipfile.ZipFile(path / "emnlp19-BASIL.zip", "w") as archive:
        archive.writestr("__MACOSX/data/._1_wire.json", b"\x00\xff")
        archive.writestr("data/.DS_Store", b"\x00\xff")
        archive.writestr("data/1_wire.json", json.dumps(article))
    about = {"url": "u", "triplet-uuid": "event"}
    write(path / "release2" / "articles" / "2014" / "event_1.json", json.dumps(about))


def test_basil(tmp_path: Path) -> None:
    spans = [("Lexical", 2, 6), ("Lexical", 4, 12), ("Informational", 13, 17)]
    write_basil(tmp_path, [{"bias": b, "start": s, "end": e} for b, s, e in spans])
    (example,) = read_corpus("basil", tmp_path)
    assert example.labels == {
        "basil_lexical": 1.0,
        "basil_lexical_spans": {"loaded": ((2, 12),)},
    }
    assert (example.group, example.id, example.outlet) == ("basil:event", "1_wire#0", "wire")


def test_basil_span_outside_its_sentence(tmp_path: Path) -> None:
    write_basil(tmp_path, [{"bias": "Lexical", "start": 2, "end": 99}])
    with pytest.raises(CorpusError, match=r"data/1_wire\.json, sentence 0"):
        read_corpus("basil", tmp_path)


# Sourcing


NEWS = (
    "Bridge Closed\n\n"
    "The mayor said the bridge was old, and “we must close it. It is not safe.” She left.\n\n"
    '"Close it," the union wrote,\n"for good." Nobody was hurt.\n\n'
    "According to a report, rust was\n found."
)
SENTENCES = [
    "Bridge Closed",
    "The mayor said the bridge was old, and “we must close it.",
    "It is not safe.”",
    "She left.",
    '"Close it," the union wrote,\n"for good."',
    "Nobody was hurt.",
    "According to a report, rust was\n found.",
]


def at(text: str, *phrases: str) -> str:
    places = ((text.index(phrase), phrase) for phrase in phrases)
    return ";".join(f"{start} {start + len(phrase)}" for start, phrase in places)


def attributions() -> str:
    bound = [
        ("Source", ["The mayor"]),
        ("Cue", ["said"]),
        ("Content", ["the bridge was old, and “we must close it. It is not safe.”"]),
        ("Attribution", ["said"]),
        ("Source", ["the union"]),
        ("Cue", ["wrote"]),
        ("Content", ['"Close it,"', '"for good."']),
        ("Attribution", ["wrote"]),
        ("Cue", ["According to"]),
        ("Source", ["a report"]),
        ("Content", ["rust was", "found"]),
        ("Content", ["was\n found."]),
        ("Attribution-no-source", ["According to"]),
        ("Content", ["Nobody was hurt."]),  # joined to nothing
    ]
    lines = [
        f"T{i}\t{label} {at(NEWS, *phrases)}\t{' '.join(phrases)}"
        for i, (label, phrases) in enumerate(bound, start=1)
    ]
    return "\n".join([
        *lines,
        "E1\tAttribution:T4 Source:T1 Cue:T2 Content:T3",
        "E2\tAttribution:T8 Content:T7 Cue:T6 Source:T5",
        "E3\tAttribution-no-source:T13 Cue:T9 Source:T10 Content:T11 Content2:T12",
        "#1\tAnnotatorNotes T1\ta note",
        "",
    ])  # fmt: skip


def write_polnear(root: Path, notes: dict[str, str], texts: dict[str, str]) -> Path:
    path = folder(root, "polnear")
    source = root / "files"
    for name, text in texts.items():
        write(source / "text" / f"{name}.txt", text)
    for name, text in notes.items():
        write(source / "attributions" / f"{name}.ann", text)
    with tarfile.open(path / "polnear-dev.tar.gz", "w:gz") as archive:
        archive.add(source, "data/dev")
    places = [(NEWS.index(s), NEWS.index(s) + len(s)) for s in SENTENCES]
    write(path / "sentences-dev.json", json.dumps({"wire_2016-01-01_bridge": places}))
    return path


@pytest.fixture
def polnear_root(tmp_path: Path) -> Path:
    write_polnear(
        tmp_path,
        {
            "wire_2016-01-01_bridge_ab12": attributions(),
            # A later annotator, and a document without CoreNLP sentences.
            "wire_2016-01-01_bridge_cd34": "T1\tContent 0 6\tBridge\n",
            "wire_2016-01-02_other_ab12": "",
        },
        {"wire_2016-01-01_bridge": NEWS, "wire_2016-01-02_other": "Nothing more."},
    )
    return tmp_path


def test_polnear(polnear_root: Path) -> None:
    examples = read_corpus("polnear", polnear_root, "dev")
    assert [e.text for e in examples] == SENTENCES
    assert [e.labels["sourcing"] for e in examples] == [
        "none", "mixed", "direct", "none", "direct", "none", "indirect",
    ]  # fmt: skip
    found = [{k: p for k in SOURCE_SPANS if (p := pieces(e, "source_spans", k))} for e in examples]
    assert found == [
        {},
        {
            "source": ["The mayor"],
            "cue": ["said"],
            "content": ["the bridge was old, and “we must close it."],
        },
        {"content": ["It is not safe.”"]},
        {},
        {"source": ["the union"], "cue": ["wrote"], "content": ['"Close it,"', '"for good."']},
        {},
        {"source": ["a report"], "cue": ["According to"], "content": ["rust was\n found."]},
    ]
    assert [e.quote_open for e in examples] == [False, False, True, False, False, False, False]
    assert {(e.group, e.outlet) for e in examples} == {("polnear:wire_2016-01-01_bridge", "wire")}


def test_polnear_kinds_of_attributions(polnear_root: Path) -> None:
    path = polnear_root / CORPORA["polnear"].folder
    assert polnear.attribution_kinds(path, "dev") == ["mixed", "direct", "indirect"]


@pytest.mark.parametrize(
    ("share", "kind"),
    [(None, "none"), (0, "indirect"), (0.01, "mixed"), (0.9, "mixed"), (0.91, "direct")],
)
def test_kind_by_quoted_share(share: float | None, kind: str) -> None:
    assert polnear.sentence_kind(share) == kind


def test_quoted_share_counts_letters_and_digits() -> None:
    text = 'it is "so, 42!" he'
    assert polnear.quoted_share(text, [(0, 15)], [(6, 15)]) == 4 / 8
    assert polnear.quoted_share(text, [(0, 5), (7, 9)], [(6, 15)]) == 2 / 6
    assert polnear.quoted_share(text, [(5, 7)], [(6, 15)]) is None


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ("T1\tCue 0\tBridge\n", "row 1: not a text-bound"),
        ("T1\tCue 0 6\tBridge\nT2\tCue 0 9999\tx\n", "row 2: outside a text"),
        ("T1 Cue 0 6 Bridge\n", "row 1: no tab"),
        ("E1\tAttribution:T1\n", "row 1: an event over annotations"),
    ],
)
def test_polnear_malformed(notes: str, message: str, tmp_path: Path) -> None:
    name = "wire_2016-01-01_bridge"
    write_polnear(tmp_path, {f"{name}_ab12": notes}, {name: NEWS})
    with pytest.raises(CorpusError, match=rf"bridge_ab12\.ann, {message}"):
        read_corpus("polnear", tmp_path, "dev")


def test_polnear_sentences_without_a_text(polnear_root: Path) -> None:
    path = polnear_root / CORPORA["polnear"].folder / "sentences-dev.json"
    write(path, '{"missing": [[0, 1]]}')
    with pytest.raises(CorpusError, match="no text for missing"):
        read_corpus("polnear", polnear_root, "dev")
    write(path, '{"wire_2016-01-01_bridge": [[0, 9], [5, 20]]}')
    with pytest.raises(CorpusError, match="bridge: sentences overlap"):
        read_corpus("polnear", polnear_root, "dev")


def test_brat_text_may_hold_line_breaks() -> None:
    notes = "T1\tCue 0 3\tone\nTwo lines of it\nT2\tAttribution 0 3\tone\nE1\tAttribution:T2 Cue:T1"
    (event,) = parse_events(notes, "one two", "file")
    assert (event.kind, event.roles) == ("Attribution", {"Cue": [[(0, 3)]]})


def write_newsdiscourse(root: Path, text: str, notes: str) -> None:
    path = folder(root, "newsdiscourse") / "train.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/train 2/kbp/._A.1.txt", b"\x00\xff")
        archive.writestr("train 2/.DS_Store", b"\x00\xff")
        archive.writestr("train 2/kbp/A.1.txt", text)
        archive.writestr("train 2/kbp/A.1.ann", notes)


def test_newsdiscourse(tmp_path: Path) -> None:
    write_newsdiscourse(
        tmp_path,
        "URL a\n\nDATE/ AUTHOR b\n\nH  S1 BRIDGE\n\n"
        "S1  The bridge\u2028closed.\n\nS2 He said so. \n",
        "T1\tMain 0 2\tS1\nE1\tMain:T1 \nT2\tSpeech 9 11\t S2 \nE2\tSpeech:T2 \n",
    )
    assert read_corpus("newsdiscourse", tmp_path) == [
        Example(
            text=text,
            corpus="newsdiscourse",
            id=f"kbp/A.1#S{i}",
            group="newsdiscourse:kbp/A.1",
            labels={"attributed_speech": label},
        )
        for i, text, label in ((1, "The bridge\u2028closed.", 0.0), (2, "He said so.", 1.0))
    ]


@pytest.mark.parametrize(
    ("text", "notes", "message"),
    [
        ("S1 One.\nTwo.\n", "", r"A\.1\.txt, row 2: no numbered sentence"),
        ("S1 One.\n", "T1\tSpeech 0 2\tS4\n", "Speech in S4"),
        ("S1 One.\n", "T1\tSpeech 0 2\n", r"A\.1\.ann, row 1: three fields"),
    ],
)
def test_newsdiscourse_malformed(text: str, notes: str, message: str, tmp_path: Path) -> None:
    write_newsdiscourse(tmp_path, text, notes)
    with pytest.raises(CorpusError, match=message):
        read_corpus("newsdiscourse", tmp_path)


# In-house corpora


def frame_row(**changes: Any) -> dict[str, Any]:
    row = {
        "corpus": "newsdiscourse", "id": "kbp/A.1#S2", "document": "kbp/A.1", "outlet": None,
        "group": "newsdiscourse:kbp/A.1", "text": "Taxes rose.", "frames": ["economic"],
        "draw": "keyword",
    }  # fmt: skip
    return row | changes


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    write(path, "".join(json.dumps(row) + "\n" for row in rows))


def test_inhouse_frames(tmp_path: Path) -> None:
    rows = [
        frame_row(),
        frame_row(
            corpus="semeval2023_task3", id="article7#27", document="article7",
            group="semeval2023_task3:article7", frames=[],
        ),
        frame_row(corpus="anno_lexical", id="k", document=None, outlet="wire", group="wire"),
    ]  # fmt: skip
    write_lines(folder(tmp_path, "inhouse_frames") / "train.jsonl", rows)
    first, second, third = read_corpus("inhouse_frames", tmp_path)
    assert first == Example(
        text="Taxes rose.",
        corpus="inhouse_frames",
        id="newsdiscourse:kbp/A.1#S2",
        group="newsdiscourse:kbp/A.1",
        labels={"frames": ("economic",)},
        extra={"corpus": "newsdiscourse", "document": "kbp/A.1", "draw": "keyword"},
    )
    # As the reader of the corpus that the sentence comes from writes the group.
    assert second.group == "ptc:7"
    assert second.labels == {"frames": ()}
    assert third.group == "anno_lexical:wire"
    assert third.extra == {"corpus": "anno_lexical", "draw": "keyword"}


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(frame_row(frames=["economics"])),
        json.dumps(frame_row(frames=["economic", "economic"])),
        json.dumps(frame_row(frames="economic")),
        json.dumps(frame_row(text=None)),
        json.dumps({"text": "Taxes rose."}),
        "[1]",
        "{",
    ],
)
def test_inhouse_frames_malformed(line: str, tmp_path: Path) -> None:
    path = folder(tmp_path, "inhouse_frames") / "train.jsonl"
    write(path, json.dumps(frame_row()) + "\n\n" + line + "\n")
    with pytest.raises(CorpusError, match=r"train\.jsonl, row 3"):
        read_corpus("inhouse_frames", tmp_path)


STORY = "“This vile, stupid plan hurts,” said Ana Ruiz. “It fails. Stop it,” she said."


def phrase(text: str, **values: Any) -> dict[str, Any]:
    start = STORY.index(text)
    return {"start": start, "end": start + len(text), "text": text, **values}


def story(contested: list[str]) -> dict[str, Any]:
    def sentence(text: str, **values: Any) -> dict[str, Any]:
        place = {k: v for k, v in phrase(text).items() if k != "text"}
        return {**place, "loaded": 0, "words": [], "sources": [], "run_on": None, **values}

    return {
        "id": "s1", "source": "Wire", "date": "2013-12-16", "allsides_bias": "left",
        "title": "Plan", "text": STORY,
        "sentences": [
            sentence(
                "“This vile, stupid plan hurts,” said Ana Ruiz.", loaded=1, kind="direct",
                words=[phrase("stupid", voice="source"), phrase("vile", voice="source")],
                sources=[phrase("Ana Ruiz", type="named", name="Ana Ruiz")], contested=contested,
            ),
            sentence("“It fails.", kind="direct", run_on="Ana Ruiz"),
            sentence(
                "Stop it,” she said.", kind="direct",
                sources=[phrase("she", type="pronoun", name="Ana Ruiz")],
            ),
        ],
    }  # fmt: skip


def test_documents(tmp_path: Path) -> None:
    write_lines(folder(tmp_path, "documents") / "train.jsonl", [story([])])
    first, second, third = read_corpus("documents", tmp_path)
    assert first.labels == {
        "loaded": 1.0,
        "loaded_spans": {"loaded": ((6, 10), (12, 18))},
        "sourcing": "direct",
        "source_spans": {"source": ((37, 45),)},
    }
    assert (first.group, first.outlet) == ("allsides:s1", "Wire")
    assert second.labels["source_spans"] == {"source": ()}
    assert pieces(third, "source_spans", "source") == ["she"]
    assert [e.quote_open for e in (first, second, third)] == [False, False, True]
    assert len({first.id, second.id, third.id}) == 3


@pytest.mark.parametrize(
    ("contested", "left_out"),
    [
        (["loaded", "words"], {"loaded", "loaded_spans"}),
        (["loaded"], {"loaded", "loaded_spans"}),
        (["words"], {"loaded_spans"}),
        (["kind"], {"sourcing"}),
        (["sources", "types", "names"], {"source_spans"}),
        (["types", "names"], set()),
    ],
)
def test_contested_labels_are_left_out(
    contested: list[str], left_out: set[str], tmp_path: Path
) -> None:
    write_lines(folder(tmp_path, "documents") / "dev.jsonl", [story(contested)])
    first, second, _ = read_corpus("documents", tmp_path, "dev")
    assert set(second.labels) - set(first.labels) == left_out


def test_articles_tell_everything(tmp_path: Path) -> None:
    write_lines(folder(tmp_path, "documents") / "dev.jsonl", [story(["names"])])
    (article,) = documents.read_articles(tmp_path, "dev")
    assert (article.id, article.outlet, article.leaning) == ("s1", "Wire", "left")
    assert (article.group, article.title, article.text) == ("allsides:s1", "Plan", STORY)
    first, second, third = article.sentences
    assert first.loaded
    assert [(w.text, w.voice) for w in first.words] == [("stupid", "source"), ("vile", "source")]
    assert first.contested == {"names"}
    assert (second.run_on, second.sources, second.contested) == ("Ana Ruiz", (), frozenset())
    assert [(s.text, s.type, s.name) for s in third.sources] == [("she", "pronoun", "Ana Ruiz")]


@pytest.mark.parametrize("change", ["kind", "word", "sentence", "missing"])
def test_documents_malformed(change: str, tmp_path: Path) -> None:
    article = story([])
    first = article["sentences"][0]
    if change == "kind":
        first["kind"] = "indirectly"
    elif change == "word":
        first["words"][0]["start"] += 1
    elif change == "sentence":
        first["end"] = 999
    else:
        del first["run_on"]
    write_lines(folder(tmp_path, "documents") / "train.jsonl", [story([]), article])
    with pytest.raises(CorpusError, match=r"train\.jsonl, row 2"):
        read_corpus("documents", tmp_path)


# The corpora themselves: what their descriptions count


@cache
def real(root: Path, name: str, part: str = "train") -> list[Example]:
    return read_corpus(name, root, part)


def count(examples: list[Example], task: str) -> Counter[Any]:
    return Counter(e.labels[task] for e in examples if task in e.labels)


def touched(examples: list[Example], task: str) -> int:
    return sum(bool(pieces(e, task)) for e in examples)


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("name", "part", "size", "groups"),
    [
        ("babe", "train", 3673, 2095 + 32),  # 32 sentences have no link
        ("anno_lexical", "train", 33831, None),
        ("anno_lexical", "dev", 7249, None),
        ("anno_lexical", "test", 7250, None),
        ("polnear", "train", 29526, 840 - 3),
        ("polnear", "dev", 3106, 84 - 1),
        ("newsdiscourse", "train", 10621, 502),
        ("newsdiscourse", "validation", 2820, 100),
        ("inhouse_frames", "train", 8769, None),
        ("documents", "train", 3419, 152),
        ("documents", "dev", 515, 24),
        ("basil", "train", 7984, 100),
        ("mbic", "train", 1700, None),
        ("semeval2023", "train", None, 536),
        ("ptc", "train", None, 371),
        ("ptc", "dev", None, 75),
    ],
)
def test_sizes(
    name: str, part: str, size: int | None, groups: int | None, corpora_dir: Path
) -> None:
    examples = real(corpora_dir, name, part)
    assert size in (None, len(examples))
    assert groups in (None, len({e.group for e in examples}))
    assert len({e.id for e in examples}) == len(examples)
    assert all(e.corpus == name for e in examples)


@pytest.mark.corpora
def test_babe_counts(corpora_dir: Path) -> None:
    examples = real(corpora_dir, "babe")
    assert count(examples, "loaded") == {1.0: 1810, 0.0: 1863}
    votes = [(e.labels["loaded"], e.labels["loaded_votes"]) for e in examples]
    # The published label is the majority of the votes.
    assert all((share > 0.5) == (label == 1) for label, share in votes)
    assert sum("loaded_spans" not in e.labels for e in examples) == 210


@pytest.mark.corpora
@pytest.mark.parametrize(("part", "loaded"), [("train", 16820), ("dev", 3667), ("test", 3678)])
def test_anno_lexical_counts(part: str, loaded: int, corpora_dir: Path) -> None:
    assert count(real(corpora_dir, "anno_lexical", part), "loaded")[1.0] == loaded


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("name", "part", "lines", "both", "language"),
    [
        ("semeval2023", "train", 12625, 3012, 2292),
        ("ptc", "train", 16673, 2573, 1889),
        ("ptc", "dev", 3177, 411, 286),
    ],
)
def test_technique_counts(
    name: str, part: str, lines: int, both: int, language: int, corpora_dir: Path
) -> None:
    # Descriptions count lines; a line is a sentence or more, so sentences are as many or more.
    examples = real(corpora_dir, name, part)
    assert lines <= len(examples) < 2 * lines
    assert both <= touched(examples, "loaded_spans") < 1.3 * both
    assert language <= touched(examples, "loaded_language_spans") < 1.3 * language
    assert count(examples, "semeval_loaded")[1.0] == touched(examples, "loaded_spans")


@pytest.mark.corpora
def test_semeval_and_ptc_share_articles(corpora_dir: Path) -> None:
    groups = {e.group for e in real(corpora_dir, "semeval2023")}
    for part in ("train", "dev"):
        assert {e.group for e in real(corpora_dir, "ptc", part)} <= groups


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("part", "published"),
    [
        ("train", {"direct": 3198, "mixed": 1956, "indirect": 14678}),
        ("dev", {"direct": 378, "mixed": 237, "indirect": 1577}),
    ],
)
def test_polnear_attributions(part: str, published: dict[str, int], corpora_dir: Path) -> None:
    kinds = Counter(polnear.attribution_kinds(corpora_dir / CORPORA["polnear"].folder, part))
    assert sum(kinds.values()) == {"train": 19868, "dev": 2193}[part]
    assert sum(kinds[kind] for kind in published) == sum(published.values())
    # The published counts pair marks within a paragraph; here marks that do not pair, as those of
    # a quotation over several paragraphs, count too: about one attribution in a hundred differs.
    for kind, number in published.items():
        assert abs(kinds[kind] - number) <= 0.015 * sum(published.values())


@pytest.mark.corpora
def test_polnear_sentences(corpora_dir: Path) -> None:
    examples = real(corpora_dir, "polnear", "dev")
    for example in examples:
        content = "".join(pieces(example, "source_spans", "content"))
        attributed = any(map(str.isalnum, content))
        assert (example.labels["sourcing"] != "none") == attributed


@pytest.mark.corpora
@pytest.mark.parametrize(("part", "speech"), [("train", 3258), ("validation", 971)])
def test_newsdiscourse_counts(part: str, speech: int, corpora_dir: Path) -> None:
    examples = real(corpora_dir, "newsdiscourse", part)
    assert count(examples, "attributed_speech")[1.0] == speech


@pytest.mark.corpora
def test_inhouse_frames_counts(corpora_dir: Path) -> None:
    examples = real(corpora_dir, "inhouse_frames")
    frames = Counter(frame for e in examples for frame in e.labels["frames"])
    assert (frames["economic"], frames["political"], frames["quality_of_life"]) == (1229, 1832, 416)
    assert count(examples, "frames")[()] == 1213
    # Each group is one that the sentences' own corpora know.
    known = {
        e.group
        for name, part in (
            ("anno_lexical", "train"), ("newsdiscourse", "train"), ("newsdiscourse", "validation"),
            ("semeval2023", "train"), ("basil", "train"),
        )
        for e in real(corpora_dir, name, part)
    }  # fmt: skip
    assert {e.group for e in examples if e.extra["corpus"] != "allsides"} <= known


@pytest.mark.corpora
def test_documents_counts(corpora_dir: Path) -> None:
    examples = real(corpora_dir, "documents")
    assert count(examples, "loaded")[1.0] == 580
    assert sum(len(pieces(e, "loaded_spans")) for e in examples) == 841
    assert count(examples, "sourcing") == {
        "none": 1697, "direct": 736, "indirect": 729, "mixed": 257,
    }  # fmt: skip
    articles = documents.read_articles(corpora_dir, "dev")
    sentences = [s for article in articles for s in article.sentences]
    assert sum(s.loaded for s in sentences) == 114
    assert sum(w.voice == "reporter" for s in sentences for w in s.words) == 98
    assert sum(bool(s.contested) for s in sentences) == 59
    assert Counter(source.type for s in sentences for source in s.sources) == {
        "named": 140, "unnamed": 40, "pronoun": 31, "document": 20,
    }  # fmt: skip
    assert Counter(article.leaning for article in articles) == {"left": 7, "center": 6, "right": 11}


@pytest.mark.corpora
def test_basil_counts(corpora_dir: Path) -> None:
    examples = real(corpora_dir, "basil")
    assert count(examples, "basil_lexical")[1.0] == 448
    assert sum(len(pieces(e, "basil_lexical_spans")) for e in examples) == 478
