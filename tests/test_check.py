"""What is found in a corpus before it is trained on; and what is not found in a clean one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flood import CODEBOOK, DOCUMENTS, SIZE, checked, clean, found, kinds, sentence, with_labels

from training.check import kind_of
from training.corpus import Corpus
from training.counts import count_task
from training.coverage import FEW_GROUPS, FEW_SENTENCES
from training.damage import LONG
from training.duplicates import near_duplicates
from training.example import Example
from training.leakage import HOLDERS, leakage


@pytest.mark.parametrize("split", [False, True])
def test_nothing_is_found_in_a_clean_corpus(split: bool) -> None:
    report = checked(clean(split))
    assert report.faults == ()
    assert report.verdict == "150 sentences of 15 documents can be trained on; nothing found wrong"


Change = Callable[[list[Example]], object]


def text(new: str, at: int = 3) -> Change:
    return lambda e: e.__setitem__(at, replace(e[at], text=new, labels={"alarm": 0.0}))


def field(at: int, **values: Any) -> Change:
    return lambda e: e.__setitem__(at, replace(e[at], **values))


def label(at: int, **labels: Any) -> Change:
    return lambda e: e.__setitem__(at, with_labels(e[at], **labels))


def every(change: Callable[[Example], Example]) -> Change:
    return lambda e: e.__setitem__(slice(None), map(change, e))


def without(task: str, split: str) -> Change:
    def change(example: Example) -> Example:
        labels = {k: v for k, v in example.labels.items() if k != task}
        return replace(example, labels=labels) if example.split == split else example

    return every(change)


def moved(old: str, new: str) -> Change:
    return every(lambda e: replace(e, split=new if e.split == old else e.split))


NEARLY = "The mayor of dock 1 painted all boats by noon on day 1, she said."

# The change, whether splits are declared, the kind that is found, how severe, how often; the line.
CASES: dict[str, tuple[Change, bool, str, str, int, int | None]] = {
    "same text": (text(sentence(34), 3), False, "duplicate text", "warning", 1, 35),
    "other spaces": (text(f" {sentence(34)}\n"), False, "duplicate text", "warning", 1, 35),
    "binary apart": (
        lambda e: e.append(replace(e[4], id="x", labels={"alarm": 1.0}, origin=("d.csv", 7))),
        False, "contradicting labels", "warning", 1, 7,
    ),
    "near another group": (text(NEARLY), False, "near-duplicate across groups", "warning", 1, 4),
    "near another split": (
        text(NEARLY, 12), True, "near-duplicate across splits", "warning", 1, 13,
    ),
    "text in train and test": (text(sentence(0), 12), True, "leakage", "error", 1, 13),
    "text in train and dev": (text(sentence(0), 9), True, "leakage", "warning", 1, 10),
    "document in train and test": (field(0, split="test"), True, "leakage", "error", 1, 16),
    "document in dev and test": (field(9, split="test"), True, "leakage", "warning", 1, 25),
    "no train": (moved("train", "dev"), True, "empty split", "error", 1, None),
    "no dev": (moved("dev", "train"), True, "empty split", "warning", 1, None),
    "no test": (moved("test", "train"), True, "empty split", "warning", 1, None),
    "no labels in test": (without("stance", "test"), True, "unlabelled split", "warning", 1, None),
    "no labels in train": (without("blame", "train"), True, "unlabelled split", "error", 1, None),
    "one without a split": (field(0, split=None), True, "no split", "warning", 1, None),
    "only test": (
        lambda e: [moved("train", "test")(e), moved("dev", "test")(e)],
        True, "empty split", "error", 1, None,
    ),
    "a split of another name": (
        every(lambda e: replace(e, split="val" if e.document == "d0" else e.split)),
        True, "unknown split", "error", 10, 1,
    ),
    "all yes": (
        every(lambda e: with_labels(e, alarm=1.0)), False, "one class only", "error", 1, None,
    ),
    "all no": (
        every(lambda e: with_labels(e, alarm=0.0)), True, "one class only", "error", 1, None,
    ),
    "all for": (
        every(lambda e: with_labels(e, stance="for")), False, "one class only", "error", 1, None,
    ),
    "no actor": (
        every(lambda e: with_labels(e, actors=())), False, "one class only", "error", 1, None,
    ),
    "the same actors": (
        every(lambda e: with_labels(e, actors=("state",))),
        False, "one class only", "error", 1, None,
    ),
    "no span": (
        every(lambda e: with_labels(e, blame={"who": (), "what": ()})),
        False, "one class only", "error", 1, None,
    ),
    "in training one class only": (
        every(lambda e: with_labels(e, alarm=float(e.split != "train"))),
        True, "one class only", "error", 1, None,
    ),
    "few sentences": (
        every(lambda e: with_labels(e, stance="for" if int(e.id[1:]) >= 19 else "against")),
        False, "thin class", "warning", 1, None,
    ),
    "few groups": (
        every(lambda e: with_labels(e, alarm=float(int(e.id[1:]) % DOCUMENTS < 4))),
        False, "thin class", "warning", 1, None,
    ),
    "alike": (
        label(5, stance={"for": 0.5, "against": 0.5}), False, "no majority", "warning", 1, None,
    ),
    "shares over one": (
        label(5, stance={"for": 0.9, "against": 0.5}), False, "share", "error", 1, 6,
    ),
    "a share over one": (label(5, actors={"state": 1.5}), False, "share", "error", 1, 6),
    "no share": (label(5, alarm=2.0), False, "share", "error", 1, 6),
    "no such class": (label(5, stance="under"), False, "unknown label", "error", 1, 6),
    "no such span": (label(5, blame={"why": ()}), False, "unknown label", "error", 1, 6),
    "no such actors": (
        label(5, actors=("state", "cats", "dogs")), False, "unknown label", "error", 2, 6,
    ),
    "no such task": (
        lambda e: [label(5, mood="x")(e), label(7, mood="y")(e)],
        False, "undeclared task", "warning", 1, 6,
    ),
    "long": (text("word " * (LONG + 1)), False, "long text", "warning", 1, 4),
    "a passage": (
        text("It rained. Nobody came. The boats stayed in."),
        False, "several sentences", "warning", 1, 4,
    ),
    "lines": (text("It rained\nNobody came\nNo boat"), False, "several sentences", "warning", 1, 4),
    "a tag": (text('He <a href="x">said</a> no.'), False, "HTML", "warning", 1, 4),
    "a break": (text("He said<br/>no."), False, "HTML", "warning", 1, 4),
    "an entity": (text("Smith &amp; Sons sank."), False, "HTML", "warning", 1, 4),
    "a number for a mark": (text("It&#8217;s gone."), False, "HTML", "warning", 1, 4),
    "a lost character": (text("The caf\ufffd shut."), False, "encoding damage", "warning", 1, 4),
    "an apostrophe": (text("Itâ€™s gone."), False, "encoding damage", "warning", 1, 4),
    "a quotation mark": (text("He said â€œno.â€\x9d"), False, "encoding damage", "warning", 1, 4),
    "an accent": (text("The cafÃ© shut."), False, "encoding damage", "warning", 1, 4),
    "an emoji": (text("Fine ðŸ˜€."), False, "encoding damage", "warning", 1, 4),
    "latin-1": (text("It\u00e2\u0080\u0099s gone."), False, "encoding damage", "warning", 1, 4),
    "a blank id": (field(3, id=" \t"), False, "blank id", "warning", 1, 4),
    "an id twice": (field(3, id="s1"), False, "duplicate id", "warning", 1, 4),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_found(case: str) -> None:
    change, split, kind, severity, times, line = CASES[case]
    examples = clean(split)
    change(examples)
    report = checked(examples)
    assert kinds(report) == {(kind, severity)}, report.faults
    faults = found(report, kind)
    assert len(faults) == times
    assert faults[0].line == line
    assert faults[0].file in ("c.jsonl", "d.csv", "c.jsonl, d.csv")
    assert report.errors == (times if severity == "error" else 0)
    assert ("cannot be trained on" in report.verdict) == (severity == "error")


@pytest.mark.parametrize(
    "good",
    [
        "“It rained. Nobody came,” said the harbour master.",
        "Is x < y or a > b? The R&D desk of AT&T; asked; nobody knew.",
        "Señor Åke’s café “São João” — naïve, déjà vu … £5 • 20 °C ½ ñ Ü",
        "In Straße und Übermut, À bientôt, MENÜ“, groß“, CAFÉ”, Â, Ã, â.",
        "word " * LONG,
    ],
)
def test_a_text_that_is_none_the_worse(good: str) -> None:
    examples = clean()
    text(good)(examples)
    assert checked(examples).faults == ()


@pytest.mark.parametrize(
    "has",
    [lambda i: i < FEW_SENTENCES, lambda i: i % DOCUMENTS < FEW_GROUPS],
    ids=["sentences", "groups"],
)
def test_a_class_with_as_many_as_the_threshold_is_not_thin(has: Callable[[int], bool]) -> None:
    examples = [with_labels(e, alarm=float(has(i))) for i, e in enumerate(clean())]
    assert checked(examples).faults == ()


def test_sentences_without_a_split_are_trained_on() -> None:
    examples = [replace(e, split=None if e.split == "train" else e.split) for e in clean(True)]
    [fault] = checked(examples).faults
    assert fault.message.startswith("no split: 90 sentences name none")
    one_sided = [with_labels(e, alarm=float(e.split is not None)) for e in examples]
    assert ("one class only", "error") in kinds(checked(one_sided))


def test_sentences_without_a_split_leak_as_those_of_train_do() -> None:
    examples = clean(split=True)
    field(12, split=None)(examples)
    [fault] = found(checked(examples), "leakage")
    assert (fault.severity, fault.line) == ("error", 28)
    assert "document 'd12' is in train (c.jsonl:13) and in test (c.jsonl:28)" in fault.message


def test_soft_labels_are_counted_by_their_shares() -> None:
    examples = [with_labels(e, alarm=0.25, stance={"for": 0.75, "against": 0.25}) for e in clean()]
    count = count_task(CODEBOOK.task("alarm"), examples)
    assert [(c.label, c.sentences, c.share) for c in count.labels] == [
        ("alarm", SIZE / 4, 0.25),
        ("not alarm", SIZE * 3 / 4, 0.75),
    ]
    assert count.soft == SIZE
    assert [c.groups for c in count.labels] == [0, DOCUMENTS]
    count = count_task(CODEBOOK.task("stance"), examples)
    assert [c.sentences for c in count.labels] == [SIZE * 3 / 4, SIZE / 4]


def test_what_was_not_annotated_is_not_counted() -> None:
    examples = clean()
    examples[0] = replace(examples[0], labels={})
    examples[1] = with_labels(examples[1], blame={"what": ((0, 3), (4, 9))})
    blame = count_task(CODEBOOK.task("blame"), examples)
    assert blame.sentences == SIZE - 1
    who, what = blame.labels
    assert (what.sentences, what.spans, what.share) == (SIZE - 1, SIZE, 1.0)
    assert who.share == pytest.approx(who.sentences / (SIZE - 2))
    assert checked(examples).trainable == SIZE - 1


def test_the_counts_of_splits() -> None:
    report = checked(clean(split=True))
    counts = [(s.split, s.sentences, s.documents, s.outlets) for s in report.splits]
    assert counts == [("train", 90, 9, 4), ("dev", 30, 3, 3), ("test", 30, 3, 3)]
    assert (report.sentences, report.documents, report.outlets, report.groups) == (150, 15, 4, 15)
    stance = report.tasks[1]
    assert stance.splits == {"train": 90, "dev": 30, "test": 30}
    assert sum(stance.labels[0].splits.values()) == stance.labels[0].sentences == 75


def test_documents_of_two_corpora_may_have_one_name() -> None:
    examples = clean(split=True)
    examples += [
        replace(e, corpus="other", group=f"other:{e.document}", split="train", text=e.text * 2)
        for e in examples
        if e.split == "train"
    ]
    assert checked(examples).documents == 24
    examples += [replace(examples[-1], id="z", corpus="c", group="c:d12", document="d12")]
    assert "leakage" in {kind_of(f) for f in checked(examples).faults}


def test_a_group_that_is_no_document_leaks_too() -> None:
    by_event = [replace(e, event="flood", group="c:flood") for e in clean(split=True)]
    [fault] = found(checked(by_event), "leakage")
    assert "event 'flood'" in fault.message
    assert all(part in fault.message for part in ("in train (", "in dev (", "in test ("))
    by_event[0] = replace(by_event[0], split="test")
    faults = found(checked(by_event), "leakage")
    assert {f.message.split(" is in ")[0] for f in faults} == {
        "leakage: event 'flood'",
        "leakage: document 'd0'",
    }


def test_contradictions_name_both_lines_and_both_labels() -> None:
    examples = clean()
    first = examples[4]
    for changes in ({"stance": "against"}, {"actors": ("firms",)}, {"blame": {"who": ((10, 12),)}}):
        twin = with_labels(replace(first, id="x", origin=("d.csv", 9)), **changes)
        [fault] = checked([*examples, twin]).faults
        assert kind_of(fault) == "contradicting labels"
        assert str(fault).startswith("d.csv:9: warning:")
        assert "c.jsonl:5" in fault.message
        task = next(iter(changes))
        assert fault.message.count(f"{task} = ") == 2
    assert "who: of" in fault.message


def test_labels_that_come_to_the_same_do_not_contradict() -> None:
    examples = clean()
    twin = replace(examples[19], id="x", origin=("d.csv", 9), text=f"  {examples[19].text}")
    moved_spans = {"who": ((6, 11),), "what": ((2, 5),)}
    twin = with_labels(
        twin, alarm=0.8, stance={"against": 0.6, "for": 0.4}, actors={"state": 0.9},
        blame=moved_spans,
    )  # fmt: skip
    assert examples[19].labels["alarm"] == 1.0
    assert kinds(checked([*examples, twin])) == {("duplicate text", "warning")}
    other_task = replace(examples[19], id="y", labels={"blame": {}}, origin=("d.csv", 10))
    assert kinds(checked([*examples, other_task])) == {("duplicate text", "warning")}


def test_stock_sentences_in_train_and_test_do_not_stop_training() -> None:
    examples = clean(split=True)
    for at in (0, 12):
        text("He declined to comment.", at)(examples)
    assert kinds(checked(examples)) == {("leakage", "warning")}


def test_near_duplicates_of_one_group_and_split_are_its_own_business() -> None:
    examples = clean()
    text(NEARLY, 16)(examples)  # line 17, of document d1, as sentence 1 is
    assert checked(examples).faults == ()


def test_near_duplicates_name_the_nearest_of_the_worst() -> None:
    examples = clean(split=True)
    text(NEARLY, 10)(examples)  # dev
    text(NEARLY.replace("said", "wrote"), 12)(examples)  # test
    faults = found(checked(examples), "near-duplicate across splits")
    assert [f.line for f in faults] == [11, 13]
    assert all("c.jsonl:2 has 100%" in f.message for f in faults), "the sentence of train"


def test_near_duplicates_are_those_that_training_leaves_out() -> None:
    words = ["ash", "bay", "cod", "dew", "elm", "fog", "gum", "hay", "ink", "jet"]
    texts = [" ".join(words[i : i + 7 + i % 3]) for i in range(4)]
    texts += ["ash bay cod dew elm", "elm dew cod bay ash", "Ash, bay: COD dew elm fog!", "ash bay"]
    examples = [replace(e, text=t, labels={}) for e, t in zip(clean(), texts, strict=False)]
    corpus = Corpus(codebook=CODEBOOK, examples=examples)
    lines = {f.line for f in leakage(corpus)}
    wanted = {i + 1 for i in range(1, len(texts)) if near_duplicates([texts[i]], texts[:i]).any()}
    assert lines == wanted
    assert 0 < len(wanted) < len(texts) - 1


def test_a_phrase_that_many_have_is_still_found_in_each() -> None:
    lines = [f"Read more on our live page about the flood, item {i}" for i in range(HOLDERS * 2)]
    examples = [replace(e, text=t) for e, t in zip(clean(), lines, strict=False)]
    faults = leakage(Corpus(codebook=CODEBOOK, examples=examples))
    assert [f.line for f in faults] == list(range(2, len(lines) + 1))


def test_a_corpus_without_sentences_or_labels() -> None:
    assert kinds(checked([])) == {("no sentence", "error")}
    bare = [replace(e, labels={}) for e in clean()]
    assert kinds(checked(bare)) == {("no label", "error")}
    strange = [replace(e, labels={"mood": "x"}) for e in clean()]
    assert kinds(checked(strange)) == {("no label", "error"), ("undeclared task", "warning")}


def test_examples_that_came_from_no_file_are_named() -> None:
    examples = [replace(e, origin=None) for e in clean()]
    examples[3] = replace(examples[3], id="s1")
    [fault] = checked(examples).faults
    assert (fault.file, fault.line) == ("c s1", None)
