"""Real news sentences for the swaps, from corpora that lie under a data root."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from framing.sentences import sentence_spans
from training.corpora import CorpusError, read_corpus

_ARCHIVE = Path("archive/allsides/articles.parquet")
_LENGTHS = range(40, 401)  # characters: no scraps, no run-on lists
_SENTENCE = re.compile(r"[A-Z\"“].*[.!?][\"”]?")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence, where it stands, and the document that is drawn as a whole for intervals."""

    text: str
    id: str
    document: str


def real_sentences(root: Path, *, articles: int, seed: int) -> list[Sentence]:
    """Sentences of BASIL, of ``documents/dev`` and of some ``articles`` of the archive.

    Whole sentences only, each once: headlines, captions and what was cut wrongly are left out.

    Raises
    ------
    CorpusError
        if one of the three is not under ``root``.
    """
    examples = read_corpus("basil", root) + read_corpus("documents", root, "dev")
    found = [Sentence(text=e.text, id=f"{e.corpus}:{e.id}", document=e.group) for e in examples]
    for key, text in _archive(root / _ARCHIVE, articles, seed):
        group = f"allsides:{key}"
        for number, (start, end) in enumerate(sentence_spans(text)):
            found.append(Sentence(text=text[start:end], id=f"{group}#{number}", document=group))
    once = {s.text: s for s in found}
    return [s for s in once.values() if len(s.text) in _LENGTHS and _SENTENCE.fullmatch(s.text)]


def _archive(path: Path, articles: int, seed: int) -> list[tuple[str, str]]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError('reading the archive needs pip install "framing-score[train]"') from error
    if not path.is_file():
        raise CorpusError(f"{path} is missing; give another root")
    table = pyarrow.parquet.read_table(path, columns=["id", "text"])
    rows = random.Random(seed).sample(range(len(table)), min(articles, len(table)))
    kept = table.take(sorted(rows))
    return list(zip(kept["id"].to_pylist(), kept["text"].to_pylist(), strict=True))
