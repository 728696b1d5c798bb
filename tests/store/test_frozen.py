"""A database that doesn't answer: who has a deadline gets an error by then; afterwards the pool is as good as new."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from helpline.store import breaker, sessions, timed
from helpline.store.deadline import within
from helpline.store.sessions import Store, StoreDown
from helpline.store.tables import Person, Revision
from tests.database import PostgresServer
from tests.shell import eventually, opened, revision, together

pytestmark = pytest.mark.slow  # in `make check`: `make test` has five minutes

DOORS = ("read", "single", "live", "durable")
SECONDS = 0.3
LATEST = 2.0
"""A generous bound: most of it is for a slow machine."""
ROWS = [{"id": n, "name": f"Person {n}", "phone": f"+3319900{n:04}", "languages": "fr"} for n in range(500)]


@pytest.fixture
def frozen(postgres_server: PostgresServer) -> Iterator[Store]:
    """A database whose server a test may freeze."""
    with opened(postgres_server.empty("line")) as store:
        yield store


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A breaker that probes soon."""
    monkeypatch.setattr(breaker, "PAUSE_SECONDS", 0.2)


def ask(store: Store, door: str) -> None:
    """One statement through a door, in time."""
    with within(SECONDS), getattr(store, door)() as connection:
        connection.execute(text("SELECT 1"))


def bump(store: Store, door: str = "live") -> None:
    """Writes, in time."""
    with within(SECONDS), getattr(store, door)() as connection:
        connection.execute(update(Revision).values(n=Revision.n + 1))


@contextmanager
def given_up() -> Iterator[pytest.ExceptionInfo[OperationalError]]:
    """What is done inside has a deadline, and fails when it passes."""
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught, within(SECONDS):
        yield caught
    assert time.monotonic() - began < LATEST


def give_up(store: Store, door: str) -> None:
    """Asks a database that doesn't answer."""
    with given_up():
        ask(store, door)


@pytest.mark.parametrize("warm", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["warm pool", "cold pool"])
def test_a_frozen_server_is_given_up(
    frozen: Store, postgres_server: PostgresServer, warm: bool, impatient: None
) -> None:
    """Whether a statement isn't answered or a connection isn't made; afterwards there is nothing to mend."""
    for door in DOORS:
        if warm:
            ask(frozen, door)
    with postgres_server.frozen():
        together([partial(give_up, frozen, door) for door in DOORS])
    threading.Event().wait(breaker.PAUSE_SECONDS)
    for door in DOORS:
        ask(frozen, door)
    bump(frozen)
    assert revision(frozen) == 1


def test_a_commit_is_given_up(frozen: Store, postgres_server: PostgresServer) -> None:
    """What became of it nobody knows, but it is one of the two, and the next one works."""
    with ExitStack() as stack, given_up(), frozen.durable() as tx:
        tx.execute(update(Revision).values(n=Revision.n + 1))
        stack.enter_context(postgres_server.frozen())
    known = revision(frozen)
    assert known in {0, 1}
    bump(frozen, "durable")
    assert revision(frozen) == known + 1


@pytest.mark.slow
def test_what_was_not_committed_is_undone(frozen: Store, postgres_server: PostgresServer) -> None:
    """The connection is closed; the server notices that, and gives back its locks."""
    with ExitStack() as stack, given_up() as caught, frozen.live() as tx:
        tx.execute(update(Revision).values(n=100))
        stack.enter_context(postgres_server.frozen())
        tx.execute(text("SELECT 1"))
    assert caught.value.connection_invalidated
    with frozen.live() as tx:
        tx.execute(update(Revision).values(n=Revision.n + 1))
    assert revision(frozen) == 1


@pytest.mark.slow
def test_many_rows_are_given_up(frozen: Store, postgres_server: PostgresServer) -> None:
    """The driver sends them in a pipeline of its own."""
    with ExitStack() as stack, given_up(), frozen.durable() as tx:
        tx.execute(text("SELECT 1"))
        stack.enter_context(postgres_server.frozen())
        tx.execute(insert(Person), ROWS)
    with frozen.durable() as tx:
        tx.execute(insert(Person), ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("warm", [True, False], ids=["warm pool", "cold pool"])
def test_many_threads_give_up_together(
    frozen: Store, postgres_server: PostgresServer, warm: bool, impatient: None
) -> None:
    """None waits for another to have waited."""
    if warm:
        together([lambda: ask(frozen, "live")] * 16)
    with postgres_server.frozen():
        began = time.monotonic()
        together([lambda: give_up(frozen, "live")] * 16)
        assert time.monotonic() - began < LATEST
    threading.Event().wait(breaker.PAUSE_SECONDS)
    bump(frozen)
    together([lambda: ask(frozen, "live")] * 16)
    assert revision(frozen) == 1


@pytest.mark.slow
def test_a_connection_that_comes_too_late_is_closed(
    frozen: Store, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would use it, and the server has only so many; meanwhile no more threads connect than may."""
    monkeypatch.setattr(timed, "MOST_CONNECTING", 2)
    with (
        closing(Store(frozen.engine.url.render_as_string(hide_password=False))) as store,
        postgres_server.connect() as own,
    ):
        frozen.close()
        with postgres_server.frozen():
            before = threading.active_count()
            together([partial(give_up, store, "live")] * 8)
            assert threading.active_count() - before <= 2
        theirs = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        eventually(lambda: threading.active_count() <= before and not own.execute(theirs).fetchall())


def test_a_row_that_is_held_is_given_up(postgres_url: str) -> None:
    """Another transaction that doesn't end is as bad as a server that doesn't answer."""
    with opened(postgres_url) as store:
        with store.live() as tx:
            tx.execute(update(Revision).values(n=Revision.n + 1))
            with given_up():
                bump(store)
        assert revision(store) == 1


@pytest.mark.slow
def test_without_a_deadline_a_frozen_server_is_waited_for(frozen: Store, postgres_server: PostgresServer) -> None:
    """A job goes on where it was."""
    with ExitStack() as stack:
        stack.enter_context(postgres_server.frozen())
        job = threading.Thread(target=revision, args=(frozen,))
        job.start()
        job.join(timeout=2 * SECONDS)
        assert job.is_alive()
    job.join(timeout=10)
    assert not job.is_alive()


@pytest.mark.slow
def test_a_server_that_was_restarted_is_not_noticed(frozen: Store, postgres_server: PostgresServer) -> None:
    """Connections that it has closed are made anew before anybody uses them."""
    for door in DOORS:
        ask(frozen, door)
    postgres_server.stop()
    postgres_server.start()
    for door in DOORS:
        ask(frozen, door)


def test_while_it_is_down_nobody_waits(
    frozen: Store, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture, impatient: None
) -> None:
    """After three failures the database is asked now and then; that it is down and back again is logged once."""
    caplog.set_level(logging.WARNING, "helpline.store")
    with postgres_server.frozen():
        for _ in range(breaker.FAILURES):
            give_up(frozen, "live")
        refused = 0
        for _ in range(100):
            with pytest.raises(OperationalError) as caught:
                ask(frozen, "live")
            refused += caught.type is StoreDown
        assert refused >= 95
    threading.Event().wait(breaker.PAUSE_SECONDS)
    for _ in range(3):
        ask(frozen, "live")
    said = [(record.getMessage(), record.__dict__["kind"]) for record in caplog.records]
    assert said == [("database.down", "write"), ("database.back", "write")]


def test_who_comes_after_one_that_waited_in_vain_waits_less(
    frozen: Store, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one may have kept this one's thread: a caller must not wait twice. The next answer ends the doubt."""
    monkeypatch.setattr(sessions, "DOUBT_SECONDS", 0.01)
    ask(frozen, "live")
    with postgres_server.frozen():
        give_up(frozen, "live")
        for door in ("read", "single"):
            began = time.monotonic()
            with pytest.raises(OperationalError), within(60), getattr(frozen, door)() as connection:
                connection.execute(text("SELECT 1"))
            assert time.monotonic() - began < LATEST
    monkeypatch.setattr(sessions, "DOUBT_SECONDS", 60)
    bump(frozen)
    monkeypatch.setattr(sessions, "DOUBT_SECONDS", 0)
    ask(frozen, "read")


def test_what_cannot_be_read_is_not_written(frozen: Store, postgres_server: PostgresServer, impatient: None) -> None:
    """Nobody finds that out anew; and whoever writes again shows that it can be read, too."""
    with postgres_server.frozen():
        for _ in range(breaker.FAILURES):
            give_up(frozen, "read")
        with pytest.raises(StoreDown):
            bump(frozen)
    threading.Event().wait(breaker.PAUSE_SECONDS)
    bump(frozen)
    together([partial(ask, frozen, "read")] * 4)


@pytest.mark.slow
def test_the_breaker_is_not_for_jobs(frozen: Store, postgres_server: PostgresServer) -> None:
    """They have time, and may be what finds out that the database is back."""
    with postgres_server.frozen():
        for _ in range(breaker.FAILURES):
            give_up(frozen, "read")
        with pytest.raises(StoreDown):
            ask(frozen, "read")
    assert revision(frozen) == 0


def test_a_refused_row_is_no_failure(store: Store) -> None:
    """The database answered."""
    for _ in range(2 * breaker.FAILURES):
        with pytest.raises(IntegrityError), within(5), store.durable() as tx:
            tx.execute(insert(Person), ROWS[1])
    ask(store, "durable")


def test_a_deadlock_is_no_failure(store: Store) -> None:
    """The database answered that of two transactions it gave up this one."""
    for _ in range(2 * breaker.FAILURES):
        with pytest.raises(OperationalError), within(5), store.live():
            raise OperationalError("UPDATE", None, DeadlockDetected())
    ask(store, "live")


@pytest.mark.parametrize("door", DOORS)
def test_when_no_time_is_left_nobody_asks(store: Store, door: str) -> None:
    """Nor is that taken for a fault of the database."""
    for _ in range(2 * breaker.FAILURES):
        with pytest.raises(StoreDown, match="no time is left"), within(0), getattr(store, door)():
            pytest.fail("it was asked")
    ask(store, door)


@pytest.mark.parametrize("door", ["single", "live", "durable"])
def test_a_locked_sqlite_is_given_up(sqlite: Store, door: str) -> None:
    """Somebody who holds the lock, another program perhaps, stops writers for as long as they may wait."""
    with closing(Store(f"{sqlite.engine.url}")) as other, other.durable(), given_up():
        bump(sqlite, door)
    bump(sqlite, door)
    assert revision(sqlite) == 1


def test_a_locked_sqlite_can_be_read(sqlite: Store, impatient: None) -> None:
    """Also while nobody asks to write any more: what can be known is known."""
    with closing(Store(f"{sqlite.engine.url}")) as other, other.durable():
        for _ in range(breaker.FAILURES):
            with pytest.raises(OperationalError, match="locked"):
                bump(sqlite)
        with pytest.raises(StoreDown):
            bump(sqlite)
        ask(sqlite, "read")
    threading.Event().wait(breaker.PAUSE_SECONDS)
    bump(sqlite)


def test_a_sqlite_connection_is_as_patient_as_its_user(sqlite: Store) -> None:
    """The same connection waits shortly for a webhook and longer for a job."""

    def patience() -> int:
        with sqlite.live() as tx:
            return int(tx.exec_driver_sql("PRAGMA busy_timeout").scalar_one())

    found = []
    for seconds in (0.8, 0.4):
        with within(seconds):
            found.append(patience())
    found.append(patience())
    assert 0 < found[1] <= 400 < found[0] <= 800
    assert found[2] == 5000
