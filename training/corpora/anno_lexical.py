"""Anno-lexical (Horych et al. 2025): lexical bias by the majority of three language models.

Label: ``loaded``. It names no document, so the group is the outlet. One sentence is also in BABE:
near-duplicate removal drops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from framing.taxonomy import LOADED
from training.corpora.reading import CorpusError, require
from training.example import Example

__all__ = ["read"]

_FIELDS = ("text", "source_name", "label", "sentence_id")


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences of `part` in file order; needs pyarrow."""
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise ImportError("Anno-lexical is a Parquet file: pip install pyarrow") from error
    path = require(folder / f"anno-lexical-{part}.parquet")
    table = parquet.read_table(path)
    missing = [field for field in _FIELDS if field not in table.column_names]
    if missing:
        raise CorpusError(f"{path}: no column {', '.join(missing)}")
    columns = [table.column(field).to_pylist() for field in _FIELDS]
    for number, (text, outlet, label, key) in enumerate(zip(*columns, strict=True)):
        if label not in (0, 1) or not all(isinstance(v, str) for v in (text, outlet, key)):
            raise CorpusError(f"{path}, row {number}: text, outlet, 0 or 1, and an id are wanted")
        yield Example(
            text=text,
            corpus="anno_lexical",
            id=key,
            group=f"anno_lexical:{outlet}",
            labels={LOADED: float(label)},
            outlet=outlet,
        )
