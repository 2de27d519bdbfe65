"""A memory of what stands between two spaces: its tokens and words, looked up and not made anew.

News repeats itself: of a hundred stretches between spaces, some ninety-five were met before. Where
a tokenizer never looks past a space, what it made of a stretch once it makes of it always.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, repeat
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from framing.ragged import Ints, bounds, chunk_starts, ranges
from framing.words import Words

_SPACES = np.array([c for c in range(0x3001) if chr(c).isspace()], dtype=np.uint32)
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_LONGEST = 64
_PROBES = (
    "The “senator” won't, he said.",
    "  Café [SEP] naïve-ish  <s>東京 9.5% ",
    "I İ ß ﬁ Å ½ …",
)


class Encoded(NamedTuple):
    """The tokens of n sentences, end to end, as ``framing.encoding.Tokens`` has them."""

    ids: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    bounds: Ints


class _Found(NamedTuple):
    """The pieces of some sentences: their columns, where each starts in its sentence, and the
    first piece of each sentence.
    """

    pieces: NDArray[np.int32]
    start: Ints
    edges: Ints


class _Table:
    """So many rows of int32, whose columns are appended to; it grows as a list does."""

    def __init__(self, rows: int) -> None:
        self.count = 0
        self._data = np.empty((rows, 1024), dtype=np.int32)

    def append(self, rows: Sequence[ArrayLike]) -> None:
        columns = np.asarray(rows, dtype=np.int32)
        end = self.count + columns.shape[1]
        if end > self._data.shape[1]:
            grown = np.empty((len(self._data), 2 * end), dtype=np.int32)
            grown[:, : self.count] = self._data[:, : self.count]
            self._data = grown
        self._data[:, self.count : end] = columns
        self.count = end

    def take(self, columns: Ints) -> NDArray[np.int32]:
        return self._data.take(columns, axis=1)

    def keep(self, columns: Ints) -> None:
        kept = self.take(columns)
        self.count = 0
        self.append(list(kept))


class WordCache:
    """A tokenizer, and the words, of sentences; what was met before is looked up.

    Tokens and offsets are exactly those of ``backend.encode_batch(sentences,
    add_special_tokens=False)``, but that white space is never the beginning of a token of anything
    else and text of nothing else has no tokens; words are those of `Words.of`. The backend still
    reads

    - a stretch between two spaces (U+0020) the first time it is met, by itself;
    - every time, a sentence with a combining mark, an invisible or unassigned character, white
      space that is no U+0020, or a stretch of more than 64 characters;
    - everything, if it is not known to stop at spaces: then ``local`` is false. Those that do are
      WordPiece after BERT's normalizer and pre-tokenizer, with special tokens only, which text is
      not searched for (``backend.encode_special_tokens``). MiniLM's and MPNet's are such.

    Lone surrogates, which no tokenizer accepts, are read as U+FFFD. Threads take turns.

    Parameters
    ----------
    backend : not to be changed afterwards. It must neither truncate nor pad to be cached.
    size : stretches to keep, at some 300 bytes each. A call that finds more of them kept first
        forgets all but the half that was met most often; it may itself learn beyond.
    """

    def __init__(self, backend: Tokenizer, *, size: int = 100_000) -> None:
        if size < 1:
            raise ValueError(f"size must be at least 1, not {size}")
        self.backend = backend
        self.size = size
        self._lock = Lock()
        self._known = {"": 0}  # the number of each piece, a column of _pieces
        self._met = np.zeros(1, dtype=np.int64)  # how often each was, halved at every forgetting
        self._token_table = _Table(3)  # id, start, end
        self._word_table = _Table(5)  # start, end, first token, plain, function
        self._pieces = _Table(5)  # first token, tokens, first word, words, characters
        self._pieces.append([[0]] * 5)
        self._tables = (self._token_table, self._word_table, self._pieces)
        self.local = stops_at_spaces(backend)
        if self.local:
            cached, plain = self.encode(_PROBES), _encode(backend, _PROBES)
            fields = Encoded._fields
            self.local = all(np.array_equal(getattr(cached, f), getattr(plain, f)) for f in fields)

    def __len__(self) -> int:
        """Stretches kept."""
        return len(self._known)

    def encode(self, sentences: Sequence[str]) -> Encoded:
        """Tokens of each sentence, however long, with their offsets."""
        if not self.local:
            return _encode(self.backend, sentences)
        with self._lock:
            return self._tokens(self._look_up(sentences))

    def encode_words(self, sentences: Sequence[str]) -> tuple[Encoded, Words]:
        """Tokens and words of each sentence, for one look-up of both."""
        if not self.local:
            encoded = _encode(self.backend, sentences)
            return encoded, Words.of(sentences, encoded)
        with self._lock:
            found = self._look_up(sentences)
            return self._tokens(found), self._words(found)

    def _forget(self) -> None:
        """Keeps the half of the stretches that was met most often, and ""."""
        order = np.argsort(-self._met[1:], kind="stable") + 1
        stay = np.append(0, np.sort(order[: self.size // 2]))
        token, tokens, word, words, characters = self._pieces.take(stay)
        self._token_table.keep(ranges(token, tokens))
        self._word_table.keep(ranges(word, words))
        self._pieces.count = 0
        token, word = bounds(tokens)[:-1], bounds(words)[:-1]
        self._pieces.append([token, tokens, word, words, characters])
        number = np.full(len(self._met), -1)
        number[stay] = np.arange(len(stay))
        self._met = self._met[stay] // 2
        places = zip(self._known, number[list(self._known.values())].tolist(), strict=True)
        self._known = {chunk: place for chunk, place in places if place >= 0}

    def _look_up(self, sentences: Sequence[str]) -> _Found:
        """The pieces of each sentence. Those that are not known are learnt."""
        if len(self._known) > self.size:
            self._forget()
        known = self._known
        per_sentence = np.fromiter((s.count(" ") + 1 for s in sentences), np.int64, len(sentences))
        edges = bounds(per_sentence)
        chunks = chain.from_iterable(map(str.split, sentences, repeat(" ")))
        piece = np.fromiter(map(known.get, chunks, repeat(-1)), np.int64, int(edges[-1]))
        self._met += np.bincount(piece + 1, minlength=len(self._met) + 1)[1:]
        (new,) = np.nonzero(piece < 0)
        if len(new):
            sentence = np.repeat(np.arange(len(sentences)), per_sentence)
            holders = np.unique(sentence[new]).tolist()
            missing = [c for i in holders for c in sentences[i].split(" ") if c not in known]
            fresh = [c for c in dict.fromkeys(missing) if reads_alone(c)]
            known.update(zip(fresh, self._learn(fresh), strict=True))
            self._met = np.append(self._met, np.ones(len(fresh), np.int64))
            piece[new] = np.fromiter(map(known.get, missing, repeat(-1)), np.int64, len(missing))
            # A sentence with something that does not read alone becomes one piece, and the rest of
            # it nothing. What the tables hold of it is written over by what is learnt next.
            doubtful = np.unique(sentence[piece < 0])
            piece[np.isin(sentence, doubtful)] = 0
            kept = [table.count for table in self._tables]
            piece[edges[doubtful]] = self._learn([sentences[i] for i in doubtful.tolist()])
            for table, count in zip(self._tables, kept, strict=True):
                table.count = count
        pieces = self._pieces.take(piece)
        return _Found(pieces, chunk_starts(pieces[4], per_sentence), edges)

    def _learn(self, texts: Sequence[str]) -> range:
        """Has the backend read each text by itself; the numbers of the new pieces."""
        encoded = _encode(self.backend, texts)
        words = Words.of(texts, encoded)
        word_edges = np.searchsorted(words.sentence, np.arange(len(texts) + 1))
        number = self._pieces.count
        self._pieces.append(
            [
                encoded.bounds[:-1] + self._token_table.count,
                np.diff(encoded.bounds),
                word_edges[:-1] + self._word_table.count,
                np.diff(word_edges),
                np.fromiter(map(len, texts), np.int64, len(texts)),
            ]
        )
        self._token_table.append([encoded.ids, encoded.start, encoded.end])
        token = words.token - encoded.bounds[words.sentence]
        self._word_table.append([words.start, words.end, token, words.plain, words.function])
        return range(number, number + len(texts))

    def _tokens(self, found: _Found) -> Encoded:
        first, count = found.pieces[:2]
        ids, start, end = self._token_table.take(ranges(first, count))
        shift = np.repeat(found.start.astype(np.int32), count)
        return Encoded(ids, start + shift, end + shift, bounds(count)[found.edges])

    def _words(self, found: _Found) -> Words:
        tokens, first, count = found.pieces[1:4]
        table = self._word_table.take(ranges(first, count)).astype(np.int64)
        start, end, token, plain, function = table
        shift = np.repeat(found.start, count)
        per_sentence = np.diff(bounds(count)[found.edges])
        return Words(
            sentence=np.repeat(np.arange(len(per_sentence)), per_sentence),
            start=start + shift,
            end=end + shift,
            token=token + np.repeat(bounds(tokens)[:-1], count),
            plain=plain.astype(np.bool_),
            function=function.astype(np.bool_),
        )


def stops_at_spaces(backend: Tokenizer) -> bool:
    """Whether a tokenizer is of a kind that reads what stands between two spaces by itself."""
    normalizer = backend.normalizer
    return (
        isinstance(normalizer, normalizers.BertNormalizer)
        and normalizer.clean_text
        and isinstance(backend.pre_tokenizer, pre_tokenizers.BertPreTokenizer)
        and isinstance(backend.model, models.WordPiece)
        and all(token.special for token in backend.get_added_tokens_decoder().values())
        and backend.encode_special_tokens
        and backend.truncation is None
        and backend.padding is None
    )


def reads_alone(chunk: str) -> bool:
    """Whether such a tokenizer can be trusted to read a stretch as it would in a sentence.

    A mark is ordered among those before it, and what the normalizer leaves out lends its place to
    a neighbour: neither need stop at a space.
    """
    if len(chunk) > _LONGEST or not chunk.isprintable():
        return False
    return chunk.isascii() or not any(
        c == _REPLACEMENT or unicodedata.category(c).startswith("M") for c in chunk
    )


def _encode(backend: Tokenizer, sentences: Sequence[str]) -> Encoded:
    """What the backend makes of each sentence, without a cache."""
    clean = ["" if s.isspace() else s for s in sentences]
    clean = [s if s.isascii() else _SURROGATE.sub(_REPLACEMENT, s) for s in clean]
    found = backend.encode_batch(clean, add_special_tokens=False)
    edges = bounds(np.fromiter(map(len, found), np.int64, len(found)))
    ids = np.fromiter(chain.from_iterable(e.ids for e in found), np.int32, int(edges[-1]))
    places = chain.from_iterable(chain.from_iterable(e.offsets for e in found))
    start, end = np.fromiter(places, np.int32, 2 * len(ids)).reshape(-1, 2).T.copy()
    return Encoded(ids, _past_spaces(clean, start, end, edges), end, edges)


def _past_spaces(
    texts: Sequence[str], start: NDArray[np.int32], end: NDArray[np.int32], edges: Ints
) -> NDArray[np.int32]:
    """Where each token starts, but for the white space before it.

    Many kinds of tokenizer (SentencePiece, byte level) count the space before a word to its first
    token. A token of white space alone stays where it is.
    """
    codes = np.frombuffer("".join([*texts, "."]).encode("utf-32-le"), dtype=np.uint32)
    visible = np.where(np.isin(codes, _SPACES), len(codes), np.arange(len(codes)))
    following = np.minimum.accumulate(visible[::-1])[::-1]
    base = bounds(np.fromiter(map(len, texts), np.int64, len(texts)))[:-1]
    base = np.repeat(base, np.diff(edges))
    moved = following[base + start] - base
    return np.where(moved < end, moved, start).astype(np.int32)
