"""`make load`: a thousand callers wait, ten new ones a second are put through, on this machine and nowhere else.

Prints how long webhooks take, in milliseconds from the instant each was due, for SQLite and for PostgreSQL. Server and
client share the machine's cores; the client is light (one HMAC a request) and takes about a tenth of one.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.bench.stage import free_port
from tests.database import Servers
from tests.load.carrier import carrier
from tests.load.drive import Drive, Party
from tests.load.parties import World, answering, calling, waiting
from tests.load.stage import LINES, LONG, Stage

AIM_MS = 250
AT_ONCE = 24
WORKERS = 2
WARM = 10.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much, and for how long: callers who wait, new calls a second, seconds to warm up and to measure."""

    waiting: int
    calls: float
    warm: float
    measured: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen: seconds by kind of webhook, what failed, calls put through, megabytes of each process."""

    times: Mapping[str, list[float]]
    late: list[float]
    errors: list[str]
    talked: int
    lost: int
    memory: list[tuple[float, float]]
    seconds: float

    @property
    def all(self) -> list[float]:
        """The seconds of every webhook."""
        return [seconds for times in self.times.values() for seconds in times]


def percentile(times: list[float], share: float) -> float:
    """Milliseconds that this share of them takes at most."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def measure(folder: Path, database_url: str | None, load: Load) -> Measured:
    """One database under this load."""
    port = free_port()
    with ExitStack() as stack:
        drive = Drive(port, AT_ONCE)
        api = stack.enter_context(carrier(lambda sid, asked: drive.add(answering(world, sid, asked))))
        stage = Stage(folder / "line", database_url, f"http://127.0.0.1:{port}", api)
        stack.callback(stage.service.store.close)
        stage.fill(load.waiting)
        log = folder / "serve.log"
        server = stack.enter_context(serving(stage.config, port, log))
        world = World(stage)
        for number in range(load.waiting):
            drive.add(waiting(world, number))
        drive.start()
        stack.callback(drive.stop)
        with dialling(drive, world, load.calls):
            pause(load.warm)
            drive.measuring.set()
            before = memory(server)
            pause(load.measured)
            after = memory(server)
            drive.measuring.clear()
    errors = drive.errors + [line for line in log.read_text().splitlines() if _is_error(line)]
    grown = [(before[pid], after[pid]) for pid in before if pid in after]
    return Measured(drive.times, drive.late, errors, world.talked, world.lost, grown, load.measured)


@contextmanager
def serving(config: Path, port: int, log: Path) -> Iterator[int]:
    """A server on this port; its process id."""
    command = ("helpline", "--config", str(config), "serve", "--port", str(port), "--workers", str(WORKERS))
    with log.open("wb") as output:
        started = subprocess.Popen([sys.executable, "-m", *command], stdout=output, stderr=output)
        try:
            while not _listens(port):
                assert started.poll() is None, f"the server ended by itself: {log.read_text()}"
                pause(0.05)
            yield started.pid
        finally:
            started.terminate()
            started.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database on a server of its own."""
    folder.mkdir(mode=0o755)
    servers = Servers(folder)
    os.mkfifo(servers.alive)
    keep = os.open(servers.alive, os.O_RDWR)
    try:
        yield servers.shared().empty("load")
    finally:
        servers.end()
        os.close(keep)


@contextmanager
def dialling(drive: Drive, world: World, a_second: float) -> Iterator[None]:
    """New callers, evenly."""
    stop, numbers = threading.Event(), count()

    def dial() -> None:
        while not stop.wait(1 / a_second):
            number = next(numbers)
            party: Party = calling(world, f"CN{number:032x}", LINES[number % len(LINES)])
            drive.add(party)

    thread = threading.Thread(target=dial, name="dialling")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def memory(server: int) -> dict[int, float]:
    """Megabytes in memory of each worker, by process id."""
    found = subprocess.run(["pgrep", "-P", str(server)], capture_output=True, text=True, check=True)
    sizes = {}
    for pid in found.stdout.split():
        said = subprocess.run(["ps", "-o", "rss=", "-p", pid], capture_output=True, text=True, check=True)
        sizes[int(pid)] = int(said.stdout) / 1024
    return sizes


def say(text: str) -> None:
    """Prints a line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def pause(seconds: float) -> None:
    """Lets the load go on."""
    threading.Event().wait(seconds)


def _is_error(line: str) -> bool:
    if not line.startswith("{"):
        return True
    return json.loads(line)["level"] in {"warning", "error", "critical"}


def report(name: str, seen: Measured) -> None:
    """Prints one database's rows."""
    for kind, times in [*sorted(seen.times.items()), ("all", seen.all)]:
        rate = len(times) / seen.seconds
        figures = "  ".join(f"{percentile(times, share):8.1f}" for share in (0.5, 0.95, 0.99, 1.0))
        say(f"{name:10}  {kind:10}  {rate:7.1f}  {figures}")
    grown = ", ".join(f"{before:.0f} -> {after:.0f}" for before, after in seen.memory)
    say(
        f"{name:10}  {len(seen.errors)} errors; {seen.talked} callers talked, {seen.lost} in vain; "
        f"memory of each worker {grown} MB; sent late by the client itself: p99 {percentile(seen.late, 0.99):.1f} ms"
    )
    for error in seen.errors[:5]:
        say(f"{name:10}  {error[:300]}")


def main() -> int:
    """Measures both databases; 1 when an aim is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--waiting", type=int, default=1000)
    options.add_argument("--calls", type=float, default=10.0)
    options.add_argument("--database", choices=["SQLite", "PostgreSQL"])
    chosen = options.parse_args()
    if chosen.seconds > LONG - 60:
        options.error(f"at most {LONG - 60} seconds: the waiting callers' plan ends")
    load = Load(chosen.waiting, chosen.calls, WARM, chosen.seconds)
    say(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {WORKERS} workers; {load}")
    say(f"{'database':10}  {'webhook':10}  {'a second':>7}  {'p50':>8}  {'p95':>8}  {'p99':>8}  {'longest':>8}  ms")
    missed = False
    with tempfile.TemporaryDirectory(prefix="helpline-load-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with postgres(root / "postgres") as url:
            for name, database_url in (("SQLite", None), ("PostgreSQL", url)):
                if chosen.database in {None, name}:
                    (root / name).mkdir()
                    seen = measure(root / name, database_url, load)
                    report(name, seen)
                    missed |= bool(seen.errors) or percentile(seen.all, 0.99) >= AIM_MS
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
