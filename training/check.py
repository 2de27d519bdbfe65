"""What can be said of a corpus before it is trained on: its counts, agreement and faults."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.agreement import Agreement, agreement
from training.corpus import Corpus
from training.counts import SplitCount, TaskCount, count_splits, count_task, documents
from training.coverage import coverage
from training.damage import damage
from training.faults import Fault
from training.leakage import leakage
from training.records import SPLITS

__all__ = ["Report", "check", "kind_of"]

SHOWN = 20
"""Faults of one kind that are shown unless all are asked for."""

_NAMED = re.compile(r"[a-zA-Z+ -]{2,40}(?=: )")
# A quoted value, which may have been cut short, or a number.
_PARTICULAR = re.compile(r"""(['"])(?:\\.|(?!\1).)*?(?:\1|\.\.\.)|\d[\d:.,]*""")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found in a corpus.

    Parameters
    ----------
    codebook : its name.
    sentences : without an error in their record.
    trainable : those of them with a label of some task of the codebook.
    documents, outlets, groups : that the sentences name.
    splits : the same, split by split.
    tasks : the labels of each task of the codebook.
    agreement : of the annotators, for the tasks that single annotators' votes are there of.
    faults : what reading found, then what was found in what was read.
    """

    codebook: str
    sentences: int
    trainable: int
    documents: int
    outlets: int
    groups: int
    splits: tuple[SplitCount, ...]
    tasks: tuple[TaskCount, ...]
    agreement: tuple[Agreement, ...]
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> int:
        """The number of faults that keep the corpus from being trained on."""
        return sum(fault.severity == "error" for fault in self.faults)

    @property
    def warnings(self) -> int:
        """The number of other faults."""
        return len(self.faults) - self.errors

    @property
    def verdict(self) -> str:
        """Whether the corpus can be trained on, in a line."""
        faults = [_number(n, what) for n, what in self._faulty() if n]
        if self.errors:
            return f"cannot be trained on yet: {' and '.join(faults)}"
        of = f" of {_number(self.documents, 'document')}" if self.documents else ""
        end = faults[0] if faults else "nothing found wrong"
        return f"{_number(self.trainable, 'sentence')}{of} can be trained on; {end}"

    def _faulty(self) -> tuple[tuple[int, str], tuple[int, str]]:
        return (self.errors, "error"), (self.warnings, "warning")

    def by_kind(self) -> dict[str, list[Fault]]:
        """The faults by what is wrong, kinds with an error first, else in the order found."""
        kinds: dict[str, list[Fault]] = defaultdict(list)
        for fault in self.faults:
            kinds[kind_of(fault)].append(fault)
        return dict(sorted(kinds.items(), key=lambda item: not any(map(_is_error, item[1]))))

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values, all faults included."""
        return {
            "verdict": self.verdict,
            "errors": self.errors,
            "warnings": self.warnings,
            "codebook": self.codebook,
            "sentences": self.sentences,
            "trainable": self.trainable,
            "documents": self.documents,
            "outlets": self.outlets,
            "groups": self.groups,
            "splits": [split.to_dict() for split in self.splits],
            "tasks": [task.to_dict() for task in self.tasks],
            "agreement": [found.to_dict() for found in self.agreement],
            "faults": [{"kind": kind_of(fault), **asdict(fault)} for fault in self.faults],
        }

    def tables(self) -> dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        """The counts as tables: by title, the header and the rows; empty tables left out."""
        tables = {
            "Sentences": (_SPLITS, self._split_rows()),
            "Labels": (_LABELS, self._label_rows()),
            "Agreement of annotators": (_AGREEMENT, self._agreement_rows()),
        }
        return {title: _without_empty(*table) for title, table in tables.items() if table[1]}

    def markdown(self, *, shown: int | None = SHOWN) -> str:
        """The report as Markdown.

        Parameters
        ----------
        shown : faults of each kind that are listed; None for all.
        """
        parts = [f"# Check of a corpus\n\n**{_escaped(self.verdict)}**"]
        for title, (header, rows) in self.tables().items():
            lines = [header, tuple("---" for _ in header), *(map(_escaped, row) for row in rows)]
            parts.append(f"## {title}\n\n" + "\n".join(f"| {' | '.join(x)} |" for x in lines))
        if self.faults:
            parts.append("## Faults")
        for kind, faults in self.by_kind().items():
            listed = [f"- {_escaped(str(fault))}" for fault in faults[:shown]]
            if left := len(faults) - len(listed):
                listed.append(f"- and {left:,} more")
            parts.append(f"### {_escaped(kind)} ({len(faults):,})\n\n" + "\n".join(listed))
        return "\n\n".join(parts) + "\n"

    def _split_rows(self) -> list[tuple[str, ...]]:
        rows = [
            (s.split, s.sentences, s.documents, s.outlets, s.groups)
            for s in self.splits
            if s.sentences < self.sentences
        ]
        rows.append(("all", self.sentences, self.documents, self.outlets, self.groups))
        return [(name, *(f"{n:,}" for n in numbers)) for name, *numbers in rows]

    def _label_rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for task in self.tasks:
            soft = f", {task.soft:,} soft" if task.soft else ""
            kind, count = f"({task.kind}{soft})", f"{task.sentences:,}"
            rows.append((task.task, kind, count, "", "", *_by_split(task.splits)))
            for label in task.labels if task.sentences else ():
                spans = "" if label.spans is None else f"{label.spans:,}"
                given = (_decimal(label.sentences), spans, f"{label.share:.1%}")
                rows.append(("", label.label, *given, *_by_split(label.splits)))
        return rows

    def _agreement_rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for found in self.agreement:
            interval = "" if found.low is None else f"[{found.low:.2f}, {found.high:.2f}]"
            alpha = "–" if found.alpha is None else f"{found.alpha:.2f}"
            counts = (f"{found.sentences:,}", str(found.annotators))
            rows.append((found.task, alpha, interval, *counts, found.reading))
        return rows


_SPLITS = ("split", "sentences", "documents", "outlets", "groups")
_LABELS = ("task", "label", "sentences", "spans", "share", *SPLITS)
_AGREEMENT = ("task", "alpha", "95 %", "sentences", "annotators", "reading")


def check(corpus: Corpus) -> Report:
    """What a corpus holds and what is wrong with it, as far as that can be seen without training.

    Faults of reading are passed on. To them are added: texts and ids that are damaged or there
    twice, labels that contradict each other, near-duplicates, what leaks from one split to
    another, splits without labels, classes that are thin or missing. Near-linear in the words of
    the corpus.
    """
    tasks, examples = corpus.codebook.tasks, corpus.examples
    found = [agreement(task, examples) for task in tasks]
    return Report(
        codebook=corpus.codebook.name,
        sentences=len(examples),
        trainable=sum(any(task.name in e.labels for task in tasks) for e in examples),
        documents=len(documents(examples)),
        outlets=len({e.outlet for e in examples if e.outlet}),
        groups=len({e.group for e in examples}),
        splits=count_splits(examples),
        tasks=tuple(count_task(task, examples) for task in tasks),
        agreement=tuple(a for a in found if a is not None),
        faults=(*corpus.faults, *coverage(corpus), *leakage(corpus), *damage(corpus)),
    )


def kind_of(fault: Fault) -> str:
    """What is wrong, in general: the name before a colon, or the message without its values."""
    if named := _NAMED.match(fault.message):
        return named[0]
    return _PARTICULAR.sub("…", fault.message).split("; ")[0]


def _without_empty(
    header: tuple[str, ...], rows: list[tuple[str, ...]]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A table without the columns that are empty in every row."""
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    return tuple(header[i] for i in kept), [tuple(row[i] for i in kept) for row in rows]


def _is_error(fault: Fault) -> bool:
    return fault.severity == "error"


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _decimal(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"


def _by_split(counts: Mapping[str, float]) -> list[str]:
    return [_decimal(counts[split]) if split in counts else "" for split in SPLITS]


def _escaped(text: str) -> str:
    """A text that stays itself in a line of Markdown."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "\ufffd", text)
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(text, quote=False))
