"""The corpora themselves: what their descriptions count."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from corpora_files import pieces

from training.corpora import CORPORA, documents, polnear, read_corpus
from training.example import Example


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
