"""The report of an evaluation: a folder with tables, figures and all numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from framing.errors import InputError
from framing.files import write_atomically
from training.evaluation.figures import reliability_figure
from training.evaluation.predictions import Evaluation, Result
from training.evaluation.spans import SpanResult
from training.evaluation.tables import tables, values
from training.quality import Row, cell

_NOTES = """\
- Intervals are 95 % percentile bootstraps over groups (documents, where the corpus has them).
  Those of ECE lie high, since a resample is rougher than the data.
- Soft gold labels: F1, precision, recall, MCC, AUROC, average precision and confusion take a label
  as there from a share of 0.5 (of a multiclass task the label with the largest share); Brier
  score, log loss, ECE and reliability take the share itself.
- Macro and weighted F1 are over the labels that the gold has.
- ECE has ten bins of equal mass. Of a multilabel task it is over all labels together, of a
  multiclass task that of the likeliest label, of spans that of the spans found (does each touch a
  gold one?). The Brier score of a multiclass task is summed over labels (0 to 2)."""


def write_report(
    evaluation: Evaluation, folder: Path, *, rows: Sequence[Row] | None = None, samples: int = 500
) -> list[Path]:
    """Writes ``report.md``, ``results.json``, and ``reliability-TASK.png`` and ``.svg``.

    Each file is whole or is not there; ``report.md``, which names the others, comes last.

    Parameters
    ----------
    rows : those of :meth:`Evaluation.rows`, where they are at hand already.
    samples : resamples of each interval.

    Returns
    -------
    The files, in the order in which they were written.

    Raises
    ------
    InputError
        if a file cannot be written.
    ImportError
        if matplotlib is not installed.
    """
    files: dict[str, bytes] = {}
    figures: dict[str, str] = {}
    for name, result in evaluation.tasks.items():
        curve = result.reliability(samples=samples)
        if curve is None:
            continue
        drawn = reliability_figure(
            curve, f"{name}, {evaluation.data}", xlabel=_what(result), observed=_outcome(result)
        )
        for kind, data in drawn.items():
            files[f"reliability-{name}.{kind}"] = data
        figures[name] = f"reliability-{name}.png"
    rows = evaluation.rows(samples=samples) if rows is None else rows
    found = json.dumps(values(evaluation, rows), indent=1, ensure_ascii=False, allow_nan=False)
    files["results.json"] = (found + "\n").encode()
    sections = tables(evaluation, rows)
    files["report.md"] = _markdown(evaluation, sections, figures).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: no folder can be made: {error.strerror}") from None
    for name, data in files.items():
        write_atomically(folder / name, data)
    return [folder / name for name in files]


def summary(evaluation: Evaluation) -> list[str]:
    """What was evaluated and what was not, a sentence each."""
    said = [f"{evaluation.sentences:,} sentences of {evaluation.data}."]
    if (model := evaluation.model) is not None:
        said.insert(0, f"Model {model.name}, weights {model.weights}, library {model.library}.")
    for name, result in evaluation.tasks.items():
        line = f"{name}: {len(result):,} sentences of {len(set(result.groups)):,} groups"
        if result.blank:
            line += f"; {result.blank:,} blank ones are left out"
        known = result.annotated if isinstance(result, SpanResult) else result.task.labels
        if missing := [label for label in result.task.labels if label not in known]:
            line += f"; not annotated for {', '.join(missing)}"
        said.append(f"{line}.")
    if evaluation.unlabelled:
        said.append(f"Not labelled, so not evaluated: {', '.join(evaluation.unlabelled)}.")
    if evaluation.unknown:
        said.append(f"Labelled, but not a task of the model: {', '.join(evaluation.unknown)}.")
    return said


def _markdown(evaluation: Evaluation, sections: dict[str, str], figures: dict[str, str]) -> str:
    lines = ["# Evaluation", "", *(f"- {cell(line)}" for line in summary(evaluation)), ""]
    for section, table in sections.items():
        lines += [f"## {section}", "", table, ""]
    for name, file in figures.items():
        lines += [f"## {name}, reliability", "", f"![Reliability of {name}]({file})", ""]
    return "\n".join([*lines, "## How to read it", "", _NOTES, ""])


def _what(result: Result) -> str:
    if result.task.kind == "multiclass":
        return "probability of the likeliest label"
    if result.task.kind == "spans":
        return "probability of a span found"
    return "probability"


def _outcome(result: Result) -> str:
    if result.task.kind == "multiclass":
        return "were it"
    if result.task.kind == "spans":
        return "touch a gold span"
    return "have the label"
