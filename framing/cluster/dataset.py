"""Scoring a Ray data set: a row a text goes in, a row a sentence comes out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from framing.archive.arrow import pa
from framing.archive.arrow_values import is_bytes, plain, strings
from framing.archive.engine import score_part
from framing.archive.layout import Layout
from framing.archive.part import PartKey, PendingPart
from framing.archive.row import Row, Rows
from framing.cluster.connection import ray_module
from framing.cluster.placement import check_device
from framing.cluster.recipe import ScorerRecipe
from framing.errors import InputError
from framing.runtime import Backend, Precision


def score_dataset(
    dataset: Any,
    *,
    text_column: str = "text",
    id_column: str | None = None,
    model: str | Path = "small",
    device: str = "auto",
    backend: Backend = "auto",
    precision: Precision = "auto",
    concurrency: int | tuple[int, int] = 2,
    num_gpus: float = 0,
    num_cpus: float = 1,
    batch_size: int = 1000,
    split: bool = True,
) -> Any:
    """Scores the texts of a Ray data set, on actors that hold a loaded model each.

    Nothing is scored before the result is read or written. Its rows are in the order of the texts,
    for which ``preserve_order`` is set in the context of the data set.

    Parameters
    ----------
    dataset : a ``ray.data.Dataset``. Every column but those of texts and ids is carried over, once
        a sentence: select those that are wanted first.
    text_column : of the texts, which must be strings.
    id_column : becomes the column ``id``, as text; without it that is null.
    model : see :class:`framing.Scorer`; a folder must be at the same place on every machine.
    device : ``cpu`` or ``cuda``; ``auto`` is ``cuda`` if actors have GPUs.
    backend, precision : see :class:`framing.Scorer`; what ``auto`` means is settled by what is
        installed here.
    concurrency : how many actors, or the fewest and the most.
    num_gpus : of each actor; 1 for a GPU of its own.
    num_cpus : of each actor, and how many threads its model runs on. Another number can change the
        last digits of the scores.
    batch_size : texts scored together; it can change the last digits, too.
    split : see :meth:`framing.Scorer.score`.

    Returns
    -------
    A ``ray.data.Dataset`` with the columns that the sentences of an archive have. ``file`` and
    ``row`` are null: a data set is no file, and its rows have no numbers.

    Raises
    ------
    InputError
        if an argument cannot be used, or the data set is known to lack a column.
    ModelError
        if the model cannot be loaded.
    TypeError
        in an actor, for a text that is null or not a string, naming the row; Ray raises it as a
        ``UserCodeException`` with that message when the result is read.
    """
    data = ray_module("ray.data")
    if device == "auto":
        device = "cuda" if num_gpus else "cpu"
    check_device(device)
    if (device == "cuda") != bool(num_gpus):
        raise InputError(f"device {device!r} with num_gpus={num_gpus}: give num_gpus=1 for cuda")
    if batch_size < 1 or num_cpus <= 0:
        raise InputError("batch_size: it must be 1 or more, and num_cpus over 0")
    schema = dataset.schema(fetch_if_missing=False)
    if schema is not None:
        _check_columns(schema.names, text_column, id_column)
    fewest, most = (concurrency, concurrency) if isinstance(concurrency, int) else concurrency
    recipe = ScorerRecipe.of(
        model,
        device=device,
        threads=max(1, int(num_cpus)),
        backend=backend,
        precision=precision,
    )
    scored = dataset.map_batches(
        BatchScorer,
        fn_constructor_args=(recipe, text_column, id_column, split),
        batch_format="pyarrow",
        batch_size=batch_size,
        compute=data.ActorPoolStrategy(min_size=fewest, max_size=most),
        num_cpus=num_cpus,
        num_gpus=num_gpus or None,
    )
    scored.context.execution_options.preserve_order = True
    return scored


class BatchScorer:
    """What an actor does with a batch of rows: the sentences of their texts, scored."""

    def __init__(
        self, recipe: ScorerRecipe, text_column: str, id_column: str | None, split: bool
    ) -> None:
        self.scorer = recipe.make()
        self.text_column, self.id_column = text_column, id_column
        self.layout = Layout(
            level="sentence",
            tasks=tuple(self.scorer.engine.tasks.values()),
            model=self.scorer.model,
            kept=pa.schema([]),
            split=split,
        )

    def __call__(self, table: pa.Table) -> pa.Table:
        """The sentence rows of a table of texts."""
        _check_columns(table.column_names, self.text_column, self.id_column)
        rows = Rows.of(Row(number, "", text) for number, text in enumerate(self._texts(table)))
        part = PendingPart(
            key=PartKey(0, 0), path="", first_row=0, rows=rows, rejected=(), last=True
        )
        batches = score_part(self.scorer, part, self.layout).sentences
        found = pa.Table.from_batches(batches, self.layout.schemas["sentences"])
        kept = table.drop_columns(list(filter(None, {self.text_column, self.id_column})))
        place = found.column("row")
        columns = {name: found.column(name) for name in found.column_names}
        columns |= {name: pa.nulls(len(found), found.schema.field(name).type) for name in _LACKING}
        if self.id_column is not None:
            ids = pa.array(strings(table.column(self.id_column)), pa.string())
            columns["id"] = ids.take(place)
        # In the schema a kept column has a name that no other one has.
        schema = replace(self.layout, kept=kept.schema).schemas["sentences"]
        arrays = [*columns.values(), *(column.take(place) for column in kept.columns)]
        return pa.Table.from_arrays(arrays, schema=schema)

    def _texts(self, table: pa.Table) -> list[str]:
        column = table.column(self.text_column)
        textual = pa.types.is_string(plain(column.type)) or is_bytes(column.type)
        values = strings(column) if textual else column.to_pylist()
        texts = []
        for number, value in enumerate(values):
            if isinstance(value, str):
                texts.append(value)
                continue
            row = {name: _short(table, name, number) for name in table.column_names}
            fault = "null" if value is None else "no UTF-8" if textual else type(value).__name__
            raise TypeError(
                f"row {number} of a batch of {len(values)}, {row}: its {self.text_column!r} is "
                f"{fault}, where a string is needed; take such rows out with dataset.filter, or "
                "give another text_column"
            )
        return texts


_LACKING = ("id", "file", "row")


def _check_columns(names: list[str], *wanted: str | None) -> None:
    for name in wanted:
        if name is not None and name not in names:
            raise InputError(f"the data set has no column {name!r}: it has {', '.join(names)}")


def _short(table: pa.Table, name: str, number: int) -> str:
    value = str(table.column(name)[number])
    return value if len(value) <= 40 else f"{value[:39]}…"
