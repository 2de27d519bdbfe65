"""The benchmark of retraining: does a new task spoil the old ones?"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_new_corpora_readers import WORDS, write_gvfc

import training.assemble
from benchmarks.new_corpora import __main__ as command
from benchmarks.new_corpora import kept, unseen
from benchmarks.new_corpora.change import Change, change_markdown
from framing.engine import Engine
from framing.scorer import Scorer
from framing.taxonomy import LOADED, LOADED_SPANS, SOURCE_SPAN_TASK, SOURCING
from training.assemble import Material, assemble
from training.evaluation.significance import Difference
from training.example import Example
from training.method import METHODS
from training.prediction import predict, spans_of
from training.record import RECORD, examples_hash

SEED = 3
TASKS = {
    "polnear": (SOURCING, SOURCE_SPAN_TASK),
    "documents": (LOADED, LOADED_SPANS, SOURCING),
    "semeval2023": (LOADED_SPANS,),
    "inhouse_frames": ("frames",),
    "basil": ("basil_lexical",),
}
SAYS = (
    "senator",
    "said",
    "police",
    "slammed",
    "reckless",
    "bill",
    "on",
    "monday",
    "according",
    "to",
)


def written(corpus: str, part: str) -> list[Example]:
    """Thirty documents of three sentences, all unlike each other."""
    rng = np.random.default_rng([*corpus.encode(), *part.encode()])
    prefix = "ptc" if corpus in ("ptc", "semeval2023") else f"{corpus}{part}"
    return [
        Example(
            text=" ".join(rng.choice(SAYS, size=9)) + f" {corpus} {part} {i}",
            corpus=corpus,
            id=f"{part}{i}",
            group=f"{prefix}:{i // 3}",
            labels={},
        )
        for i in range(90)
    ]


def labelled_by(engine: Engine) -> Callable[..., list[Example]]:
    """A stand-in for ``read_corpus`` whose gold labels are what the engine says."""

    @cache
    def read(corpus: str, root: Path, part: str = "train") -> list[Example]:
        examples = written(corpus, part)
        if corpus == "inhouse_frames":  # documents of a corpus that is only reported on
            basil = written("basil", "train")[:12]
            examples[:12] = [
                replace(e, text=r.text, group=f"basil:{i // 3}")
                for i, (e, r) in enumerate(zip(examples[:12], basil, strict=True))
            ]
        columns = predict(engine, examples, context=False)
        given = {n: columns.given(n, 0, 90) for n in (LOADED, "frames")}
        kinds, frames = (columns.tasks[n].labels for n in (SOURCING, "frames"))
        spans = {
            n: {x: spans_of(columns, n, x) for x in columns.tasks[n].labels}
            for n in (LOADED_SPANS, SOURCE_SPAN_TASK)
        }

        def labels(i: int) -> dict[str, Any]:
            return {
                LOADED: float(given[LOADED][i, 0]),
                SOURCING: kinds[columns.scores[SOURCING][i].argmax()],
                "frames": tuple(f for f, x in zip(frames, given["frames"][i], strict=True) if x),
                "basil_lexical": 0.0,
                **{n: {x: tuple(rows[i]) for x, rows in found.items()}
                   for n, found in spans.items()},
            }  # fmt: skip

        wanted = TASKS.get(corpus, (LOADED,))
        return [
            replace(e, labels={n: labels(i)[n] for n in wanted}) for i, e in enumerate(examples)
        ]

    return read


def uses(material: Material) -> dict[str, list[Example]]:
    return {"train": material.train, "held out": material.heldout, **material.apart}


@pytest.fixture
def start(
    tiny_model: Path, scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The tiny model with a record of corpora whose gold labels are its own answers."""
    read = labelled_by(scorer.engine)
    monkeypatch.setattr(training.assemble, "read_corpus", read)
    monkeypatch.setattr(unseen, "read_corpus", read)
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_model, folder)
    used = uses(assemble(tmp_path, seed=SEED, apart=("babe",)))
    record = {
        "recipe": {"seed": SEED, "apart": ["babe"]},
        "hashes": {use: examples_hash(examples) for use, examples in used.items()},
    }
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_what_is_compared_on_was_never_used(start: Path, tmp_path: Path) -> None:
    found = unseen.unseen(tmp_path, start)
    used = [
        e for part in uses(assemble(tmp_path, seed=SEED, apart=("babe",))).values() for e in part
    ]
    frames = found["in-house frames, never used"]
    assert Counter(e.group for e in frames if e.group.startswith("basil")) == {
        f"basil:{i}": 3 for i in range(4)
    }
    for examples in found.values():
        assert examples
        assert not {e.group for e in examples} & {e.group for e in used}
        assert not {e.text for e in examples} & {e.text for e in used}
    labelled = [Counter(n for e in examples for n in e.labels) for examples in found.values()]
    assert [set(names) for names in labelled] == [
        set(TASKS[n]) for n in ("polnear", "documents", "semeval2023", "inhouse_frames")
    ]


@pytest.mark.parametrize(
    "record", [{"start": "small"}, {"recipe": {"seed": SEED}, "hashes": {"train": "0"}}]
)
def test_a_model_of_other_corpora_is_refused(
    record: dict[str, Any], start: Path, tmp_path: Path
) -> None:
    (start / RECORD).write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ValueError, match=r"training\.json: .* cannot be told; give the corpora"):
        unseen.unseen(tmp_path, start)
    (start / RECORD).unlink()
    with pytest.raises(FileNotFoundError, match=RECORD):
        unseen.unseen(tmp_path, start)


def test_a_frozen_encoder_keeps_what_rough_training_spoils(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{i}\t{WORDS[i % 3]} {WORDS[i % 3]} gun {i}\t{i % 3 + 1}\t99\n" for i in range(63)]
    write_gvfc(
        tmp_path, {"0/train.tsv": "".join(rows[:45]), "0/test_labeled.tsv": "".join(rows[45:])}
    )
    rough = replace(METHODS["full"], steps=8, passes=0.1, rate=3e-2)
    monkeypatch.setitem(METHODS, "full", rough)
    monkeypatch.setattr("training.fit.MANY", 40)  # as in the whole corpus, no cross-validation
    monkeypatch.setattr(kept, "compare_models", partial(kept.compare_models, samples=100))
    texts = tmp_path / "texts.txt"
    texts.write_text("A wholly new sentence. Another one of that sort.", encoding="utf-8")
    out = tmp_path / "results.json"
    out.write_text('{"ccf": {"rows": []}}', encoding="utf-8")
    options = ["new_corpora", "--only", "kept", "--text", texts, "--data", tmp_path]
    options += ["--start", start, "--work", tmp_path / "work", "--out", out]
    monkeypatch.setattr(sys, "argv", [str(x) for x in options])
    command.main()
    results = json.loads(out.read_text(encoding="utf-8"))
    assert set(results) == {"ccf", "kept"}
    found = [Change.from_dict(row) for row in results["kept"]["rows"]]
    old = [c for c in found if c.task != kept.TASK]
    asked = [
        ("PolNeAR dev", SOURCING), ("PolNeAR dev", SOURCE_SPAN_TASK),
        ("documents/dev", LOADED), ("documents/dev", LOADED_SPANS), ("documents/dev", SOURCING),
        ("SemEval-2023 T3, articles kept apart", LOADED_SPANS),
        ("in-house frames, never used", "frames"),
    ]  # fmt: skip
    for way in ("full", "heads", "full, with texts"):
        assert Counter((c.data, c.task) for c in old if c.way == way) == Counter(asked)
    # The gold labels are the old model's own.
    assert all(c.difference.a == 1 for c in old)
    assert all(c.difference.b > 0.9 and c.verdict != "worse" for c in old if c.way == "heads")
    spoiled = {(c.data, c.task): c for c in old if c.way == "full"}
    assert spoiled["PolNeAR dev", SOURCING].verdict == "worse"
    assert spoiled["PolNeAR dev", SOURCING].documents == 30
    # Fitted on the same frozen encoder, the new head is the same with old ones beside it or not.
    price = {c.way: c for c in found if c.task == kept.TASK}
    assert price["heads"].difference.value == 0
    assert all(c.documents == c.difference.n == 18 for c in price.values())
    made = {(m["way"], bool(m["kept"])): m for m in results["kept"]["runs"]}
    assert len(made) == 6 and made["full", False]["old_answers_on"] == {}
    parts = made["full", True]["sentences"]
    assert parts["train"] + parts["dev"] == 45 and parts["dev"] and parts["test"] == 18
    assert made["full", True]["old_answers_on"] == {"headlines": parts["train"], "texts": 0}
    assert made["full, with texts", True]["old_answers_on"]["texts"] == 2
    printed = capsys.readouterr().out
    assert "| heads | PolNeAR dev | sourcing, macro F1 | 1.000 |" in printed

    monkeypatch.setattr(kept, "fit", None)
    monkeypatch.setattr(kept, "compare_models", None)
    command.main()
    again = json.loads(out.read_text(encoding="utf-8"))["kept"]
    assert (again["rows"], again["runs"]) == (results["kept"]["rows"], results["kept"]["runs"])
    monkeypatch.setitem(METHODS, "full", replace(rough, steps=9))
    with pytest.raises(TypeError, match="NoneType"):
        command.main()


def test_a_change_comes_back_from_json_and_stands_in_a_table() -> None:
    undefined = Difference(
        a=math.nan, b=math.nan, value=math.nan, low=math.nan, high=math.nan, p=math.nan, n=1200
    )
    change = Change(
        way="full",
        data="a|b",
        documents=7,
        task="loaded",
        measure="macro F1",
        difference=undefined,
        verdict="undefined",
    )
    values = json.loads(json.dumps(change.to_dict(), allow_nan=False))
    assert math.isnan(Change.from_dict(values).difference.low)
    fell = replace(
        change, difference=replace(undefined, a=0.9, b=0.8, value=-0.1, low=-0.2, high=0)
    )
    assert Change.from_dict(json.loads(json.dumps(fell.to_dict()))).difference.value == -0.1
    assert (
        "| full | a\\|b | loaded, macro F1 | .900 | .800 | -.100 [-.200, 0] | undefined "
        "| 1,200, 7 |" in change_markdown([fell])
    )


def test_only_the_other_sections_need_an_encoder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["new_corpora", "--data", "nowhere", "--only", "gvfc"])
    with pytest.raises(SystemExit):
        command.main()
    assert "--encoder is needed" in capsys.readouterr().err
