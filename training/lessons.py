"""What a teacher adds to the material: labels for what no corpus has labelled."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from framing.engine import Engine
from training.answers import Answers
from training.assemble import Material
from training.duplicates import drop_near_duplicates
from training.example import Example
from training.recipe import Recipe
from training.record import examples_hash

log = logging.getLogger(__name__)


def with_lessons(
    material: Material,
    teacher: Engine,
    texts: Sequence[Example],
    recipe: Recipe,
    *,
    work: Path,
) -> Material:
    """The material as a student shall read it (distillation; Hinton, Vinyals and Dean 2015).

    Sentences of the corpora that ``recipe.taught`` names get the teacher's calibrated
    probabilities as labels of every task that they are not labelled for, and so do
    ``recipe.unlabelled`` sentences of ``texts``, whole texts drawn at random, of which none nearly
    repeats a sentence that is held out, kept apart or reported on.

    Parameters
    ----------
    texts : unlabelled sentences (:func:`training.unlabelled.unlabelled`).
    work : folder where the teacher's answers are kept; the same question is not asked twice.
    """
    drawn = draw(texts, recipe.unlabelled, recipe.seed)
    closed = (material.heldout, *material.reported.values(), *material.apart.values())
    fresh, lost = drop_near_duplicates(drawn, [e for examples in closed for e in examples])

    def told(examples: Sequence[Example]) -> list[Example]:
        asked = [replace(e, labels={}) for e in examples if e.corpus in recipe.taught]
        path = work / f"answers-{_question(teacher, asked)}.npz"
        if not path.is_file():
            log.info("the teacher reads %s sentences", f"{len(asked):,}")
            Answers.ask(teacher, asked).save(path)
        answers = Answers.load(path)
        rows = iter(range(len(asked)))
        return [
            replace(e, labels={**answers.of(next(rows)), **e.labels})
            if e.corpus in recipe.taught
            else e
            for e in examples
        ]

    return replace(
        material,
        train=told([*material.train, *fresh]),
        apart={name: told(examples) for name, examples in material.apart.items()},
        dropped=dict(Counter(material.dropped) + Counter(lost)),
        teacher=f"{teacher.info.name} {teacher.info.weights}",
    )


def _question(teacher: Engine, asked: Sequence[Example]) -> str:
    """A name for what a teacher, calibrated as it is, is asked."""
    tasks = json.dumps([t.to_dict() for t in teacher.tasks.values()])
    opened = bytes(e.quote_open for e in asked)
    reading = hashlib.sha256(tasks.encode() + opened).hexdigest()[:16]
    return f"{teacher.info.weights}-{reading}-{examples_hash(asked)}"


def draw(texts: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At least ``count`` sentences, all of each text that is drawn; all there are if too few."""
    groups = list(dict.fromkeys(e.group for e in texts))
    sizes = Counter(e.group for e in texts)
    order = [groups[i] for i in np.random.default_rng(seed).permutation(len(groups))]
    before = np.cumsum([0, *(sizes[group] for group in order)])[:-1]
    taken = {group for group, at in zip(order, before, strict=True) if at < count}
    return [e for e in texts if e.group in taken]
