"""A comparison in plain words."""

from __future__ import annotations

from training.evaluation.compare import Comparison, TaskComparison
from training.evaluation.significance import Difference


def in_words(comparison: Comparison, old: str = "OLD", new: str = "NEW") -> str:
    """What the comparison found, a paragraph a task and a last line that sums it up.

    ``old`` and ``new`` are what the models are called.
    """
    lines = [
        f"{old} is {comparison.old.name}, weights {comparison.old.weights}; "
        f"{new} is {comparison.new.name}, weights {comparison.new.weights}.",
        f"{comparison.sentences:,} sentences of {comparison.data}.",
        "",
    ]
    for task in comparison.tasks:
        lines += [_verdict(task, old, new), *_details(task, old, new), ""]
    for names, what in (
        (comparison.only_old, f"Only {old} has"),
        (comparison.only_new, f"Only {new} has"),
        (comparison.incomparable, "Of other labels or another kind in each, so not compared"),
        (comparison.unlabelled, "In both, but not labelled here"),
    ):
        if names:
            lines.append(f"{what}: {', '.join(names)}.")
    return "\n".join([*lines, _sum(comparison, new)]) + "\n"


def signed(value: float) -> str:
    """A difference as ``+.031``, ``-.004`` or ``0``."""
    shown = f"{value:+.3f}".replace("0.", ".", 1)
    return "0" if shown in ("+.000", "-.000") else shown


def plain(value: float) -> str:
    """A share as ``.812``; 1 as ``1.000``."""
    shown = f"{value:.3f}"
    return shown[1:] if shown.startswith("0.") else shown


def _verdict(task: TaskComparison, old: str, new: str) -> str:
    found, name = task.difference, task.task
    if task.verdict == "undefined":
        return f"{name}: nothing can be said, the gold labels have no positive."
    said = {
        "better": f"{new} is better at {name}",
        "worse": f"{new} is WORSE at {name}",
        "maybe worse": f"{new} is perhaps worse at {name}, there are too few sentences to tell",
        "no worse": f"{new} is no worse at {name}"
        if found.value <= 0
        else f"{new} is perhaps better at {name}, not certainly",
    }[task.verdict]
    if found.value == 0 and found.low == 0 == found.high:
        said = f"{new} and {old} are equal at {name}"
    return f"{said}: {task.measure} {_figures(found)}."


def _figures(found: Difference) -> str:
    return (
        f"{plain(found.b)} against {plain(found.a)}, difference {signed(found.value)} "
        f"[{signed(found.low)}, {signed(found.high)}], p = {found.p:.3f}"
    )


def _details(task: TaskComparison, old: str, new: str) -> list[str]:
    lines = [
        f"  calibration, {name} (lower is better): {_figures(found)}"
        for name, found in task.calibration.items()
    ]
    if (rows := task.rows) is not None:
        lines.append(
            f"  sentences that one alone labels rightly: {new} {rows.only_b:,}, {old} "
            f"{rows.only_a:,} (McNemar, p = {rows.p:.3f})"
        )
    return lines


def _sum(comparison: Comparison, new: str) -> str:
    margin = plain(comparison.margin)
    worse = [t.task for t in comparison.tasks if not t.passed]
    if worse:
        return f"FAILED: {new} is worse at {', '.join(worse)}."
    better = [t.task for t in comparison.tasks if t.verdict == "better"]
    said = f"{new} is better at {', '.join(better)}; " if better else ""
    return f"PASSED: {said}at no task does it fall behind by more than {margin}."
