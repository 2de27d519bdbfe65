"""Articles made up for an archive, the same ones for the same seed, some of them not to be read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Fault = Literal["missing", "undecodable", "malformed", "long"]
FAULTS: tuple[Fault, ...] = ("missing", "undecodable", "malformed", "long")
LONGEST = 4_000
"""Characters that a run of the campaign is told to take; a ``long`` text has more."""

_EVERY = 23  # so many rows from one bad row to the next
_OUTLETS = ("Harbour Post", "the “Ledger”", "Évening, Star", "")
_WHO = (
    "The council",
    "Mayor Ann Reyl",
    "A spokesman for the port",
    "Opponents",
    "The agency",
    "Zoë",
)
_SAYS = ("said", "told reporters", "denied", "insisted", "noted in a report")
_WHAT = (
    "the bridge would open in May",
    "taxes had to fall by 3.5 percent",
    "no one had been asked",
    "the reckless scheme was a disgrace",
    "schools in the north were short of teachers",
    "the river rose faster than the dykes – 2 cm an hour",
)
_PLAIN = (
    "It rained.",
    "The vote is on Monday; nobody expects a surprise.",
    "A shameless, bloated budget lands on the desks of the poor.",
    "Prices rose to €4,50 🚢 at the docks.",
    "Police closed Mill St. for two hours.",
)


@dataclass(frozen=True, kw_only=True)
class Article:
    """A row of an archive; one with a ``fault`` is written so that it cannot be scored."""

    id: str
    outlet: str
    text: str
    fault: Fault | None = None


def articles(count: int, *, seed: int) -> Iterator[Article]:
    """So many articles of no to nine sentences, each with another text, all faults among them.

    There are quotations over several sentences, quotation marks, commas and line breaks that a
    table has to escape, letters of more than one byte, and blank texts.
    """
    draw = random.Random(seed)
    for number in range(count):
        fault = FAULTS[number // _EVERY % len(FAULTS)] if number % _EVERY == 5 else None
        text = "" if number % 31 == 17 else _text(number, draw)
        if fault == "long":
            text = (text or "On. ") * (LONGEST // max(1, len(text)) + LONGEST)
        yield Article(
            id=f"n/{number:05d}",
            outlet=draw.choice(_OUTLETS),
            text=text[: LONGEST + 9],
            fault=fault,
        )


def _text(number: int, draw: random.Random) -> str:
    sentences = [f"This is report {number}."]
    for _ in range(draw.randrange(5)):
        kind = draw.random()
        said = f"{draw.choice(_WHO)} {draw.choice(_SAYS)}"
        if kind < 0.4:
            sentences.append(f"{said} that {draw.choice(_WHAT)}.")
        elif kind < 0.7:
            sentences.append(f"“It is true. {draw.choice(_PLAIN)} We know,” {said.lower()}.")
        else:
            sentences.append(draw.choice(_PLAIN))
    return draw.choice((" ", "\n\n", "\r\n")).join(sentences)
