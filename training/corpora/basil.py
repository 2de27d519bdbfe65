"""BASIL release 1 (Fan et al. 2019): lexical bias at natural prevalence, for transfer tests.

Labels: ``basil_lexical``, whether a sentence has a Lexical span, and ``basil_lexical_spans``. A few
sentences of the release are blank; they stay, so that its published counts hold.
Group: the event, which three outlets tell; its id comes from release 2, joined by address, since
the first release numbers events in another way than the corpora that point into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.corpora.offsets import join
from training.corpora.reading import CorpusError, read_json, require, zip_texts
from training.example import Example

__all__ = ["read"]


def read(folder: Path, part: str) -> Iterator[Example]:
    """Yield the sentences article by article; there is one part."""
    events = _events(folder / "release2" / "articles")
    path = folder / "emnlp19-BASIL.zip"
    for name, content in zip_texts(path).items():
        if not name.endswith(".json"):
            continue
        where = f"{path}, {name}"
        try:
            article = json.loads(content)
            if article["url"] not in events:
                raise CorpusError(f"{where}: release 2 has no article {article['url']}")
            key = Path(name).stem
            for row in article["body"]:
                yield _example(row, where, key, article["source"], events[article["url"]])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise CorpusError(f"{where}: not an article of release 1 ({error!r})") from error


def _example(row: dict[str, Any], where: str, article: str, outlet: str, event: str) -> Example:
    text, number = row["sentence"], row["sentence-index"]
    lexical = [(a["start"], a["end"]) for a in row["annotations"] if a["bias"] == "Lexical"]
    if not all(0 <= start < end <= len(text) for start, end in lexical):
        raise CorpusError(f"{where}, sentence {number}: {lexical} lie outside it")
    return Example(
        text=text,
        corpus="basil",
        id=f"{article}#{number}",
        group=f"basil:{event}",
        labels={
            "basil_lexical": float(bool(lexical)),
            "basil_lexical_spans": {"loaded": tuple(join(text, lexical))},
        },
        outlet=outlet,
    )


def _events(folder: Path) -> dict[str, str]:
    events = {}
    for path in sorted(require(folder).rglob("*.json")):
        article = read_json(path)
        try:
            events[article["url"]] = article["triplet-uuid"]
        except (KeyError, TypeError) as error:
            raise CorpusError(f"{path}: not an article of release 2 ({error!r})") from error
    return events
