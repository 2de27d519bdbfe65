"""``framing-train distill``: a smaller, faster model from a larger one and unlabelled text."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path

import torch

from framing._version import __version__
from framing.engine import Engine
from framing.hub import is_framing_model, weights_hash
from framing.modeling import FramingModel
from framing.quiet import quietly
from training.build import DRAFT, save_model, tokenizer_of
from training.claim import check_output, claim
from training.distillation import agreement, distil
from training.fit_card import distillation_card
from training.recipe import Stage
from training.record import RECORD, examples_hash
from training.splits import part_of
from training.start import start_folder, start_hash
from training.unlabelled import read_unlabelled, unlabelled

_FEWEST = 100
_SHARES = {"train": 0.95, "heldout": 0.05}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser(
        "distill", help="train a student on what a teacher says of unlabelled text"
    )
    parser.add_argument("--teacher", required=True, help="a shipped name or a model folder")
    parser.add_argument("--student", required=True, help="the student's encoder or model folder")
    parser.add_argument(
        "--text", nargs="+", required=True, metavar="FILE", help="plain text, or CSV, TSV"
    )
    parser.add_argument("--text-column", default="text", help="the column of a table (text)")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    parser.add_argument("--passes", type=float, default=3.0, help="over the text (3)")
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--work", type=Path, help="folder of the checkpoints (OUT-work)")
    parser.set_defaults(run=_distill)


def _distill(options: argparse.Namespace) -> None:
    check_output(options.out)
    teacher_folder = start_folder(options.teacher)
    student_folder = start_folder(options.student)
    if not is_framing_model(teacher_folder):
        raise ValueError(f"{options.teacher} is a bare encoder: a teacher is a trained model")
    with quietly():
        teacher = FramingModel.from_pretrained(
            teacher_folder, dtype=torch.float32, use_safetensors=True
        )
    teacher_tokenizer = tokenizer_of(teacher, teacher_folder)
    texts = read_unlabelled(options.text, options.text_column)
    sentences = unlabelled(texts)
    parts = [part_of(e.group, seed=options.seed, shares=_SHARES) for e in sentences]
    train = [e for e, p in zip(sentences, parts, strict=True) if p == "train"]
    heldout = [e for e, p in zip(sentences, parts, strict=True) if p == "heldout"]
    if len(train) < _FEWEST or not heldout:
        raise ValueError(
            f"{len(sentences)} distinct sentences in {len(texts)} texts are too few to distil on; "
            f"give some thousands, in texts of their own"
        )
    out: Path = options.out
    stage = Stage(
        name="distil",
        rates={"text": options.passes},
        learning_rate=options.learning_rate,
        weights={t.name: 5.0 for t in teacher.tasks if t.kind == "spans"},
    )
    work = options.work or out.with_name(f"{out.name}-work")
    claim(
        work,
        [
            *(start_hash(folder) for folder in (teacher_folder, student_folder)),
            examples_hash(train),
            asdict(stage),
            options.seed,
        ],
    )
    model = distil(
        teacher,
        teacher_tokenizer,
        student_folder,
        train,
        stage=stage,
        work=work,
        release=out.name,
        seed=options.seed,
    ).half()
    model = model.float()
    engines = (
        Engine(teacher, teacher_tokenizer, DRAFT),
        Engine(model, tokenizer_of(model, student_folder), DRAFT),
    )
    found = agreement(*engines, heldout)
    record = {
        "library": __version__,
        "teacher": {"name": teacher.config.release, "weights": weights_hash(teacher_folder)},
        "student": student_folder.name,
        "recipe": {"seed": options.seed, "stages": [asdict(stage)]},
        "sentences": {"train": len(train), "held out": len(heldout)},
        "hashes": {"train": examples_hash(train), "held out": examples_hash(heldout)},
        "agreement": found,
    }
    files = {
        "README.md": distillation_card(out.name, record),
        RECORD: json.dumps(record, indent=1) + "\n",
    }
    save_model(model, student_folder, out, files)
    shutil.rmtree(work, ignore_errors=True)
