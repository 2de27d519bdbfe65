"""SetFit (Tunstall et al. 2022), the library that researchers with few labels would pick."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.new_corpora.run import Run
from framing.task import Task
from training.dataset import sentence_target
from training.example import Example

BATCH = 16
PACKAGES = ("setfit", "sentence-transformers")


def require_setfit() -> None:
    """Imports it, or tells how to install it."""
    try:
        import setfit
    except ImportError as error:
        raise ImportError('setfit is needed: pip install "framing-score[bench]"') from error
    setfit.logging.set_verbosity_warning()
    logging.getLogger("setfit").setLevel(logging.WARNING)


def encoder_body(encoder: Path, folder: Path) -> Path:
    """``encoder`` as a folder that sentence-transformers loads.

    One of theirs whose pooling is not on disk is completed in ``folder``: the mean of the token
    states, of unit length if its modules say so.
    """
    listed = encoder / "modules.json"
    modules = json.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else []
    if modules and all((encoder / m["path"]).is_dir() for m in modules):
        return encoder
    if not (folder / "modules.json").is_file():
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import (
            Normalize,
            Pooling,
            Transformer,
        )

        reader = Transformer(str(encoder))
        parts: list[Any] = [reader, Pooling(reader.get_embedding_dimension(), "mean")]
        if any(m["type"].endswith("Normalize") for m in modules):
            parts.append(Normalize())
        body = SentenceTransformer(modules=parts, device="cpu")
        facts = encoder / "sentence_bert_config.json"
        if facts.is_file():
            body.max_seq_length = json.loads(facts.read_text(encoding="utf-8"))["max_seq_length"]
        draft = folder.with_name(f"{folder.name}.part")
        body.save_pretrained(str(draft), create_model_card=False)
        shutil.rmtree(folder, ignore_errors=True)
        draft.replace(folder)
    return folder


def run_setfit(
    body: Path,
    task: Task,
    train: Sequence[Example],
    test: Sequence[Example],
    *,
    steps: int,
    seed: int,
    work: Path,
) -> Run:
    """Trains SetFit with its own defaults, one pass over the pairs but ``steps`` at most.

    The head is its default, a logistic regression; of a multilabel task one against the rest.

    Parameters
    ----------
    body : from :func:`encoder_body`.
    steps : of :data:`BATCH` pairs each. All pairs of 200 sentences are thousands of steps.
    """
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments
    from setfit.sampler import ContrastiveDataset

    texts, labels = [e.text for e in train], setfit_labels(task, train)
    several = task.kind == "multilabel"
    pairs = len(ContrastiveDataset(texts, labels, several))
    taken = min(steps, -(-pairs // BATCH))
    began, processor = time.perf_counter(), time.process_time()
    model = SetFitModel.from_pretrained(
        str(body), multi_target_strategy="one-vs-rest" if several else None, device="cpu"
    )
    arguments = TrainingArguments(
        output_dir=str(work),
        batch_size=BATCH,
        num_epochs=1,
        max_steps=taken,
        seed=seed,
        report_to="none",
        logging_strategy="no",
        save_strategy="no",
        show_progress_bar=False,
    )
    dataset = Dataset.from_dict({"text": texts, "label": labels})
    Trainer(model=model, args=arguments, train_dataset=dataset).train()
    said = np.asarray(model.predict([e.text for e in test], as_numpy=True, show_progress_bar=False))
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    shutil.rmtree(work, ignore_errors=True)
    return Run(
        ids=np.array([e.id for e in test]),
        groups=np.array([e.group for e in test]),
        gold=classes(task, setfit_labels(task, test)),
        given=classes(task, said),
        seconds=seconds,
        about={
            "processor_seconds": processor,
            "steps": taken,
            "steps_of_one_pass": -(-pairs // BATCH),
            "batch": BATCH,
        },
    )


def setfit_labels(task: Task, examples: Sequence[Example]) -> list[Any]:
    """The number of a class, or for a multilabel task a 0 or 1 a label."""
    hard = np.stack([sentence_target(task, e.labels[task.name]) for e in examples]) >= 0.5
    if task.kind == "multilabel":
        return [[int(x) for x in row] for row in hard]
    return [int(x) for x in (hard[:, 0] if task.kind == "binary" else hard.argmax(axis=1))]


def classes(task: Task, labels: Any) -> NDArray[np.bool_]:
    """Labels of :func:`setfit_labels` as bool [sentences, classes] (:class:`Run`)."""
    found = np.asarray(labels)
    if task.kind == "multilabel":
        return found.astype(bool)
    size = 2 if task.kind == "binary" else len(task.labels)
    return np.asarray(found.astype(int)[:, None] == np.arange(size))
