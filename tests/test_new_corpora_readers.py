"""The benchmark of retraining: its readers."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest
from corpora_files import write

from benchmarks.new_corpora import ccf, checkthat, gvfc
from benchmarks.new_corpora.folds import CODEBOOKS
from benchmarks.new_corpora.tables import tab_rows
from training.codebook import Codebook
from training.corpora.reading import CorpusError

WORDS = ("police", "bill", "minister", "senator", "report", "monday", "said", "reckless", "slammed")


def write_gvfc(root: Path, members: dict[str, str]) -> None:
    path = root / gvfc.FOLDER / "cv_splits.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            data = text.encode()
            info = tarfile.TarInfo(f"dataset/dataset_multiclass/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def write_ccf(root: Path, rows: list[str]) -> None:
    path = root / ccf.FOLDER / "Annotated_sentences.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(rows).encode()))


def passage(number: int, labels: list[str], language: str = "EN", document: int = 7) -> str:
    meta = {"media": "Daily Ice", "date": "2001-02-03", "doc_ID": document, "language": language}
    return json.dumps(
        {"id": number, "text": f"Ice {number} melts. So it goes.", "meta": meta, "label": labels}
    )


def test_gvfc_headlines_keep_their_fold_frames_and_quotation_marks(tmp_path: Path) -> None:
    write_gvfc(
        tmp_path,
        {
            "2/train.tsv": '4\t"No guns, says mayor\t2\t99\n5\tMayor  votes again\t3\t7\n',
            "2/test_labeled.tsv": "9\tmayor votes again\t3\t99\n",
        },
    )
    first, second, third = gvfc.read_fold(tmp_path, 2)
    assert (first.text, first.split) == ('"No guns, says mayor', "train")
    assert first.labels == {"first_frame": "gun_control", "all_frames": ("gun_control",)}
    assert second.labels == {
        "first_frame": "politics",
        "all_frames": ("politics", "public_opinion"),
    }
    assert second.origin == ("dataset/dataset_multiclass/2/train.tsv", 2)
    assert (third.split, third.group) == ("test", second.group)
    assert first.group != second.group
    assert len({e.id for e in (first, second, third)}) == 3
    with pytest.raises(CorpusError, match=r"no dataset/dataset_multiclass/5/train\.tsv"):
        gvfc.read_fold(tmp_path, 5)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("4\tA headline\t12\t99\n", r"train\.tsv, row 1: '12' is no frame; 1 to 9"),
        ("4\tA headline\t99\t99\n", "'99' is no frame"),
        ("4\tA headline\t2\n", "row 1: 3 columns where 4 belong"),
        ("4\t \t2\t99\n", "the headline is blank"),
    ],
)
def test_gvfc_rows_that_are_wrong_are_named(row: str, message: str, tmp_path: Path) -> None:
    write_gvfc(tmp_path, {"0/train.tsv": row, "0/test_labeled.tsv": ""})
    with pytest.raises(CorpusError, match=message):
        gvfc.read_fold(tmp_path, 0)


def test_ccf_english_passages_have_the_main_frames_alone(tmp_path: Path) -> None:
    write_ccf(
        tmp_path,
        [
            passage(1, ["CC article", "Pol Detection", "Pol_2_SUB", "Eco Detection"]),
            passage(2, ["Pol Detection"], language="FR"),
            passage(3, ["Emotion: Neutral"], document=8),
            "",
        ],
    )
    first, second = ccf.read(tmp_path)
    assert first.labels == {"climate_frames": ("economy", "politics")}
    assert second.labels == {"climate_frames": ()}
    assert (first.group, first.outlet, first.date) == ("ccf:7", "Daily Ice", "2001-02-03")
    assert second.origin == ("Annotated_sentences.jsonl.gz", 3)


def test_ccf_folds_hold_each_article_out_once_and_whole(tmp_path: Path) -> None:
    write_ccf(tmp_path, [passage(i, [], document=i // 3) for i in range(30)])
    out = Counter[str]()
    for fold in range(ccf.FOLDS):
        examples = ccf.read_fold(tmp_path, fold)
        test = {e.group for e in examples if e.split == "test"}
        assert test and not test & {e.group for e in examples if e.split == "train"}
        out.update(e.id for e in examples if e.split == "test")
    assert out == {str(i): 1 for i in range(30)}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["{"], "row 1: not JSON"),
        ([passage(1, []), '{"meta": {"language": "EN"}}'], "row 2: not a passage"),
        (['{"text": " ", "meta": {"language": "EN"}}'], "blank text"),
        (["[1]"], "row 1: not a passage"),
    ],
)
def test_ccf_rows_that_are_wrong_are_named(rows: list[str], message: str, tmp_path: Path) -> None:
    write_ccf(tmp_path, rows)
    with pytest.raises(CorpusError, match=message):
        ccf.read(tmp_path)


def test_a_cut_off_archive_is_named(tmp_path: Path) -> None:
    write_ccf(tmp_path, [passage(1, [])])
    path = tmp_path / ccf.FOLDER / "Annotated_sentences.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(CorpusError, match="not a whole gzip file"):
        ccf.read(tmp_path)
    write_gvfc(tmp_path, {"0/train.tsv": "4\tA headline\t2\t99\n" * 999})
    path = tmp_path / gvfc.FOLDER / "cv_splits.tar.gz"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(CorpusError, match="not a whole tar archive"):
        gvfc.read_fold(tmp_path, 0)


HEADER = "sentence_id\tsentence\tlabel"


def test_checkthat_takes_quotation_marks_as_letters(tmp_path: Path) -> None:
    folder = tmp_path / checkthat.FOLDER
    write(
        folder / "train_en.tsv",
        f'{HEADER}\tsolved_conflict\na\t"It rains\tOBJ\tTrue\nb\tIt "rains\tSUBJ\tFalse\n',
    )
    write(folder / "test_en_gold.tsv", f"{HEADER}\nc\tIt snows.\tOBJ\n")
    examples = checkthat.read(tmp_path)
    assert [(e.text, e.split, e.labels["subjectivity"]) for e in examples] == [
        ('"It rains', "train", 0.0),
        ('It "rains', "train", 1.0),
        ("It snows.", "test", 0.0),
    ]
    assert len({e.group for e in examples}) == 3
    write(folder / "test_en_gold.tsv", f"{HEADER}\nc\tIt snows.\tNONE\n")
    with pytest.raises(CorpusError, match=r"test_en_gold\.tsv, row 2: .* OBJ or SUBJ"):
        checkthat.read(tmp_path)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(CorpusError, match=r"f\.tsv, row 1: no b "):
        list(tab_rows("a\tc\n1\t2\n", "f.tsv", ("a", "b"), header=True))


@pytest.mark.parametrize("read", [lambda root: gvfc.read_fold(root, 0), ccf.read, checkthat.read])
def test_a_missing_corpus_is_named(read, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"{tmp_path}.* is missing"):
        read(tmp_path)


def test_codebooks_have_what_the_readers_give() -> None:
    book = Codebook.load(CODEBOOKS / "gvfc.toml")
    assert book.task("first_frame").labels == book.task("all_frames").labels == gvfc.FRAMES
    (task,) = Codebook.load(CODEBOOKS / "ccf.toml").tasks
    assert (task.kind, set(task.labels)) == ("multilabel", set(ccf.FRAMES.values()))
    (task,) = Codebook.load(CODEBOOKS / "checkthat.toml").tasks
    assert (task.name, task.kind) == ("subjectivity", "binary")
    for path in CODEBOOKS.glob("*.toml"):
        book = Codebook.load(path)
        assert all(text for labels in book.definitions.values() for text in labels.values())


@pytest.mark.corpora
def test_gvfc_counts(corpora_dir: Path) -> None:
    parts = [gvfc.read_fold(corpora_dir, fold) for fold in range(gvfc.FOLDS)]
    first = parts[0]
    assert Counter(e.split for e in first) == {"train": 1037, "test": 263}
    assert Counter(e.labels["first_frame"] for e in first) == {
        "gun_rights": 38, "gun_control": 215, "politics": 373, "mental_health": 65, "safety": 137,
        "race_ethnicity": 114, "public_opinion": 237, "society_culture": 41,
        "economic_consequences": 80,
    }  # fmt: skip
    assert sum(len(e.labels["all_frames"]) == 2 for e in first) == 319
    tested = Counter(e.id for part in parts for e in part if e.split == "test")
    assert tested == {e.id: 1 for e in first}
    assert len({e.group for e in first}) == 1297


@pytest.mark.corpora
def test_gvfc_frames_are_the_published_indicators(corpora_dir: Path) -> None:
    with tarfile.open(corpora_dir / gvfc.FOLDER / "cv_splits.tar.gz") as archive:
        for fold in range(gvfc.FOLDS):
            for split, name in (("train", "train"), ("test", "dev")):
                stream = archive.extractfile(f"dataset/{fold}/{name}.tsv")
                assert stream is not None
                lines = stream.read().decode().removesuffix("\n").split("\n")
                part = [e for e in gvfc.read_fold(corpora_dir, fold) if e.split == split]
                for example, line in zip(part, lines, strict=True):
                    _, text, _, *given = line.split("\t")
                    assert text.strip() == example.text
                    indicated = [f for f, x in zip(gvfc.FRAMES, given, strict=True) if x == "1.0"]
                    assert set(indicated) == set(example.labels["all_frames"])


@pytest.mark.corpora
def test_ccf_counts(corpora_dir: Path) -> None:
    examples = ccf.read(corpora_dir)
    assert len(examples) == len({e.id for e in examples}) == 1927
    assert len({e.group for e in examples}) == 1708
    assert Counter(f for e in examples for f in e.labels["climate_frames"]) == {
        "politics": 644, "science": 378, "economy": 324, "justice": 160, "culture": 116,
        "environment": 116, "health": 85, "security": 57,
    }  # fmt: skip
    sizes = Counter(min(3, len(e.labels["climate_frames"])) for e in examples)
    assert sizes == {0: 565, 1: 929, 2: 365, 3: 68}
    for fold in range(ccf.FOLDS):
        test = [e for e in ccf.read_fold(corpora_dir, fold) if e.split == "test"]
        assert {f for e in test for f in e.labels["climate_frames"]} == set(ccf.FRAMES.values())


@pytest.mark.corpora
def test_checkthat_counts(corpora_dir: Path) -> None:
    found = Counter((e.split, e.labels["subjectivity"]) for e in checkthat.read(corpora_dir))
    assert found == {
        ("train", 0.0): 532, ("train", 1.0): 298, ("test", 0.0): 362, ("test", 1.0): 122,
    }  # fmt: skip
