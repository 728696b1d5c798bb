"""Callers who keep dialling: a carrier on real time whose every request is watched, and what is true afterwards."""

from __future__ import annotations

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import delete, func, select

from helpline.carrier.urls import OVERRIDES
from helpline.clock import SystemClock
from helpline.settings import read_secrets
from helpline.shifts.importing import save_people, save_shifts, touch
from helpline.store.sessions import Store
from helpline.store.tables import Erasure, HourlyCount, Leg, LiveCall, Shift
from helpline.twin import CallHandle, RealClock, Twin, accept, decline, serve, voicemail
from helpline.worker import jobs
from rota.table import PersonRow, ShiftRow
from tests.processes.conftest import Home
from tests.processes.watching import Watched
from tests.shell import PATIENCE, SetClock, rows_of

ERASING = 500
"""Minutes in which `work` erases what these tests leave at the carrier, at most: 200 calls each."""
FAST = 20.0
"""Times as fast as a telephone: a minute's call takes three seconds."""
LINE = "france"
TIERS, SEATS = 4, 3
CREW = [PersonRow(f"Crew {n}", f"+331990020{n:02}", ("fr",), None) for n in range(TIERS * SEATS)]
DAY = 86_400


# --- the callers


class Traffic:
    """A carrier and `at_once` callers at a time: most talk, some hang up early, some press keys, some are patient."""

    def __init__(self, home: Home, port: int, at_once: int = 6) -> None:
        settings, secrets = home.settings, read_secrets(home.folder)
        self.home = home
        self.seen = Watched()
        self.twin = Twin(
            self.seen,
            clock=RealClock(FAST),
            account_sid=settings.carrier.account,
            auth_token=secrets.auth_tokens[0],
            seed=None,
            play_seconds=lambda _url: 5.0,
            keep=20_000,
        )
        self.dialled = 0
        self._line = settings.lines[LINE]
        self._at_once = at_once
        self._going: list[CallHandle] = []
        self._heard: Counter[str] = Counter()
        self._rng = random.Random(7)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_dialling, name="callers")
        url = f"http://127.0.0.1:{port}/voice/{LINE}"
        self.twin.own(self._line.published, url + OVERRIDES, f"{url}/status{OVERRIDES}")
        self.twin.own(self._line.outbound_caller_id)
        for number, person in enumerate(CREW):
            takes = accept(after=2, talks=60)
            ways = {0: (decline(after=2), takes), 1: (voicemail(after=3), takes)}.get(number % 4, (takes,))
            self.twin.phone(person.phone, *ways, name=person.name)

    def start(self) -> None:
        """They begin."""
        self.twin.start()
        self._thread.start()

    def finish(self) -> None:
        """Nobody dials any more, and every call comes to its end, the patient callers' by a hang-up after a while."""
        self._stop.set()
        self._thread.join()
        ended = [handle.wait_until_over(PATIENCE) for handle in self._going]
        for handle, over in zip(self._going, ended, strict=True):
            if not over:
                handle.hang_up()
        assert all(handle.wait_until_over(PATIENCE) and self._over(handle) for handle in self._going)

    def end(self) -> None:
        """Ends the threads, whatever is still going on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.twin.stop()
        self.seen.inner.close()

    def rate(self) -> float:
        """Requests a second, from the first to the last."""
        with self.seen.changed:
            began = [tries[0].at for tries in self.seen.requests.values()]
        return len(began) / (max(began) - min(began))

    def heard(self, event: str) -> int:
        """How many callers heard something of this kind, once all have hung up."""
        return self._heard[event]

    def _over(self, handle: CallHandle) -> bool:
        """Whether the call has ended; then what the caller heard is added up, and what the twin keeps of it dropped."""
        if handle.over:
            self._heard.update({entry.event for entry in handle.call.entries})
            handle.call.exchanges.clear()
        return handle.over

    def _keep_dialling(self) -> None:
        while not self._stop.wait(0.05):
            self._going = [handle for handle in self._going if not self._over(handle)]
            if len(self._going) < self._at_once:
                self.dialled += 1
                self._going.append(self._dial())

    def _dial(self) -> CallHandle:
        number, draw = f"+331990{self._rng.randrange(30_000, 99_999)}", self._rng.random()
        if draw < 0.2:
            return self.twin.dial(number, self._line.published, hang_up_after=self._rng.uniform(1, 40))
        if draw < 0.3:
            return self.twin.dial(number, self._line.published, keys=("9", ""), talks=20)
        return self.twin.dial(number, self._line.published, talks=self._rng.uniform(1, 40))


@contextmanager
def traffic(home: Home, port: int, at_once: int = 6) -> Iterator[Traffic]:
    """Sets a line up for many calls on this port, with its carrier; nobody dials before `start`."""
    home.configure('public_url = "http://localhost:8000"', f'public_url = "http://127.0.0.1:{port}"')
    home.configure("creations_per_second = 1.0", "creations_per_second = 10.0")
    home.configure("wave = 20", "wave = 10")
    home.configure("night_wave = 25", "night_wave = 10")
    home.configure("phone = 40", "phone = 20")
    home.configure("line_calls = 40", "line_calls = 0")
    with home.store() as store:
        _crew(store)
    with ExitStack() as stack:
        made = Traffic(home, port, at_once)
        api = stack.enter_context(serve(made.twin.rest))
        home.configure('api_base_url = ""', f'api_base_url = "{api}"')
        stack.callback(made.end)
        yield made


def _crew(store: Store) -> None:
    """A dozen psychologists on call, three in a tier, and nobody else."""
    now = int(SystemClock().now())
    with store.durable() as tx:
        tx.execute(delete(Shift).where(Shift.line == LINE))
        save_people(tx, CREW)
        shifts = [ShiftRow(LINE, 1 + n // SEATS, person.name, now - DAY, now + DAY) for n, person in enumerate(CREW)]
        save_shifts(tx, shifts)
        touch(tx)


# --- what is true afterwards


def counted(store: Store, outcome: str | None = None) -> int:
    """Calls in the hourly counters of this line."""
    with store.read() as connection:
        wanted = select(func.sum(HourlyCount.n)).where(HourlyCount.line == LINE)
        if outcome is not None:
            wanted = wanted.where(HourlyCount.outcome == outcome)
        return int(connection.execute(wanted).scalar() or 0)


def settle(home: Home) -> None:
    """What `work` does in the hour after the last call: what was lost is asked of the carrier, then erased there."""
    settings, secrets = home.settings, read_secrets(home.folder)
    with home.store() as store:
        clock = SetClock()
        work = {name: run for name, (_, run) in jobs(settings, secrets, store, clock).items() if name != "beat"}
        for later in (0, 400, 800, 1600):
            clock.at = SystemClock().now() + later
            for run in work.values():
                run()
        for _ in range(ERASING):
            if not _left_to_erase(store):
                break
            work["erasing"]()
            clock.at += 60  # a phone that still rings is erased at a later try


def _left_to_erase(store: Store) -> int:
    with store.read() as connection:
        wanted = select(func.count()).select_from(Erasure).where(Erasure.erased_at.is_(None))
        return int(connection.execute(wanted).scalar_one())


def check_nothing_lost(traffic: Traffic, before: int) -> None:
    """Every call was counted once, nothing of it is left, and every answer was one that the carrier stands."""
    assert traffic.twin.violations == []
    settle(traffic.home)
    with traffic.home.store() as store:
        assert rows_of(store, LiveCall) == []
        assert rows_of(store, Leg) == []
        assert counted(store) - before == traffic.dialled
        assert [row["carrier_id"] for row in rows_of(store, Erasure) if row["uncounted"]] == []


# --- processes


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]
