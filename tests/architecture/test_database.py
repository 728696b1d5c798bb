import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.architecture.sources import ROOT
from tests.database import PostgresServer


@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_is_empty(database_url: str, turn: int) -> None:
    """Each test finds its database empty, whatever the one before left there."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE left_behind (id INTEGER PRIMARY KEY)"))
    engine.dispose()


def test_a_forgotten_connection_does_not_block_the_next_test(postgres_url: str) -> None:
    """A transaction left open is thrown away when the database is emptied."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE left_behind (id INTEGER PRIMARY KEY)"))
        _server_of(postgres_url).empty(str(engine.url.database))
        with pytest.raises(DBAPIError, match="terminat"):
            connection.execute(text("SELECT 1"))
    engine.dispose()


def test_commits_are_as_durable_as_on_a_real_line(postgres_url: str) -> None:
    """The server waits for the disk: what the tests measure and prove is what a line gets."""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        settings = [connection.scalar(text(f"SHOW {name}")) for name in ("fsync", "synchronous_commit")]
    engine.dispose()
    assert settings == ["on", "on"]


def test_a_server_can_be_frozen_stopped_and_started(postgres_server: PostgresServer) -> None:
    """A test can make its own server mute, take it away and bring it back with what was committed."""
    url = postgres_server.empty("line").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id INTEGER)")
    with postgres_server.frozen(), pytest.raises(psycopg.errors.ConnectionTimeout):
        psycopg.connect(url, connect_timeout=2)
    postgres_server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    postgres_server.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


A_TEST = """
def test_waits_to_be_killed(postgres_url, capfd):
    with capfd.disabled():
        print(postgres_url, flush=True)
    input()
"""


@pytest.mark.slow
@pytest.mark.usefixtures("postgres_url")
def test_a_killed_run_leaves_nothing(tmp_path: Path) -> None:
    """Even when the tests are killed, their server ends and its folder goes."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_waits.py").write_text(A_TEST)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-s", "-q", "-p", "no:cacheprovider", "-n0"]
    with subprocess.Popen([*command, tmp_path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        url = next(line for line in iter(run.stdout.readline, b"") if b"postgresql" in line).decode()
        server = _server_of(url.strip())
        pid = server.pid
        run.kill()
    state = Path(f"/proc/{pid}/stat")
    _until(lambda: not server.folder.parent.exists())
    _until(lambda: not state.exists() or ") Z" in state.read_text())


def _server_of(url: str) -> PostgresServer:
    folder = Path(str(make_url(url).query["host"]))
    return PostgresServer(folder, folder.parent / "alive")


def _until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(100):
        if condition():
            return
        pause.wait(0.1)
    pytest.fail("still not so after 10 s")
