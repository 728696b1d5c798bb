"""Ring me to test my phone: a psychologist's phone is rung, and whoever picks up presses 1.

No caller is part of it: it is counted nowhere, and erased at the carrier as every leg is. While it lasts its person is
busy, as with any leg; callers come first, so it isn't made while one waits. What is left of it for a day are two
tombstones that name nobody: that somebody asked in this minute, under a key, and that a key was heard.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from sqlalchemy import Connection, select

from helpline.calls.planning import PLACING_SECONDS
from helpline.carrier.hooks import Hook
from helpline.carrier.rest import NewLeg
from helpline.carrier.try_urls import TryUrls
from helpline.clock import Clock
from helpline.errors import CarrierError
from helpline.lines import Line
from helpline.store import live_legs, live_rows
from helpline.store.dialect import InsertOnce
from helpline.store.erasures import erase_later, hang_up_later, known, once
from helpline.store.pace import take_turn
from helpline.store.sessions import Store
from helpline.store.tables import Leg, LiveCall, Person
from ivr_flows.actions import Document
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.ringing import SCREEN_SECONDS, CallState, LegState
from ivr_flows.trying import Place, answer, heard

log = logging.getLogger(__name__)
MINUTE, DAY = 60, 86_400
RING_SECONDS = 25
LONGER = 30
"""Seconds that a leg is kept after it should have been heard of."""
ANSWERED_SECONDS = SCREEN_SECONDS + LONGER
"""From picking up to the end of what is said."""
WAITING = (CallState.WAITING, CallState.CLAIMED, CallState.PARTED)
HEARD_SECONDS = 60
"""A caller who wasn't heard of for this long has hung up and holds nobody back."""
KIND = "try"
_insert_leg = InsertOnce(Leg)

Why = Literal["soon", "busy", "callers", "carrier"]
"""Why a phone wasn't rung: tried a minute ago, in use, somebody waits on a line, the carrier can't right now."""
State = Literal["ringing", "heard", "over"]


class Api(Protocol):
    """What is asked of the carrier."""

    def create(self, leg: NewLeg) -> str:
        """Places a call; its id."""
        ...


class NotRung(Exception):  # noqa: N818 - it is what became of the wish
    """The phone wasn't rung. `why` says why; nothing is left of the wish."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@dataclass(frozen=True, slots=True)
class Trying:
    """The use case. `key` is kept outside the database; `per_second` is the pace of the account's calls."""

    store: Store
    clock: Clock
    api: Api
    urls: TryUrls
    key: bytes
    per_second: float

    def ring(self, line: Line, person: int) -> str:
        """Rings this person's phone in the name of `line`; by what it can be asked about. Raises `NotRung`."""
        leg, now = secrets.token_hex(16), int(self.clock.now())
        with self.store.durable() as tx:
            self._once_a_minute(tx, person, now)
            if _somebody_waits(tx, now) or not take_turn(tx, int(self.clock.now() * 1000), self.per_second):
                raise NotRung("callers")
            row = tx.execute(select(Person.phone, Person.languages).where(Person.id == person)).one()
            language = _first(row.languages.split(), line)
            if not _insert_leg(tx, _leg(line, leg, person, language, now)):
                raise NotRung("busy")  # the index keeps them from a second call
        request = NewLeg(
            row.phone,
            line.settings.outbound_caller_id,
            self.urls.trying(line, leg, Place(language)),
            self.urls.tried(line, leg),
            RING_SECONDS,
        )
        try:
            carrier_id = self.api.create(request)
        except CarrierError as error:
            log.warning("try.not_placed", extra={"line": line.name, "reason": str(error)})
            if error.unknown:
                return leg  # it may ring all the same
            with self.store.live() as tx:
                live_legs.forget_leg(tx, leg)
            raise NotRung("carrier") from error
        self._placed(leg, carrier_id, now)
        return leg

    def _once_a_minute(self, tx: Connection, person: int, now: int) -> None:
        """Raises `NotRung` for who asked in this minute or in the one before."""
        this, before = (self._name(person, minute) for minute in (now // MINUTE, now // MINUTE - 1))
        if known(tx, [before]) or not once(tx, this, KIND, _end_of_day(now)):
            raise NotRung("soon")

    def _name(self, person: int, minute: int) -> str:
        digest = hmac.digest(self.key, f"try:{person}:{minute}".encode(), hashlib.sha256)
        return f"try-{digest.hex()[:32]}"

    def _placed(self, leg: str, carrier_id: str, now: int) -> None:
        with self.store.live() as tx:
            until = now + RING_SECONDS + PLACING_SECONDS + LONGER
            rings = live_legs.move_leg(tx, leg, (LegState.PLACING,), LegState.RINGING, None, until, carrier_id)
            if not rings and live_rows.load_leg(tx, leg) is None and not known(tx, [carrier_id]):
                hang_up_later(tx, carrier_id, now)  # forgotten meanwhile: it would ring for nobody

    def state(self, leg: str, person: int) -> State:
        """What has become of it, as its person may know it."""
        with self.store.read() as connection:
            if known(connection, [_heard(leg)]):
                return "heard"
            rings = connection.execute(select(Leg.id).where(Leg.id == leg, Leg.person == person)).first()
        return "ringing" if rings is not None else "over"

    # --- the phone

    def answer(self, line: Line, token: str, hook: Hook, now: int) -> tuple[str, Document[Place]]:
        """It was picked up, or keys were pressed, or none: which leg it is, and what it hears. Raises `BadToken`."""
        leg, place = self.urls.open_trying(line, token)
        with self.store.live() as tx:
            if not place.nth:
                until = now + ANSWERED_SECONDS
                live_legs.move_leg(tx, leg, live_legs.RINGABLE, LegState.SCREENING, None, until, hook.call)
            elif heard(place, hook.digits):
                once(tx, _heard(leg), KIND, _end_of_day(now))
        return leg, answer(place, hook.digits, line.flow.spoken[place.language])

    def over(self, line: Line, token: str, hook: Hook, now: int) -> None:
        """The carrier reports on it. Raises `BadToken`."""
        leg = self.urls.open_tried(line, token)
        if hook.over:
            with self.store.durable() as tx:
                erase_later(tx, hook.call, now)
                live_legs.forget_leg(tx, leg)


def _heard(leg: str) -> str:
    return f"heard-{leg}"


def _end_of_day(now: int) -> int:
    return (now // DAY + 1) * DAY


def _somebody_waits(tx: Connection, now: int) -> bool:
    fresh = (LiveCall.state.in_(WAITING), LiveCall.heartbeat_at > now - HEARD_SECONDS)
    return tx.execute(select(LiveCall.id).where(*fresh).limit(1)).first() is not None


def _first(spoken: list[str], line: Line) -> Language:
    """The language that its owner is spoken to in."""
    return next((code for code in LANGUAGES if code in spoken[:1]), line.flow.default_language)


def _leg(line: Line, leg: str, person: int, language: Language, now: int) -> Mapping[str, object]:
    """A leg without a call, which keeps its person busy; `placing`, because this process places it and no placer."""
    return {
        "id": leg,
        "call_id": None,
        "line": line.name,
        "attempt": 1,
        "wave": 0,
        "person": person,
        "backup": None,
        "language": language,
        "ring_seconds": RING_SECONDS,
        "state": LegState.PLACING,
        "outcome": None,
        "until": now + RING_SECONDS + PLACING_SECONDS + LONGER,
        "carrier_id": None,
    }
