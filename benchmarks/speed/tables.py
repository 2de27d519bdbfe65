"""Stored results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.speed.bars import NO_GPU, bars, largest, ratio, rows_of
from training.quality import cell

Section = Mapping[str, Any]


def markdown(found: Mapping[str, Section], *, device: str) -> str:
    """Everything that was measured of one model, and what it comes to."""
    made = {
        "contest": contest_tables,
        "latency": lambda s: [latency_table(s)],
        "host": lambda s: [host_table(s), reading_table(s)],
        "cold": lambda s: [cold_table(s)],
        "scaling": lambda s: [streams_table(s)],
        "memory": lambda s: [streams_table(s)],
    }
    blocks = [f"Measured on a GPU: {device}." if _gpu(device) else f"GPU rows {NO_GPU}."]
    for name, tables in made.items():
        if name in found:
            blocks += [f"## {name}", machine_line(found[name]), *filter(None, tables(found[name]))]
    blocks += ["## bars", bars_table(found, device=device)]
    return "\n\n".join(blocks)


def machine_line(section: Section) -> str:
    """Model, code, machine and load, on a line."""
    made, load, model = section["made_with"], section["load"], section["model"]
    gpu = f", {made['gpu']['name']}" if made["gpu"] else ""
    weights = "" if model["trained"] else " (random weights: speed only)"
    loads = [f"{load[when][0]:.1f}" if load[when] else "?" for when in ("start", "end")]
    return (
        f"{model['name']}{weights}; code {str(made['git'])[:12]}; {made['processor']}, "
        f"{made['cores']} cores{gpu}; torch {made['torch']}; load {loads[0]} to {loads[1]}"
    )


def contest_tables(section: Section) -> Iterator[str]:
    """The gate, the largest news run in full, then every scenario at each size, then the losses."""
    yield gate_table(section)
    size = largest(section)
    if size is not None:
        yield f"News, {size:,} texts a call:"
        yield news_table(section, size)
    for at in sorted({row["size"] for row in section["rows"]}):
        yield f"Sentences a second, {at:,} texts a call (* timed on the first part of the texts):"
        yield size_table(section, at)
    yield losses(section)


def gate_table(section: Section) -> str:
    """What the gate found, and who is not there."""
    rows = [
        [
            v["system"],
            f"{v['deviation']:.1e}",
            f"{v['mean']:.1e}",
            f"{v['tolerance']:g}",
            str(v["flipped"]),
            "passed" if v["passed"] else "**failed**",
        ]
        for v in section["gate"]
    ]
    missing = {**section["absent"], **section.get("lost", {})}
    rows += [[name, "", "", "", "", f"absent: {why}"] for name, why in missing.items()]
    return _table(
        ["system", "largest deviation", "mean", "allowed", "labels flipped", "gate"], rows
    )


def news_table(section: Section, size: int) -> str:
    """All measures of the news scenario at one size."""
    rows = rows_of(section, "news", size)
    ours = next((r for r in rows if r["ours"]), None)
    failed = {v["system"] for v in section["gate"] if not v["passed"]}
    dtype, ceiling = max(section["ceiling"].items(), key=lambda item: item[1])
    cells = [
        [
            r["system"] + (" (fails the gate)" if r["system"] in failed else ""),
            f"{r['sentences_per_s']:,.1f} [{r['slowest_round']:,.1f}, {r['fastest_round']:,.1f}]",
            _ratio(ours, r),
            f"{r['tokens_per_s']:,.0f}",
            _share(r["padding"]),
            _share(r["flops_per_s"] / ceiling),
            _number(r["memory_mb"]),
            _number(r["cuda_mb"]),
            "all" if r["whole"] else f"first {r['texts']:,}",
        ]
        for r in rows
    ]
    ceilings = ", ".join(f"{n} {v / 1e12:.3f}" for n, v in section["ceiling"].items())
    table = _table(
        [
            "system",
            "sentences/s [rounds]",
            "framing is",
            "tokens/s",
            "padding",
            f"of the {dtype} ceiling",
            "memory, MB",
            "GPU memory, MB",
            "texts",
        ],
        cells,
    )
    return f"{table}\n\nMatmul ceilings, TFLOP/s: {ceilings}."


def size_table(section: Section, size: int) -> str:
    """Sentences a second of each system in each scenario, with how many times faster framing is."""
    rows = [r for r in section["rows"] if r["size"] == size]
    scenarios = list(dict.fromkeys(r["scenario"] for r in rows))
    cells = []
    for system in dict.fromkeys(r["system"] for r in rows):
        line = [system]
        for scenario in scenarios:
            here = rows_of(section, scenario, size)
            row = next((r for r in here if r["system"] == system), None)
            ours = next((r for r in here if r["ours"]), None)
            if row is None:
                line.append("–")
                continue
            times = "" if row["ours"] else f" ({_ratio(ours, row)})"
            line.append(f"{row['sentences_per_s']:,.1f}{'' if row['whole'] else '*'}{times}")
        cells.append(line)
    return _table(["system", *scenarios], cells)


def losses(section: Section) -> str:
    """Where a peer is faster than this library."""
    lines = []
    keys = dict.fromkeys((r["scenario"], r["size"]) for r in section["rows"])
    for scenario, size in keys:
        here = rows_of(section, scenario, size)
        ours = next((r for r in here if r["ours"]), None)
        for peer in (r for r in here if not r["ours"] and ours):
            if ours and ratio(ours, peer)[0] < 1:
                lines.append(f"- {scenario}, {size:,} texts: {_ratio(ours, peer)} {peer['system']}")
    return "\n".join(["Slower than a peer:", *(lines or ["- nowhere"])])


def latency_table(section: Section) -> str:
    """Percentiles of single calls."""
    return _table(
        ["system", "p50, ms", "p95", "p99", "mean", "calls"],
        [
            [r["system"], *(f"{r[k]:.1f}" for k in ("p50", "p95", "p99", "mean")), str(r["calls"])]
            for r in section["rows"]
        ],
    )


def host_table(section: Section) -> str:
    """Seconds by step."""
    rows = []
    for r in section["rows"]:
        share = r["forward_flops_per_s"] / max(section["ceiling"].values())
        steps = [f"{v:.3f}" for v in r["steps_s"].values()]
        rows.append(
            [
                r["system"],
                f"{r['sentences']:,}",
                f"{r['wall_s']:.3f}",
                f"{r['split_s']:.3f}",
                *steps,
                _share(share),
            ]
        )
    steps = list(section["rows"][0]["steps_s"]) if section["rows"] else []
    head = ["system", "sentences", "wall, s", "split alone", *steps, "forward, of the ceiling"]
    return _table(head, rows)


def reading_table(section: Section) -> str:
    """Sentences a second where the model takes no time, by workers."""
    rows = [
        [str(r["workers"]), f"{r['sentences']:,}", f"{r['sentences_per_s']:,.0f}"]
        for r in section.get("reading", ())  # a section of before that was measured has none
    ]
    head = ["workers", "sentences", "sentences/s if the model took no time"]
    return _table(head, rows) if rows else ""


def cold_table(section: Section) -> str:
    """Seconds from a cold process to the first score."""
    rows = [
        [r["system"], f"{r['whole_s']:.2f}", *(f"{k} {v:.3f}" for k, v in r["steps_s"].items())]
        for r in section["rows"]
    ]
    wide = max((len(r) for r in rows), default=2)
    rows = [r + [""] * (wide - len(r)) for r in rows]
    return _table(["system", "whole process, s", *["step, s"] * (wide - 2)], rows)


def streams_table(section: Section) -> str:
    """Time and memory by size, with the slopes."""
    rows = [
        [
            run["system"],
            run["model"],
            f"{r['texts']:,}",
            f"{r['seconds']:.2f}",
            f"{r['texts'] / r['seconds']:,.0f}",
            _number(r["loaded_mb"]),
            _number(r["growth_mb"]),
            _number(r["cuda_mb"]),
        ]
        for run in section["runs"]
        for r in run["rows"]
    ]
    head = ["system", "model", "texts", "seconds", "texts/s", "loaded, MB", "grown, MB", "GPU, MB"]
    slopes = "\n".join(
        f"{run['system']}: slope of log time {_number(run['time_slope'], 3)} (1 is linear), "
        f"{_number(run['mb_per_million'], 1)} MB more a million texts"
        for run in section["runs"]
    )
    return f"{_table(head, rows)}\n\n{slopes}"


def bars_table(found: Mapping[str, Section], *, device: str) -> str:
    """Every aim, met or missed."""
    return _table(
        ["where", "aim", "measured", ""],
        [[b.where, b.aim, b.measured, b.verdict] for b in bars(found, device=device)],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(c) for c in line) + " |" for line in lines)


def _ratio(ours: Mapping[str, Any] | None, peer: Mapping[str, Any]) -> str:
    return f"{ratio(ours, peer)[0]:.2f}x" if ours and not peer["ours"] else ""


def _share(value: float) -> str:
    return f"{value:.1%}"


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _gpu(device: str) -> bool:
    return device.startswith("cuda")
