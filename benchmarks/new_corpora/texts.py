"""Unlabelled articles of the archive, for keeping old tasks by.

python -m benchmarks.new_corpora.texts --data DIR --out FILE
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable
from pathlib import Path

from framing.files import write_atomically

ARTICLES = 80
LENGTHS = range(801, 6000)
"""Characters of an article that is neither a stub nor an essay."""


def drawn(articles: Iterable[str | None], count: int = ARTICLES, *, seed: int = 0) -> list[str]:
    """So many articles of :data:`LENGTHS` at random, the same ones for the same seed."""
    found = [a for a in articles if a and len(a) in LENGTHS]
    random.Random(seed).shuffle(found)
    return found[:count]


def main() -> None:
    import pyarrow.parquet as pq

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the root of the corpora")
    parser.add_argument("--out", type=Path, required=True, help="the text file to write")
    options = parser.parse_args()
    path = options.data / "archive" / "allsides" / "articles.parquet"
    table = pq.read_table(path, columns=["text"])
    write_atomically(options.out, "\n\n".join(drawn(table.column(0).to_pylist())))


if __name__ == "__main__":
    main()
