"""Tab-separated files in which a quotation mark is a letter like any other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from training.corpora.reading import CorpusError


def tab_rows(
    text: str, where: str, fields: Sequence[str], *, header: bool
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number and the ``fields`` of each row.

    Parameters
    ----------
    where : names the file in errors.
    header : whether the first row names the columns, of which more than ``fields`` may be there;
        else every row has just these, in this order.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        names = next(reader, []) if header else list(fields)
        if missing := [f for f in fields if f not in names]:
            raise CorpusError(f"{where}, row 1: no {', '.join(missing)} (it has {names})")
        for row in reader:
            if len(row) != len(names):
                raise CorpusError(
                    f"{where}, row {reader.line_num}: {len(row)} columns where {len(names)} belong"
                )
            yield reader.line_num, dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise CorpusError(f"{where}, row {reader.line_num}: not a table ({error})") from error
