"""`make bench`: how fast a webhook is, as ratios to a bare Flask answer under the same server, measured in one run.

Each figure is the median over rounds in which both were asked in turn, one request after another, each on a
connection of its own, so that a machine whose speed drifts tells the same. Aims: menus 0.7, whatever needs the
database 0.4.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import delete

from helpline.calls.ringing import LegRef
from helpline.carrier.urls import WaitToken
from helpline.store.tables import Leg, LiveCall
from ivr_flows.psychologist import Place, Stage
from tests.bench.calendars import print_feeds
from tests.bench.client import Client, Prepared, seconds_each
from tests.bench.cover import print_cover
from tests.bench.figures import print_figures
from tests.bench.generating import print_generation
from tests.bench.lookups import print_lookups, print_stored
from tests.bench.pages import print_pages
from tests.bench.stage import LINE, Desk, free_port, handed_out, process
from tests.database import Servers

ROUNDS = 7
EACH = 150


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of webhook: the request of a number, what is done before a round, and before each request."""

    request: Callable[[int], Prepared]
    before_round: Callable[[], None]
    before_each: Callable[[], None]


def main() -> None:
    """Prints the table."""
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; ratio to a bare Flask answer (higher is better)")
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        with _postgres(root / "postgres") as url:
            for name, database_url in (("SQLite", None), ("PostgreSQL", url)):
                _measure(name, Desk(root / name, database_url))
            print_lookups()
            with _postgres(root / "lookups") as empty:
                print_stored({"SQLite": f"sqlite:///{root}/lookups.sqlite3", "PostgreSQL": empty})
            with _postgres(root / "figures") as empty:
                print_figures({"SQLite": f"sqlite:///{root}/figures.sqlite3", "PostgreSQL": empty})
    print_cover()
    print_feeds()
    print_pages()
    print_generation()


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    folder.mkdir(mode=0o755)
    servers = Servers(folder)
    os.mkfifo(servers.alive)
    keep = os.open(servers.alive, os.O_RDWR)
    try:
        yield servers.shared().empty("bench")
    finally:
        servers.end()
        os.close(keep)


def _measure(name: str, stage: Desk) -> None:
    port, bare_port = free_port(), free_port()
    folder = stage.config.parent
    serve = ("helpline", "--config", str(stage.config), "serve", "--port", str(port), "--workers", "1")
    with (
        process("tests.bench.bare", str(stage.config), str(bare_port), port=bare_port, log=folder / "bare.log") as bare,
        process(*serve, port=port, log=folder / "serve.log") as ours,
    ):
        hello = [stage.request("http://x/voice", CallSid="CA1")] * EACH
        hello = [Prepared(item.data.replace(b"POST http://x/voice", b"POST /voice"), item.expect) for item in hello]
        for what, scenario in _scenarios(stage, ours).items():
            ratios, times = [], []
            for number in range(ROUNDS + 1):
                scenario.before_round()
                requests = [scenario.request(number * EACH + i) for i in range(EACH)]
                base = seconds_each(bare, hello, scenario.before_each)
                own = seconds_each(ours, requests, scenario.before_each)
                if number:  # the first round warms both up
                    ratios.append(base / own)
                    times.append(own * 1e6)
            print(f"{name:10}  {what:28} {statistics.median(ratios):5.2f}   {statistics.median(times):6.0f} us")
    stage.service.store.close()


def _scenarios(stage: Desk, ours: Client) -> dict[str, Scenario]:
    arrive = stage.request(stage.service.urls.entry(stage.service.lines[LINE]), CallSid="CA0")
    language = handed_out(ours.ask(arrive), "action")
    greeting = handed_out(ours.ask(stage.request(language, CallSid="CA0", Digits="2")), "action")

    def no_calls() -> None:
        with stage.service.store.live() as tx:
            tx.execute(delete(Leg))
            tx.execute(delete(LiveCall))

    def nothing() -> None:
        pass

    def menu(number: int) -> Prepared:
        return stage.request(language, CallSid=f"CA{number}", Digits="2")

    def ring(number: int) -> Prepared:
        return stage.request(greeting, CallSid=f"CR{number}", Digits="")

    return {
        "menu": Scenario(menu, nothing, nothing),
        "ring": Scenario(ring, nothing, no_calls),  # a line rings a caller whose psychologists are free
        "hold loop": Scenario(partial(_wait, stage), no_calls, nothing),
        "claim": Scenario(partial(_claim, stage), no_calls, nothing),
    }


def _wait(stage: Desk, number: int) -> Prepared:
    # The carrier asks about every 12 s and a call's heartbeat is written every 30 s: two in five requests write.
    carrier_id, _ = stage.waiting_call(number, stale=number % 5 < 2)
    line = stage.service.lines[LINE]
    return stage.request(stage.service.urls.wait(line, WaitToken("fr", 1)), CallSid=carrier_id, QueueTime="10")


def _claim(stage: Desk, number: int) -> Prepared:
    carrier_id, leg = stage.waiting_call(number, stale=False)
    call_id = stage.service.placing.ringing.call_id(carrier_id)
    ref = LegRef(call_id, leg, 1, None, "fr")
    url = stage.service.urls.leg(stage.service.lines[LINE], ref, Place(Stage.WHISPER, "fr"))
    return stage.request(url, CallSid=f"CL{number:032}", Digits="1")


if __name__ == "__main__":
    main()
