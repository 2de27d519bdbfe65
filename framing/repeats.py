"""Sentences that come again, as syndicated news does: scored the first time only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.columns import ScoreColumns, SpanColumns
from framing.ragged import bounds, ranges

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Met:
    """Where the scores of some sentences are found.

    Parameters
    ----------
    fresh : the sentences that were not met before and are to be scored, by their place.
    lot, row : int64 [sentences], in the scores of which lot, and in which row of it.
    number : the lot that the fresh ones make.
    oldest : lots before this one are not asked for any more.
    """

    fresh: Ints
    lot: Ints
    row: Ints
    number: int
    oldest: int


class Repeats:
    """Remembers the sentences of a stream and their scores.

    A sentence is met again if its text and whether a quotation is open before it are the same.
    :meth:`meet` and :meth:`fill` may run on two threads if each sees the lots in one order.

    Parameters
    ----------
    size : sentences to remember. When there are more, all are forgotten, so that what is
        remembered depends on the texts alone.
    """

    def __init__(self, *, size: int = 200_000) -> None:
        self.size = size
        self._known: dict[tuple[str, bool], tuple[int, int]] = {}
        self._lots: dict[int, ScoreColumns] = {}
        self._number = 0
        self._oldest = 0

    def meet(self, sentences: Sequence[str], quote_open: Sequence[bool]) -> Met:
        """Tells the sentences of the next lot that are new from those that were met."""
        number = self._number
        self._number += 1
        if len(self._known) > self.size:
            self._known.clear()
            self._oldest = number
        fresh: list[int] = []
        places: list[tuple[int, int]] = []
        for i, key in enumerate(zip(sentences, map(bool, quote_open), strict=True)):
            place = self._known.get(key)
            if place is None:
                place = self._known[key] = (number, len(fresh))
                fresh.append(i)
            places.append(place)
        table = np.array(places, dtype=np.int64).reshape(-1, 2)
        return Met(
            fresh=np.array(fresh, dtype=np.int64),
            lot=table[:, 0],
            row=table[:, 1],
            number=number,
            oldest=self._oldest,
        )

    def fill(self, met: Met, scored: ScoreColumns, starts: Ints) -> ScoreColumns:
        """The scores of all sentences of a lot.

        Parameters
        ----------
        scored : the scores of the fresh ones, whose offsets count from the sentence.
        starts : int64 [sentences], where each sentence starts in the text its offsets shall count
            from.
        """
        self._lots[met.number] = scored
        for number in [n for n in self._lots if n < met.oldest]:
            del self._lots[number]
        if len(met.fresh) == len(met.lot):
            return _gather([scored], met.row, starts)
        used = np.unique(met.lot)
        parts = [self._lots[int(number)] for number in used]
        before = bounds(np.array([len(part) for part in parts]))
        return _gather(parts, before[np.searchsorted(used, met.lot)] + met.row, starts)


def _gather(parts: Sequence[ScoreColumns], rows: Ints, starts: Ints) -> ScoreColumns:
    """Some rows of several columns laid end to end, moved to where they start now."""
    first = parts[0]
    lengths = np.concatenate([part.end - part.start for part in parts])[rows]
    return ScoreColumns(
        start=starts,
        end=starts + lengths,
        windows=np.concatenate([part.windows for part in parts])[rows],
        scores={
            name: np.concatenate([part.scores[name] for part in parts])[rows]
            for name in first.scores
        },
        spans={
            name: _gather_spans([part.spans[name] for part in parts], rows, starts)
            for name in first.spans
        },
        tasks=first.tasks,
        model=first.model,
    )


def _gather_spans(parts: Sequence[SpanColumns], rows: Ints, starts: Ints) -> SpanColumns:
    counts = np.concatenate([np.diff(part.indptr) for part in parts])
    spans = ranges(bounds(counts)[:-1][rows], counts[rows])
    moved = np.repeat(starts, counts[rows])
    voices = [part.voice for part in parts if part.voice is not None]
    return SpanColumns(
        indptr=bounds(counts[rows]),
        start=np.concatenate([part.start for part in parts])[spans] + moved,
        end=np.concatenate([part.end for part in parts])[spans] + moved,
        label=np.concatenate([part.label for part in parts])[spans],
        probability=np.concatenate([part.probability for part in parts])[spans],
        voice=np.concatenate(voices)[spans] if voices else None,
    )
