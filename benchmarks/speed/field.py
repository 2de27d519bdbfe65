"""Who takes part: systems built when first asked for, and let in through the gate."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping

import torch

from benchmarks.speed.gate import Verdict, gate_sentences, judge
from benchmarks.speed.subject import Subject
from benchmarks.speed.system import System


class Field:
    """The systems of one run.

    Parameters
    ----------
    builders : by name, in the order in which they are shown.
    gate : how many sentences the gate compares.

    ``verdicts`` says what the gate found of each, ``absent`` why one is not there.
    """

    def __init__(
        self, subject: Subject, builders: Mapping[str, Callable[[], System]], *, gate: int
    ) -> None:
        self.subject = subject
        self.builders = dict(builders)
        self.gate = gate
        self.verdicts: list[Verdict] = []
        self.absent: dict[str, str] = {}
        self._built: dict[str, System] | None = None

    @property
    def systems(self) -> dict[str, System]:
        """Those that may be timed: this library only if it passed, any peer that could be built."""
        if self._built is None:
            self._built = self._build()
        return self._built

    def _build(self) -> dict[str, System]:
        sentences = gate_sentences(self.subject, self.gate)
        reference = self.subject.probabilities(sentences)
        found: dict[str, System] = {}
        self.verdicts, self.absent = [], {}
        for name, build in self.builders.items():
            try:
                system = build()
                verdict = judge(system, self.subject, sentences, reference)
            except ImportError as error:
                self.absent[name] = str(error)
                continue
            except Exception as error:  # one that will not run must not end the others' run
                self.absent[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
                continue
            self.verdicts.append(verdict)
            if system.ours and not verdict.passed:
                self.absent[name] = (
                    f"not timed: off by {verdict.deviation:.4f}, {verdict.tolerance:g} is allowed, "
                    f"{verdict.flipped} labels flipped"
                )
            else:
                found[name] = system
        return found

    def free(self) -> None:
        """Lets the systems go."""
        self._built = None
        gc.collect()
        if torch.device(self.subject.device).type == "cuda":
            torch.cuda.empty_cache()
