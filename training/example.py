"""The unit of training: one sentence with whatever labels its corpus gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.soft import SoftSpans

Spans = tuple[tuple[int, int], ...]
"""Character offsets into the sentence, end exclusive."""

Label = float | str | Mapping[str, float] | tuple[str, ...] | Mapping[str, Spans] | SoftSpans
"""By the kind of the task:

- binary: a probability, 0.0 to 1.0 (a share of annotators' votes is a soft label);
- multiclass: a label, or a mapping of label to probability;
- multilabel: a tuple of the labels that apply, () for none of them, or a mapping of label to
  probability;
- spans: a mapping of label to spans, a label that is not a key being one that was not annotated;
  or what another model says of each of its tokens.
"""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One labelled sentence.

    A task without an entry in ``labels`` was not annotated: its loss is masked, it is never taken
    for a negative. ``group`` is what must not be split between training and testing: the document,
    the event or the outlet, prefixed by the corpus. ``quote_open`` tells that a quotation which
    began in an earlier sentence of the paragraph is still open where this one starts.

    ``votes`` has the labels of single annotators, by annotator and task, where they are known;
    ``labels`` then holds what was made of them. ``split`` is the part that the corpus itself puts
    the sentence in: ``train``, ``dev`` or ``test``. ``origin`` is the file and line it stands in.
    """

    text: str
    corpus: str
    id: str
    group: str
    labels: Mapping[str, Label]
    outlet: str | None = None
    quote_open: bool = False
    document: str | None = None
    event: str | None = None
    date: str | None = None
    split: str | None = None
    votes: Mapping[str, Mapping[str, Label]] = field(default_factory=dict)
    origin: tuple[str, int] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for task, label in self.labels.items():
            if isinstance(label, Mapping):
                for name, spans in label.items():
                    for span in spans if isinstance(spans, tuple) else ():
                        if not 0 <= span[0] < span[1] <= len(self.text):
                            raise ValueError(
                                f"{self.corpus} {self.id}: {task}/{name} span {span} lies outside "
                                f"the sentence of {len(self.text)} characters"
                            )
