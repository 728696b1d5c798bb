"""A database that can't be written: a full disk, a read-only one, a standby that took over."""

from __future__ import annotations

import logging
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from helpline.store.sessions import Store
from helpline.store.tables import Beat
from tests.database import PostgresServer
from tests.processes.conftest import Home, home_on
from tests.processes.test_kills import going
from tests.processes.traffic import check_nothing_lost, children
from tests.scenarios.checks import check
from tests.scenarios.making import staged
from tests.scenarios.stage import Stage

ROUNDS = 3
FULL, READ_ONLY = "PRAGMA max_page_count=1", "PRAGMA query_only=ON"


@pytest.mark.parametrize(
    ("pragma", "seconds"), [(FULL, 0), (FULL, 12), (READ_ONLY, 0), (READ_ONLY, 12), (READ_ONLY, 25)]
)
def test_sqlite_takes_nothing_for_a_while(sqlite_url: str, tmp_path: Path, pragma: str, seconds: int) -> None:
    """From the beginning of a call, from its wait or its talk on: somebody answers it, and it is counted in the end."""
    with staged(sqlite_url, tmp_path, {"france": [["Alix", "Billie"]]}) as stage:
        small_pages(stage.store)
        call = stage.dial(talks=60)
        stage.at(seconds)
        with nothing_goes_in(stage, pragma):
            stage.twin.run_until_idle()
        assert call.talked_to
        assert stage.rehearsal.settle()
        stage.log.clear()
        check(stage)


@contextmanager
def nothing_goes_in(stage: Stage, pragma: str) -> Iterator[None]:
    """Every connection of this process is as if the disk were full, or mounted to be read."""

    def checked_out(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(pragma)

    event.listen(Pool, "checkout", checked_out)
    try:
        fill(stage.store)
        yield
    finally:
        event.remove(Pool, "checkout", checked_out)
        stage.store.close()  # its connections remember
    assert {record.getMessage() for record in stage.log if record.levelno >= logging.ERROR}


def small_pages(store: Store) -> None:
    """So that no row fits into what is left of a page."""
    store.close()
    with closing(sqlite3.connect(str(store.engine.url.database), isolation_level=None)) as connection:
        for statement in ("PRAGMA journal_mode=DELETE", "PRAGMA page_size=512", "VACUUM"):
            connection.execute(statement)


def fill(store: Store) -> None:
    """Uses up what free pages the file has."""
    with suppress(OperationalError):
        for number in range(10_000):
            with store.durable() as tx:
                tx.execute(insert(Beat).values(name=f"{number:020}", at=0))
        raise AssertionError("there is room for everything")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_disk_is_full(home: Home) -> None:
    """No process of the server can write to any file: it goes on answering, and counts when there is room again."""
    with going(home) as (callers, server, before):
        for _ in range(ROUNDS):
            callers.seen.after(20)
            with no_room([server.process.pid, *children(server.process.pid)]):
                callers.seen.after(40)
        callers.finish()
        assert callers.seen.failed() == []
        check_nothing_lost(callers, before)
        assert server.process.poll() is None


@contextmanager
def no_room(pids: list[int]) -> Iterator[None]:
    """These processes can't write a byte to any file."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, most) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_postgresql_becomes_read_only(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """As after a fail-over to a standby: it answers, and takes nothing."""
    with going(home_on(postgres_server.uri, tmp_path)) as (callers, _server, before):
        for _ in range(ROUNDS):
            callers.seen.after(20)
            with read_only(postgres_server):
                callers.seen.after(40)
        callers.finish()
        assert callers.seen.failed() == []
        check_nothing_lost(callers, before)


@contextmanager
def read_only(server: PostgresServer) -> Iterator[None]:
    """Every connection is ended, and the next ones may only read."""
    with server.connect("postgres") as connection:
        _switch(connection, "on")
        try:
            yield
        finally:
            _switch(connection, "off")


def _switch(connection: psycopg.Connection, how: str) -> None:
    connection.execute("SET default_transaction_read_only = off")
    connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {how}")
    connection.execute("SELECT pg_reload_conf()")
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
