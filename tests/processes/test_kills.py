"""`kill -9`, again and again, under calls: of a web worker, of the whole server, of the job worker, of PostgreSQL.

20 rounds in `make check`; HELPLINE_KILLS says how many in `make soak`.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from helpline.clock import SystemClock
from helpline.store import erasures
from helpline.store.sessions import Store
from helpline.store.tables import Erasure
from tests.database import PostgresServer
from tests.processes.conftest import Home, Running, free_port, home_on
from tests.processes.traffic import Traffic, check_nothing_lost, children, counted, traffic
from tests.shell import eventually, rows_of

ROUNDS = int(os.environ.get("HELPLINE_KILLS", "20"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240 + 20 * ROUNDS)]

READY = "worker.ready"


def kill(*pids: int) -> None:
    """`kill -9` of all at once, as when a machine dies; a process that has just ended by itself is as dead.

    Stopped first: between two signals a process that is to die next could take up what the one before let fall, try and
    retry: 6 webhooks in a thousand kills of one of two servers, on a busy machine.
    """
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def is_gone(pid: int) -> bool:
    """Whether a process that isn't our child has ended and has been buried: until then its number looks alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@contextmanager
def going(home: Home) -> Iterator[tuple[Traffic, Running, int]]:
    """A server with two workers under calls; and how many calls had been counted before."""
    port = free_port()
    with traffic(home, port) as callers, home.run("serve", "--port", str(port), "--workers", "2") as server:
        server.until(READY, 2)
        with home.store() as store:
            before = counted(store)
        callers.start()
        yield callers, server, before


def test_a_web_worker_is_killed(either_home: Home) -> None:
    """In the middle of calls: whoever it was answering is answered by the other one, at the carrier's one retry."""
    with going(either_home) as (callers, server, before):
        for number in range(ROUNDS):
            # The carrier tries again once, and no retry outlives two kills.
            callers.seen.after(15)
            callers.seen.after_retries()
            workers = children(server.process.pid)
            kill(workers[number % len(workers)])
            server.until(READY, 3 + number)
        callers.finish()
        assert callers.seen.failed() == []
        check_nothing_lost(callers, before)


def test_a_whole_server_is_killed(home: Home) -> None:
    """One of two that share a socket, as `docs/restarts.md` has it; it is started again, then it's the other's turn."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as held, home.store() as store:
        port = held.getsockname()[1]
        serve = ("serve", "--port", str(port), "--workers", "1")
        with traffic(home, port) as callers, ExitStack() as stack:
            before = counted(store)
            other = stack.enter_context(home.run(*serve, socket_of=held))
            other.until(READY)
            callers.start()
            for _ in range(ROUNDS):
                server = stack.enter_context(home.run(*serve, socket_of=held))
                server.until(READY)
                callers.seen.after(10)
                callers.seen.after_retries()
                kill(other.process.pid, *children(other.process.pid))
                other = server
            callers.finish()
            assert callers.seen.failed() == []
            check_nothing_lost(callers, before)


def test_the_only_server_is_killed(home: Home) -> None:
    """What comes until the next one is there waits in the socket; only whose retry waits 2 s in vain is cut off."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as held, home.store() as store:
        port = held.getsockname()[1]
        with traffic(home, port) as callers:
            before = counted(store)
            callers.start()
            for _ in range(ROUNDS // 4):
                with home.run("serve", "--port", str(port), "--workers", "2", socket_of=held) as server:
                    callers.seen.after(20)
                    kill(server.process.pid, *children(server.process.pid))
            with home.run("serve", "--port", str(port), "--workers", "2", socket_of=held):
                callers.finish()
                assert callers.seen.failed_needlessly() == []
                check_nothing_lost(callers, before)


def test_the_job_worker_is_killed(home: Home) -> None:
    """In the middle of erasing and counting: the next one goes on, nothing is erased before it is counted or twice."""
    with going(home) as (callers, _server, before), home.store() as store:
        for _ in range(ROUNDS):
            callers.seen.after(20)
            eventually(lambda: _all_is_due(store))
            waiting = _due(store)
            with home.run("work") as worker:
                # One of these, rather than fewer than there were: a queue whose call ends meanwhile is due at once.
                eventually(lambda: not waiting <= _due(store))  # noqa: B023 - called at once
                kill(worker.process.pid)
        callers.finish()
        assert callers.seen.failed() == []
        check_nothing_lost(callers, before)
        assert [row for row in rows_of(store, Erasure) if not row["erased_at"]] == []
    assert [sid for sid, call in callers.twin.calls.items() if call.over] == []


def _all_is_due(store: Store) -> bool:
    """As if sixteen minutes had passed for the calls that are over; whether there is one to erase."""
    with store.durable() as tx:
        tx.execute(update(Erasure).where(Erasure.erased_at.is_(None)).values(due_at=int(SystemClock().now())))
    return bool(_due(store))


def _due(store: Store) -> set[tuple[str, str]]:
    with store.read() as connection:
        return set(erasures.due(connection, int(SystemClock().now()), 10_000))


def test_postgresql_is_killed(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """All its processes at once: callers meanwhile are answered without it, and what it acknowledged is there."""
    home = home_on(postgres_server.uri, tmp_path)
    with going(home) as (callers, _server, before):
        with writing(home) as acknowledged:
            for _ in range(ROUNDS):
                callers.seen.after(10)
                processes = [postgres_server.pid, *children(postgres_server.pid)]
                kill(*processes)
                callers.seen.after(10)
                eventually(lambda: all(map(is_gone, processes)))  # noqa: B023 - called at once
                postgres_server.start()
        callers.finish()
        assert callers.seen.failed() == []
        check_nothing_lost(callers, before)
        with home.store() as store, store.read() as connection:
            found = set(connection.scalars(select(Erasure.carrier_id)))
    assert len(acknowledged) > ROUNDS
    assert set(acknowledged) <= found


@contextmanager
def writing(home: Home) -> Iterator[list[str]]:
    """Somebody who writes one durable row after another; those that the database acknowledged."""
    acknowledged: list[str] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        with home.store() as store:
            while not stop.wait(max(0.01, ROUNDS / 5000)):  # each row is erased at the carrier in the end
                number += 1
                with suppress(SQLAlchemyError):
                    with store.durable() as tx:
                        erasures.bury(tx, f"CAwritten{number}", int(SystemClock().now()))
                    acknowledged.append(f"CAwritten{number}")

    thread = threading.Thread(target=write, name="writer")
    thread.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        thread.join()
