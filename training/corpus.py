"""A researcher's own corpus: labelled sentences, and what was found wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.codebook import Codebook
from training.example import Example
from training.faults import Fault, FaultyCorpusError


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """The labelled sentences of one or several files.

    Parameters
    ----------
    codebook : the tasks that its labels belong to.
    examples : the sentences without an error, in the order of the files.
    faults : everything that was found wrong, in the order of the files.
    """

    codebook: Codebook
    examples: list[Example]
    faults: list[Fault] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """The faults that keep it from being trained on."""
        return [f for f in self.faults if f.severity == "error"]

    def sound(self) -> Corpus:
        """Itself.

        Raises
        ------
        FaultyCorpusError
            if there is an error: a row with one is never dropped in silence.
        """
        if self.errors:
            raise FaultyCorpusError(self.faults)
        return self
