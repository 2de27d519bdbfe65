"""The options of commands that train a student, and what a teacher adds by them."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from framing.scorer import Scorer
from training.assemble import Material
from training.lessons import with_lessons
from training.recipe import Recipe
from training.trainer import has_bf16_cpu
from training.unlabelled import read_unlabelled, unlabelled


def add_lesson_options(parser: argparse.ArgumentParser) -> None:
    """Adds the teacher, and the text that it labels."""
    parser.add_argument(
        "--teacher", help="a shipped name or a model folder, for recipes with taught corpora"
    )
    parser.add_argument(
        "--text", nargs="+", default=[], metavar="FILE", help="unlabelled text: plain, CSV, Parquet"
    )
    parser.add_argument("--text-column", default="text", help="the column of a table (text)")


def lessons_of(
    options: argparse.Namespace, material: Material, recipe: Recipe, work: Path
) -> Material:
    """The material with what the teacher says, or as it is if the recipe needs no teacher.

    Raises
    ------
    ValueError
        if the options and the recipe do not go together.
    """
    if not recipe.taught:
        if options.teacher or options.text:
            raise ValueError(
                f"recipe {recipe.release} names no taught corpora: leave --teacher and --text out"
            )
        return material
    if not options.teacher:
        raise ValueError(
            f"recipe {recipe.release} is for a student: give its --teacher, a larger model"
        )
    if recipe.unlabelled and not options.text:
        raise ValueError(
            f"recipe {recipe.release} draws {recipe.unlabelled:,} sentences of unlabelled text: "
            "give --text FILE"
        )
    texts = unlabelled(read_unlabelled(options.text, options.text_column))
    half = has_bf16_cpu() and not torch.cuda.is_available()
    teacher = Scorer(
        options.teacher, backend="torch", precision="bfloat16" if half else "auto"
    ).engine
    return with_lessons(material, teacher, texts, recipe, work=work)
