"""Two systems over several draws of one size: means, and their difference draw by draw."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.paired import mean_and_deviation, paired_difference
from training.quality import cell


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both systems after one draw; seconds of a processor, which other work does not stretch."""

    seed: int
    framing: float
    setfit: float
    framing_seconds: float
    setfit_seconds: float
    method: str
    out_of_fold: dict[str, float]
    setfit_steps: int
    setfit_steps_of_one_pass: int


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Both systems over the draws of one size."""

    corpus: str
    task: str
    measure: str
    labels: int
    test: str
    test_sentences: int
    pairs: tuple[Pair, ...]

    def scores(self, system: str) -> tuple[float, float]:
        """The mean over draws of what :class:`Pair` has under that name, and its deviation."""
        return mean_and_deviation([getattr(p, system) for p in self.pairs])

    @property
    def difference(self) -> tuple[float, float, float]:
        """The mean of framing minus SetFit, paired by draw, and its 95 % interval."""
        return paired_difference([p.framing - p.setfit for p in self.pairs])

    def to_dict(self) -> dict[str, Any]:
        """The contest as JSON-ready values; what one draw cannot tell is None."""
        summary = {
            name: dict(zip(("mean", "deviation"), map(_defined, self.scores(name)), strict=True))
            for name in ("framing", "setfit", "framing_seconds", "setfit_seconds")
        }
        difference = zip(("mean", "low", "high"), map(_defined, self.difference), strict=True)
        return {**asdict(self), **summary, "difference": dict(difference)}


def contest_markdown(contests: Sequence[Contest]) -> str:
    """The contests as a Markdown table, one a row."""
    lines = [
        "| corpus, test | measure | labels | framing | SetFit | difference [95 %] "
        "| processor seconds, framing | the same, SetFit | chosen | SetFit steps, of one pass |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for c in contests:
        mean, low, high = c.difference
        chosen = Counter(p.method for p in c.pairs).most_common()
        cells = [
            f"{c.corpus}, {c.test} ({c.test_sentences})",
            c.measure,
            str(c.labels),
            _spread(*c.scores("framing")),
            _spread(*c.scores("setfit")),
            f"{mean:+.3f}" + ("" if math.isnan(low) else f" [{low:+.3f}, {high:+.3f}]"),
            f"{c.scores('framing_seconds')[0]:.0f}",
            f"{c.scores('setfit_seconds')[0]:.0f}",
            ", ".join(f"{name} {times}" for name, times in chosen),
            f"{c.scores('setfit_steps')[0]:,.0f} of {c.scores('setfit_steps_of_one_pass')[0]:,.0f}",
        ]
        lines.append("| " + " | ".join(cell(x) for x in cells) + " |")
    return "\n".join(lines)


def _spread(mean: float, deviation: float) -> str:
    return f"{mean:.3f}" + ("" if math.isnan(deviation) else f" ± {deviation:.3f}")


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
