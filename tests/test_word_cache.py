"""The word cache: the tokens, offsets and words that the plain way gives, always."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from framing import word_cache
from framing.hub import shipped_models
from framing.word_cache import Encoded, WordCache
from framing.words import _FUNCTION_WORD, _WORD, Words

SMALL = shipped_models().get("small")
TEXT = "The minister slammed the reckless bill, again and again: “vile”, [SEP] said the café."

PIECES = st.sampled_from(
    [
        *("the", "senator", "The", "bill,", "“reckless”", "said.", "(on", "U.S.", "don't", "won’t"),
        *("e-mail", "9.5%", "$3,000", "A&P", "…", "—", "--", "'s", "İs", "ſhe", "Σας", "ß", "ﬁn"),
        *(
            "café",
            "cafe\u0301",
            "\u0301",
            "a\u0323\u0301\u0307",
            "naïve-ish",
            "ﷺ",
            "½",
            "Å",
            "한국",
        ),
        *("東京", "中the", "日本語。", "🙂", "👩‍👧", "☂️", "🇺🇸", "नमस्ते", "ไทย", "שָׁלוֹם", "\u0344"),
        *("[SEP]", "[sep]", "[CLS]the", "[MASK]", "<mask>", "<s>", "[UNK]", "[PAD],", "##s", "s##"),
        *("x" * 64, "y" * 65, "the" * 34, "z" * 101, "http://a.b/" + "c/" * 30),
        *("\u200b", "a\u200bb", "\ufeff", "\xad", "a\xadb", "\u2028", "\ud800", "\ufffd", "\x00"),
        *("\t", "\n", "\r\n", "\xa0", "\x1c", "\x85", "\u3000", "the\tbill", "the\xa0bill", ""),
    ]
)
NEWS = st.lists(st.tuples(PIECES, st.sampled_from([" ", " ", " ", "", "  "]))).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)
ANYTHING = st.text(st.characters(codec=None), max_size=30)
SENTENCES = st.lists(NEWS | ANYTHING, max_size=8)


def plain(backend: Tokenizer, sentences: Sequence[str]) -> Encoded:
    """What the backend itself makes of the sentences, one by one; no token begins with a space."""
    clean = ["".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in s) for s in sentences]
    clean = [s if s.strip() else "" for s in clean]
    found = [backend.encode(s, add_special_tokens=False) for s in clean]
    places = [
        (b - len(s[a:b].lstrip()) if s[a:b].strip() else a, b)
        for s, e in zip(clean, found, strict=True)
        for a, b in e.offsets
    ]
    offsets = np.array(places, dtype=np.int32).reshape(-1, 2)
    return Encoded(
        ids=np.array([i for e in found for i in e.ids], dtype=np.int32),
        start=offsets[:, 0],
        end=offsets[:, 1],
        bounds=np.cumsum([0, *map(len, found)], dtype=np.int64),
    )


def plain_words(sentences: Sequence[str], tokens: Encoded) -> Words:
    """The words of the sentences and their first tokens, match by match and token by token."""
    counts = np.diff(tokens.bounds)
    lengths = np.fromiter((len(s) + 1 for s in sentences), np.int64, len(sentences))
    base = np.cumsum(lengths) - lengths
    found = [(m.start(), m.end(), s) for s, t in enumerate(sentences) for m in _WORD.finditer(t)]
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    at = base[table[:, 2]] + table[:, 0]
    token_sentence = np.repeat(np.arange(len(counts)), counts)
    word = np.searchsorted(at, base[token_sentence] + tokens.start, side="right") - 1
    first = np.searchsorted(table[:, 2], token_sentence, side="left")
    word = np.maximum(word, np.minimum(first, len(table) - 1))
    used, token = np.unique(word, return_index=True)
    table = table[used]
    pieces = [sentences[s][a:b] for a, b, s in table.tolist()]
    return Words(
        sentence=table[:, 2],
        start=table[:, 0],
        end=table[:, 1],
        token=token,
        plain=np.array([p[0].isalnum() for p in pieces], dtype=np.bool_),
        function=np.array([bool(_FUNCTION_WORD.fullmatch(p)) for p in pieces], dtype=np.bool_),
    )


def assert_equal(found: Encoded | Words, wanted: Encoded | Words) -> None:
    names = Encoded._fields if isinstance(found, Encoded) else tuple(vars(found))
    for name in names:
        ours, theirs = getattr(found, name), getattr(wanted, name)
        assert ours.dtype == theirs.dtype, name
        assert ours.tolist() == theirs.tolist(), name


def assert_plain(cache: WordCache, backend: Tokenizer, sentences: Sequence[str]) -> None:
    wanted = plain(backend, sentences)
    tokens, words = cache.encode_words(sentences)
    assert_equal(tokens, wanted)
    assert_equal(cache.encode(sentences), wanted)
    assert_equal(words, plain_words(sentences, wanted))


def load(folder: Path) -> Tokenizer:
    backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    backend.encode_special_tokens = True
    return backend


@pytest.fixture
def backend(tiny_encoder: Path) -> Tokenizer:
    return load(tiny_encoder)


@pytest.fixture(scope="module", params=["tiny", "other specials", "small"])
def pair(request: pytest.FixtureRequest, tiny_encoder: Path) -> tuple[WordCache, Tokenizer]:
    """A cache that goes on learning from test to test, and the tokenizer it is made from."""
    backend = load(SMALL if request.param == "small" else tiny_encoder)
    if request.param == "other specials":  # as MPNet has them
        backend.add_special_tokens(["<s>", "<pad>", AddedToken("<mask>", lstrip=True)])
    cache = WordCache(backend)
    assert cache.local
    return cache, backend


@given(sentences=SENTENCES)
@example(sentences=[])
@example(sentences=["", " ", "the", "   the  bill "])
@example(sentences=["a \u0301 b", "a \u200b\u0301the", "the \x00the", "\ud800the \ud83d\ude00"])
def test_a_cache_gives_what_the_tokenizer_gives(
    pair: tuple[WordCache, Tokenizer], sentences: list[str]
) -> None:
    assert_plain(*pair, sentences)


@given(calls=st.lists(SENTENCES, max_size=4), size=st.integers(1, 12))
def test_a_cache_that_forgets_gives_the_same(
    tiny_backend: Tokenizer, calls: list[list[str]], size: int
) -> None:
    cache = WordCache(tiny_backend, size=size)
    for sentences in calls:
        assert_plain(cache, tiny_backend, sentences)


@pytest.fixture(scope="module")
def tiny_backend(tiny_encoder: Path) -> Tokenizer:
    return load(tiny_encoder)


class Unused:
    """A backend that must not be asked for anything."""

    def encode_batch(self, sentences: Sequence[str], **_: object) -> list[object]:
        assert not sentences
        return []


def test_what_was_met_before_is_not_read_again(backend: Tokenizer) -> None:
    cache = WordCache(backend)
    cache.encode([TEXT])
    cache.backend = Unused()
    shuffled = " ".join(reversed(TEXT.split(" ")))
    assert_plain(cache, backend, [shuffled, TEXT + "  the"])
    with pytest.raises(AssertionError):
        cache.encode(["unmet"])
    with pytest.raises(AssertionError):
        cache.encode(["the \u200b bill"])


def test_what_is_kept_is_bounded(backend: Tokenizer) -> None:
    cache = WordCache(backend, size=10)
    for i in range(50):
        cache.encode([f"bill{i} senator{i} {'x' * 70}{i}"])
        assert len(cache) <= 10 + 2


def test_what_is_met_often_outlives_what_is_met_once(backend: Tokenizer) -> None:
    cache = WordCache(backend, size=10)
    often = "the senator slammed"
    for i in range(20):
        cache.encode([f"{often} bill{i} vote{i}", often])
    cache.backend = Unused()
    assert_plain(cache, backend, [often])


def test_sentences_read_as_a_whole_are_not_kept(backend: Tokenizer) -> None:
    cache = WordCache(backend)
    sentences = [f"the \u200b {'bill ' * 9}" for _ in range(20)]
    tracemalloc.start()
    try:
        cache.encode(sentences)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(100):
            cache.encode(sentences)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 50_000


def test_a_size_of_nothing_is_refused(backend: Tokenizer) -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        WordCache(backend, size=0)


def test_threads_may_share_a_cache(backend: Tokenizer) -> None:
    cache = WordCache(backend, size=20)
    batches = [[f"the {i} bill{i} {TEXT}", f"caf\u0301{i} vile"] * 3 for i in range(60)]
    with ThreadPoolExecutor(4) as pool:
        for batch, found in zip(batches, pool.map(cache.encode, batches), strict=True):
            assert_equal(found, plain(backend, batch))


def byte_level() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {c: i for i, c in enumerate([*alphabet, "Ġt", "th", "Ġth"])}
    merges = [("Ġ", "t"), ("t", "h"), ("Ġt", "h")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def metaspace() -> Tokenizer:
    scores = [("<unk>", -9.0), ("▁", -2.0), ("▁the", -1.0)]
    scores += [(c, -3.0) for c in "abcdefghijklmnopqrstuvwxyz,."]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def others(backend: Tokenizer) -> Iterator[tuple[str, Tokenizer]]:
    """Tokenizers that a cache must leave alone, each for one reason."""
    yield "byte level", byte_level()
    yield "metaspace", metaspace()

    def like() -> Tokenizer:
        copy = Tokenizer.from_str(backend.to_str())
        copy.encode_special_tokens = True
        return copy

    added = like()
    added.add_tokens([AddedToken("bill said", lstrip=True), "reckless"])
    yield "added tokens", added
    searched = like()
    searched.encode_special_tokens = False
    yield "special tokens searched for", searched
    cut = like()
    cut.enable_truncation(3)
    yield "truncation", cut
    padded = like()
    padded.enable_padding(length=20)
    yield "padding", padded
    unclean = like()
    unclean.normalizer = normalizers.BertNormalizer(clean_text=False)
    yield "controls kept", unclean
    replaced = like()
    replaced.normalizer = normalizers.Replace("a b", "ab")
    yield "another normalizer", replaced
    joined = like()
    joined.pre_tokenizer = pre_tokenizers.Sequence([])
    yield "another pre-tokenizer", joined


def test_other_tokenizers_are_asked_each_time(backend: Tokenizer) -> None:
    sentences = [TEXT, "the bill said the", "reckless a b [SEP] the  bill", "the\tbill  "]
    for name, other in others(backend):
        cache = WordCache(other)
        assert not cache.local, name
        assert_plain(cache, other, sentences)


@pytest.mark.parametrize("make", [byte_level, metaspace])
def test_a_tokenizer_that_looks_past_spaces_is_found_out(
    make: Callable[[], Tokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_cache, "stops_at_spaces", lambda backend: True)
    other = make()
    cache = WordCache(other)
    assert not cache.local
    assert_plain(cache, other, [TEXT])


TOKENS = st.lists(st.integers(0, 12), max_size=8).map(sorted)


@given(st.lists(st.tuples(NEWS | ANYTHING, TOKENS), max_size=6))
@example([("", [0]), ("the bill", [0, 4]), ("\t", [0]), ("x", [])])
def test_words_are_those_found_one_by_one(rows: list[tuple[str, list[int]]]) -> None:
    sentences = [sentence for sentence, _ in rows]
    starts = [min(at, len(s)) for s, tokens in rows for at in tokens]
    start = np.array(starts, dtype=np.int32)
    tokens = Encoded(
        ids=start,
        start=start,
        end=start,
        bounds=np.cumsum([0, *(len(t) for _, t in rows)], dtype=np.int64),
    )
    found = Words.of(sentences, tokens)
    if starts and not any(_WORD.search(s) for s in sentences):
        assert not len(found.token)
    else:
        assert_equal(found, plain_words(sentences, tokens))


def spaced(pre_tokenizer: pre_tokenizers.PreTokenizer) -> WordCache:
    """A tokenizer that counts the space before a word to the word."""
    backend = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizer
    cache = WordCache(backend)
    assert not cache.local
    return cache


@pytest.mark.parametrize(
    "pre_tokenizer", [pre_tokenizers.Metaspace(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)
def test_a_space_before_a_word_is_no_part_of_its_token(
    pre_tokenizer: pre_tokenizers.PreTokenizer,
) -> None:
    texts = ["hello brave world", " a b", "  ", "the 🙂 mayor  said", ""]
    cache = spaced(pre_tokenizer)
    tokens, words = cache.encode_words(texts)
    found = [texts[s][a:b] for s, a, b in zip(words.sentence, words.start, words.end, strict=True)]
    assert found == ["hello", "brave", "world", "a", "b", "the", "🙂", "mayor", "said"]
    assert tokens.start[words.token].tolist() == words.start.tolist()
    sentence = np.repeat(np.arange(len(texts)), np.diff(tokens.bounds))
    assert sentence[words.token].tolist() == words.sentence.tolist()
    assert np.diff(tokens.bounds)[[2, 4]].tolist() == [0, 0], "no token of nothing"
