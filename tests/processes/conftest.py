"""Real processes in a folder of their own, whose every log line is read while they run."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from helpline.clock import SystemClock
from helpline.demo.filling import fill
from helpline.figures.closing import Office
from helpline.lines import load_lines
from helpline.settings import Settings, load, read_secrets
from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from tests.shell import PATIENCE

COMMAND = Path(sys.executable).with_name("helpline")
BECOME = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""
HAND_OVER = (sys.executable, "-ISc", BECOME)
"""Becomes a program that finds a listening socket where systemd puts it."""


@dataclass
class Running:
    """A process, its log as it comes, and everything it has said so far."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    _lines: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def listen(self) -> None:
        """Reads until the process closes its standard error."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip("\n"))
            self._lines.put(self.said[-1])
        self._lines.put(None)

    def until(self, event: str, times: int = 1) -> None:
        """Waits until so many log lines since the beginning hold these words."""
        while sum(event in line for line in self.said) < times:
            if self._lines.get(timeout=PATIENCE) is None:
                raise AssertionError(f"ended without {event!r}: {self.said}")

    def log(self) -> list[dict[str, Any]]:
        """Every line so far: each must be a JSON object."""
        return [json.loads(line) for line in self.said]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code after this signal."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


@dataclass(frozen=True)
class Home:
    """A machine's worth of folders: the service's own, a home, a place for temporary files, and where one stands."""

    top: Path
    database_url: str

    @property
    def folder(self) -> Path:
        """The configuration's folder: the only one that may change."""
        return self.top / "line"

    @property
    def settings(self) -> Settings:
        """The configuration as it is now."""
        return load(self.folder / "config.toml")

    def configure(self, old: str, new: str) -> None:
        """Changes a line of the configuration."""
        config = self.folder / "config.toml"
        assert old in config.read_text()
        config.write_text(config.read_text().replace(old, new, 1))

    def elsewhere(self) -> set[Path]:
        """Every file and folder outside the service's own."""
        return {path for name in ("home", "temporary", "here") for path in (self.top / name).rglob("*")}

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database."""
        with closing(Store(self.settings.database_url)) as store:
            yield store

    @contextmanager
    def run(self, *arguments: str, socket_of: socket.socket | None = None) -> Iterator[Running]:
        """`helpline ARGUMENTS` in an almost empty environment; `socket_of` is handed over as systemd hands sockets."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.top / "home"),
            "TMPDIR": str(self.top / "temporary"),
            "HELPLINE_CONFIG": str(self.folder / "config.toml"),
        }
        inherited = [] if socket_of is None else [socket_of.fileno()]
        process = subprocess.Popen(
            [*(HAND_OVER if inherited else ()), *map(str, inherited), COMMAND, *arguments],
            env=environment,
            pass_fds=inherited,
            cwd=self.top / "here",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        running = Running(process)
        listener = threading.Thread(target=running.listen)
        listener.start()
        try:
            yield running
        finally:
            process.kill()
            process.wait()
            listener.join()
            assert process.stderr is not None
            process.stderr.close()


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Home:
    """A demonstration's folder made by a real `init`, on SQLite."""
    return home_on(sqlite_url, tmp_path)


@pytest.fixture
def either_home(database_url: str, tmp_path: Path) -> Home:
    """The same on SQLite, then on PostgreSQL."""
    return home_on(database_url, tmp_path)


def home_on(database_url: str, tmp_path: Path) -> Home:
    """A demonstration's folder under `tmp_path`, on this database."""
    home = Home(tmp_path, database_url)
    for name in ("home", "temporary", "here"):
        (tmp_path / name).mkdir()
    with home.run("init", str(home.folder), "--demo") as running:
        assert running.process.wait(timeout=PATIENCE) == 0
    # The carriers of these tests know calls, and of the lines' numbers not all.
    home.configure("sms = true", "sms = false")
    if not database_url.startswith("sqlite"):
        home.configure("sqlite:///helpline.sqlite3", database_url)
        with home.store() as store:
            migrate(store)
            office = Office.of(home.settings, read_secrets(home.folder, {}), store)
            fill(office, load_lines(home.settings), int(SystemClock().now()))
    return home


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
