"""Which library finds the sentences of news prose best, and how fast (docs/sentences.md).

    python -m benchmarks.sentences --gum FOLDER

FOLDER holds `gum-news-conllu-rsd.tar.gz` or the `GUM_news_*.conllu` files themselves.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import itertools
import json
import platform
import random
import re
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.sentences import sentence_spans

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = ROOT / "data" / "sentences" / "articles.jsonl"
RESULTS = ROOT / "benchmarks" / "results" / "sentences.json"
PAGE = ROOT / "docs" / "sentences.md"
HELD_OUT = ("homeopathic", "iodine", "nasa", "sensitive")  # GUM's own dev and test documents
RESAMPLES = 2000

Spans = list[tuple[int, int]]
Splitter = Callable[[str], Sequence[str] | Spans]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text with its gold sentences, as offsets in code points."""

    id: str
    text: str
    sentences: Spans


# --- gold ---------------------------------------------------------------------------------------


def gum_documents(folder: Path) -> dict[str, list[Document]]:
    """Return GUM's news documents, `train` and `dev+test`, rebuilt as text with gold offsets."""
    documents = [_gum_document(name, text) for name, text in sorted(_conllu_files(folder))]
    if not documents:
        raise FileNotFoundError(
            f"no GUM_news_*.conllu under {folder}; give the gum-news-rst folder"
        )
    held_out = [document for document in documents if document.id.endswith(HELD_OUT)]
    return {
        "GUM train": [document for document in documents if document not in held_out],
        "GUM dev+test": held_out,
    }


def _conllu_files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("GUM_news_*.conllu"):
        yield path.stem, path.read_text("utf-8")
    for path in folder.glob("*.tar.gz"):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                file = archive.extractfile(member) if member.name.endswith(".conllu") else None
                if file:
                    yield Path(member.name).stem, file.read().decode("utf-8")


def _gum_document(name: str, conllu: str) -> Document:
    """Rebuild the text: words by SpaceAfter, a blank line where a block of the page begins or ends.

    `# newpar` says where a block begins; `# newpar_block` names the blocks that begin there with
    their length in sentences ("p (7 s) | caption (1 s)"), which tells where each of them ends.
    """
    text = ""
    sentences: Spans = []
    left: list[int] = []  # sentences still to come of each open block
    for block in conllu.strip().split("\n\n"):
        sentence, spaced = _sentence(block)
        opened = re.search(r"^# newpar_block = (.*)$", block, re.M)
        left += [int(count) for count in re.findall(r"\((\d+) s\)", opened[1] if opened else "")]
        if text and re.search(r"^# newpar$", block, re.M):
            text = text.rstrip() + "\n\n"
        sentences.append((len(text), len(text) + len(sentence)))
        text += sentence + (" " if spaced else "")
        left = [count - 1 for count in left if count > 0]
        if 0 in left:
            text = text.rstrip() + "\n\n"
    return Document(id=name, text=text.rstrip(), sentences=sentences)


def _sentence(block: str) -> tuple[str, bool]:
    """Return a CoNLL-U sentence as text, and whether a space follows it."""
    text, spaced, inside = "", False, 0
    for line in block.splitlines():
        number, form, *_, misc = line.split("\t") if not line.startswith("#") else ("", "", "")
        if re.fullmatch(r"\d+(-\d+)?", number):
            first, _, last = number.partition("-")
            if int(first) > inside:  # not a word inside a contraction that was already written
                text += (" " if spaced else "") + form
                spaced = "SpaceAfter=No" not in misc.split("|")
                inside = int(last or 0) or inside
    return text, spaced


def own_documents(path: Path = ARTICLES) -> dict[str, list[Document]]:
    """Return the articles written for this project, `tune` and `check`."""
    found: dict[str, list[Document]] = {"own tune": [], "own check": []}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        spans = [(start, end) for start, end in row["sentences"]]
        document = Document(id=row["id"], text=row["text"], sentences=spans)
        found[f"own {row['split']}"].append(document)
    return found


# --- libraries ----------------------------------------------------------------------------------


def _spacy() -> Splitter:
    nlp = importlib.import_module("spacy").blank("en")
    nlp.add_pipe("sentencizer")
    return lambda text: [(span.start_char, span.end_char) for span in nlp(text).sents]


def _syntok() -> Splitter:
    segmenter = importlib.import_module("syntok.segmenter")

    def split(text: str) -> Spans:
        sentences = (tokens for part in segmenter.analyze(text) for tokens in part)
        return [(s[0].offset, s[-1].offset + len(s[-1].value)) for s in sentences]

    return split


def _plain(module: str, make: Callable[..., Splitter]) -> Callable[[], Splitter]:
    return lambda: make(importlib.import_module(module))


LIBRARIES: dict[str, Callable[[], Splitter]] = {
    "sentencex": _plain("sentencex", lambda m: lambda text: m.segment("en", text)),
    "nupunkt": _plain("nupunkt", lambda m: m.sent_spans),
    "pysbd": _plain("pysbd", lambda m: m.Segmenter(language="en", clean=False).segment),
    "blingfire": _plain("blingfire", lambda m: lambda text: m.text_to_sentences(text).split("\n")),
    "syntok": _syntok,
    "segtok": _plain("segtok.segmenter", lambda m: lambda text: list(m.split_multi(text))),
    "sentence-splitter": _plain(
        "sentence_splitter", lambda m: m.SentenceSplitter(language="en").split
    ),
    "spacy": _spacy,
    "sakurs": _plain("sakurs", lambda m: m.split),
    "yasbd-lib": _plain(
        "yasbd", lambda m: lambda text: list(m.BoundaryDetector("en").segment(text))
    ),
}


def by_line(split: Splitter) -> Splitter:
    """Give the library one line at a time, so that a line break always ends a sentence."""

    def splitter(text: str) -> Sequence[str]:
        found: list[str] = []
        for line in filter(None, map(str.strip, text.splitlines())):
            found += [s if isinstance(s, str) else line[s[0] : s[1]] for s in split(line)]
        return found

    return splitter


# --- measures -----------------------------------------------------------------------------------


def _ends(text: str, sentences: Iterable[str | tuple[int, int]]) -> set[int]:
    """Return the sentence ends as counts of visible characters, the end of the text left out.

    Counting only what shows lets a library that returns strings stand beside one that returns
    offsets, whatever it does to white space and zero-width characters.
    """
    before = [0, *itertools.accumulate(map(_shows, text))]
    total, ends = 0, set()
    for sentence in sentences:
        if isinstance(sentence, str):
            total += sum(map(_shows, sentence))
            ends.add(total)
        else:
            ends.add(before[sentence[1]])
    return ends - {0, before[-1]}


def _shows(char: str) -> bool:
    return char.isprintable() and not char.isspace()


def boundary_f1(documents: list[Document], split: Splitter) -> dict[str, float]:
    """Return boundary F1 over all `documents` with a 95 % bootstrap interval over documents."""
    counts = []
    for document in documents:
        gold = _ends(document.text, document.sentences)
        found = _ends(document.text, split(document.text))
        counts.append((len(gold & found), len(found), len(gold)))

    def f1(rows: list[tuple[int, int, int]]) -> float:
        right, found, gold = (sum(column) for column in zip(*rows, strict=True))
        return float(2 * right / (found + gold))

    dice = random.Random(0)
    resampled = sorted(f1(dice.choices(counts, k=len(counts))) for _ in range(RESAMPLES))
    low, high = resampled[round(0.025 * RESAMPLES)], resampled[round(0.975 * RESAMPLES) - 1]
    right, found, gold = (sum(column) for column in zip(*counts, strict=True))
    return {
        "f1": f1(counts),
        "low": low,
        "high": high,
        "precision": right / found,
        "recall": right / gold,
    }


def speeds(splitters: dict[str, Splitter], texts: list[str], repeats: int) -> dict[str, float]:
    """Return MB/s (UTF-8, 10^6 bytes, processor time), the best of `repeats` interleaved rounds."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    best: dict[str, float] = {}
    for _ in range(repeats):
        for name, split in splitters.items():
            start = time.process_time()
            for text in texts:
                split(text)
            best[name] = max(best.get(name, 0.0), size / (time.process_time() - start))
    return best


# --- report -------------------------------------------------------------------------------------


def measure(gum: Path, repeats: int) -> dict[str, object]:
    """Run the whole comparison and return it as plain data."""
    sets = {**gum_documents(gum), **own_documents()}
    splitters: dict[str, Splitter] = {"framing": sentence_spans}
    versions = {"framing": f"on sentencex {importlib.metadata.version('sentencex')}"}
    missing = []
    for name, make in LIBRARIES.items():
        try:
            splitters[name] = make()
            versions[name] = importlib.metadata.version(name)
        except ImportError:
            missing.append(name)
    speed = speeds(splitters, [d.text for docs in sets.values() for d in docs], repeats)
    rows = [
        {
            "library": name,
            "version": versions[name],
            "whole text": {key: boundary_f1(docs, split) for key, docs in sets.items()},
            "line by line": {key: boundary_f1(docs, by_line(split)) for key, docs in sets.items()},
            "mb_per_s": speed[name],
        }
        for name, split in splitters.items()
    ]
    return {
        "sets": {
            key: {"documents": len(docs), "sentences": sum(len(d.sentences) for d in docs)}
            for key, docs in sets.items()
        },
        "rows": rows,
        "not installed": missing,
        "repeats": repeats,
        "resamples": RESAMPLES,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, one core",
    }


def table(report: dict[str, object], mode: str) -> str:
    """Return the Markdown table of one `mode`, "whole text" or "line by line"."""
    sets, rows = report["sets"], report["rows"]
    assert isinstance(sets, dict) and isinstance(rows, list)
    heads = [f"{key} ({s['documents']} docs, {s['sentences']} sent.)" for key, s in sets.items()]
    lines = [f"| library | version | {' | '.join(heads)} | MB/s |", "|---" * (len(sets) + 3) + "|"]
    for row in rows:
        cells = [f"{c['f1']:.3f} [{c['low']:.3f}, {c['high']:.3f}]" for c in row[mode].values()]
        lines.append(
            f"| {row['library']} | {row['version']} | {' | '.join(cells)} | {row['mb_per_s']:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the JSON and the tables of the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gum", type=Path, required=True, help="the gum-news-rst folder")
    parser.add_argument("--repeats", type=int, default=5, help="rounds of the clock (default 5)")
    arguments = parser.parse_args()
    report = measure(arguments.gum, arguments.repeats)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    page = PAGE.read_text("utf-8")
    for mode in ("whole text", "line by line"):
        print(f"\n{mode}\n\n{table(report, mode)}")
        marks = f"<!-- {mode} -->", f"<!-- end of {mode} -->"
        head, rest = page.split(marks[0])
        page = f"{head}{marks[0]}\n{table(report, mode)}\n{marks[1]}{rest.split(marks[1])[1]}"
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
