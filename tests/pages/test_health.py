"""What machines may know of the service's own state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from helpline import worker
from helpline.app import Service
from helpline.calls import placing
from helpline.carrier.floods import Floods
from helpline.carrier.hooks import Tally
from helpline.pages.health import AGAIN_AFTER, DEADLINE, OVERDUE, HealthPages
from helpline.store.beats import FRESH_SECONDS, beat
from helpline.store.deadline import remaining
from helpline.store.erasures import ERASE_AFTER, bury, erased
from helpline.store.sessions import Store
from tests.shell import NOON, SetClock, serving, together

WELL = {"status": "ok", "database": True, "serve": True, "work": True, "overdue": 0}


class Machine:
    """Asks a service how it is."""

    def __init__(self, service: Service, clock: SetClock) -> None:
        self.service, self.clock = service, clock
        self.beat("serve", "work")

    def beat(self, *names: str) -> None:
        """These processes say that they are well."""
        for name in names:
            beat(self.service.store, name, int(self.clock.at))

    def ask(self, path: str = "/health/ready") -> tuple[int, dict[str, Any]]:
        """The answer's status and what it says."""
        answer = self.service.web.test_client().get(path)
        assert answer.content_type == "application/json"
        return answer.status_code, dict(answer.json or {})

    def later(self, seconds: float = AGAIN_AFTER) -> tuple[int, dict[str, Any]]:
        """The answer so many seconds later."""
        self.clock.at += seconds
        return self.ask()


@pytest.fixture
def machine(database_url: str, tmp_path: Path) -> Iterator[Machine]:
    """A service that is well."""
    clock = SetClock()
    with serving(database_url, tmp_path, clock) as service:
        yield Machine(service, clock)


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database can't be reached."""

    def read(_: Store) -> None:
        raise OperationalError("SELECT", None, Exception("down"))

    with monkeypatch.context() as patch:
        patch.setattr(Store, "read", read)
        yield


def test_all_is_well(machine: Machine) -> None:
    """200, and nothing but a word, three yeses and a nought."""
    assert machine.ask() == (200, WELL)


@pytest.mark.parametrize("name", [placing.SERVE, worker.NAME])
def test_a_process_that_has_fallen_silent_is_told(machine: Machine, name: str) -> None:
    """Half a minute without a sign of the process that serves, or of the one that erases: 503."""
    machine.clock.at += FRESH_SECONDS
    machine.beat(*{"serve", "work"} - {name})
    assert machine.ask() == (503, WELL | {"status": "failing", name: False})
    machine.beat(name)
    assert machine.later() == (200, WELL)


def test_a_database_out_of_reach_is_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, and of the rest nobody can tell; the service lives, because calls are answered all the same."""
    unknown = {"serve": None, "work": None, "overdue": None}
    with broken(monkeypatch):
        assert machine.ask() == (503, {"status": "failing", "database": False, **unknown})
        assert machine.ask("/health/live")[0] == 200
    assert machine.later() == (200, WELL)


def test_a_database_without_tables_is_out_of_reach(machine: Machine) -> None:
    """Whatever is wrong with it: 503 and no error page."""
    with machine.service.store.durable() as tx:
        tx.execute(text("DROP TABLE erasures"))
    status, said = machine.ask()
    assert (status, said["database"]) == (503, False)


def test_erasures_that_are_late_are_told(machine: Machine) -> None:
    """A call that should have been erased at the carrier an hour ago, by its number and nothing else."""
    with machine.service.store.durable() as tx:
        bury(tx, "CA-1", NOON)
        bury(tx, "CA-2", NOON + 1)
    machine.clock.at = NOON + ERASE_AFTER + OVERDUE - 1
    machine.beat("serve", "work")
    assert machine.ask() == (200, WELL)
    assert machine.later() == (503, WELL | {"status": "failing", "overdue": 1})
    with machine.service.store.durable() as tx:
        erased(tx, "CA-1", NOON)
        erased(tx, "CA-2", NOON)
    assert machine.later() == (200, WELL)


def test_the_database_is_asked_once_a_second(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask: they are told what was found last."""
    machine.ask()
    with broken(monkeypatch):
        assert [machine.ask() for _ in range(3)] == [(200, WELL)] * 3
        assert machine.later()[0] == 503
    assert machine.ask()[0] == 503
    assert machine.later(-100)[0] == 200  # a clock set back


def test_a_database_that_hangs_keeps_one_thread(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is bounded, and whoever asks meanwhile is told what was found last."""
    machine.ask()
    machine.clock.at += AGAIN_AFTER
    left, inside = [], []

    def hanging(_: Store) -> None:
        left.append(remaining())
        inside.append(machine.ask())
        raise OperationalError("SELECT", None, Exception("too late"))

    monkeypatch.setattr(Store, "read", hanging)
    assert machine.ask()[0] == 503
    assert inside == [(200, WELL)]
    assert len(left) == 1
    assert 0 < (left[0] or 0) <= DEADLINE


def test_many_may_ask_at_once(machine: Machine) -> None:
    """From the first moment on."""
    assert together([machine.ask] * 8) == [(200, WELL)] * 8


def test_asking_makes_the_limits_forget(machine: Machine) -> None:
    """On a line that nobody calls any more, whoever watches over it wipes what is left of its last caller."""
    floods = Floods.of(machine.service.settings.lines)
    web = Flask("a service of its own")
    web.register_blueprint(HealthPages(machine.service.store, machine.clock, Tally(), floods).blueprint())
    assert floods.admits("france", "+33199009001", "CA-1", NOON)
    assert any(bytes(floods._memory)[16:])
    machine.clock.at += 7200
    web.test_client().get("/health/ready")
    assert not any(bytes(floods._memory)[16:])


def test_nothing_of_anybody_is_told(machine: Machine) -> None:
    """Words and numbers from a fixed list; nobody keeps them."""
    with machine.service.store.durable() as tx:
        bury(tx, "CA-secret", 0)
    assert set(machine.ask()[1]) == set(WELL)
    answer = machine.service.web.test_client().get("/health/ready")
    assert "secret" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
