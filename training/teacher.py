"""What a model says of sentences, as soft labels that another one can be trained on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import torch

from framing.decoding import calibrate
from framing.engine import Engine
from framing.modeling import FramingModel
from framing.task import Task
from training.example import Example, Label
from training.soft import SoftSpans

_CHUNK = 4096


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
    wanted = [t for n, t in engine.tasks.items() if tasks is None or n in tasks]
    names = [t.name for t in wanted]
    done: list[Example] = []
    for at in range(0, len(examples), _CHUNK):
        chunk = examples[at : at + _CHUNK]
        prepared = engine.prepare([e.text for e in chunk], [e.quote_open for e in chunk])
        said = engine.forward(prepared, tasks=names)
        scores = {
            t.name: calibrate(t, said.logits[t.name]) for t in wanted if t.name in said.logits
        }
        tokens = prepared.tokens
        for row, example in enumerate(chunk):
            if prepared.blank[row]:
                done.append(example)
                continue
            labels: dict[str, Label] = {}
            here = slice(int(tokens.bounds[row]), int(tokens.bounds[row + 1]))
            for task in wanted:
                if task.kind == "spans":
                    labels[task.name] = SoftSpans(
                        labels=task.labels,
                        start=tokens.start[here].astype(np.int32),
                        end=tokens.end[here].astype(np.int32),
                        inside=said.inside[task.name][here].astype(np.float16),
                        begin=said.begin[task.name][here].astype(np.float16),
                    )
                elif task.kind == "binary":
                    labels[task.name] = float(scores[task.name][row, 0])
                else:
                    values = scores[task.name][row].tolist()
                    labels[task.name] = dict(zip(task.labels, values, strict=True))
            done.append(replace(example, labels={**labels, **example.labels}))
    return done


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
