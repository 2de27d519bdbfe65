"""An evaluation as Markdown tables and as JSON-ready values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from training.evaluation.labels import SentenceResult
from training.evaluation.predictions import Evaluation, Result
from training.evaluation.scores import LabelScore
from training.evaluation.spans import SpanResult
from training.quality import Row, cell, markdown

_NO_VALUE = "–"


def tables(evaluation: Evaluation, rows: Sequence[Row] | None = None) -> dict[str, str]:
    """A Markdown table by section: the measures, then label by label and the confusion, by task.

    ``rows`` are those of :meth:`Evaluation.rows` where they are at hand already.
    """
    found = {"Measures": markdown(evaluation.rows() if rows is None else rows)}
    for name, result in evaluation.tasks.items():
        if isinstance(result, SpanResult):
            found[f"{name}, spans by both ends"] = label_table(result.per_label("exact"))
            found[f"{name}, spans by characters"] = label_table(result.per_label("characters"))
        else:
            found[f"{name}, label by label"] = label_table(result.per_label())
            found[f"{name}, confusion"] = confusion_table(result)
    return found


def label_table(scores: Iterable[LabelScore]) -> str:
    """A row a label: precision, recall, F1, support, and what else is known."""
    scores = list(scores)
    extra = [n for n in ("mcc", "auroc", "ap") if any(getattr(s, n) is not None for s in scores)]
    heads = ["label", "precision", "recall", "F1", "gold", "given"]
    heads += [{"mcc": "MCC", "auroc": "AUROC", "ap": "AP"}[n] for n in extra]
    body = [
        [
            cell(s.label),
            *(f"{v:.3f}" for v in (s.precision, s.recall, s.f1)),
            f"{s.support:,}",
            f"{s.found:,}",
            *(_NO_VALUE if (v := getattr(s, n)) is None else f"{v:.3f}" for n in extra),
        ]
        for s in scores
    ]
    return _table(heads, body)


def confusion_table(result: SentenceResult) -> str:
    """A row a gold class, a column a class given; of a multilabel task a row a label."""
    counts = result.confusion()
    if result.task.kind == "multilabel":
        heads = ["label", "neither", "given only", "gold only", "both"]
        return _table(
            heads,
            [
                [cell(label), *(f"{n:,}" for n in two.ravel())]
                for label, two in zip(result.classes, counts, strict=True)
            ],
        )
    names = [cell(c) for c in result.classes]
    body = [[n, *(f"{v:,}" for v in row)] for n, row in zip(names, counts, strict=True)]
    return _table(["gold \\ given", *names], body)


def values(evaluation: Evaluation, rows: Sequence[Row] | None = None) -> dict[str, Any]:
    """All figures as JSON-ready values; what is not defined is None."""
    rows = evaluation.rows() if rows is None else rows
    return {
        "data": evaluation.data,
        "sentences": evaluation.sentences,
        "model": None if evaluation.model is None else evaluation.model.to_dict(),
        "unlabelled": list(evaluation.unlabelled),
        "unknown": list(evaluation.unknown),
        "measures": [_finite(row.to_dict()) for row in rows],
        "tasks": {name: _finite(_task(result)) for name, result in evaluation.tasks.items()},
    }


def _task(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": result.task.kind,
        "labels": list(result.task.labels),
        "sentences": len(result),
        "groups": len(set(result.groups)),
        "blank": result.blank,
    }
    curve = result.reliability()
    found["reliability"] = None if curve is None else curve.to_dict()
    if isinstance(result, SpanResult):
        for match in ("exact", "characters"):
            found[match] = [s.to_dict() for s in result.per_label(match)]
    else:
        found["classes"] = [s.to_dict() for s in result.per_label()]
        found["confusion"] = result.confusion().tolist()
    return found


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and value != value else value


def _table(heads: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
