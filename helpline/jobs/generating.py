"""Every two seconds: proposals that were asked for on a page are made, one at a time, in a process of its own.

A run only looks: it begins one, or sees whether the one that is being made is done. So other jobs never wait for it,
and the database is never held while an engine thinks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, cast

from helpline.shifts import asking
from helpline.shifts.asking import LEASE, Asked
from helpline.shifts.editing import Desk
from helpline.shifts.proposing import NothingToProposeError, Order, Ready, describe, prepare
from helpline.shifts.thinking import Thinking, ThoughtLostError
from rota.generate.building import Mode
from rota.generate.problem import Problem, Solution

log = logging.getLogger(__name__)
EVERY = 2
SECONDS = 20.0
"""How long an engine thinks: longer makes it little better, and somebody waits."""


class Thought(Protocol):
    """An engine at work (`helpline.shifts.thinking.Thinking`)."""

    def result(self) -> Solution | None:
        """What it found, or None yet. Raises `ThoughtLostError`."""
        ...

    def stop(self) -> None:
        """Ends it."""
        ...


@dataclass(frozen=True, slots=True)
class _Work:
    """The one that is being made."""

    asked: Asked
    order: Order
    ready: Ready
    thought: Thought
    renew_at: int


class Generating:
    """Makes what was asked for. `begin` starts an engine on a problem, for so many seconds."""

    def __init__(
        self, desk: Desk, seconds: float = SECONDS, begin: Callable[[Problem, float], Thought] = Thinking
    ) -> None:
        self._desk, self._seconds, self._begin = desk, seconds, begin
        self._work: _Work | None = None

    def run(self, now: int) -> bool:
        """Whether something is being made now."""
        if self._work is None:
            self._work = self._start(now)
        else:
            self._work = self._look(self._work, now)
        return self._work is not None

    def stop(self) -> None:
        """Gives back what is being made: whoever works next begins it again."""
        if self._work is not None:
            self._work.thought.stop()
            asking.give_back(self._desk.store, self._work.asked)
            self._work = None

    def _start(self, now: int) -> _Work | None:
        asked = asking.take(self._desk.store, now)
        if asked is None:
            return None
        line = self._desk.lines.get(asked.line)
        if line is None:
            asking.failed(self._desk.store, asked, "line", now)
            return None
        mode = cast("Mode", asked.kind)
        # Its number is its seed: asked again, it may come out otherwise.
        order = Order(
            line, asked.window, mode, lambda _: True, time.monotonic, seconds=self._seconds, seed=asked.number
        )
        try:
            ready = prepare(self._desk, order, now)
        except NothingToProposeError as error:
            asking.failed(self._desk.store, asked, error.why, now)
            return None
        thought = self._begin(replace(ready.task.problem, seed=order.seed), self._seconds)
        return _Work(asked, order, ready, thought, now + LEASE // 2)

    def _look(self, work: _Work, now: int) -> _Work | None:
        store = self._desk.store
        try:
            solution = work.thought.result()
        except ThoughtLostError as error:
            log.error("proposal.lost", extra={"reason": str(error)})
            asking.failed(store, work.asked, "died", now)
            return None
        if solution is not None:
            body = describe(work.ready, work.order, solution)
            asking.made(store, work.asked, work.ready.task.window, body, now)
            return None
        with store.read() as connection:
            there = asking.read_asked(connection, work.asked.number)
        asked = work.asked if there is not None and there.mark == work.asked.mark else None
        if asked is not None and now >= work.renew_at:
            asked = asking.renew(store, asked, now)
        if asked is None:
            work.thought.stop()
            return None
        return work if asked is work.asked else replace(work, asked=asked, renew_at=now + LEASE // 2)
