"""Readers of loaded-language corpora: tiny corpora in each format to exact examples."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from corpora_files import folder, pieces, write, write_workbook

from training.corpora import CORPORA, CorpusError, read_corpus
from training.corpora.babe import find_words
from training.example import Example

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
