"""What a model says of sentences, as soft labels that another one can be trained on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import torch

from framing.engine import Engine
from framing.modeling import FramingModel
from framing.task import Task
from training.answers import Answers
from training.example import Example


def taught(
    engine: Engine, examples: Sequence[Example], tasks: Collection[str] | None = None
) -> list[Example]:
    """The examples with the engine's calibrated probabilities for what they are not labelled for.

    This is distillation with the teacher's probabilities as targets (Hinton, Vinyals and Dean
    2015); of a task that the sentence is labelled for, the label stays. Blank sentences stay as
    they are.

    Parameters
    ----------
    tasks : the tasks to be taught; all of the engine's unless given.
    """
    answers = Answers.ask(engine, examples, tasks)
    return [replace(e, labels={**answers.of(row), **e.labels}) for row, e in enumerate(examples)]


def uncalibrated(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The tasks for a student of :func:`taught`: its logits are those of calibrated probabilities.

    Thresholds stay as the teacher's. Spans keep their calibration, which comes after decoding.
    """
    return tuple(t if t.kind == "spans" else replace(t, scale=(), bias=()) for t in tasks)


@torch.no_grad()
def fold_calibration(model: FramingModel) -> None:
    """Moves the calibration of the sentence tasks into their heads: the same probabilities,
    from logits that need no scaling, so that training can go on from them.
    """
    tasks = model.config.task_objects()
    for task in tasks:
        if task.kind != "spans":
            _, head = model.linears(task)
            scale = torch.tensor(task.scale, dtype=head.weight.dtype)
            head.weight.mul_(scale[:, None])
            head.bias.mul_(scale).add_(torch.tensor(task.bias, dtype=head.bias.dtype))
    model.config.tasks = [t.to_dict() for t in uncalibrated(tasks)]
    model.tasks = model.config.task_objects()
