"""The results as Markdown tables, each with the name that a page marks its place with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.robustness.change import AIM
from benchmarks.robustness.measures import shown
from benchmarks.robustness.noise import CLEAN
from training.quality import cell

Results = Mapping[str, Any]
_SOURCES = {"templates": "sentences with slots", "real": "real sentences"}


def tables(results: Results) -> Iterator[tuple[str, str]]:
    """The name and the Markdown of every table that ``results`` has."""
    swaps = {source: results["swaps"][source] for source in _SOURCES if source in results["swaps"]}
    for source, groups in swaps.items():
        yield f"swaps, {_SOURCES[source]}", _swaps(groups)
    for source, groups in swaps.items():
        yield f"swaps, by style, {_SOURCES[source]}", _styles(groups)
    yield "swaps, by filler", _fillers(swaps)
    for source, groups in swaps.items():
        yield f"swaps, each frame, {_SOURCES[source]}", _each_frame(groups)
    yield "wire", _wire(results["wire"])
    yield "wire, worst", _worst(results["wire"])
    yield "voice", _voice(results["voice"])
    yield "voice, confusion", _confusion(results["voice"])
    for name, found in results["noise"].items():
        yield f"noise, {name}", _noise(found)


def renewed(page: str, results: Results) -> str:
    """``page`` with the tables between ``<!-- NAME -->`` and ``<!-- end of NAME -->`` made anew.

    Raises
    ------
    ValueError
        for a mark of the page that no table belongs to: it would keep figures of another run.
    """
    made = dict(tables(results))
    for name in re.findall(r"^<!-- end of (.+) -->$", page, re.MULTILINE):
        if name not in made:
            raise ValueError(f"no table {name!r} in these results; was --data given?")
        head, rest = page.split(f"<!-- {name} -->\n")
        end = f"<!-- end of {name} -->"
        page = f"{head}<!-- {name} -->\n{made[name]}\n{end}{rest.split(end)[1]}"
    return page


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _swaps(groups: Results) -> str:
    heads = ("swapped", "sentences", "P(loaded), mean change [95 %]", f"aim: under {AIM:.2f}")
    heads += ("largest", "P(attributed), mean", "largest", "a frame, mean", "largest")
    heads += ("flipped: loaded", "sourcing", "frames")
    rows = []
    for name, g in groups.items():
        if not g["families"]:
            rows.append([name, "0"] + ["-"] * (len(heads) - 2))
            continue
        mean = g["loaded"]["mean"]
        row = [name, f"{g['families']:,}", shown(mean), verdict(mean)]
        row.append(f"{g['loaded']['max']:.2f}")
        for facet in ("attributed", "frames"):
            row += [shown(g[facet]["mean"]), f"{g[facet]['max']:.2f}"]
        row += [_percent(g["flipped"][facet]) for facet in ("loaded", "sourcing", "frames")]
        rows.append(row)
    return _table(heads, rows)


def verdict(mean: Results) -> str:
    """Whether a mean change of P(loaded) is under the aim, and its interval too."""
    if mean["value"] >= AIM:
        return "missed"
    return "met" if mean["high"] is not None and mean["high"] < AIM else "met, but for the interval"


def _styles(groups: Results) -> str:
    found = {name: g["by_style"] for name, g in groups.items() if g["families"]}
    styles = list(dict.fromkeys(style for by_style in found.values() for style in by_style))
    rows = [
        [name, *(f"{shown(by[s])}, n = {by[s]['n']}" if s in by else "-" for s in styles)]
        for name, by in found.items()
    ]
    return _table(("P(loaded), mean change", *styles), rows)


def _fillers(swaps: Mapping[str, Results]) -> str:
    rows = []
    for name, first in swaps["templates"].items():
        for filler, values in first["by_filler"].items():
            row = [name, cell(filler), shown(values["mean"])]
            row.append(shown(values["over_others"], signed=True))
            if "real" in swaps:
                real = swaps["real"][name].get("by_filler", {}).get(filler)
                row += (
                    [shown(real["over_others"], signed=True), f"{real['mean']['n']}"]
                    if real
                    else ["", ""]
                )
            rows.append(row)
    heads = ["swapped", "filler", "P(loaded), slots [95 %]", "over the others, slots"]
    return _table(heads + (["over the others, real", "sentences"] if "real" in swaps else []), rows)


def _each_frame(groups: Results) -> str:
    full = {name: g["frames"]["each"] for name, g in groups.items() if g["families"]}
    frames = next(iter(full.values()))
    rows = [[frame, *(f"{each[frame]['value']:.3f}" for each in full.values())] for frame in frames]
    return _table(("frame, mean change", *full), rows)


def _wire(found: Results) -> str:
    parts = {key: found[key] for key in ("all", "with names", "without names")} | found["topics"]
    rows = [
        [name, str(p["mean"]["n"]), _percent(p["false_positives"]), shown(p["mean"])]
        for name, p in parts.items()
    ]
    return _table(("sentences", "n", "called loaded [95 %]", "P(loaded), mean"), rows)


def _worst(found: Results) -> str:
    rows = [
        [
            f"{w['probability']:.2f}",
            "yes" if w["called_loaded"] else "no",
            w["topic"],
            cell(w["text"]),
        ]
        for w in found["worst"]
    ]
    return _table(("P(loaded)", "called loaded", "topic", "sentence"), rows)


def _voice(found: Results) -> str:
    rows = [
        [
            name,
            str(p["called_loaded"]["n"]),
            _percent(p["called_loaded"]),
            str(p["found"]["n"]),
            _percent(p["found"]),
            _percent(p["voice_right"]),
        ]
        for name, p in (found["voices"] | found["styles"]).items()
    ]
    heads = ("loaded words of", "sentences", "sentence called loaded", "phrases", "found")
    return _table((*heads, "voice right, of those found"), rows)


def _confusion(found: Results) -> str:
    heads = list(next(iter(found["confusion"].values())))
    rows = [[f"**{voice}**", *map(str, row.values())] for voice, row in found["confusion"].items()]
    return _table(
        ("whose they are", *(f"given to {h}" if h in found["confusion"] else h for h in heads)),
        rows,
    )


def _noise(found: Results) -> str:
    clean = found[CLEAN]
    heads = ("noise", "touched", *clean, "P(loaded) moves", "P(attributed)", "a frame")
    rows = [[f"none: the score itself (n = {found['sentences']})", "", *map(shown, clean.values())]]
    rows[0] += [""] * 3
    for name, values in found.items():
        if name in ("sentences", CLEAN):
            continue
        losses = ["no change" if _nothing(e) else _change(e) for e in values["loss"].values()]
        moves = [
            "" if m["value"] is None else f"{m['value']:.3f}" for m in values["moved"].values()
        ]
        rows.append([name, str(values["touched"]), *losses, *moves])
    return _table(heads, rows)


def _nothing(estimate: Results) -> bool:
    return estimate["value"] == estimate["low"] == estimate["high"] == 0


def _change(loss: Results) -> str:
    """A loss as the change of the score that it is, so that what falls has a minus."""
    value, low, high = (-loss[key] or 0.0 for key in ("value", "high", "low"))
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def _percent(estimate: Results) -> str:
    if estimate["value"] is None:
        return "-"
    value = f"{100 * estimate['value']:.1f} %"
    if estimate["low"] is None:
        return value
    return f"{value} [{100 * estimate['low']:.0f}, {100 * estimate['high']:.0f}]"
