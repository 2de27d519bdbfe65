"""The model card, written from the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framing.task import Task
from training.quality import cell, results_name

_INTENDED = """\
For research on news prose in English: scoring the sentences of articles and comparing aggregates
over outlets, topics or times, best after validation on a sample of one's own. Not for judging
single people or articles, not for automatic moderation, and not a measure of truth: a loaded
sentence may be true and a sober one false."""

_LIMITS = """\
- The 14 frames, the labels of Anno-lexical and the whole-article labels come from language-model
  annotators, not from human coders. Agreement with them is consistency, not truth.
- Most training text is US news in English of 2010 to 2023; other varieties, languages and genres
  are untested.
- `loaded` is calibrated to whole news articles in which about a fifth of the sentences are loaded;
  in a corpus with another share, probabilities and the threshold will be off.
- Frame probabilities are fitted on a sample drawn to be rich in rare frames.
- Direct, indirect and mixed are derived from quotation marks around annotated content, so missing
  or unbalanced marks change the kind.
- The voice of loaded words is read off the content of attributions, not learnt by itself."""

VALIDATE = """\
Draw 200 sentences of your corpus at random, have two people label them with the codebook without
seeing the scores, settle their differences, and compare: F1 at the shipped threshold, and the mean
probability against the share of positives. If the share is off, fit threshold and calibration
anew on those labels before you aggregate."""


def model_card(
    name: str,
    record: Mapping[str, Any],
    tasks: Sequence[Task],
    calibration: str,
    tables: Mapping[str, str],
) -> str:
    """The card of a model folder, in Markdown with the YAML header that hubs read.

    Parameters
    ----------
    record : what :func:`training.record.training_record` returns.
    tables : measured results as Markdown tables, by section; if there are none the card says so.
    """
    base = str(record["encoder"])
    corpora = record["corpora"]
    sentences = record["sentences"]
    lines = [
        "---",
        "language: en",
        "license: other",
        "license_name: research-only",
        "library_name: framing-score",
        f"base_model: {base}",
        "pipeline_tag: text-classification",
        "---",
        f"# {name}",
        "",
        "Scores each sentence of a news text for loaded language, sourcing and policy frames, with",
        "calibrated probabilities and the characters that carry them.",
        "",
        "```python",
        "import framing",
        "",
        'framing.score("The minister slammed the reckless bill.").sentences[0].loaded_language',
        "```",
        "",
        "## Intended use",
        "",
        _INTENDED,
        "",
        "## Licence",
        "",
        "Several of the training corpora are for non-commercial research only, so use the",
        "weights for research only. The code is under Apache-2.0; the encoder,",
        f"`{base}`, is under Apache-2.0.",
        "",
        "## Data",
        "",
        "| corpus | trained on | held out | licence | cite | note |",
        "|---|---|---|---|---|---|",
    ]
    for corpus, facts in corpora.items():
        trained = sum(n.get(corpus, 0) for use, n in sentences.items() if use != "held out")
        lines.append(
            f"| {corpus} | {trained:,} | {sentences['held out'].get(corpus, 0):,} "
            f"| {facts['licence']} | {facts['citation']} | {facts['note']} |"
        )
    dropped = ", ".join(f"{c} {n:,}" for c, n in record["near_duplicates_dropped"].items())
    reported = ", ".join(f"{c} ({n:,})" for c, n in record["reported_on"].items())
    lines += [
        "",
        "Sentences. Parts are made by document, event or outlet, never by sentence. Sentences that",
        "nearly repeat (five-word shingles, containment of 0.6 or more) a held-out or reported one",
        f"were left out: {dropped or 'none'}. Never trained or fitted on: {reported}.",
        "",
        *_taught(record),
        "## Thresholds and calibration",
        "",
        f"Fitted on {calibration}; for span tasks the threshold is on single words, and",
        "that of spans on the mean of their words.",
        "",
        *threshold_table(tasks),
    ]
    lines += ["", "## Results on data not trained on", ""]
    for section, table in tables.items():
        lines += [f"### {section}", "", table, ""]
    if not tables:
        lines += ["Not measured yet: run `python -m benchmarks.quality`.", ""]
    recipe = record["recipe"]
    runs = _history(record)
    stages = "; ".join(_stage(s) for run in runs for s in run["recipe"]["stages"])
    size = name.removeprefix("framing-")
    hashes = ", ".join(f"{use} `{h}`" for use, h in record["hashes"].items())
    lines += [
        "Intervals are 95 % percentile bootstraps over documents, 500 draws; one training seed.",
        "",
        "## Limits",
        "",
        _LIMITS,
        "",
        "## Validate it on your own corpus",
        "",
        VALIDATE,
        "",
        "## Reproduce",
        "",
        f"Seed {recipe['seed']}; {stages}. Library {record['library']}. Data: {hashes}.",
        "",
        "```sh",
        *(line for i in range(len(runs)) for line in _build(runs, i, name)),
        f"python -m benchmarks.quality --data DATA --encoder ENCODER --size {size}",
        f"framing-train card models/{name} --results benchmarks/results/{results_name(size)}",
        "```",
        "",
        "## Cite",
        "",
        "Name the library, its version and the weights hash that every result carries, and the",
        "corpora above.",
        "",
    ]
    return "\n".join(lines)


def _history(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The records of all that the weights went through, the first training first."""
    before = record.get("before")
    return [*(_history(before) if before else ()), record]


def _build(runs: Sequence[Mapping[str, Any]], i: int, name: str) -> list[str]:
    """The command of one training; all but the last write to a folder of their own."""
    taught = bool(runs[i]["recipe"].get("taught"))
    start = f"{name}-{i}" if i else "ENCODER"
    out = f"models/{name}" if i == len(runs) - 1 else f"{name}-{i + 1}"
    guess = f"{name.removeprefix('framing-')}{'-taught' if taught else ''}.toml"
    file = runs[i].get("recipe_file", guess)  # older records do not name it
    lessons = " --teacher MODEL --text FILES" if taught else ""
    return [
        f"framing-train build --data DATA --encoder {start}{lessons} \\",
        f"  --recipe training/recipes/{file} --out {out}",
    ]


def _taught(record: Mapping[str, Any]) -> list[str]:
    """What a teacher labelled, if there was one."""
    taught = record["recipe"].get("taught")
    if not taught:
        return []
    counts = {
        c: sum(n.get(c, 0) for u, n in record["sentences"].items() if u != "held out")
        for c in taught
    }
    named = ", ".join(f"{c} {n:,}" for c, n in counts.items())
    return [
        f"What they are not labelled for, `{record['teacher']}` said of the sentences of {named};",
        "`text` is news that nobody has labelled.",
        "",
    ]


def _stage(stage: Mapping[str, Any]) -> str:
    passes = ", ".join(f"{corpus} {rate:g}" for corpus, rate in stage["rates"].items())
    said = f"{stage['name']}: learning rate {stage['learning_rate']:g}, "
    if (layers := stage.get("layers")) is not None:
        said += f"the upper {layers} layers, "
    if (decay := stage.get("layer_decay", 1)) != 1:
        said += f"each {decay:g} times as fast as the one above, "
    if hidden := stage.get("masking", 0):
        said += f"{hidden:.0%} of the word pieces hidden, "
    if (runs := stage.get("runs", 1)) > 1:
        said += f"the mean of {runs} runs, "
    if kept := stage.get("kept", 0):
        said += f"{kept:.0%} of the weights from before kept, "
    return f"{said}passes {passes}"


def threshold_table(tasks: Sequence[Task]) -> list[str]:
    """The lines of a Markdown table with the threshold and calibration of each label."""
    lines = ["| task | label | threshold | scale | bias |", "|---|---|---|---|---|"]
    for task in tasks:
        for i, label in enumerate(task.labels):
            cut = "argmax" if task.kind == "multiclass" else f"{task.thresholds[i]:.3f}"
            if task.span_thresholds and task.span_thresholds[i]:
                cut += f", of spans {task.span_thresholds[i]:.3f}"
            lines.append(
                f"| {task.name} | {cell(label)} | {cut} | {task.scale[i]:.3f} "
                f"| {task.bias[i]:.3f} |"
            )
    return lines
