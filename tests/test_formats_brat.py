"""brat: documents with standoff annotation, as sentences."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from corpora_files import write as write_text
from hypothesis import given
from hypothesis import strategies as st
from labelled_examples import CODEBOOK, errors, said

from training.formats import read


def brat(folder: Path, text: str, notes: str, name: str = "one") -> Path:
    write_text(folder / f"{name}.txt", text)
    write_text(folder / f"{name}.ann", notes)
    return folder


DOCUMENT = 'The mayor said: "It is reckless.\nIt is 😀 vile." Nobody moved.\n'
NOTES = (
    "T1\tSource 0 9\tThe mayor\n"
    "T2\tloaded 23 31;41 45\treckless vile\n"
    "A1\tShape T2 mixed\n"
    "R1\tBy Arg1:T1 Arg2:T2\t\n"
    "#1\tAnnotatorNotes T1\ta note\nthat goes on\n"
)


def test_brat_documents_become_sentences(tmp_path: Path) -> None:
    folder = brat(tmp_path / "press", DOCUMENT, NOTES)
    brat(folder, "Nothing here.", "", "sub/two")
    corpus = read(folder, codebook=CODEBOOK).sound()
    first, second, third, fourth = corpus.examples
    assert [e.text for e in corpus.examples] == [
        'The mayor said: "It is reckless.', 'It is 😀 vile."', "Nobody moved.", "Nothing here."
    ]  # fmt: skip
    assert first.labels == {
        "loaded_spans": {"loaded": ((23, 31),)}, "source_spans": {"source": ((0, 9),), "cue": ()}
    }  # fmt: skip
    assert second.labels["loaded_spans"] == {"loaded": ((8, 12),)}
    assert third.labels["loaded_spans"] == {"loaded": ()}
    assert fourth.labels["source_spans"] == {"source": (), "cue": ()}
    assert [e.document for e in corpus.examples] == ["one", "one", "one", "sub/two"]
    assert second.origin == (f"{folder}/one.txt", 2)
    assert (second.id, second.group) == ("one#33", "press:one")
    for part in ("1 relations", "1 notes", "attribute 'Shape' is left out"):
        assert part in said(corpus)


def test_brat_offsets_are_those_of_the_document(tmp_path: Path) -> None:
    document = "One ab is. 😀 Two\nab is 👩🏽 not. So ab ends."
    spans = [(i, i + 2) for i in range(len(document)) if document.startswith("ab", i)]
    notes = "".join(f"T{n}\tloaded {s} {e}\tab\n" for n, (s, e) in enumerate(spans))
    corpus = read(brat(tmp_path, document, notes), codebook=CODEBOOK).sound()
    found = [
        e.text[start:end]
        for e in corpus.examples
        for start, end in e.labels["loaded_spans"]["loaded"]
    ]
    assert found == ["ab"] * 3


def test_brat_spans_are_cut_at_sentence_ends(tmp_path: Path) -> None:
    folder = brat(tmp_path, "It is vile. It is bad.", "T1\tloaded 6 22\tvile. It is bad.\n")
    corpus = read(folder, codebook=CODEBOOK).sound()
    assert [e.labels["loaded_spans"] for e in corpus.examples] == [
        {"loaded": ((6, 11),)}, {"loaded": ((0, 10),)}
    ]  # fmt: skip
    assert "run over the end of a sentence 1 times" in said(corpus)


def test_brat_attributes_that_are_mapped_label_sentences(tmp_path: Path) -> None:
    notes = NOTES.replace("23 31;41 45\treckless vile", "23 31\treckless") + "A2\tSlur T2\n"
    folder = brat(tmp_path, DOCUMENT, notes)
    columns = {"sourcing": "Shape", "loaded": "Slur"}
    corpus = read(folder, codebook=CODEBOOK, columns=columns).sound()
    assert [e.labels.get("sourcing") for e in corpus.examples] == ["mixed", None, None]
    assert [e.labels["loaded"] for e in corpus.examples] == [1.0, 0.0, 0.0]


def test_brat_faults(tmp_path: Path) -> None:
    notes = (
        "T1\tPerson 0 9\tThe mayor\n"
        "T2\tloaded 0 900\tx\n"
        "T3\tloaded 0 3\tmayor\n"
        "T4 loaded 0 3\tThe\n"
        "T5\tloaded 0 x\tThe\n"
        "A1\tShape T9 mixed\n"
    )
    folder = brat(tmp_path, DOCUMENT, notes)
    write_text(folder / "two.txt", "Alone.")
    write_text(folder / "three.ann", "")
    found = errors(folder, columns={"sourcing": "Shape"})
    assert {(Path(f.file).name, f.line) for f in found} == {
        ("one.ann", 1), ("one.ann", 2), ("one.ann", 3), ("one.ann", 4), ("one.ann", 5),
        ("one.ann", 6), ("two.txt", None), ("three.txt", None),
    }  # fmt: skip
    by_line = {f.line: f.message for f in found}
    assert "'Person' is no span label" in by_line[1]
    assert "stands 'The', not 'mayor'" in by_line[3]
    brat(folder, "Sound.", "", "four")
    corpus = read(folder, codebook=CODEBOOK)
    assert {e.document for e in corpus.examples} == {"four"}


def test_one_file_of_brat(tmp_path: Path) -> None:
    brat(tmp_path, DOCUMENT, NOTES)
    for name in ("one.txt", "one.ann"):
        found = read(tmp_path / name, codebook=CODEBOOK).sound().examples
        assert found[0].origin == (str(tmp_path / "one.txt"), 1)


@given(st.text(alphabet="TAR12\t 0479;loadedvi#\n", max_size=60))
def test_any_notes_of_brat_give_sentences_or_faults(notes: str) -> None:
    with TemporaryDirectory() as folder:
        corpus = read(brat(Path(folder), "A vile bill.", notes), codebook=CODEBOOK)
    assert bool(corpus.examples) != bool(corpus.errors)
    assert all(1 <= f.line <= notes.count("\n") + 1 for f in corpus.errors if f.line)
