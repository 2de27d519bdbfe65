"""Distillation: a small model learns what a large one says of unlabelled text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framing.columns import ModelInfo
from framing.encoding import SentenceTokenizer
from framing.engine import Engine
from framing.modeling import FramingModel
from training.build import tokenizer_of
from training.dataset import sentence_target
from training.example import Example
from training.recipe import Stage
from training.soft import SoftSpans
from training.start import start_model
from training.teacher import taught, uncalibrated
from training.trainer import train_stage

_WORD = re.compile(r"\w+")
_DRAFT = ModelInfo(name="student", weights="", calibration="", taxonomy="", library="")


def distil(
    teacher: FramingModel,
    teacher_tokenizer: SentenceTokenizer,
    student: Path,
    sentences: Sequence[Example],
    *,
    stage: Stage,
    work: Path,
    release: str,
    seed: int,
    labelled: Sequence[Example] = (),
) -> FramingModel:
    """A student of the encoder in ``student`` with all the teacher's tasks.

    Its targets are the teacher's calibrated probabilities, token by token for spans (Hinton,
    Vinyals and Dean 2015), so that the teacher's thresholds hold for it, too.

    Parameters
    ----------
    sentences : unlabelled, the student's training text.
    stage : how it is trained; the corpora of its rates are those of the sentences.
    labelled : sentences with labels of people, mixed in; what they are not labelled for, the
        teacher says.
    """
    engine = Engine(teacher, teacher_tokenizer, _DRAFT)
    examples = taught(engine, [*sentences, *labelled])
    model = start_model(
        student,
        uncalibrated(teacher.config.task_objects()),
        release=release,
        seed=seed,
        window=teacher.config.window,
        overlap=teacher.config.overlap,
    )
    tokenizer = tokenizer_of(model, student)
    train_stage(model, tokenizer, examples, stage, folder=work, seed=seed)
    model.config.calibration = f"taken over from {teacher.config.release}"
    return model


def agreement(
    teacher: Engine, student: Engine, sentences: Sequence[Example]
) -> dict[str, dict[str, float]]:
    """How far a student follows its teacher on sentences that it was not trained on, by task.

    ``difference`` is the mean absolute difference of the probabilities (of spans, of the tokens'
    probabilities to lie in one), ``same`` the share of equal decisions at the thresholds.
    """
    a, b = (_said(engine, sentences) for engine in (teacher, student))
    found: dict[str, dict[str, float]] = {}
    for name, task in teacher.tasks.items():
        if name not in student.tasks:
            continue
        values, others = a[name], b[name]
        if task.kind == "multiclass":
            same = values.argmax(axis=1) == others.argmax(axis=1)
        else:
            cut = np.asarray(task.thresholds, np.float32)
            same = (values >= cut) == (others >= cut)
        found[name] = {
            "difference": float(np.abs(values - others).mean()),
            "same": float(np.mean(same)),
        }
    return found


def _said(engine: Engine, sentences: Sequence[Example]) -> dict[str, NDArray[np.float32]]:
    """What a model says, by task: a row a sentence, or of spans a row a word."""
    bare = [replace(e, labels={}) for e in sentences]
    taught_ones = taught(engine, bare)
    words = [[m.span() for m in _WORD.finditer(e.text)] for e in sentences]
    found: dict[str, NDArray[np.float32]] = {}
    for name, task in engine.tasks.items():
        rows = []
        for example, spans in zip(taught_ones, words, strict=True):
            label = example.labels[name]
            if isinstance(label, SoftSpans):
                places = np.array(spans, dtype=np.int64).reshape(-1, 2)
                rows.append(1 - label.on(places[:, 0], places[:, 1])[..., 0])
            else:
                rows.append(sentence_target(task, label)[None])
        found[name] = np.concatenate(rows)
    return found
