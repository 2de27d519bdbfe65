"""Ways of training on a new corpus, as data: few labels ask for another one than many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.encoding import SentenceTokenizer
from framing.modeling import FramingModel
from training.contrastive import contrast
from training.example import Example
from training.heads import fit_heads
from training.recipe import Stage
from training.trainer import train_stage


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way of training, from linear heads alone to the whole encoder.

    Parameters
    ----------
    name : how reports call it.
    contrastive : steps of :func:`training.contrastive.contrast` first; 0 for none.
    contrastive_rate : their learning rate at its peak.
    heads : whether the heads of sentence tasks are fitted by :func:`training.heads.fit_heads`.
    steps : the fewest steps of fine-tuning after that; 0 for none but what span heads need.
    passes : the most passes over the corpus; large corpora are read so often, small ones until
        ``steps`` are reached.
    span_steps : of a method without fine-tuning, the steps that the heads of span tasks take.
    rate, head_rate, layer_decay, layers : see :class:`training.recipe.Stage`.
    """

    name: str
    contrastive: int = 0
    contrastive_rate: float = 5e-5
    heads: bool = True
    steps: int = 0
    passes: float = 0.0
    span_steps: int = 200
    rate: float = 1e-4
    head_rate: float = 5.0
    layer_decay: float = 1.0
    layers: int | None = None
    says: str = ""


HEADS = Method(name="heads", says="the encoder frozen, its heads fitted by logistic regression")
CONTRASTIVE = Method(
    name="contrastive",
    contrastive=50,
    says="the encoder tuned on pairs of sentences, then heads by logistic regression",
)
TOP = Method(
    name="top",
    steps=150,
    passes=8,
    rate=1e-4,
    layers=2,
    says="the upper two layers and the heads fine-tuned",
)
FULL = Method(
    name="full",
    heads=False,
    steps=300,
    passes=6,
    rate=2e-4,
    layer_decay=0.9,
    says="the whole encoder fine-tuned, lower layers more gently",
)
METHODS = {m.name: m for m in (HEADS, CONTRASTIVE, TOP, FULL)}

MANY = 1000
"""From so many labelled sentences on, the whole encoder is fine-tuned without asking."""

FEW = 300
"""With fewer labelled sentences than that, fine-tuning the whole encoder is not even tried."""

_BATCH_TOKENS, _LEAST_TOKENS = 1280, 320
_BALANCE = 0.5
_SPAN_RATE = 1e-2


def train_with(
    method: Method,
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    *,
    work: Path,
    seed: int,
    heldout: Sequence[Example] = (),
    rehearsal: Sequence[Example] = (),
    learn: Collection[str] | None = None,
) -> None:
    """Trains ``model`` in place.

    Parameters
    ----------
    learn : the tasks that people labelled, all of them unless given. What the examples say of
        other tasks, a teacher said: it steadies fine-tuning, and heads are not fitted to it.
    work : folder of the checkpoints; a run that was killed goes on from there.
    heldout : tried after every pass of fine-tuning; the best state is kept, and training stops
        when three checks brought no gain.
    rehearsal : examples of a corpus of their own that are mixed in, one for one, to keep what the
        model could do before.
    """
    if method.contrastive:
        contrast(
            model,
            tokenizer,
            examples,
            steps=method.contrastive,
            rate=method.contrastive_rate,
            seed=seed,
            tasks=learn,
        )
    if method.heads:
        fit_heads(model, tokenizer, examples, seed=seed, tasks=learn)
    stage = stage_of(method, model, tokenizer, examples, rehearsal, learn, bool(heldout))
    if stage is not None:
        train_stage(
            model,
            tokenizer,
            [*examples, *rehearsal],
            stage,
            folder=work / method.name,
            seed=seed,
            heldout=heldout,
        )


def stage_of(
    method: Method,
    model: FramingModel,
    tokenizer: SentenceTokenizer,
    examples: Sequence[Example],
    rehearsal: Sequence[Example] = (),
    learn: Collection[str] | None = None,
    checked: bool = False,
) -> Stage | None:
    """The fine-tuning of ``method`` on these sentences; None if it has none.

    A method that leaves the encoder frozen still has to learn the heads of span tasks.
    """
    labelled = {name for e in examples for name in e.labels}
    learnt = labelled if learn is None else labelled & set(learn)
    spans = any(t.kind == "spans" and t.name in learnt for t in model.tasks)
    if not method.steps and not spans:
        return None
    tokens = int(tokenizer.encode([e.text for e in examples]).bounds[-1])
    tokens += 2 * len(examples)
    batch = min(_BATCH_TOKENS, max(_LEAST_TOKENS, tokens // 4))
    a_pass = max(1.0, tokens / batch)
    corpora = {e.corpus for e in examples}
    steps = method.steps or method.span_steps
    passes = max(method.passes, steps / a_pass)
    rates = dict.fromkeys(corpora, passes)
    for name in {e.corpus for e in rehearsal}:
        rates[name] = passes * len(examples) / len(rehearsal)
    checks = max(4, min(12, round(passes))) if checked else 0
    if not method.steps:
        still = {t.name: 0.0 for t in model.tasks if t.kind != "spans" or t.name not in learnt}
        return Stage(
            name=method.name,
            rates=rates,
            learning_rate=_SPAN_RATE,
            head_rate=1.0,
            batch_tokens=batch,
            layers=0,
            weights=still,
            checks=checks,
            patience=3 if checks else 0,
        )
    return Stage(
        name=method.name,
        rates=rates,
        learning_rate=method.rate,
        head_rate=method.head_rate,
        batch_tokens=batch,
        layers=method.layers,
        layer_decay=method.layer_decay,
        encoder_dropout=0.1,
        masking=0.1,
        balance=dict.fromkeys(learnt, _BALANCE),
        checks=checks,
        patience=3 if checks else 0,
    )
