"""The card of a model that was trained on a researcher's own corpus, or distilled."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from framing._version import __version__
from framing.task import Task
from training.card import VALIDATE, threshold_table
from training.corpus import Corpus
from training.evaluation.tables import tables
from training.example import Example
from training.fit import Fitted, Plan
from training.method import METHODS
from training.quality import cell
from training.record import examples_hash

_HEADER = """\
---
language: en
license: other
license_name: see-below
library_name: framing-score
pipeline_tag: text-classification
---
"""


def fit_record(
    corpus: Corpus,
    planned: Plan,
    fitted: Fitted,
    *,
    start: str,
    seed: int,
    rehearsal: Sequence[Example] = (),
    options: Sequence[str] = (),
) -> dict[str, Any]:
    """The facts of a training run on one's own corpus, as JSON-ready values.

    Parameters
    ----------
    rehearsal : the unlabelled sentences, where there were any.
    options : those of the command line that made the model, but for ``--out``.
    """
    parts = {"train": planned.train, "dev": planned.dev, "test": planned.test}
    return {
        "library": __version__,
        "start": start,
        "seed": seed,
        "codebook": {
            "name": corpus.codebook.name,
            "tasks": [t.to_dict() for t in corpus.codebook.tasks if t.name in planned.learn],
        },
        "kept": list(planned.kept),
        "method": asdict(fitted.method),
        "out_of_fold_scores": fitted.scores,
        "protocol": fitted.protocol,
        "sentences": {use: len(part) for use, part in parts.items()},
        "groups": {use: len({e.group for e in part}) for use, part in parts.items()},
        "hashes": {
            use: examples_hash(part)
            for use, part in {**parts, "unlabelled": rehearsal}.items()
            if part
        },
        "options": list(options),
        "near_duplicates_dropped": planned.dropped,
        "warnings": [str(f) for f in corpus.faults],
    }


def fit_card(name: str, record: Mapping[str, Any], fitted: Fitted, corpus: Corpus) -> str:
    """The card, in Markdown with the YAML header that hubs read.

    What nobody but the researcher can know stands as a comment to be filled in.
    """
    codebook = corpus.codebook
    learnt = [t for t in fitted.model.tasks if t.name in {x["name"] for x in _tasks(record)}]
    used = [e for e in corpus.examples if e.labels]
    lines = [
        _HEADER,
        f"# {name}",
        "",
        f"Scores each sentence of a text for {_listed([t.name for t in learnt])}, after the",
        f"codebook `{cell(codebook.name)}`, with calibrated probabilities.",
        "",
        "```python",
        "import framing",
        "",
        f'framing.score("One sentence.", split=False, model="{name}").task("{learnt[0].name}")',
        "```",
        "",
        "## Codebook",
        "",
        "| task | kind | label | meaning |",
        "|---|---|---|---|",
    ]
    for task in learnt:
        for label in task.labels:
            meaning = codebook.definitions.get(task.name, {}).get(label, "")
            lines.append(f"| {task.name} | {task.kind} | {cell(label)} | {cell(meaning)} |")
    questions = {t.name: codebook.questions.get(t.name, "") for t in learnt}
    lines += ["", *(f"{n}: {q}" for n, q in questions.items() if q)]
    if record["kept"]:
        lines += ["", f"Kept from `{record['start']}`: {_listed(record['kept'])}."]
    sentences, groups = record["sentences"], record["groups"]
    lines += [
        "",
        "## Data",
        "",
        "| part | sentences | groups |",
        "|---|---|---|",
        *(f"| {use} | {n:,} | {groups[use]:,} |" for use, n in sentences.items()),
        "",
        "Parts are made by group (document, outlet or event), never by sentence.",
        f"Near-duplicates of dev or test sentences left out: "
        f"{sum(record['near_duplicates_dropped'].values()):,}.",
        "",
        "| task | label | sentences with it |",
        "|---|---|---|",
        *_counts(learnt, used),
        "",
        "<!-- Where the texts come from, who labelled them, and under which licence: fill in. -->",
        "",
        "## Training",
        "",
        f"From `{record['start']}`, seed {record['seed']}, library {record['library']}.",
        f"Method: {fitted.method.name} ({fitted.method.says}).",
    ]
    if len(fitted.scores) > 1:
        lines += [
            "",
            "Chosen by cross-validation; mean average precision out of fold:",
            "",
            "| method | score | what it does |",
            "|---|---|---|",
            *(f"| {m} | {s:.3f} | {METHODS[m].says} |" for m, s in fitted.scores.items()),
        ]
    lines += [
        "",
        "## Results",
        "",
        f"On {fitted.protocol}.",
        "",
    ]
    for section, table in tables(fitted.evaluation).items():
        lines += [f"### {section}", "", table, ""]
    config = fitted.model.config
    lines += [
        "Intervals are 95 % percentile bootstraps over groups, 500 draws; one training seed.",
        "",
        "## Thresholds and calibration",
        "",
        f"Fitted on {config.calibration}.",
        "",
        *threshold_table(learnt),
        "",
        "## Intended use",
        "",
        "For research on texts like those it was trained on. Not for judging single people or",
        "articles, nor for automatic moderation.",
        "",
        "<!-- What it shall be used for, and what not: fill in. -->",
        "",
        "## Limits",
        "",
        "- The figures above hold for texts drawn as the corpus was; elsewhere they are to be",
        "  measured anew.",
        "- Probabilities are calibrated to the shares of labels in the corpus; where texts have",
        "  other shares, probabilities and thresholds are off.",
        *_starting_limits(record),
        "",
        "## Validate it on your own texts",
        "",
        VALIDATE,
        "",
        "## Reproduce",
        "",
        "Data: " + ", ".join(f"{use} `{h}`" for use, h in record["hashes"].items()) + ".",
        "",
        "```sh",
        f"framing-train fit CORPUS {shlex.join(record['options'])} --out {shlex.quote(name)}",
        "```",
        "",
        "## Cite",
        "",
        "The corpus, and this library with its version and the weights hash that every result",
        "carries.",
        "",
    ]
    return "\n".join(lines)


def distillation_card(name: str, record: Mapping[str, Any]) -> str:
    """The card of a student, in Markdown with the YAML header that hubs read."""
    stage = record["recipe"]["stages"][0]
    lines = [
        _HEADER,
        f"# {name}",
        "",
        f"A student of `{record['teacher']['name']}` (weights {record['teacher']['weights']}) on",
        f"the encoder `{record['student']}`, trained on what its teacher says of",
        f"{record['sentences']['train']:,} unlabelled sentences.",
        "",
        "## How far it follows its teacher",
        "",
        f"On {record['sentences']['held out']:,} sentences of texts that it was not trained on:",
        "",
        "| task | mean difference of probabilities | same decision |",
        "|---|---|---|",
        *(
            f"| {task} | {found['difference']:.4f} | {found['same']:.4f} |"
            for task, found in record["agreement"].items()
        ),
        "",
        "Thresholds are the teacher's. Measure the student on labelled data with",
        "`framing-train evaluate`, and hold it against its teacher with `framing-train compare`.",
        "",
        "## Limits",
        "",
        "Those of its teacher, whose card see; the licences of the teacher's corpora hold for it,",
        "too.",
        "",
        "<!-- Where the unlabelled texts come from: fill in. -->",
        "",
        "## Reproduce",
        "",
        "Data: " + ", ".join(f"{use} `{h}`" for use, h in record["hashes"].items()) + ".",
        "",
        "```sh",
        f"framing-train distill --teacher TEACHER --student ENCODER --text FILES "
        f"--passes {stage['rates']['text']:g} --learning-rate {stage['learning_rate']:g} "
        f"--seed {record['recipe']['seed']} --out {name}",
        "```",
        "",
    ]
    return "\n".join(lines)


def _tasks(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record["codebook"]["tasks"]
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)


def _counts(tasks: Sequence[Task], examples: Sequence[Example]) -> list[str]:
    """A line a label: in how many sentences, soft labels by their larger half."""
    lines = []
    for task in tasks:
        counts: Counter[str] = Counter()
        for example in examples:
            label = example.labels.get(task.name)
            if isinstance(label, float | int):
                counts[task.labels[0]] += label >= 0.5
            elif isinstance(label, str):
                counts[label] += 1
            elif isinstance(label, tuple):
                counts.update(label)
            elif isinstance(label, Mapping):
                counts.update(
                    n for n, v in label.items() if (v >= 0.5 if isinstance(v, float) else v)
                )
        lines += [f"| {task.name} | {cell(n)} | {counts[n]:,} |" for n in task.labels]
    return lines


def _starting_limits(record: Mapping[str, Any]) -> list[str]:
    if record["start"] not in ("small", "base"):
        return []
    return [
        "- It started from a shipped model, some of whose corpora are for non-commercial research",
        "  only and some of whose labels come from language models: so are these weights bound.",
    ]
