"""The benchmark of archives: what they cost, and how sections are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive_trials import results, trial

from benchmarks.archives import __main__ as command
from benchmarks.archives import children, faults, overhead
from benchmarks.archives.outputs import Differences


def timed() -> dict[str, Any]:
    one = {"texts": 1000, "processor_seconds": 4.0, "maxrss_mb": 512.0, "sampled_mb": 511.0}
    one |= {"loaded_mb": 500.0, "quarters_mb": [501.0, 502.0, 503.0, 504.0]}
    one |= {"sentences": 1000, "repeated": 250}
    stream, archive = [one | {"seconds": 2.0}] * 2, [one | {"seconds": s} for s in (2.0, 2.2)]
    turns = {"stream": stream, "archive": archive}
    return {
        "settings": {
            "rows": 1000,
            "beside": 10,
            "timed": {children.TINY: 1000},
            "aim": overhead.AIM,
        },
        "memory": {"small": archive[0], "large": archive[1]},
        "turns": {children.TINY: turns},
        "overhead": {
            children.TINY: {
                key: overhead._overhead(turns, key) for key in ("seconds", "processor_seconds")
            }
        },
        "repeats": {"copies": 0.25, "each": archive[0] | {"repeated": 0}, "once": archive[0]},
    }


def test_overhead_is_what_an_archive_takes_longer() -> None:
    found = timed()
    over = found["overhead"][children.TINY]["seconds"]
    assert over["mean"] == pytest.approx(0.05)
    assert over["low"] == pytest.approx(0.05 - 12.706 * 0.05, abs=1e-3)
    assert over["rounds"] == pytest.approx([0.0, 0.1])
    assert overhead.passed(found)
    shown = overhead.markdown(found)
    assert "| random-tiny | 1,000 | archive | 476 | 2.10 | 4.00 |" in shown
    assert (
        "| random-tiny |  | overhead |  | +5.0% [-58.5%, +68.5%] | +0.0% [+0.0%, +0.0%] |" in shown
    )
    assert "| 1,000 | 500 | 512 | 511 | 501 | 502 | 503 | 504 |" in shown
    assert "| scored once (`--once`) | 25.0% | 500 |" in shown
    found["turns"][children.TINY]["archive"][0] |= {"texts": 999}
    assert not overhead.passed(found)


def test_memory_is_told_by_quarters_of_the_time() -> None:
    samples = [(0.0, 9e9), (10.0, 1.0), (12.4, 2.0), (12.6, 4.0), (19.9, 3.0), (20.0, 5.0)]
    assert children.quarters([*samples, (21.0, 9e9)], 10.0, 20.0) == [2.0, 4.0, 0.0, 5.0]


def test_copies_are_of_what_came_shortly_before() -> None:
    texts = [str(number) for number in range(4000)]
    assert list(children.copied(texts, 0.0)) == texts
    found = list(children.copied(texts, 0.25))
    assert found == list(children.copied(texts, 0.25))
    copies = [(place, text) for place, text in enumerate(found) if text != texts[place]]
    assert 900 < len(copies) < 1100
    assert all(text in found[max(0, place - children._REACH) : place] for place, text in copies)


def test_a_section_is_kept_beside_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results" / "archives.json"
    found = {"faults": results([trial()]), "overhead": timed()}
    monkeypatch.setattr(faults, "measured", lambda *_, **__: found["faults"])
    monkeypatch.setattr(overhead, "measured", lambda *_, **__: found["overhead"])
    for section in ("faults", "overhead", "faults"):
        assert command.main([section, "--out", str(path)]) == 0
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert set(kept) == {"faults", "overhead"}
    assert kept["faults"]["totals"]["runs"] == 1
    assert "## overhead" in capsys.readouterr().out
    found["faults"] = results([trial(found=Differences(lost=1))])
    assert command.main(["faults", "--out", str(path)]) == 1
