"""`helpline serve` for real: workers, sockets, signals, and a whole call through them."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from sqlalchemy import select

from helpline import logs
from helpline.carrier.urls import OVERRIDES
from helpline.settings import read_secrets
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, LiveCall, Person, WrapUp
from helpline.twin import HttpTransport, RealClock, Twin, accept, serve
from tests.processes.conftest import Home, Running, free_port
from tests.shell import PATIENCE, eventually, rows_of

pytestmark = pytest.mark.slow

FAST = 20.0
"""Times as fast as a telephone: a minute's call takes three seconds."""
LISTENING, READY, EXITED = "Listening at", "worker.ready", "Worker exiting"
CALLER = "+33199009123"
FIELDS = {"at", "level", "logger", "event", "exception", "where", *logs.ALLOWED}


@contextmanager
def serving(home: Home, port: int, workers: int = 2, *options: str) -> Iterator[Running]:
    """A server that answers on this port."""
    home.configure('public_url = "http://localhost:8000"', f'public_url = "http://127.0.0.1:{port}"')
    with home.run("serve", "--port", str(port), "--workers", str(workers), *options) as running:
        running.until(LISTENING)
        running.until(READY, workers)
        assert health(port) == 200
        yield running


def health(port: int) -> int:
    """Whether the server is well."""
    return requests.get(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE).status_code


def answered(store: Store) -> int:
    """Calls counted as answered."""
    return sum(row["n"] for row in rows_of(store, HourlyCount) if row["outcome"] == "answered")


@contextmanager
def carrier(home: Home, port: int) -> Iterator[Twin]:
    """A carrier on real time that knows the line's numbers and everybody's phone."""
    settings, secrets = home.settings, read_secrets(home.folder)
    clock = RealClock(FAST)
    twin = Twin(
        HttpTransport(), clock=clock, account_sid=settings.carrier.account, auth_token=secrets.auth_tokens[0], seed=None
    )
    line = settings.lines["france"]
    url = f"http://127.0.0.1:{port}/voice/france"
    twin.own(line.published, url + OVERRIDES, f"{url}/status{OVERRIDES}")
    twin.own(line.outbound_caller_id)
    with home.store() as store, store.read() as connection:
        for name, number in connection.execute(select(Person.name, Person.phone)):
            twin.phone(number, accept(after=1, talks=None), name=name)
    with serve(twin.rest) as api:
        home.configure('api_base_url = ""', f'api_base_url = "{api}"')
        twin.start()
        try:
            yield twin
        finally:
            twin.stop()


def test_a_call_goes_all_the_way_through(either_home: Home) -> None:
    """Dialled, greeted, rung, answered, talked, counted; nothing of it is left but a count, and a wrap-up to code."""
    home, port = either_home, free_port()
    with carrier(home, port) as twin, serving(home, port) as running, home.store() as store:
        before = answered(store)
        handle = twin.dial(CALLER, home.settings.lines["france"].published, talks=20.0)
        assert handle.wait_until_over(PATIENCE)
        eventually(lambda: answered(store) == before + 1)
        eventually(lambda: rows_of(store, LiveCall) == [])
        assert len(handle.talked_to) == 1
        assert sum(row["n"] for row in rows_of(store, WrapUp)) == 1
        assert twin.violations == []
        assert running.end() == 0
    assert CALLER[3:] not in "\n".join(running.said)
    assert home.elsewhere() == set()


def test_pages_can_be_another_services(home: Home) -> None:
    """`serve --voice-only` answers the carrier and `/health`; whoever opens a page there finds none."""
    port = free_port()
    with serving(home, port, 1, "--voice-only"):
        base = f"http://127.0.0.1:{port}"
        assert requests.get(f"{base}/sign-in", timeout=PATIENCE).status_code == 404
        assert requests.post(f"{base}/voice/france", timeout=PATIENCE).text == "refused: content-type\n"


def test_nothing_is_written_outside_the_folder(home: Home) -> None:
    """Neither at home nor among temporary files nor where one stands: not while it serves, not after a crash of it."""
    port = free_port()
    with serving(home, port) as running:
        assert home.elsewhere() == set()
        running.end(signal.SIGKILL)
    assert home.elsewhere() == set()


def test_the_log_is_json_from_the_allow_list(home: Home) -> None:
    """The server's own lines included, and what it says of requests that are none."""
    port = free_port()
    with serving(home, port) as running:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wild:
            wild.sendall(b"GET /me/1-secret HTTP/9.9 nonsense\r\nX: \x00\r\n\r\n")
            wild.settimeout(PATIENCE)
            while wild.recv(4096):
                pass
        path = f"http://127.0.0.1:{port}/voice/france/wait/secret-token"
        assert requests.post(path, data={"CallSid": "CA-secret"}, timeout=PATIENCE).status_code == 403
        assert requests.get(f"http://127.0.0.1:{port}/me/1-secret", timeout=PATIENCE).status_code == 404
        assert running.end() == 0
    entries = running.log()
    assert entries
    assert {name for entry in entries for name in entry} <= FIELDS
    assert {"gunicorn.error"} <= {entry["logger"] for entry in entries}
    said = "\n".join(running.said)
    assert "secret" not in said
    assert "127.0.0.1" not in said


def test_a_reload_replaces_the_workers(home: Home) -> None:
    """HUP: the server goes on answering, and ends cleanly afterwards."""
    port = free_port()
    with serving(home, port) as running:
        running.process.send_signal(signal.SIGHUP)
        running.until(READY, 4)
        running.until(EXITED, 2)
        assert health(port) == 200
        assert running.end() == 0
    assert [entry for entry in running.log() if entry["level"] in {"error", "critical"}] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_when_it_is_asked_to(home: Home, number: signal.Signals) -> None:
    """Exit code 0, the port free again, no worker left behind."""
    port = free_port()
    with serving(home, port) as running:
        assert running.end(number) == 0
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken_is_said(home: Home) -> None:
    """And the exit code isn't 0."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with home.run("serve", "--port", str(port), "--workers", "1") as running:
            assert running.process.wait(timeout=PATIENCE) == 1
    assert "already in use" in "\n".join(running.said) or "in use" in "\n".join(running.said)


def test_what_is_wrong_is_said_before_any_worker_starts(home: Home) -> None:
    """In words and at once, also what only a serving process needs."""
    home.configure('taxonomy = ""', 'taxonomy = "none.toml"')
    with home.run("serve", "--port", str(free_port())) as running:
        assert running.process.wait(timeout=PATIENCE) == 1
    (line,) = (line for line in running.said if line.startswith("helpline: "))
    assert "none.toml" in line
    assert "Traceback" not in "\n".join(running.said)
