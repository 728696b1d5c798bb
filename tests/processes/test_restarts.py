"""Restarts under twenty webhooks a second: a reload, a new version, a stop and a start, a crash.

The listening socket must outlive the server: held by systemd (`docs/restarts.md`), here by the test. What comes between
two servers waits in it, and the carrier waits 2 s, twice.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask, Response

from helpline.carrier.urls import OVERRIDES
from helpline.twin import serve
from tests.processes.conftest import Home, Running, free_port
from tests.processes.test_kills import kill
from tests.processes.traffic import LINE, Traffic, check_nothing_lost, children, counted, traffic

ROUNDS = max(10, int(os.environ.get("HELPLINE_KILLS", "20")) // 10)
"""In `make soak` a hundred: a round takes seconds, and ends everything that runs."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240 + 20 * ROUNDS)]

READY, EXITED = "worker.ready", "Worker exiting"
CALLERS = 16
"""So many at a time make more than twenty webhooks a second, as long as somebody answers."""
RATE = 20


@contextmanager
def going(home: Home) -> Iterator[tuple[Traffic, socket.socket, int]]:
    """A socket, callers who dial it as soon as they are started, and how many calls had been counted before."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as held,
        traffic(home, held.getsockname()[1], CALLERS) as callers,
        home.store() as store,
    ):
        yield callers, held, counted(store)


@contextmanager
def served(home: Home, held: socket.socket) -> Iterator[Running]:
    """A server on that socket, not yet ready."""
    with home.run("serve", "--port", str(held.getsockname()[1]), "--workers", "2", socket_of=held) as server:
        yield server


def finish(callers: Traffic, before: int) -> None:
    """The calls come to their end, and none is forgotten."""
    callers.finish()
    check_nothing_lost(callers, before)


def test_a_reload_under_traffic(home: Home) -> None:
    """HUP: new workers for old ones, and no answer is missing."""
    with going(home) as (callers, held, before), served(home, held) as server:
        server.until(READY, 2)
        callers.start()
        for number in range(ROUNDS):
            callers.seen.after(RATE)
            server.process.send_signal(signal.SIGHUP)
            server.until(READY, 4 + 2 * number)
            server.until(EXITED, 2 + 2 * number)
        finish(callers, before)
        assert callers.seen.failed() == []
        assert callers.rate() >= RATE


def test_a_new_version_takes_over_under_traffic(home: Home) -> None:
    """Started beside the old one, which is asked to end once the new one answers."""
    with going(home) as (callers, held, before), ExitStack() as stack:
        server = stack.enter_context(served(home, held))
        server.until(READY, 2)
        callers.start()
        for _ in range(ROUNDS):
            fresh = stack.enter_context(served(home, held))
            fresh.until(READY, 2)
            callers.seen.after(RATE)
            assert server.end() == 0
            server = fresh
            callers.seen.after(RATE)
        finish(callers, before)
        assert callers.seen.failed() == []
        assert callers.rate() >= RATE


def test_a_stop_and_a_start_under_traffic(home: Home) -> None:
    """TERM: what is being answered is answered; what comes until the next server is there waits in the socket.

    Only whose first try and retry both waited 2 s in vain is cut off, on a slow machine.
    """
    with going(home) as (callers, held, before):
        callers.start()
        for _ in range(ROUNDS // 2):
            with served(home, held) as server:
                callers.seen.after(3 * RATE)
                assert server.end(signal.SIGTERM) == 0
        with served(home, held):
            finish(callers, before)
            assert callers.seen.failed_needlessly() == []


def test_a_key_is_rotated_at_a_restart(home: Home) -> None:
    """URLs sealed with the old key are opened by servers that have the new one first."""
    said: list[str] = []
    with going(home) as (callers, held, before):
        callers.start()
        for _ in range(2):
            with served(home, held) as server:
                callers.seen.after(3 * RATE)
                keys = home.folder / "secrets" / "seal_key"
                keys.write_text(f"{secrets.token_hex(32)}\n{keys.read_text()}")
                assert server.end(signal.SIGTERM) == 0
            said += server.said
        with served(home, held) as server:
            finish(callers, before)
        said += server.said
    assert [line for line in said if "token.unreadable" in line] == []


def test_without_that_socket_the_fallback_answers(home: Home) -> None:
    """A killed server refuses connections until it is there again: nobody hears an error all the same."""
    port = free_port()
    serve_there = ("serve", "--port", str(port), "--workers", "2")
    with traffic(home, port, CALLERS) as callers, serve(elsewhere()) as host, home.store() as store:
        before, line = counted(store), home.settings.lines[LINE]
        voice = f"http://127.0.0.1:{port}/voice/{LINE}"
        status = f"{voice}/status{OVERRIDES}"
        callers.twin.own(line.published, voice + OVERRIDES, status, f"{host}/fallback", fallback_method="GET")
        callers.start()
        for _ in range(ROUNDS // 2):
            with home.run(*serve_there) as server:
                server.until(READY, 2)
                callers.seen.after(2 * RATE)
                kill(server.process.pid, *children(server.process.pid))
        with home.run(*serve_there):
            callers.finish()
            assert callers.seen.failed() != []
            assert callers.heard("error tone") == 0
            check_nothing_lost(callers, before)


def elsewhere() -> Flask:
    """A host of static files."""
    app = Flask("elsewhere")
    said = '<Response><Say language="fr-FR">Un instant.</Say><Hangup/></Response>'
    app.add_url_rule("/fallback", view_func=lambda: Response(said, content_type="text/xml"))
    return app
