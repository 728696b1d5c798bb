"""Every two seconds: releases that were asked for on a page are made, one at a time, in a process of its own.

A run only looks: it begins one, or sees whether the one that is being made is done. So other jobs never wait for it,
and the database is never held while the auditor reckons.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from helpline.apart import LostError
from helpline.errors import HelplineError
from helpline.figures import ordering
from helpline.figures.ordering import Order
from helpline.figures.preparing import Prepared, prepare, put
from helpline.figures.questions import Made, Making, Question
from helpline.lines import Line
from helpline.store.sessions import Store

log = logging.getLogger(__name__)
EVERY = 2


class Work(Protocol):
    """A release in the making (`helpline.figures.making.Making`)."""

    def result(self) -> Made | None:
        """What came of it, or None yet. Raises `LostError`."""
        ...

    def stop(self) -> None:
        """Ends it."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    """The one that is being made."""

    order: Order
    prepared: Prepared
    work: Work


class Releasing:
    """Makes what was asked for. `begin` starts on a question."""

    def __init__(self, store: Store, lines: Mapping[str, Line], begin: Callable[[Question], Work] = Making) -> None:
        self._store, self._lines, self._begin = store, lines, begin
        self._job: _Job | None = None

    def run(self, now: int) -> bool:
        """Whether something is being made now."""
        self._job = self._start(now) if self._job is None else self._look(self._job, now)
        return self._job is not None

    def stop(self) -> None:
        """Gives back what is being made: whoever works next begins it again."""
        if self._job is not None:
            self._job.work.stop()
            ordering.give_back(self._store, self._job.order.address)
            self._job = None

    def _start(self, now: int) -> _Job | None:
        order = ordering.take(self._store)
        if order is None:
            return None
        try:
            prepared = prepare(self._store, self._lines, order.line, order.period, now)
        except HelplineError as error:
            self._failed(order, error)
            return None
        return _Job(order, prepared, self._begin(prepared.question))

    def _look(self, job: _Job, now: int) -> _Job | None:
        try:
            made = job.work.result()
        except LostError as error:
            self._failed(job.order, error)
            return None
        if made is None:
            return job
        if made.findings:
            log.warning("release.refused", extra={"line": job.order.line, "n": len(made.findings)})
            ordering.refuse(self._store, job.order.address, made.findings)
        elif put(self._store, job.prepared, made, now, public=job.order.public, ordered=True):
            log.info("release.out", extra={"line": job.order.line})
        else:
            # Something else came out meanwhile, which the auditor hasn't seen: once more, and that was no try.
            ordering.give_back(self._store, job.order.address)
        return None

    def _failed(self, order: Order, error: HelplineError) -> None:
        log.error("release.failed", extra={"line": order.line, "reason": type(error).__name__})
        ordering.fail(self._store, order.address)
