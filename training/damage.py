"""What a single record shows to be wrong: a damaged text, an id or a label that cannot be right."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from framing.sentences import sentence_spans
from framing.task import Task
from training.corpus import Corpus
from training.example import Example, Label
from training.faults import Fault, Severity
from training.leakage import fault_at, place
from training.records import SPLITS
from training.soft import SoftSpans

__all__ = ["LONG", "SEVERAL", "damage"]

LONG = 180
"""Words over which a text is probably no sentence. A model's window holds about as many; training
reads the first window only, scoring reads several."""

SEVERAL = 3
"""Sentences from which on a text looks like a passage. Two may be a matter of taste, such as a
quotation and who said it."""

_EVEN = 0.011  # as training.labels rounds shares

_STOP = re.compile(r"[.!?…]\S*\s+\S|[\r\n\v\f\x85\u2028\u2029]")
_TAG = re.compile(
    r"</?(?:a|b|br|div|em|h[1-6]|i|img|li|ol|p|script|span|strong|style|sub|sup|table|td|th|tr|u|"
    r"ul)(?:\s[^<>]*)?/?>|&(?:amp|apos|bull|copy|euro|gt|hellip|lt|middot|[mn]dash|nbsp|pound|quot|"
    r"[lr]aquo|[lr]dquo|[lr]squo|[a-z](?:acute|cedil|circ|grave|ring|slash|tilde|uml)|#[0-9]{1,7}|"
    r"#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
# What UTF-8 looks like when it was read as Windows-1252: a lead byte of the characters that news
# prose has (Latin letters, quotation marks and dashes, emojis), then bytes that continue it.
_TAIL = re.escape("".join(map(chr, range(0x80, 0xC0)))) + re.escape(
    bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
)
_MOJIBAKE = re.compile(f"[ÂÃ][{_TAIL}]|â[€‚„\x80\x82\x84][{_TAIL}]|ðŸ[{_TAIL}]|ï»¿")


def damage(corpus: Corpus) -> list[Fault]:
    """The faults of each sentence by itself, in the order of the sentences."""
    faults: list[Fault] = []
    ids: dict[tuple[str, str], Example] = {}
    tasks = {task.name: task for task in corpus.codebook.tasks}
    for example in corpus.examples:
        for severity, message in _of_record(example, tasks):
            faults.append(fault_at(example, severity, message))
        first = ids.setdefault((example.corpus, example.id), example)
        if first is not example:
            message = (
                f"duplicate id: {example.id!r} is the id of {place(first)} too; predictions could "
                "not be told apart"
            )
            faults.append(fault_at(example, "warning", message))
    faults += _strangers(corpus, tasks)
    return faults


def _of_record(example: Example, tasks: Mapping[str, Task]) -> Iterator[tuple[Severity, str]]:
    if not example.id.strip():
        yield "warning", f"blank id: {example.id!r} names nothing; give an id, or leave it out"
    if example.split not in (None, *SPLITS):
        yield "error", f"unknown split: {example.split!r} is none of {', '.join(SPLITS)}"
    for message in _of_text(example.text):
        yield "warning", message
    for name, label in example.labels.items():
        if name in tasks:
            yield from _of_label(tasks[name], label)


def _of_text(text: str) -> Iterator[str]:
    words = len(text.split())
    if words > LONG:
        yield (
            f"long text: {words:,} words are more than a model's window; only the first are "
            "trained on, and they are scored in overlapping windows; split it if it is no sentence"
        )
    if _STOP.search(text) and (count := len(sentence_spans(text))) >= SEVERAL:
        yield (
            f"several sentences: it looks like {count}; the models read one at a time, so give "
            "each a record of its own"
        )
    if markup := _TAG.search(text):
        yield (
            f"HTML: {markup[0][:40]!r} at {markup.start()}; take the markup out (html.unescape "
            "undoes entities) before spans are marked, as it moves them"
        )
    if "\ufffd" in text:
        yield (
            f"encoding damage: U+FFFD at {text.index(chr(0xFFFD))} stands for a character that "
            "was lost; export the text again, as UTF-8"
        )
    elif wrong := _MOJIBAKE.search(text):
        yield (
            f"encoding damage: {wrong[0]!r} at {wrong.start()} looks like UTF-8 read as "
            "Windows-1252; open the file as UTF-8 and export it again"
        )


def _of_label(task: Task, label: Label) -> Iterator[tuple[Severity, str]]:
    if isinstance(label, SoftSpans):
        return
    names: Sequence[str] = ()
    if isinstance(label, Mapping):
        names = tuple(label)
    elif task.kind != "binary":
        names = label if isinstance(label, tuple) else (str(label),)
    for name in names:
        if name not in task.labels:
            yield "error", f"unknown label: {name!r} is no label of task {task.name!r}"
    if task.kind == "binary" and not (isinstance(label, int | float) and 0 <= label <= 1):
        yield "error", f"share: {task.name} = {label!r} is no share from 0 to 1"
    if task.kind not in ("multiclass", "multilabel") or not isinstance(label, Mapping):
        return
    shares = {name: float(share) for name, share in label.items() if not isinstance(share, tuple)}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            yield "error", f"share: {task.name} has {name!r} = {share:g}, no share from 0 to 1"
    total = math.fsum(shares.values())
    if task.kind == "multiclass" and abs(total - 1) > _EVEN:
        yield "error", f"share: those of {task.name} add up to {total:g}, not to 1"


def _strangers(corpus: Corpus, tasks: Mapping[str, Task]) -> Iterator[Fault]:
    """One warning for each task that is labelled but not declared."""
    seen: set[str] = set()
    for example in corpus.examples:
        for name in example.labels:
            if name not in tasks and name not in seen:
                seen.add(name)
                message = (
                    f"undeclared task: {name!r} has labels, but codebook "
                    f"{corpus.codebook.name!r} does not have it; it is not trained on"
                )
                yield fault_at(example, "warning", message)
