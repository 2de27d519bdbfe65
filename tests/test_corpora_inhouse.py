"""Readers of the corpora made for this project: tiny ones to exact examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from corpora_files import folder, pieces, write

from training.corpora import CorpusError, documents, read_corpus
from training.example import Example


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
