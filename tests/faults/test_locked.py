"""A database that somebody keeps locked for real: our own deadline goes by, and the call goes on without it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from helpline.rehearsal import Rehearsal
from helpline.store.deadline import within
from tests.faults.stories import STORIES
from tests.scenarios.making import staged
from tests.scenarios.stage import Stage
from tests.stateful import promises
from tests.stateful.adversary import Adversary

LATE = 30.0
DEADLINE = 0.1
"""Real seconds that a webhook's database work may take here once the lock is there."""
STEPS = {
    "gather caller 1": "the ring is entered",
    "gather wait 1": "a tick",
    "voice leg 1": "a psychologist picks up",
    "gather leg 1": "the claim",
    "whisper bridge 1": "the caller is told",
    "enqueue caller 1": "the caller hangs up",
    "dial leg 1": "the psychologist's dial is over",
}


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """SQLite in `make test`; PostgreSQL's turn comes in `make check`."""
    return either_database_url


class Lock:
    """Another connection that keeps everybody from the rows of live calls."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._release: Callable[[], None] = lambda: None

    def take(self) -> None:
        """From now on nobody writes; on PostgreSQL nobody reads either."""
        if self._url.get_backend_name() == "sqlite":
            lite = sqlite3.connect(str(self._url.database), isolation_level=None)
            lite.execute("BEGIN IMMEDIATE")
            self._release = lite.close
        else:
            parts = {"host": self._url.query["host"], "user": self._url.username, "dbname": self._url.database}
            post = psycopg.connect(**parts)  # type: ignore[arg-type] # a URL's parts are what it takes
            post.execute("LOCK TABLE live_calls, legs, erasures IN ACCESS EXCLUSIVE MODE")
            self._release = post.close

    def give_back(self) -> None:
        """It is free again."""
        self._release()


@contextmanager
def to_be_locked(stage: Stage, lock: Lock) -> Iterator[Callable[[], None]]:
    """Gives what takes the lock, which is given back at the end.

    Once it is taken nobody waits longer for the database than a moment, nor does the rehearsal; until then they have
    as long as on any other stage.
    """
    with pytest.MonkeyPatch.context() as patch:

        def take() -> None:
            service = stage.settings.service.model_copy(update={"database_seconds": DEADLINE})
            stage.replace(settings=stage.settings.model_copy(update={"service": service}))
            for name in ("place", "_note_waves"):
                patch.setattr(Rehearsal, name, _in_time(getattr(Rehearsal, name)))
            lock.take()

        try:
            yield take
        finally:
            lock.give_back()


def _in_time(work: Callable[[Rehearsal], None]) -> Callable[[Rehearsal], None]:
    def done(rehearsal: Rehearsal) -> None:
        with within(DEADLINE):
            work(rehearsal)

    return done


@pytest.mark.parametrize("step", STEPS)
def test_locked_from_a_step_on(step: str, database_url: str, tmp_path: Path) -> None:
    """Whoever is on the line then still gets a human or the crisis numbers, and the call is counted afterwards."""
    story = STORIES["answered"]
    with staged(database_url, tmp_path, story.rota) as stage, Adversary(stage) as adversary:
        lock = Lock(database_url)
        with to_be_locked(stage, lock) as take:
            adversary.at(step, lambda _: take())
            handle = story.dial(stage)
            assert stage.twin.run_until_idle(), "the call never ends"
        assert step in adversary.steps
        stage.twin.run_for(600)
        stage.rehearsal.settle()
        promises.check_callers(stage, [handle], late=LATE)
        assert not stage.twin.violations
        promises.check_rows(stage)
