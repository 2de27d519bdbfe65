"""The crew: the actors at work on the parts of a run, and who takes over from those that die."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from framing.archive.part import PartKey, PendingPart, ScoredPart
from framing.errors import ModelError

TRIES = 3
"""How many actors may die over a part, or one after another over loading the model."""

_EACH = 2  # parts under way an actor: one at work, one at hand
_LOG = logging.getLogger(__name__)


class _Member:
    """An actor, whether it has loaded the model, and its parts in the order they were given."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.loading = actor.load.remote()
        self.parts: dict[Any, PendingPart] = {}  # by what is waited for

    @property
    def room(self) -> int:
        return 0 if self.loading is not None else _EACH - len(self.parts)


class Crew:
    """Actors that score parts.

    Parameters
    ----------
    ray : the module, connected.
    hire : makes an actor, a :class:`framing.cluster.engine.PartWorker`.
    size : how many there are at most; no more than there are parts at hand are made.
    """

    def __init__(self, ray: Any, hire: Callable[[], Any], *, size: int) -> None:
        self._ray = ray
        self._hire = hire
        self._size = size
        self._members: list[_Member] = []
        self._todo: deque[PendingPart] = deque()
        self._deaths: Counter[PartKey] = Counter()
        self._lost_loading = 0
        self._error: Exception | None = None

    def close(self) -> None:
        """Ends all actors, whatever they are at."""
        for member in self._members:
            self._dismiss(member)
        self._members = []

    def work(self, parts: Iterator[PendingPart]) -> Iterator[ScoredPart]:
        """The parts, scored, as they come to be done.

        An error in drawing a part raises here after the parts before it, one in scoring a part
        after those that actors are at.
        """
        more = True
        undrawn: Exception | None = None
        while True:
            while more and not self._error and self._under_way < self._size * _EACH:
                try:
                    self._todo.append(next(parts))
                except StopIteration:
                    more = False
                except Exception as error:
                    more, undrawn = False, error
                self._give_out()
            self._give_out()
            if not self._under_way:
                break
            if (scored := self._wait()) is not None:
                yield scored
        if wrong := self._error or undrawn:
            raise wrong

    @property
    def _under_way(self) -> int:
        return len(self._todo) + sum(len(member.parts) for member in self._members)

    def _give_out(self) -> None:
        if self._error:
            self._todo.clear()
            return
        while len(self._members) < min(self._size, self._under_way):
            self._members.append(_Member(self._hire()))
        while self._todo:
            member = max(self._members, key=lambda m: m.room)
            if not member.room:
                return
            part = self._todo.popleft()
            member.parts[member.actor.score.remote(part)] = part

    def _wait(self) -> ScoredPart | None:
        """Waits until something is done; gives the part if it was one."""
        of = {m.loading: m for m in self._members if m.loading is not None}
        of |= {ref: m for m in self._members for ref in m.parts}
        [ref], _ = self._ray.wait(list(of), num_returns=1)
        member = of[ref]
        errors = self._ray.exceptions
        try:
            found = self._ray.get(ref)
        except errors.RayTaskError as error:  # raised by our own code
            self._error = error.cause if isinstance(error.cause, Exception) else error
            self._forget(member, ref)
        except errors.RayError as error:  # the actor, its machine or what it had made is gone
            self._replace(member, error)
        else:
            if (part := self._forget(member, ref)) is not None:
                scored: ScoredPart = replace(found, pending=part)
                return scored
            self._lost_loading = 0
        return None

    def _forget(self, member: _Member, ref: Any) -> PendingPart | None:
        if ref == member.loading:
            member.loading = None
            return None
        return member.parts.pop(ref)

    def _replace(self, member: _Member, error: Exception) -> None:
        """Puts back what an actor had to do; only the part that it was at is held against it."""
        self._dismiss(member)
        self._members.remove(member)
        parts = list(member.parts.values())
        self._todo.extendleft(reversed(parts))
        if getattr(error, "actor_init_failed", False):
            self._error = ModelError(
                "an actor could not be made: this library must be installed on every machine, in "
                f"the same version and with the extra ray. Ray says: {_gist(error)}"
            )
            return
        if getattr(error, "preempted", False):  # its machine was taken away, by no fault of parts
            _LOG.warning("the machine of an actor was taken away: %s", _gist(error))
            return
        if parts:
            at = parts[0]
            self._deaths[at.key] += 1
            deaths = self._deaths[at.key]
            what = f"{at.key}, rows {at.first_row:,} to {at.end - 1:,} of {at.path}"
        else:
            self._lost_loading += 1
            deaths, what = self._lost_loading, "loading the model"
        _LOG.warning("an actor died over %s, death %d of %d: %s", what, deaths, TRIES, _gist(error))
        if deaths >= TRIES and self._error is None:
            self._error = ModelError(
                f"{deaths} actors died over {what}; most often a machine has run out of memory: "
                f"use fewer actors or machines with more. Ray says: {_gist(error)}"
            )

    def _dismiss(self, member: _Member) -> None:
        with suppress(Exception):  # of whatever kind: it may be gone, and Ray with it
            self._ray.kill(member.actor)


def _gist(error: Exception) -> str:
    """The last line of what Ray says, which has the reason."""
    return (str(error).strip() or type(error).__name__).splitlines()[-1]
