"""Readers of sourcing corpora: tiny corpora in each format to exact examples."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from corpora_files import folder, pieces, write

from framing.taxonomy import SOURCE_SPANS
from training.corpora import CORPORA, CorpusError, polnear, read_corpus
from training.corpora.brat import parse_events
from training.example import Example

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
