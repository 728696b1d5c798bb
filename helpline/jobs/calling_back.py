"""Every ten seconds: whoever asked to be called back is called, by a psychologist who is on call and free.

The psychologist's phone is rung first, one person at a time, and never while somebody waits on a line. A callback is
taken by a conditional UPDATE in the transaction that makes the leg, so that of several workers one rings; whatever a
worker that died had taken is given up when its time is over.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import Connection, select

from helpline.calls.callback import Callbacks
from helpline.calls.planning import PLACING_SECONDS, Planner
from helpline.calls.vault import Vault
from helpline.carrier.callback_urls import BackRef, CallbackUrls
from helpline.carrier.rest import NewLeg
from helpline.carrier.seal import Seal
from helpline.clock import Clock
from helpline.errors import CarrierError
from helpline.lines import Line
from helpline.settings import Secrets, Settings
from helpline.shifts.snapshot import Colleague, RotaSnapshots, read_people
from helpline.store import callbacks, live_legs, live_rows
from helpline.store.callbacks import CallbackRow
from helpline.store.dialect import InsertOnce
from helpline.store.erasures import hang_up_later
from helpline.store.pace import take_turn
from helpline.store.sessions import Store
from helpline.store.tables import Leg, LiveCall
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.ringing import CallState, LegState
from rota.plan import RingPlan, Target

log = logging.getLogger(__name__)
EVERY = 10
NOBODY_SECONDS = 30
"""Nobody is free: when to look again."""
ROUND_SECONDS = 600
LONGEST_ROUND = 3600
"""Everybody free was asked and nobody took it: they are asked again after ten minutes, then twenty, up to an hour."""
LONGER = 30
"""Seconds that the leg of a psychologist outlives its turn, so that whoever gives it up knows what to silence."""
WAITING = (CallState.WAITING, CallState.CLAIMED, CallState.PARTED)
HEARD_SECONDS = 60
"""A caller who wasn't heard of for this long has hung up and holds no callback back."""
_insert_leg = InsertOnce(Leg)


class Api(Protocol):
    """What this job asks of the carrier."""

    def create(self, leg: NewLeg) -> str:
        """Places a call; its id."""
        ...


@dataclass(frozen=True, slots=True)
class CallingBack:
    """Makes the calls that are due."""

    store: Store
    clock: Clock
    api: Api
    urls: CallbackUrls
    callbacks: Callbacks
    planner: Planner
    per_second: float

    def run(self) -> int:
        """Tidies up, then rings one psychologist for each callback that is due and can be made; how many."""
        now = int(self.clock.now())
        self.callbacks.tidy(self.planner.lines, now)
        with self.store.read() as connection:
            rows = callbacks.due(connection, now)
        rung = 0
        for row in rows:
            line = self.planner.lines.get(row.line)
            taken = self._take(line, row, now) if line is not None else None
            if line is not None and taken is not None:
                self._ring(line, taken, now)
                rung += 1
        return rung

    def _take(self, line: Line, row: CallbackRow, now: int) -> tuple[BackRef, Target] | None:
        """Whom this process rings for the callback, if anybody."""
        if not self.callbacks.readable(row):
            with self.store.durable() as tx:
                self.callbacks.expire(tx, line, row, now, "key gone")
            return None
        with self.store.live() as tx:
            if _somebody_waits(tx, now):
                return None
            plan = self.planner.plan(tx, line, row.language, now, excluded=row.people)
            target = _first(plan, row.language)
            if target is None or target.person is None:
                _wait(tx, row, now, busy=plan.busy_held)
                return None
            if not self._may_create(tx):
                return None
            ref = BackRef(row.id, secrets.token_hex(16), target.person, row.language)
            until = now + target.ring_seconds + PLACING_SECONDS
            if not _insert_leg(tx, _leg(line, ref, target, until + LONGER)):
                return None  # they became busy a moment ago: the index keeps them from a second call
            if not callbacks.start(tx, row, ref.leg, ref.person, until):
                live_legs.forget_leg(tx, ref.leg)  # another worker has the callback
                return None
        return ref, target

    def _may_create(self, tx: Connection) -> bool:
        """Whether the carrier may be asked for a call now: the pace is everybody's."""
        return take_turn(tx, int(self.clock.now() * 1000), self.per_second)

    def _ring(self, line: Line, taken: tuple[BackRef, Target], now: int) -> None:
        ref, target = taken
        with self.store.read() as connection:
            colleague = read_people(connection)[ref.person]
        request = NewLeg(
            colleague.phone,
            line.settings.outbound_caller_id,
            self.urls.pick_up(line, ref, _own_language(colleague, line)),
            self.urls.over(line, ref),
            target.ring_seconds,
        )
        try:
            carrier_id = self.api.create(request)
        except CarrierError as error:
            log.warning("callback.not_placed", extra={"line": line.name, "reason": str(error)})
            if not error.unknown:
                self._not_placed(ref, now, permanent=error.permanent)
            return
        with self.store.live() as tx:
            until = now + target.ring_seconds + PLACING_SECONDS + LONGER
            rings = live_legs.move_leg(tx, ref.leg, (LegState.PLACING,), LegState.RINGING, None, until, carrier_id)
            if not rings and live_rows.load_leg(tx, ref.leg) is None:
                hang_up_later(tx, carrier_id, now)  # given up meanwhile: it would ring for nobody

    def _not_placed(self, ref: BackRef, now: int, *, permanent: bool) -> None:
        """The carrier refused: another person is asked if it is the number's fault, else the same a little later."""
        if permanent:
            self.callbacks.pass_on(ref, now)
        else:
            self.callbacks.put_off(ref, now + NOBODY_SECONDS)
        with self.store.live() as tx:
            live_legs.forget_leg(tx, ref.leg)


def make(
    settings: Settings, secrets_: Secrets, store: Store, clock: Clock, api: Api, lines: Mapping[str, Line]
) -> CallingBack:
    """The job of these settings."""
    seal = Seal(secrets_.seal_keys)
    uses = Callbacks(store, seal, Vault(secrets_.seal_keys))
    urls = CallbackUrls(settings.service.public_url, seal)
    planner = Planner(RotaSnapshots(), lines)
    return CallingBack(store, clock, api, urls, uses, planner, settings.carrier.creations_per_second)


def _somebody_waits(tx: Connection, now: int) -> bool:
    """Whether a caller is on the line for whom somebody is still to be found: they come first."""
    fresh = (LiveCall.state.in_(WAITING), LiveCall.heartbeat_at > now - HEARD_SECONDS)
    return tx.execute(select(LiveCall.id).where(*fresh).limit(1)).first() is not None


def _first(plan: RingPlan, language: Language) -> Target | None:
    """The first free person on call who speaks the language; the plan leaves out who was asked in this round."""
    people = [target for wave in plan.waves for target in wave.targets if target.person is not None]
    return next((target for target in people if target.language == language), None)


def _wait(tx: Connection, row: CallbackRow, now: int, *, busy: bool) -> None:
    """Nobody is free: soon again if somebody still to be asked is `busy`, after a while if everybody was asked."""
    if busy or not row.asked:
        callbacks.wait(tx, row, now + NOBODY_SECONDS)
        return
    pause = min(LONGEST_ROUND, ROUND_SECONDS * (row.rounds + 1))
    callbacks.wait(tx, replace(row, rounds=row.rounds + 1, asked=""), now + pause)


def _leg(line: Line, ref: BackRef, target: Target, until: int) -> Mapping[str, object]:
    """A leg without a call, which keeps its person busy; `placing`, because this process places it and no placer."""
    return {
        "id": ref.leg,
        "call_id": None,
        "line": line.name,
        "attempt": 1,
        "wave": 0,
        "person": ref.person,
        "backup": None,
        "language": target.language,
        "ring_seconds": target.ring_seconds,
        "state": LegState.PLACING,
        "until": until,
    }


def _own_language(colleague: Colleague, line: Line) -> Language:
    spoken = next((language for language in LANGUAGES if language == colleague.languages[0]), None)
    return spoken or line.flow.default_language
