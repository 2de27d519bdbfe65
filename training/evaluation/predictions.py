"""An evaluation: what a model says of labelled sentences, task by task, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from framing.columns import ModelInfo, ScoreColumns
from framing.engine import Engine
from framing.scorer import Scorer
from framing.task import Task
from training.dataset import sentence_target
from training.evaluation.labels import SentenceResult
from training.evaluation.spans import SpanResult
from training.example import Example, Spans
from training.prediction import predict
from training.quality import Row

Result = SentenceResult | SpanResult


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """What a model says of labelled sentences.

    Parameters
    ----------
    tasks : by name, a result for each task that the model has and an example labels.
    data : names what was evaluated on, for tables.
    model : the model; None where several were pooled.
    sentences : how many examples there were.
    unlabelled : tasks of the model that no example labels.
    unknown : tasks that examples label and the model does not have.
    """

    tasks: Mapping[str, Result]
    data: str
    model: ModelInfo | None = None
    sentences: int = 0
    unlabelled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())

    def rows(self, *, samples: int = 500, seed: int = 0) -> list[Row]:
        """The measures of every task with 95 % intervals from resampling groups."""
        return [
            row
            for name, result in self.tasks.items()
            for row in result.rows(f"{self.data}, {name}", samples=samples, seed=seed)
        ]


def evaluate_model(
    model: Scorer | Engine,
    examples: Sequence[Example],
    *,
    tasks: Sequence[str] | None = None,
    context: bool = True,
) -> Evaluation:
    """Scores labelled sentences with a model.

    Parameters
    ----------
    tasks : the names of the tasks to evaluate; None for all that the model has and an example
        labels.
    context : whether the model is told that a quotation is open where a sentence starts, as it is
        when it reads whole articles.

    Raises
    ------
    ValueError
        if a named task is not the model's or not labelled, if no task is left, or if a label does
        not fit its task; the message names file and line.
    """
    engine = model.engine if isinstance(model, Scorer) else model
    wanted = _wanted(engine.tasks, examples, tasks)
    kept = [e for e in examples if any(e.labels.get(name) is not None for name in wanted)]
    columns = predict(engine, kept, context=context)
    found = evaluate_columns(columns, kept, tasks=wanted)
    labelled = dict.fromkeys(name for e in examples for name in e.labels)
    return Evaluation(
        tasks=found.tasks,
        data=found.data,
        model=found.model,
        sentences=len(examples),
        unlabelled=tuple(n for n in engine.tasks if n not in labelled),
        unknown=tuple(n for n in labelled if n not in engine.tasks),
    )


def evaluate_columns(
    columns: ScoreColumns, examples: Sequence[Example], *, tasks: Sequence[str] | None = None
) -> Evaluation:
    """Holds scores, a row an example with offsets that count in it, against the gold labels.

    Parameters and errors are those of :func:`evaluate_model`.
    """
    if len(columns) != len(examples):
        raise ValueError(f"{len(columns)} rows of scores for {len(examples)} examples")
    wanted = _wanted(columns.tasks, examples, tasks)
    results: dict[str, Result] = {}
    for name in wanted:
        task = columns.tasks[name]
        rows = [i for i, e in enumerate(examples) if e.labels.get(name) is not None]
        seen = [i for i in rows if columns.windows[i]]
        if not seen:
            raise ValueError(f"task {name!r}: every sentence that is labelled for it is blank")
        make = _spans if task.kind == "spans" else _sentences
        results[name] = make(task, columns, examples, seen, len(rows) - len(seen))
    return Evaluation(
        tasks=results,
        data=", ".join(dict.fromkeys(e.corpus for e in examples)),
        model=columns.model,
        sentences=len(examples),
    )


def _wanted(
    known: Mapping[str, Task], examples: Sequence[Example], tasks: Sequence[str] | None
) -> list[str]:
    labelled = {name for e in examples for name, label in e.labels.items() if label is not None}
    for name in tasks or ():
        if name not in known:
            raise ValueError(f"task {name!r}: the model has {', '.join(known)}")
        if name not in labelled:
            raise ValueError(f"task {name!r}: no example is labelled for it")
    wanted = [name for name in known if name in (labelled if tasks is None else tasks)]
    if not wanted:
        raise ValueError(
            f"nothing to evaluate: the examples are labelled for {', '.join(sorted(labelled))}, "
            f"the model has {', '.join(known)}"
            if labelled
            else "nothing to evaluate: no example has a label"
        )
    return wanted


def _sentences(
    task: Task, columns: ScoreColumns, examples: Sequence[Example], rows: list[int], blank: int
) -> SentenceResult:
    gold = []
    for i in rows:
        try:
            gold.append(sentence_target(task, examples[i].labels[task.name]))
        except ValueError as error:
            raise ValueError(f"{_place(examples[i])}: {error}") from error
    return SentenceResult(
        task=task,
        ids=tuple(examples[i].id for i in rows),
        groups=tuple(examples[i].group for i in rows),
        gold=np.stack(gold),
        probability=columns.scores[task.name][rows],
        given=columns.given(task.name, 0, len(columns))[rows],
        blank=blank,
    )


def _spans(
    task: Task, columns: ScoreColumns, examples: Sequence[Example], rows: list[int], blank: int
) -> SpanResult:
    gold = []
    for i in rows:
        label: Any = examples[i].labels[task.name]
        if not isinstance(label, Mapping) or not set(label) <= set(task.labels):
            raise ValueError(
                f"{_place(examples[i])}: {label!r} is no label of the span task {task.name!r}, "
                f"whose labels are {', '.join(task.labels)}"
            )
        gold.append({name: tuple((lo, hi) for lo, hi in spans) for name, spans in label.items()})
    found: list[dict[str, Spans]] = []
    probability: list[dict[str, tuple[float, ...]]] = []
    for i in rows:
        marked = list(_marked(columns, task, i))
        found.append({n: tuple(s for m, s, _ in marked if m == n) for n in task.labels})
        probability.append({n: tuple(p for m, _, p in marked if m == n) for n in task.labels})
    return SpanResult(
        task=task,
        ids=tuple(examples[i].id for i in rows),
        groups=tuple(examples[i].group for i in rows),
        gold=tuple(gold),
        found=tuple(found),
        probability=tuple(probability),
        blank=blank,
    )


def _marked(
    columns: ScoreColumns, task: Task, row: int
) -> Iterator[tuple[str, tuple[int, int], float]]:
    """The spans of one sentence: label, offsets in the sentence, probability."""
    spans, at = columns.spans[task.name], int(columns.start[row])
    for i in range(int(spans.indptr[row]), int(spans.indptr[row + 1])):
        offsets = (int(spans.start[i]) - at, int(spans.end[i]) - at)
        yield task.labels[spans.label[i]], offsets, float(spans.probability[i])


def _place(example: Example) -> str:
    if example.origin is not None:
        return f"{example.origin[0]}:{example.origin[1]}"
    return f"{example.corpus} {example.id}"
