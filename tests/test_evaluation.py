"""An evaluation in memory: what is scored, how it is pooled, drawn and written."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.metrics import f1_score

from framing import Scorer
from framing.columns import ScoreColumns
from framing.task import Task, default_tasks
from tests.fakes import score_columns
from training.evaluation.curves import learning_curve, nested_samples
from training.evaluation.figures import learning_curve_figure, reliability_figure
from training.evaluation.folds import Predictor, cross_validate, pooled
from training.evaluation.labels import SentenceResult
from training.evaluation.predictions import Evaluation, evaluate_columns, evaluate_model
from training.evaluation.report import summary, write_report
from training.evaluation.spans import SpanResult
from training.evaluation.tables import tables
from training.example import Example
from training.prediction import predict

PLACES = ("harbour", "clinic", "court", "budget", "council", "museum", "station", "orchard")


def sentences(count: int = 48) -> list[Example]:
    """Sentences whose labels follow from their words, four a document; some of soft votes."""
    found = []
    for i in range(count):
        place, other = PLACES[i % 8], PLACES[(i // 8 + 3 * i) % 8]
        charge = ("shameful", "new", "smug", "old")[i % 4]
        told = ', the mayor said "we shall see"' if i % 3 == 0 else ""
        text = (
            f"Number {i} of the {charge} {place} plans goes to the {other} by week {i * i}{told}."
        )
        at = text.index(charge)
        loaded = charge in ("shameful", "smug")
        found.append(
            Example(
                text=text,
                corpus="mine",
                id=f"s{i}",
                group=f"mine:{i // 4}",
                origin=("mine.jsonl", i + 1),
                labels={
                    "loaded": (0.8 if i % 8 == 0 else 1.0) if loaded else 0.0,
                    "loaded_spans": {"loaded": ((at, at + len(charge)),) if loaded else ()},
                    "sourcing": "direct" if told else "none",
                    "frames": ("economic",) if place == "budget" else (),
                },
            )
        )
    return found


def by_keywords(examples: Sequence[Example]) -> ScoreColumns:
    """Scores of keywords, offsets counted in each sentence."""
    return score_columns((e.text, 0, len(e.text)) for e in examples)


def test_a_model_is_held_against_every_task_that_is_labelled(scorer: Scorer) -> None:
    examples = sentences()
    unlabelled = replace(examples[0], labels={"tone": 1.0}, id="x", group="mine:x")
    found = evaluate_model(scorer, [*examples, unlabelled])
    assert set(found.tasks) == {"loaded", "loaded_spans", "sourcing", "frames"}
    assert found.unlabelled == ("source_spans",)
    assert found.unknown == ("tone",)
    assert found.sentences == 49
    assert found.model == scorer.model
    columns = predict(scorer.engine, examples, context=True)
    loaded = found.tasks["loaded"]
    assert isinstance(loaded, SentenceResult)
    assert loaded.ids == tuple(e.id for e in examples)
    assert loaded.probability.tolist() == columns.scores["loaded"].tolist()
    assert loaded.given.tolist() == columns.given("loaded", 0, 48).tolist()
    assert loaded.gold[:, 0].tolist() == pytest.approx([e.labels["loaded"] for e in examples])
    spans = found.tasks["loaded_spans"]
    assert isinstance(spans, SpanResult)
    for example, marked in zip(examples, spans.found, strict=True):
        assert all(0 <= a < b <= len(example.text) for a, b in marked["loaded"])
    only = evaluate_model(scorer.engine, examples, tasks=["sourcing"])
    assert set(only.tasks) == {"sourcing"}


def test_an_open_quotation_is_told_only_in_context(scorer: Scorer) -> None:
    examples = [replace(e, quote_open=True) for e in sentences()]
    told, alone = (evaluate_model(scorer, examples, context=c).tasks["loaded"] for c in (1, 0))
    assert isinstance(told, SentenceResult)
    assert isinstance(alone, SentenceResult)
    assert (told.probability != alone.probability).any()


def test_what_cannot_be_evaluated_is_refused_by_name(scorer: Scorer) -> None:
    examples = sentences(4)
    with pytest.raises(ValueError, match="the model has loaded"):
        evaluate_model(scorer, examples, tasks=["tone"])
    with pytest.raises(ValueError, match="'source_spans': no example is labelled"):
        evaluate_model(scorer, examples, tasks=["source_spans"])
    with pytest.raises(ValueError, match="labelled for tone, the model has"):
        evaluate_model(scorer, [replace(examples[0], labels={"tone": 1.0})])
    with pytest.raises(ValueError, match="no example has a label"):
        evaluate_model(scorer, [])
    wrong = replace(examples[2], labels={"sourcing": "rumour"})
    with pytest.raises(ValueError, match=r"mine\.jsonl:3: 'rumour' is no label"):
        evaluate_model(scorer, [*examples, wrong])
    wrong = replace(examples[2], labels={"loaded_spans": {"smug": ((0, 1),)}}, origin=None)
    with pytest.raises(ValueError, match=r"mine s2: .* is no label of the span task"):
        evaluate_model(scorer, [*examples, wrong])


def test_the_measures_are_those_of_the_labels_given() -> None:
    examples = sentences()
    examples[1] = replace(examples[1], labels={**examples[1].labels, "loaded": 1.0})
    found = evaluate_columns(by_keywords(examples), examples)
    rows = {(r.data, r.measure): r.estimate for r in found.rows(samples=50)}
    gold = np.array([e.labels["loaded"] for e in examples])
    given = np.array(["shameful" in e.text or "smug" in e.text for e in examples])
    assert rows["mine, loaded", "macro F1"].value == pytest.approx(
        f1_score(gold >= 0.5, given, average="macro")
    )
    assert rows["mine, loaded", "F1 of loaded"].value == pytest.approx(f1_score(gold >= 0.5, given))
    probability = np.where(given, 0.83, 0.12)
    assert rows["mine, loaded", "Brier score"].value == pytest.approx(
        np.mean((gold - probability) ** 2), abs=1e-6
    ), "the shares of votes, not 0 and 1"
    assert rows["mine, loaded", "macro F1"].low < rows["mine, loaded", "macro F1"].value
    assert rows["mine, loaded_spans", "macro F1 exact"].value == 1
    assert rows["mine, sourcing", "accuracy"].value == 1
    assert rows["mine, sourcing", "macro F1"].value == 1, "kinds without gold are left out"
    loaded, sourcing = found.tasks["loaded"], found.tasks["sourcing"]
    assert isinstance(loaded, SentenceResult)
    assert isinstance(sourcing, SentenceResult)
    assert loaded.confusion().tolist() == [[23, 0], [1, 24]]
    assert sourcing.confusion().sum(axis=1).tolist() == [32, 16, 0, 0]
    frames = found.tasks["frames"]
    assert isinstance(frames, SentenceResult)
    assert frames.confusion().shape == (14, 2, 2)
    assert (frames.confusion().sum(axis=(1, 2)) == 48).all()


def test_blank_sentences_are_left_out_and_counted(scorer: Scorer) -> None:
    examples = sentences(8)
    blank = replace(examples[0], text="  ", labels={"loaded": 0.0}, id="blank")
    found = evaluate_model(scorer, [blank, *examples]).tasks["loaded"]
    assert (len(found), found.blank) == (8, 1)
    with pytest.raises(ValueError, match="blank"):
        evaluate_model(scorer, [blank])


def test_span_labels_that_nobody_annotated_are_named_and_not_scored() -> None:
    text = '"We shall see," the mayor said of the old clinic.'
    at = text.index("said")
    labels = {"source_spans": {"cue": ((at, at + 4),)}}
    example = Example(text=text, corpus="mine", id="1", group="1", labels=labels)
    found = evaluate_columns(by_keywords([example]), [example])
    spans = found.tasks["source_spans"]
    assert isinstance(spans, SpanResult)
    assert spans.found[0]["content"], "what is found of the others counts for nothing"
    assert [s.label for s in spans.per_label("exact")] == ["cue"]
    assert spans.per_label("exact")[0].precision == 1
    measures = [r.measure for r in spans.rows("d")]
    assert "macro F1 exact" in measures
    assert not any("content" in m or "micro" in m for m in measures)
    assert any("not annotated for source, content" in line for line in summary(found))


def test_results_in_another_order_of_labels_score_the_same() -> None:
    examples = sentences()
    found = evaluate_columns(by_keywords(examples), examples)
    for name in ("sourcing", "frames", "loaded_spans"):
        result = found.tasks[name]
        turned = result.ordered(result.task.labels[::-1])
        assert turned.task.labels == result.task.labels[::-1]
        before = {r.measure: r.estimate.value for r in result.rows("d", samples=2)}
        after = {r.measure: r.estimate.value for r in turned.rows("d", samples=2)}
        assert after == pytest.approx(before, nan_ok=True)
        assert [s.label for s in turned.per_label()] == list(result.task.labels)[::-1]


def test_cross_validation_never_scores_what_a_model_was_trained_on() -> None:
    examples = sentences()
    seen: list[tuple[set[str], set[str]]] = []

    def fit(train: Sequence[Example]) -> Predictor:
        def score(test: Sequence[Example]) -> ScoreColumns:
            seen.append(({e.group for e in train}, {e.group for e in test}))
            return by_keywords(test)

        return score

    found = cross_validate(examples, fit, k=4, seed=1)
    assert len(seen) == 4
    assert not any(train & test for train, test in seen)
    assert set().union(*(test for _, test in seen)) == {e.group for e in examples}
    whole = evaluate_columns(by_keywords(examples), examples)
    loaded, expected = found.tasks["loaded"], whole.tasks["loaded"]
    assert sorted(loaded.ids) == sorted(expected.ids)
    assert (loaded.counts().sum(axis=0) == expected.counts().sum(axis=0)).all()
    assert found.sentences == 48
    assert found.data == "mine"
    with pytest.raises(ValueError, match="folds"):
        cross_validate(examples[:4], fit, k=2)


def test_near_repeats_of_a_fold_are_not_trained_on() -> None:
    examples = sentences(8)
    repeat = replace(examples[0], id="again", group="mine:again")
    lengths = []

    def fit(train: Sequence[Example]) -> Predictor:
        lengths.append(sum(e.text == repeat.text for e in train))
        return by_keywords

    cross_validate([*examples, repeat], fit, k=3)
    assert sorted(lengths) == [0, 0, 2], "in neither fold that tests one of the two"


def test_parts_of_other_labels_cannot_be_pooled() -> None:
    examples = sentences(4)
    part = evaluate_columns(by_keywords(examples), examples)
    other = Task(name="sourcing", kind="multiclass", labels=("none", "some", "direct", "mixed"))
    tasks = [other if t.name == "sourcing" else t for t in default_tasks()]
    scored = score_columns([(e.text, 0, len(e.text)) for e in examples], tasks)
    with pytest.raises(ValueError, match="'sourcing': the parts have different labels"):
        pooled([part, evaluate_columns(scored, examples)])


def test_the_samples_of_a_learning_curve_are_nested_and_of_whole_groups() -> None:
    examples = sentences()
    for seed in (0, 1):
        held: set[str] = set()
        for size, sample in nested_samples(examples, [5, 30, 12, 48], seed):
            groups = {e.group for e in sample}
            assert [e for e in examples if e.group in groups] == sample
            assert size <= len(sample) < size + 4
            assert held <= {e.id for e in sample}
            held = {e.id for e in sample}


def test_a_learning_curve_measures_every_sample_on_the_same_test_part() -> None:
    examples = sentences()
    train, test = examples[:40], examples[40:]

    def fit(sample: Sequence[Example]) -> Predictor:
        charges = {w for e in sample for w in ("shameful", "smug") if w in e.text}

        def score(tested: Sequence[Example]) -> ScoreColumns:
            known = [e.text if any(c in e.text for c in charges) else "x." for e in tested]
            return by_keywords(
                [replace(e, text=t, labels={}) for e, t in zip(tested, known, strict=True)]
            )

        return score

    points = learning_curve(
        train,
        [replace(e, labels={"loaded": e.labels["loaded"]}) for e in test],
        fit,
        [1, 20],
        seeds=[3, 4],
    )
    assert [(p.seed, p.size, p.task) for p in points] == [
        (3, 1, "loaded"),
        (3, 20, "loaded"),
        (4, 1, "loaded"),
        (4, 20, "loaded"),
    ]
    assert points[1].value == 1
    assert points[1].sentences == 20
    drawn = learning_curve_figure(points, "a $title$ of mine")
    assert_figure(drawn)
    with pytest.raises(ValueError, match="sizes"):
        learning_curve(train, test, fit, [41])
    with pytest.raises(ValueError, match="both trained and tested on"):
        learning_curve(examples, test, fit, [4])


def assert_figure(drawn: dict[str, bytes]) -> None:
    from matplotlib import image

    assert drawn["png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert image.imread(io.BytesIO(drawn["png"])).std() > 0
    assert ElementTree.fromstring(drawn["svg"]).tag == "{http://www.w3.org/2000/svg}svg"


def test_figures_are_png_and_the_same_svg_every_time() -> None:
    examples = sentences()
    found = evaluate_columns(by_keywords(examples), examples)
    for name in ("frames", "loaded_spans"):
        result = found.tasks[name]
        curve = result.reliability(samples=20)
        assert curve is not None
        drawn = reliability_figure(curve, "loaded & <more>")
        assert_figure(drawn)
        assert drawn == reliability_figure(curve, "loaded & <more>")
        assert b"dc:date" not in drawn["svg"]


def test_a_report_has_tables_figures_and_all_numbers(tmp_path: Path, scorer: Scorer) -> None:
    examples = [replace(e, corpus="a|b") for e in sentences()]
    found = evaluate_model(scorer, examples)
    files = write_report(found, tmp_path / "new" / "folder", samples=20)
    names = {f"reliability-{t}.{k}" for t in found.tasks for k in ("png", "svg")}
    assert {f.name for f in files} == {*names, "report.md", "results.json"}
    assert {p.name for p in (tmp_path / "new" / "folder").iterdir()} == {f.name for f in files}
    text = files[-1].read_text(encoding="utf-8")
    for link in re.findall(r"\]\((\S+)\)", text):
        assert (files[-1].parent / link).is_file()
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, f"a cell breaks its table:\n{table}"
    values = json.loads((tmp_path / "new" / "folder" / "results.json").read_text())
    assert set(values["tasks"]) == set(found.tasks)
    assert values["model"] == scorer.model.to_dict()
    assert np.sum(values["tasks"]["loaded"]["confusion"]) == 48
    measured = {(m["data"], m["measure"]): m["estimate"]["value"] for m in values["measures"]}
    exact = next(s for s in values["tasks"]["loaded_spans"]["exact"])
    assert measured["a|b, loaded_spans", "macro F1 exact"] == pytest.approx(exact["f1"])


def test_what_is_undefined_is_said_to_be(tmp_path: Path) -> None:
    examples = [replace(e, labels={"loaded": 0.0}, group="one") for e in sentences(6)]
    found = evaluate_columns(by_keywords(examples), examples)
    rows = {r.measure: r.estimate for r in found.rows()}
    assert math.isnan(rows["AUROC"].value)
    assert str(rows["AUROC"]) == "undefined"
    assert str(rows["accuracy"]).endswith("(one group: no interval)")
    assert "undefined" in tables(found)["Measures"]
    files = write_report(found, tmp_path)
    assert json.loads(next(f for f in files if f.name == "results.json").read_text())
    assert Evaluation(tasks={}, data="nothing").rows() == []
