"""What the library aims at, beside what was measured: met, missed, or not measured and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

NO_GPU = "not measured: no GPU was there"
Section = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One aim. ``met`` is None where nothing was measured that could tell."""

    where: str
    aim: str
    measured: str
    met: bool | None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**missed**", None: "–"}[self.met]


def bars(found: Mapping[str, Section], *, device: str) -> list[Bar]:
    """The bars of one model, from its sections as they are stored."""
    if device.startswith("cuda"):
        return [*_gpu(found), *_both(found)]
    return [*_cpu(found), *_both(found), *_gpu_absent()]


def ratio(ours: Mapping[str, Any], peer: Mapping[str, Any]) -> tuple[float, float, float]:
    """How many times faster: the median over rounds, the least and the most."""
    rounds = [
        (mine / s) / (theirs / t)
        for mine, s, theirs, t in zip(
            ours["sentences"], ours["seconds"], peer["sentences"], peer["seconds"], strict=True
        )
    ]
    return median(rounds), min(rounds), max(rounds)


def rows_of(contest: Section, scenario: str, size: int) -> list[dict[str, Any]]:
    """The rows of one scenario at one size, in the order of the systems."""
    return [r for r in contest["rows"] if (r["scenario"], r["size"]) == (scenario, size)]


def largest(contest: Section, scenario: str = "news") -> int | None:
    """The largest size that a scenario was run at."""
    return max((r["size"] for r in contest["rows"] if r["scenario"] == scenario), default=None)


def _cpu(found: Mapping[str, Section]) -> Iterator[Bar]:
    for ours, peers, size in _news(found):
        failed = {v["system"] for v in found["contest"]["gate"] if not v["passed"]}
        honest = _fastest([p for p in peers if p["system"] not in failed])
        aims = [
            (_named(peers, "pipeline 32"), 5.0, "pipeline 32"),
            (honest, 1.2, "the fastest peer that passes the gate"),
        ]
        if (first := _fastest(peers)) is not honest:
            aims.append((first, 1.2, "the fastest peer of all, which fails the gate"))
        for peer, factor, what in aims:
            aim = f"at least {factor:g}x {what}, 10,000 news sentences end to end"
            yield _times(f"CPU, {ours['system']}", aim, ours, peer, factor, size, 10_000)
    yield from _latency(found, "CPU")


def _gpu(found: Mapping[str, Section]) -> Iterator[Bar]:
    host = found.get("host")
    for row in host["rows"] if host and not _small(host) else ():
        share = row["forward_flops_per_s"] / host["ceiling"]["bfloat16"]
        yield Bar(
            where=f"GPU, {row['system']}, forward only",
            aim="at least 50 % of the measured bf16 matmul ceiling",
            measured=f"{share:.1%}",
            met=share >= 0.5,
        )
    for ours, peers, size in _news(found):
        rate, where = ours["sentences_per_s"], f"GPU, {ours['system']}"
        if _small(found["contest"]):
            limit = found["contest"]["tokenising_sentences_per_s"]
            yield Bar(
                where=where,
                aim="as far as tokenising allows",
                measured=f"{rate:,.0f}/s of the {limit:,.0f}/s that the plain tokenizer reads on "
                f"all cores: {rate / limit:.0%}",
                met=None,
            )
            continue
        yield Bar(
            where=where,
            aim="at least 60,000 sentences/s end to end",
            measured=f"{rate:,.0f}/s at {size:,} texts",
            met=rate >= 60_000,
        )
        peer = _named(peers, "pipeline 256 fp16")
        aim = "at least 15x pipeline 256 in fp16"
        yield _times(where, aim, ours, peer, 15.0, size, 100_000)
    yield from _latency(found, "GPU")


def _small(section: Section) -> bool:
    """Whether the model is a small one: the aims for a GPU differ."""
    return "small" in section["model"]["name"]


def _gpu_absent() -> Iterator[Bar]:
    for aim in (
        "base, forward only: at least 50 % of the measured bf16 matmul ceiling",
        "base, end to end: at least 60,000 sentences/s and 15x pipeline 256 in fp16",
        "small, end to end: as far as tokenising allows",
    ):
        yield Bar(where="GPU", aim=aim, measured=NO_GPU, met=None)


def _both(found: Mapping[str, Section]) -> Iterator[Bar]:
    for ours, _, size in _news(found):
        yield Bar(
            where=ours["system"],
            aim="padding under 2 % on news lengths",
            measured=f"{ours['padding']:.2%} at {size:,} texts",
            met=ours["padding"] < 0.02 if size >= 1000 else None,
        )
    memory = found.get("memory")
    for run in memory["runs"] if memory else ():
        row = max(run["rows"], key=lambda r: r["texts"])
        grown = row["growth_mb"]
        enough = grown is not None and row["texts"] >= 1_000_000
        yield Bar(
            where=f"{run['system']}, {run['model']}",
            aim="1,000,000 texts streamed within 500 MB over the model's own",
            measured=f"{'?' if grown is None else f'{grown:,.0f}'} MB, {row['texts']:,} texts",
            met=grown <= 500 if enough else None,
        )
    cold = found.get("cold")
    for row in cold["rows"] if cold else ():
        if "import framing" in row["steps_s"]:
            took, torch = row["steps_s"]["import framing"], row["torch_with_framing"]
            yield Bar(
                where=row["system"],
                aim="import framing under 0.1 s, without torch",
                measured=f"{took:.3f} s, {'with' if torch else 'without'} torch",
                met=took < 0.1 and not torch,
            )


def _latency(found: Mapping[str, Section], kind: str) -> Iterator[Bar]:
    rows = found["latency"]["rows"] if "latency" in found else []
    plain = _named(rows, "plain call")
    for row in rows:
        if row["ours"] and plain:
            yield Bar(
                where=f"{kind}, {row['system']}",
                aim="one sentence takes at most as long as model(**tokenizer(x)), p50",
                measured=f"{row['p50']:.1f} ms, plain {plain['p50']:.1f} ms",
                met=row["p50"] <= plain["p50"],
            )


def _news(
    found: Mapping[str, Section],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], int]]:
    """This library's rows at the largest size of news, each with those of the peers."""
    size = largest(found["contest"]) if "contest" in found else None
    if size is not None:
        rows = rows_of(found["contest"], "news", size)
        for ours in (r for r in rows if r["ours"]):
            yield ours, [r for r in rows if not r["ours"]], size


def _times(
    where: str,
    aim: str,
    ours: Mapping[str, Any],
    peer: Mapping[str, Any] | None,
    factor: float,
    size: int,
    wanted: int,
) -> Bar:
    if peer is None:
        return Bar(where=where, aim=aim, measured="the peer was not there", met=None)
    middle, least, most = ratio(ours, peer)
    measured = f"{middle:.2f}x [{least:.2f}, {most:.2f}] {peer['system']}"
    if size < wanted:
        return Bar(where=where, aim=aim, measured=f"{measured}, at {size:,} texts only", met=None)
    return Bar(where=where, aim=aim, measured=measured, met=middle >= factor)


def _named(rows: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    return next((r for r in rows if r["system"] == name), None)


def _fastest(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return max(rows, key=lambda r: r["sentences_per_s"], default=None)
