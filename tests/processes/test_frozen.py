"""A database that is there and doesn't answer, while calls come in: frozen, or locked by somebody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.database import PostgresServer
from tests.processes.conftest import Home, home_on
from tests.processes.test_kills import going
from tests.processes.traffic import Traffic, check_nothing_lost

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ROUNDS = 3
ANSWERED_WITHIN, PATIENCE = 1.0, 2.0
"""Seconds: what is promised, and what the carrier waits before it tries again. A busy machine may exceed the first."""


def go_through(callers: Traffic, before: int) -> None:
    """The calls come to their end; nobody waited for the database, and nothing is lost."""
    took = callers.seen.seconds()
    assert took[len(took) * 99 // 100] < ANSWERED_WITHIN
    assert took[-1] < PATIENCE
    callers.finish()
    assert callers.seen.failed() == []
    check_nothing_lost(callers, before)


def test_postgresql_is_frozen(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """In the middle of whatever it was doing, commits included: every webhook is answered within a second."""
    with going(home_on(postgres_server.uri, tmp_path)) as (callers, _server, before):
        for _ in range(ROUNDS):
            callers.seen.after(20)
            with postgres_server.frozen():
                callers.seen.after(40)
        go_through(callers, before)


def test_the_tables_are_locked(either_home: Home) -> None:
    """By somebody who keeps a transaction open: the same."""
    with going(either_home) as (callers, _server, before):
        for _ in range(ROUNDS):
            callers.seen.after(20)
            with locked(either_home.database_url, either_home):
                callers.seen.after(40)
        go_through(callers, before)


@contextmanager
def locked(database_url: str, home: Home) -> Iterator[None]:
    """Nobody else can write, on PostgreSQL nor read, the calls in progress."""
    if database_url.startswith("sqlite"):
        url = make_url(home.settings.database_url)
        with closing(sqlite3.connect(str(url.database), isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout=10000")
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("LOCK TABLE live_calls, legs IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
