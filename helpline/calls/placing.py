"""The placer: a thread in each serving process that turns wanted legs into calls at the carrier.

Beside it another fetches people out of empty rooms, which takes no database.

Never inside the answer to a caller. A leg is leased by a conditional UPDATE, so that of several placers one places it;
about one creation a second is allowed to an account, and all processes share that pace through a row. A creation that
timed out is `placing` until its ring time has passed: it is not placed again, and its signed URL adopts it if it rings.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.advancing import lose
from helpline.calls.facts import ANSWER_SECONDS, UNKNOWN, UNPLACED
from helpline.calls.ringing import LegRef, Ringing
from helpline.calls.strays import Strays
from helpline.calls.vault import Vault
from helpline.carrier.rest import NewLeg
from helpline.clock import Clock
from helpline.errors import CarrierError
from helpline.lines import Line
from helpline.shifts.snapshot import Colleague, read_people
from helpline.store import erasures, live_legs, live_rows
from helpline.store.beats import beat
from helpline.store.live_rows import LegRow
from helpline.store.pace import CREATIONS
from helpline.store.sessions import Store
from helpline.store.tables import Leg, Pace
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.ringing import LegState

log = logging.getLogger(__name__)
_T = TypeVar("_T")
IDLE_SECONDS = 1.0
"""How often a placer looks without being woken: another process may have wanted a leg and died."""
BEAT_SECONDS = 10
SERVE = "serve"
"""The name under which serving processes say that they are well."""


class Api(Protocol):
    """What the placer asks of the carrier."""

    def create(self, leg: NewLeg) -> str:
        """Places a call; its id."""
        ...

    def stop_ringing(self, carrier_id: str) -> None:
        """Ends a call that still rings."""
        ...

    def send_on(self, carrier_id: str, url: str) -> None:
        """Sends an answered call to another document."""
        ...


class Urls(Protocol):
    """The URLs of a leg."""

    def leg_url(self, line: Line, ref: LegRef, language: Language) -> str:
        """What the carrier asks when the phone is picked up."""
        ...

    def leg_status_url(self, line: Line, ref: LegRef) -> str:
        """Where the carrier reports what becomes of the leg."""
        ...


@dataclass(frozen=True, slots=True)
class Placing:
    """Places legs and silences phones, one step at a time.

    `before` is called at the beginning of each step with the time (UTC seconds): what it raises puts the step off.
    """

    store: Store
    clock: Clock
    api: Api
    urls: Urls
    ringing: Ringing
    lines: Mapping[str, Line]
    per_second: float
    before: Callable[[int], object]
    vault: Vault
    strays: Strays

    def run_once(self) -> float | None:
        """Does what is due; seconds until more is (0: at once), or None when nothing is wanted."""
        # First of all who has left: no leg is placed for them, and their phones fall silent in this very step.
        now = int(self.clock.now())
        self.before(now)
        self._silence()
        now_ms = int(self.clock.now() * 1000)
        with self.store.read() as connection:
            wanted = connection.execute(
                select(Leg.id, Leg.until).where(Leg.state == LegState.WANTED).order_by(Leg.until, Leg.id).limit(1)
            ).first()
        if wanted is None:
            return None
        if wanted.until <= now:
            # Wanted before an outage, by a caller who may long have left us: its person isn't kept from others for it.
            with self.store.live() as tx:
                lose(tx, live_rows.load_leg(tx, wanted.id), now)
            return 0.0
        wait = self._lease(wanted.id, now_ms)
        if wait is not None:
            return wait
        self._place(wanted.id)
        return 0.0

    def _lease(self, leg: str, now_ms: int) -> float | None:
        """None when this process may place the leg now; else the seconds to wait."""
        with self.store.live() as tx:
            gap = int(1000 / self.per_second)
            allowed = tx.execute(
                update(Pace).where(Pace.name == CREATIONS, Pace.next_at_ms <= now_ms).values(next_at_ms=now_ms + gap)
            ).rowcount
            if not allowed:
                next_at = tx.execute(select(Pace.next_at_ms).where(Pace.name == CREATIONS)).scalar_one()
                # A clock set back must not stop the calls: never wait longer than one gap.
                if next_at - now_ms > gap:
                    tx.execute(update(Pace).where(Pace.name == CREATIONS).values(next_at_ms=now_ms + gap))
                return min(max(1, next_at - now_ms), gap) / 1000
            # Another process may have taken it, or the call may be over, since this one looked.
            mine = live_legs.move_leg(tx, leg, (LegState.WANTED,), LegState.PLACING)
        return None if mine else 0.0

    def _place(self, leg_id: str) -> None:
        with self.store.read() as connection:
            leg = live_rows.load_leg(connection, leg_id)
            if leg is None or leg.call_id is None or leg.state != LegState.PLACING:
                return
            people = read_people(connection) if leg.person is not None else {}
        line = self.lines.get(leg.line)
        if line is None:
            log.warning("leg.without_line", extra={"line": leg.line})
            with self.store.live() as tx:
                live_legs.move_leg(tx, leg.id, (LegState.PLACING,), LegState.ENDED, "failed")
            return
        ref = LegRef(leg.call_id, leg.id, leg.attempt, leg.person, leg.language)
        if leg.service:
            to, own_language = self._service(leg), leg.language
        else:
            to, own_language = _whom(line, leg, people)
        request = NewLeg(
            to,
            line.settings.outbound_caller_id,
            self.urls.leg_url(line, ref, own_language),
            self.urls.leg_status_url(line, ref),
            leg.ring_seconds,
        )
        now = int(self.clock.now())
        if not to:
            self.ringing.give_up(line, ref, "failed", now)
            return
        try:
            carrier_id = self.api.create(request)
        except CarrierError as error:
            log.warning("leg.not_placed", extra={"line": line.name, "reason": str(error)})
            if error.unknown:
                # It may ring all the same: its phone isn't rung again before it would be silent.
                until = now + leg.ring_seconds + ANSWER_SECONDS
                with self.store.live() as tx:
                    live_legs.move_leg(tx, leg.id, (LegState.PLACING,), LegState.PLACING, UNKNOWN, until)
            else:
                self.ringing.give_up(line, ref, "failed" if error.permanent else UNPLACED, now)
            return
        with self.store.live() as tx:
            self._placed(tx, leg, carrier_id, now)

    def _service(self, leg: LegRow) -> str:
        """The number of a service, which is forgotten here: it is dialled once. "" if it can't be read."""
        with self.store.live() as tx:
            live_legs.forget_number(tx, leg.id)
        return (self.vault.open(leg.sealed, leg.id) if leg.sealed is not None else None) or ""

    def _placed(self, tx: Connection, leg: LegRow, carrier_id: str, now: int) -> None:
        until = now + leg.ring_seconds + ANSWER_SECONDS
        if live_legs.move_leg(tx, leg.id, (LegState.PLACING,), LegState.RINGING, None, until, carrier_id):
            return
        row = tx.execute(select(Leg.state, Leg.carrier_id, Leg.call_id).where(Leg.id == leg.id)).first()
        needed = row is not None and row.call_id is not None and row.state != LegState.ENDED
        if not needed and (row is None or row.carrier_id is None):
            erasures.hang_up_later(tx, carrier_id, now)

    def _silence(self) -> None:
        """Phones that ring for nobody any more."""
        with self.store.read() as connection:
            carrier_ids = erasures.to_hang_up(connection)
        for carrier_id in carrier_ids:
            try:
                self.api.stop_ringing(carrier_id)
            except CarrierError as error:
                log.warning("leg.not_silenced", extra={"reason": str(error)})
                if not error.permanent:
                    return
            with self.store.live() as tx:
                erasures.hung_up(tx, carrier_id)


def _whom(line: Line, leg: LegRow, people: Mapping[int, Colleague]) -> tuple[str, Language]:
    """The number to ring and the language its owner is spoken to. "" where it is configured no more."""
    if leg.person is None:
        number = leg.backup or 0
        return "".join(line.settings.backup[number : number + 1]), line.flow.default_language
    colleague = people[leg.person]
    spoken = next((language for language in LANGUAGES if language == colleague.languages[0]), None)
    return colleague.phone, spoken or line.flow.default_language


class PlacerThread:
    """Runs `Placing` until it is stopped. `wake` may be called from any thread, and is cheap.

    `besides` is called every `BEAT_SECONDS` with the time (UTC seconds).
    """

    def __init__(self, besides: Callable[[int], object] = lambda _: None) -> None:
        self._besides = besides
        self._event = threading.Event()
        self._strays = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._beaten = 0

    def take_wake(self) -> bool:
        """Whether it was woken since this was last asked: for whoever runs `Placing` without a thread."""
        woken = self._event.is_set()
        self._event.clear()
        return woken

    def wake(self) -> None:
        """Something may be wanted, or somebody to be fetched."""
        self._event.set()
        self._strays.set()

    def start(self, placing: Placing) -> None:
        """Begins to place."""
        for name, work in (("placer", self._run), ("fetcher", self._fetch)):
            self._threads.append(threading.Thread(target=work, args=(placing,), name=name, daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """Finishes what is in hand and ends."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, placing: Placing) -> None:
        while not self._stopping.is_set():
            self._event.clear()
            delay = _try(placing.run_once)
            # Apart: some of what is due needs no database, and a beat does.
            _try(partial(self._beat, placing))
            if delay != 0:
                self._event.wait(IDLE_SECONDS if delay is None else delay)

    def _fetch(self, placing: Placing) -> None:
        """Who is alone in a room is fetched out by REST, also while a frozen database holds up all the rest."""
        while not self._stopping.is_set():
            self._strays.wait()
            self._strays.clear()
            _try(partial(placing.strays.fetch, placing.api))

    def _beat(self, placing: Placing) -> None:
        now = int(placing.clock.now())
        if abs(now - self._beaten) >= BEAT_SECONDS:
            beat(placing.store, SERVE, now)
            self._besides(now)
            self._beaten = now


def _try(step: Callable[[], _T]) -> _T | None:
    """What it returns; None where it failed. A placer that died would leave every caller waiting."""
    try:
        return step()
    except SQLAlchemyError as error:
        log.error("placer.database", extra={"reason": type(error).__name__})
    except Exception:
        log.exception("placer.failed")
    return None
