"""Frames of whole articles beside what human coders named."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.articles import article_frames, article_rows, mean_auroc
from framing import Scorer
from framing.taxonomy import FRAMES
from training.assemble import Material
from training.corpora import CorpusError
from training.example import Example

FOLDER = "framing/semeval2023_task3_st2"


def archive(root: Path, labels: str) -> Path:
    path = root / FOLDER / "en_train.tar.gz"
    path.parent.mkdir(parents=True)
    data = labels.encode()
    with tarfile.open(path, "w:gz") as out:
        member = tarfile.TarInfo("data/en/train-labels-subtask-2.txt")
        member.size = len(data)
        out.addfile(member, io.BytesIO(data))
    return path


def test_frames_are_read_as_the_taxonomy_spells_them(tmp_path: Path) -> None:
    path = archive(tmp_path, "7\tPolitical,Security_and_defense\n12\tEconomic\n")
    assert article_frames(path) == {
        "ptc:7": {"political", "security_and_defense"},
        "ptc:12": {"economic"},
    }


def test_an_unknown_frame_is_named_with_its_row(tmp_path: Path) -> None:
    path = archive(tmp_path, "7\tPolitical\n12\tWeather\n")
    with pytest.raises(CorpusError, match=r"row 2: unknown frames \['weather'\]"):
        article_frames(path)


def test_the_mean_area_leaves_out_frames_with_one_outcome() -> None:
    gold = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1], [0, 0, 0]], dtype=bool)
    scores = np.array([[0.9, 0.5, 0.1], [0.1, 0.5, 0.9], [0.8, 0.5, 0.6], [0.2, 0.5, 0.5]])
    assert mean_auroc(gold, scores) == pytest.approx((1.0 + 0.25) / 2)
    assert np.isnan(mean_auroc(gold[:, [1]], scores[:, [1]]))


def sentences(article: int) -> list[Example]:
    texts = [f"The council met on day {article}.", "It raised the tax again.", " "]
    if article % 2:
        texts[1] = "The court heard the case again."
    return [
        Example(
            text=text,
            corpus="semeval2023",
            id=f"{article}#{i}",
            group=f"ptc:{article}",
            labels={},
        )
        for i, text in enumerate(texts)
    ]


@pytest.mark.filterwarnings("ignore:Label not")
def test_cuts_come_from_the_held_out_articles_and_rows_from_the_others(
    tmp_path: Path, scorer: Scorer
) -> None:
    def named(article: int) -> str:
        return "Political,Morality" if article % 2 else "Economic"

    archive(tmp_path, "".join(f"{a}\t{named(a)}\n" for a in range(1, 25)))
    parts = [[e for a in part for e in sentences(a)] for part in (range(1, 13), range(13, 19))]
    unlabelled = [e for a in range(90, 93) for e in sentences(a)]
    tested = [e for a in range(19, 25) for e in sentences(a)]
    material = Material(
        train=parts[0] + unlabelled,
        heldout=parts[1],
        reported={"semeval2023/test": tested + unlabelled},
    )
    rows = article_rows(scorer.engine, material, tmp_path)
    measures = [row.measure for row in rows]
    assert measures[:4] == [
        "mean AUROC of 14",
        "micro F1, cuts from 6 others",
        "mean AUROC of 14, words of 12 articles",
        "micro F1, cuts from 6 others, words of 12 articles",
    ]
    assert {row.estimate.n for row in rows} == {6}
    assert len(rows) == 4 + len(FRAMES)
    by_words = rows[3].estimate.value
    assert by_words == 1.0, "the words alone tell the two kinds of article apart"
