"""A tiny real model, built once, and the labelled corpora where they are at hand."""

from __future__ import annotations

import os
import string
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
import torch
from hypothesis import settings
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece

import framing
import framing.scorer
from benchmarks.speed.subject import Subject
from benchmarks.speed.workshop import Workshop
from framing.hub import model_folder
from framing.modeling import FramingModel
from framing.scorer import Scorer
from framing.task import default_tasks

# The same examples every time where a change is judged, other ones each time where it is made.
settings.register_profile("tests", deadline=None, max_examples=50, derandomize="CI" in os.environ)
settings.load_profile("tests")

# Tests load many models; exporting each to ONNX would take most of their time. Where ONNX Runtime
# is the subject, it is asked for by name.
framing.scorer.find_spec = lambda name: None

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "data"
WORDS = "the said senator bill police minister slammed reckless report according to on monday ##s"


def tiny_tokenizer() -> Tokenizer:
    """A lower-casing WordPiece tokenizer that knows letters, digits, marks and some words."""
    characters = string.ascii_lowercase + string.digits
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.punctuation]
    vocabulary += [*characters, *(f"##{c}" for c in characters), "“", "”", *WORDS.split()]
    ids = {token: i for i, token in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tokenizer


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a two-layer BERT, 32 wide, with random weights and a tokenizer."""
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = tiny_tokenizer()
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.3,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model folder with the five tasks, whose random heads give every kind of score."""
    folder = tmp_path_factory.mktemp("models") / "framing-tiny"
    torch.manual_seed(1)
    model = FramingModel.from_encoder(
        tiny_encoder, default_tasks(), window=32, overlap=8, release="framing-tiny"
    )
    with torch.no_grad():
        for head in model.heads.values():
            head.weight.normal_(std=1.0)
        for query in model.queries.values():
            query.weight.normal_(std=0.5)
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((tiny_encoder / "tokenizer.json").read_bytes())
    return folder


@pytest.fixture(scope="session")
def scorer(tiny_model: Path) -> Scorer:
    """A scorer over the tiny model."""
    return Scorer(tiny_model, device="cpu", backend="torch")


@pytest.fixture(scope="session")
def corpora_dir() -> Path:
    """The root of the labelled corpora, which are not part of the repository."""
    if not CORPORA.is_dir():
        pytest.skip("the labelled corpora are not on this machine")
    return CORPORA


@pytest.fixture(scope="session")
def tiny_subject(tiny_model: Path) -> Subject:
    """The tiny model as the speed benchmark takes it."""
    return Subject(name="tiny", folder=tiny_model, trained=False, device="cpu")


@pytest.fixture(scope="session")
def shipped_subject() -> Subject:
    """The shipped model as the speed benchmark takes it."""
    return Subject(name="small", folder=model_folder("small"), trained=True, device="cpu")


@pytest.fixture(scope="module")
def workshop(tiny_subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Where the peers of the speed benchmark are made from the tiny model."""
    return Workshop(subject=tiny_subject, folder=tmp_path_factory.mktemp("workshop"), threads=1)


@pytest.fixture
def tiny_scorer(monkeypatch: pytest.MonkeyPatch, scorer: Scorer) -> Scorer:
    """The tiny model, loaded once, as whatever ``framing.Scorer`` is asked to load."""
    monkeypatch.setitem(vars(framing), "Scorer", lambda model, **how: scorer)
    return scorer


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A small archive of JSON lines with some rows that cannot be scored."""
    from archive_runs import BAD, ROWS, write_lines

    return write_lines(tmp_path / "news.jsonl", ROWS, bad=BAD)
