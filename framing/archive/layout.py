"""The layout of the tables that a run writes, whatever tasks the model has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from framing.archive.arrow import pa
from framing.archive.cells import SPAN, VOICED_SPAN, Batch, strings
from framing.archive.options import ArchiveOptions
from framing.archive.row import Rows
from framing.columns import ModelInfo
from framing.scored_texts import ScoredTexts
from framing.task import Task
from framing.taxonomy import FRAMING, LOADED_SPANS

SCHEMA_VERSION = "1"

_FIXED = frozenset(
    ("id", "file", "row", "sentence", "start", "end", "text", "windows", "sentences", "blank")
)


class _Table:
    """Columns under construction: each a field and what makes its cells, no name twice."""

    def __init__(self) -> None:
        self.fields: dict[str, pa.Field] = {}
        self.makers: list[Callable[[Batch], Any]] = []

    def add(
        self,
        name: str,
        type_: Any,
        make: Callable[..., Any],
        *,
        prefix: str = "task_",
        **fixed: object,
    ) -> None:
        while name in self.fields:
            name = prefix + name
        self.fields[name] = pa.field(name, type_)
        self.makers.append(partial(make, **fixed))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which tables are written and which columns they have.

    Parameters
    ----------
    level : ``sentence``, ``document`` or ``both``.
    tasks : those of the model.
    model : what the tables say they come from.
    kept : the columns that are carried over, with their types.
    text : whether the text of a sentence is written.
    split : whether the sentences of a text are found; if not, each text is one.
    once : whether a sentence that comes again in a part is scored the first time only.
    """

    level: str
    tasks: tuple[Task, ...]
    model: ModelInfo
    kept: pa.Schema
    text: bool = True
    split: bool = True
    once: bool = False

    @classmethod
    def of(
        cls, options: ArchiveOptions, *, tasks: Sequence[Task], model: ModelInfo, kept: pa.Schema
    ) -> Layout:
        """The layout of a run."""
        return cls(
            level=options.level,
            tasks=tuple(tasks),
            model=model,
            kept=kept,
            text=options.text,
            split=options.split,
            once=options.once,
        )

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """By the name of its folder, the schema of each table, the model in its metadata."""
        return {name: self._schema(table) for name, table in self._tables("").items()}

    def batches(self, path: str, rows: Rows, scored: ScoredTexts) -> dict[str, Any]:
        """A record batch a table, by the name of its folder.

        Parameters
        ----------
        path : the source of the rows, as the column ``file`` has it.
        rows : the rows whose texts were scored, in their order.
        scored : their scores.
        """
        if len(rows) != len(scored):
            raise ValueError(f"{len(rows)} rows for {len(scored)} scored texts")
        batch = Batch(rows, scored)
        return {
            name: pa.RecordBatch.from_arrays(
                [make(batch) for make in table.makers], schema=self._schema(table)
            )
            for name, table in self._tables(path).items()
        }

    def _schema(self, table: _Table) -> pa.Schema:
        model = json.dumps(self.model.to_dict(), sort_keys=True)
        metadata = {"framing.schema": SCHEMA_VERSION, "framing.model": model}
        return pa.schema(table.fields.values(), metadata)

    def _tables(self, path: str) -> dict[str, _Table]:
        tables = {}
        if self.level in ("sentence", "both"):
            tables["sentences"] = self._sentences(path)
        if self.level in ("document", "both"):
            tables["documents"] = self._documents(path)
        return tables

    def _sentences(self, path: str) -> _Table:
        table = _Table()
        _identify(table, path, each=True)
        table.add("sentence", pa.int32(), Batch.sentence_numbers)
        table.add("start", pa.int32(), lambda b: pa.array(b.columns.start.astype("int32")))
        table.add("end", pa.int32(), lambda b: pa.array(b.columns.end.astype("int32")))
        if self.text:
            table.add("text", pa.string(), Batch.sentence_texts)
        table.add("windows", pa.int32(), lambda b: pa.array(b.columns.windows))
        for task in self.tasks:
            name, key = task.name, _key(task)
            if task.kind == "spans":
                voiced = name == LOADED_SPANS
                shape = pa.list_(pa.struct(VOICED_SPAN if voiced else SPAN))
                table.add(key, shape, Batch.spans, task=name, voiced=voiced)
                continue
            if task.kind == "binary":
                table.add(key, pa.float32(), Batch.probability, task=name, label=0)
                table.add(f"{key}_label", pa.bool_(), Batch.given, task=name, label=0)
                continue
            if task.kind == "multiclass":
                table.add(key, pa.string(), Batch.label, task=name)
            else:
                table.add(key, pa.list_(pa.string()), Batch.labels, task=name)
            for column, label in enumerate(_label_keys(task)):
                table.add(label, pa.float32(), Batch.probability, task=name, label=column)
        _keep(table, self.kept, each=True)
        return table

    def _documents(self, path: str) -> _Table:
        table = _Table()
        _identify(table, path, each=False)
        table.add("sentences", pa.int32(), lambda b: pa.array(b.counts.astype("int32")))
        table.add("blank", pa.bool_(), lambda b: pa.array(b.read_counts == 0))
        for task in self.tasks:
            name, key = task.name, _key(task)
            if task.kind == "spans":
                table.add(key, pa.int32(), Batch.span_counts, task=name)
                for column, label in enumerate(task.labels if len(task.labels) > 1 else ()):
                    table.add(
                        f"{key}_{label}",
                        pa.int32(),
                        Batch.span_counts,
                        task=name,
                        label=column,
                    )
                continue
            for column, label in enumerate([key] if task.kind == "binary" else _label_keys(task)):
                table.add(label, pa.float32(), Batch.mean, task=name, label=column)
                table.add(f"{label}_share", pa.float32(), Batch.share, task=name, label=column)
        _keep(table, self.kept, each=False)
        return table


def _key(task: Task) -> str:
    return f"task_{task.name}" if task.name in _FIXED else task.name


def _label_keys(task: Task) -> list[str]:
    prefix = "frame" if task.name == FRAMING else _key(task)
    return [f"{prefix}_{label}" for label in task.labels]


def _identify(table: _Table, path: str, *, each: bool) -> None:
    [file] = strings([path])
    table.add("id", pa.string(), Batch.ids, each=each)
    table.add("file", pa.string(), lambda b: pa.repeat(file, len(b.text) if each else len(b.rows)))
    table.add("row", pa.int64(), Batch.row_numbers, each=each)


def _keep(table: _Table, kept: pa.Schema, *, each: bool) -> None:
    for index, field in enumerate(kept):
        table.add(
            f"keep_{field.name}" if field.name in _FIXED else field.name,
            field.type,
            Batch.kept,
            prefix="keep_",
            index=index,
            kind=field.type,
            each=each,
        )
