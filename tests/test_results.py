"""Results show what the columns hold, and nothing else."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from fakes import MODEL, SENTENCE, score_columns, score_documents, score_sentences, span_columns
from hypothesis import given
from hypothesis import strategies as st

from framing.columns import ScoreColumns, SpanColumns
from framing.results import DocumentScore, SentenceScore
from framing.task import Task, default_tasks
from framing.taxonomy import FRAMES, SOURCING_KINDS

TEXT = (
    "The vote is a shameful betrayal.\n\n"
    "“We saved a floating museum,” Mayor Edda Kvale told us. The council met at noon."
)


def test_a_document_reads_as_its_columns() -> None:
    [document] = score_documents([TEXT])
    first, second, third = document.sentences
    assert [s.text for s in document.sentences] == [m[0] for m in SENTENCE.finditer(TEXT)]
    assert first.loaded_language.probability == pytest.approx(0.83)
    assert first.loaded_language.label and not third.loaded_language.label
    assert [(s.text, s.voice) for s in first.loaded_language.spans] == [
        ("shameful", "reporter"),
        ("betrayal", "reporter"),
    ]
    assert second.loaded_language.spans[0].voice == "source"
    assert second.sourcing.kind == "direct"
    assert tuple(second.sourcing.probabilities) == SOURCING_KINDS
    assert second.sourcing.probability == pytest.approx(0.95)
    assert [s.text for s in second.sourcing.sources] == ["Mayor Edda Kvale"]
    assert [s.text for s in second.sourcing.cues] == ["told"]
    assert [s.text for s in second.sourcing.contents] == ["“We saved a floating museum,”"]
    assert tuple(third.framing.probabilities) == FRAMES
    assert third.framing.labels == ("political",)
    assert third.windows == 1
    assert document.model == third.model == MODEL


@given(st.lists(st.text(alphabet="ab .\n\U0001f600\u200b\ud800stolen cheap", max_size=40)))
def test_offsets_are_exact_in_every_text(texts: list[str]) -> None:
    documents = score_documents(texts)
    assert [d.text for d in documents] == texts
    for document in documents:
        for sentence in document.sentences:
            assert document.text[sentence.start : sentence.end] == sentence.text
            for span in sentence.loaded_language.spans:
                assert document.text[span.start : span.end] == span.text
                assert sentence.start <= span.start < span.end <= sentence.end


def test_sentences_are_a_lazy_sequence() -> None:
    [_, document] = score_documents(["Another text.", TEXT])
    sentences = document.sentences
    assert len(sentences) == 3
    assert sentences[-1] == sentences[2] == list(sentences)[2]
    assert list(sentences[::-1]) == list(reversed(sentences))
    assert sentences[1:] == score_documents([TEXT])[0].sentences[1:]
    assert sentences[1:][0].text.startswith("“We")
    with pytest.raises(IndexError, match="sentence 3 of 3"):
        sentences[3]


def test_a_blank_text_is_an_empty_document_or_a_sentence_without_scores() -> None:
    [document] = score_documents(["  "])
    assert len(document.sentences) == 0 and document.to_dict()["sentences"] == []
    [sentence] = score_sentences([" "])
    assert sentence.windows == 0
    assert sentence.loaded_language.probability is None and not sentence.loaded_language.label
    assert sentence.sourcing.kind is sentence.sourcing.probability is None
    assert sentence.sourcing.probabilities is None
    assert sentence.framing.probabilities is None and sentence.framing.labels == ()
    assert sentence.to_columns()["frames"] == sentence.to_columns()["loaded"] == [None]
    assert "blank" in repr(sentence)


def one_row(task: Task, values: list[float]) -> SentenceScore:
    return row_of([task], [values])


def row_of(tasks: list[Task], values: list[list[float]]) -> SentenceScore:
    named = zip(tasks, values, strict=True)
    columns = ScoreColumns(
        start=np.array([0]),
        end=np.array([3]),
        windows=np.array([1], np.int32),
        scores={task.name: np.array([found], np.float32) for task, found in named},
        spans={},
        tasks={task.name: task for task in tasks},
        model=MODEL,
    )
    return SentenceScore("abc", columns, 0)


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.7, 0.9])
def test_a_label_is_given_at_its_threshold_and_not_under_it(threshold: float) -> None:
    task = Task(name="loaded", kind="binary", labels=("loaded",), thresholds=(threshold,))
    assert one_row(task, [threshold]).loaded_language.label
    assert not one_row(task, [threshold - 1e-4]).loaded_language.label


def test_frames_come_by_falling_probability() -> None:
    task = Task(
        name="frames", kind="multilabel", labels=("a", "b", "c"), thresholds=(0.2, 0.9, 0.5)
    )
    sentence = one_row(task, [0.3, 0.8, 0.6])
    assert sentence.framing.labels == ("c", "a")
    assert sentence.to_columns()["frames"] == ["c;a"]
    assert sentence.loaded_language is None and sentence.sourcing is None


def test_a_codebook_of_ones_own_is_a_task_like_any_other() -> None:
    task = Task(name="tone", kind="multiclass", labels=("calm", "angry"))
    sentence = one_row(task, [0.4, 0.6])
    assert sentence.tasks == ("tone",)
    assert sentence.task("tone").label == "angry"
    assert sentence.task("tone").labels == ("angry",)
    assert sentence.task("tone").probabilities["calm"] == pytest.approx(0.4)
    assert sentence.to_dict()["tasks"]["tone"]["probabilities"] == {"calm": 0.4, "angry": 0.6}
    assert sentence.to_columns()["tone_angry"] == [pytest.approx(0.6)]
    with pytest.raises(KeyError, match="tone"):
        sentence.task("mood")


def test_a_task_that_is_called_like_a_column_overwrites_none() -> None:
    sentence = one_row(Task(name="text", kind="binary", labels=("yes",)), [0.6])
    columns = sentence.to_columns()
    assert columns["text"] == ["abc"] and columns["task_text_label"] == [True]


@pytest.mark.parametrize("first", [0, 1])
def test_columns_of_two_tasks_are_never_one(first: int) -> None:
    pair = [
        Task(name="frames", kind="multilabel", labels=("economic",)),
        Task(name="frame", kind="multilabel", labels=("economic",)),
        Task(name="frame_economic", kind="binary", labels=("yes",)),
    ]
    tasks = [*pair[first:], *pair[:first]]
    columns = row_of(tasks, [[0.25], [0.5], [0.75]]).to_columns()
    numbers = [v[0] for v in columns.values() if isinstance(v[0], float)]
    assert sorted(numbers) == [0.25, 0.5, 0.75]


def test_a_task_of_another_kind_under_a_facets_name_is_no_facet() -> None:
    for task, values in (
        (Task(name="loaded", kind="multiclass", labels=("neutral", "loaded")), [0.9, 0.1]),
        (Task(name="sourcing", kind="multiclass", labels=("named", "unnamed")), [0.9, 0.1]),
        (Task(name="frames", kind="binary", labels=("economic",)), [0.9]),
    ):
        sentence = one_row(task, values)
        facets = (sentence.loaded_language, sentence.sourcing, sentence.framing)
        assert facets == (None, None, None)
        assert sentence.other_tasks == (task.name,)
        assert sentence.to_dict()["tasks"][task.name]["probabilities"]
        document = DocumentScore("abc", sentence._columns, 0, 1)
        assert task.labels[0] in document.to_html() and repr(document) and repr(sentence)


def test_span_tasks_are_tasks_too() -> None:
    [document] = score_documents([TEXT])
    score = document.sentences[1].task("source_spans")
    assert score.probabilities is None and score.labels == ("source", "cue", "content")
    assert {s.label: s.text for s in score.spans}["cue"] == "told"


def test_to_dict_is_json_without_nan_and_names_the_model_once() -> None:
    [document] = score_documents([TEXT])
    values = json.loads(json.dumps(document.to_dict(), allow_nan=False))
    assert values["model"] == MODEL.to_dict()
    assert "model" not in values["sentences"][0]
    assert values["sentences"][0]["loaded_language"]["probability"] == 0.83
    assert values["sentences"][0]["framing"]["labels"] == ["political"]
    blank = json.loads(json.dumps(score_sentences([""])[0].to_dict(), allow_nan=False))
    assert blank["sourcing"]["probability"] is None and blank["model"]["name"] == "fake"


def test_to_pandas_has_a_row_a_sentence() -> None:
    pytest.importorskip("pandas")
    [_, document] = score_documents(["One. Two.", TEXT])
    frame = document.to_pandas()
    assert list(frame["sentence"]) == [0, 1, 2]
    assert list(frame["text"]) == [s.text for s in document.sentences]
    assert list(frame["loaded_label"]) == [True, True, False]
    assert list(frame["sourcing"]) == ["none", "direct", "none"]
    assert frame["frame_political"][2] == pytest.approx(0.7)
    assert {f"sourcing_{kind}" for kind in SOURCING_KINDS} < set(frame.columns)
    assert frame.attrs["model"]["weights"] == "c0ffee"


def test_without_pandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"framing-score\[pandas\]"):
        score_documents([TEXT])[0].to_pandas()


def test_equal_scores_are_equal_wherever_they_stand() -> None:
    alone = score_documents([TEXT])[0]
    among = score_documents(["First.", TEXT])[1]
    assert alone == among and hash(alone) == hash(among)
    assert len({*alone.sentences, *among.sentences}) == 3
    assert alone != score_documents([TEXT + "!"])[0]
    columns = score_columns([(TEXT, *m.span()) for m in SENTENCE.finditer(TEXT)])
    columns.scores["frames"][1, 0] += 0.1
    assert DocumentScore(TEXT, columns, 0, 3) != alone


def test_reprs_tell_what_was_found() -> None:
    [document] = score_documents([TEXT])
    assert repr(document) == "<DocumentScore: 3 sentences, 2 loaded, 1 attributed; model fake>"
    assert "loaded 0.12; sourcing none; frames political" in repr(document.sentences[2])


def test_columns_of_the_wrong_shape_are_refused() -> None:
    good = score_columns([("abc", 0, 3)])
    parts = {name: getattr(good, name) for name in ("start", "end", "windows", "model", "spans")}
    tasks = {task.name: task for task in default_tasks()}
    with pytest.raises(ValueError, match=r"scores of 'frames': shape \(1, 3\), wanted \(1, 14\)"):
        wrong = dict(good.scores) | {"frames": np.zeros((1, 3), np.float32)}
        ScoreColumns(**parts, tasks=tasks, scores=wrong)
    with pytest.raises(ValueError, match="task 'loaded': it has no binary scores"):
        ScoreColumns(**parts, tasks=tasks, scores={})
    with pytest.raises(ValueError, match="leaves its sentence, row 0"):
        outside = span_columns([[(2, 4, 0, 0.5, 0)]], voice=True)
        spans = dict(good.spans) | {"loaded_spans": outside}
        ScoreColumns(**parts | {"spans": spans}, tasks=tasks, scores=good.scores)
    with pytest.raises(ValueError, match="indptr counts 2 spans"):
        SpanColumns(
            indptr=np.array([0, 2]),
            start=np.array([0]),
            end=np.array([1]),
            label=np.array([0], np.int16),
            probability=np.array([0.5], np.float32),
        )
