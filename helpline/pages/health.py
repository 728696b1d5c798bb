"""Two pages for machines, on which nothing stands of any call or person.

`/health/live` says that this process answers: for whoever sends requests to it. Nothing else may take a server out of
service, because calls are answered without a database, too. `/health/ready` says that everything works: for whoever
wakes somebody when it doesn't.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.accounts.throttle import Throttle
from helpline.carrier.floods import Floods
from helpline.carrier.hooks import Tally
from helpline.clock import Clock
from helpline.store.beats import is_fresh
from helpline.store.deadline import within
from helpline.store.sessions import Store
from helpline.store.tables import Erasure

DEADLINE = 0.5
"""Seconds for the database to answer in."""
AGAIN_AFTER = 1
"""Seconds for which a finding holds: however often anybody asks, the database is asked once."""
OVERDUE = 3600
"""Seconds by which an erasure may be late: the carrier may have been out of reach for a while."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What is well. None: nobody can tell. `overdue`: calls that should be erased at the carrier since an hour."""

    database: bool
    serve: bool | None = None
    work: bool | None = None
    overdue: int | None = None

    @property
    def well(self) -> bool:
        """Whether nobody need be woken."""
        return self.database and bool(self.serve and self.work) and not self.overdue


class HealthPages:
    """`/health/...`."""

    def __init__(self, store: Store, clock: Clock, tally: Tally, *memories: Floods | Throttle) -> None:
        self._store = store
        self._clock = clock
        self._tally = tally
        self._memories = memories
        self._lock = threading.Lock()
        self._found: tuple[float, Findings] | None = None

    def blueprint(self) -> Blueprint:
        """The two routes."""
        routes = Blueprint("health", __name__)
        routes.add_url_rule("/health/live", "live", self.live, methods=["GET"])
        routes.add_url_rule("/health/ready", "ready", self.ready, methods=["GET"])
        return routes

    def live(self) -> Response:
        """200; and how many webhooks this process refused, by reason."""
        return jsonify(status="ok", refused=dict(self._tally.counts))

    def ready(self) -> Response:
        """200, or 503 when something doesn't work; what it is."""
        found = self._look(self._clock.now())
        response = jsonify(status="ok" if found.well else "failing", **asdict(found))
        response.status_code = 200 if found.well else 503
        response.headers["Cache-Control"] = "no-store"
        return response

    def _look(self, now: float) -> Findings:
        last = self._found
        # One asks at a time: a database that hangs takes one thread from the calls, and not all.
        if last is not None and (0 <= now - last[0] < AGAIN_AFTER or self._lock.locked()):
            return last[1]
        with self._lock:
            # Where nobody calls or signs in, nobody else does.
            for memory in self._memories:
                memory.forget(now)
            found = self._ask(int(now))
            self._found = now, found
        return found

    def _ask(self, now: int) -> Findings:
        late = select(func.count()).where(Erasure.due_at <= now - OVERDUE, Erasure.erased_at.is_(None))
        try:
            with within(DEADLINE):
                serve, work = is_fresh(self._store, "serve", now), is_fresh(self._store, "work", now)
                with self._store.read() as connection:
                    return Findings(True, serve, work, connection.scalar(late))
        except SQLAlchemyError:
            return Findings(False)
