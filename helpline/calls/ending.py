"""The end of a caller's call: counted once, a wrap-up made, everything else deleted - in one durable transaction.

Whoever is first to say that a call is over buries it (`erasures`) and counts it. Where nothing here can tell what it
was, it is buried uncounted: reconciliation asks the carrier, and whoever clears that mark counts it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.calls.advancing import STALE_SECONDS, release_legs
from helpline.carrier.seal import Seal
from helpline.figures import records
from helpline.lines import Line
from helpline.store import live, live_legs, live_rows
from helpline.store.dialect import AddUp
from helpline.store.erasures import bury, count_later, count_now
from helpline.store.live_rows import CallRow, Loaded
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, MonthlyCount
from ivr_flows.ringing import CLAIM_SECONDS, CallState, LegState
from reports.model import duration_band_of, wait_band_of

HOUR = 3600
ANNOUNCEMENT = 120
"""Seconds: an overflow's announcement in every language of a line takes less."""
add_hourly = AddUp(HourlyCount, ("line", "hour", "outcome", "wait_band"), ("n",))
add_monthly = AddUp(MonthlyCount, ("line", "month", "duration_band"), ("n", "talk_seconds"))


@dataclass(frozen=True, slots=True)
class Last:
    """What the carrier says of the queue a caller was in when they hung up.

    `bridged` is whether somebody was on the line, None where it doesn't say: neither an announced bridge nor a missing
    announcement proves it. `queued_for` is how many seconds they had waited.
    """

    bridged: bool | None = None
    queued_for: int = 0


UNKNOWN = Last()


@dataclass(frozen=True, slots=True)
class Talked:
    """What the degraded flow knows of a call whose conversation is over. Seconds; `person` is None for a backup."""

    waited: int
    talked: int
    person: int | None


@dataclass(frozen=True, slots=True)
class Over:
    """What the carrier says of a call that is over. Instants are UTC seconds.

    `connected` is whether we ever answered it. `dialled` is whether phones were rung for it by TwiML, of which nobody
    can know if one accepted; None where the carrier doesn't know the call any more.
    """

    started: int
    ended: int
    connected: bool = True
    dialled: bool | None = False


class Ending:
    """Use cases of a call's end. `wake` tells the placer that phones may have to fall silent."""

    def __init__(self, store: Store, seal: Seal, wake: Callable[[], None]) -> None:
        self._store = store
        self._seal = seal
        self._wake = wake

    def finish(
        self,
        line: Line,
        carrier_id: str,
        *,
        completed: bool,
        now: int,
        last: Last = UNKNOWN,
        known: Talked | None = None,
        heard: int | None = None,
    ) -> bool:
        """Whether this told something new of the call's end: a repeated or late word changes nothing.

        `completed` is whether the carrier says that the call was connected at all; `last` what it says of the queue;
        `known` counts it as answered, and so does a `last` that says so, even one that is already buried, as long as
        nobody has counted it: of two words that process tells late, the one that knows less may be first. `heard` is
        when the carrier said so, where that couldn't be written before `now`: the call lasted until then.
        """
        ended = now if heard is None else heard
        with self._store.durable() as tx:
            first = bury(tx, carrier_id, ended)
            knows = known is not None or last.bridged is True
            if not first and not (knows and count_now(tx, carrier_id)):
                return False
            loaded = self._load(tx, carrier_id)
            if known is not None:
                self._count_known(tx, line, loaded, known, now)
            elif loaded is None and not completed:
                count(tx, line, ended, "failed", 0)
            elif loaded is None or _in_doubt(loaded, last, ended):
                count_later(tx, carrier_id, line.name)
                _quieten(tx, loaded, now)
                loaded = None
            else:
                self._count(tx, line, _as_it_was(loaded, last, ended), ended, now)
            _drop(tx, loaded, now)
        self._wake()
        return True

    def conclude(self, line: Line, carrier_id: str, over: Over, now: int) -> bool:
        """Counts a call by what the carrier says of it and the row knows; whether it is this that counted it.

        Whatever is left of it here goes in any case: `over` is the carrier's own word.
        """
        ended = min(over.ended, now)
        with self._store.durable() as tx:
            mine = bury(tx, carrier_id, ended) or count_now(tx, carrier_id)
            loaded = self._load(tx, carrier_id)
            if mine and loaded is None:
                count(tx, line, over.started, _outcome(over), 0)
            elif mine and loaded is not None:
                call = _as_it_was(loaded, UNKNOWN, ended)
                if over.dialled and call.waited is None:
                    count(tx, line, call.entered_at, "unknown", 0)
                else:
                    self._count(tx, line, call, ended, now)
            _drop(tx, loaded, ended)
        self._wake()
        return mine

    def without_line(self, name: str, carrier_id: str, ended: int, now: int) -> bool:
        """Counts a call of a line that is served no more as unknown; whether it was still to be counted.

        How else it could be counted, only that line's settings knew. What is left of it goes: its psychologist is free.
        """
        with self._store.durable() as tx:
            mine = bury(tx, carrier_id, ended) or count_now(tx, carrier_id)
            if mine:
                _count_hour(tx, name, ended, "unknown", 0)
            _drop(tx, self._load(tx, carrier_id), now)
        self._wake()
        return mine

    def turned_away(self, line: Line, carrier_id: str, now: int) -> None:
        """The caller hears the announcement of an overflow at `now`: counted as that, at once and once."""
        with self._store.durable() as tx:
            if bury(tx, carrier_id, now + ANNOUNCEMENT):
                count(tx, line, now, "overflow", 0)

    def _load(self, tx: Connection, carrier_id: str) -> Loaded | None:
        """The call as it is left, by whoever was about to change it."""
        found = live_rows.load(tx, self._seal.name("call", carrier_id)) or live_rows.find(tx, carrier_id)
        if found is None:
            return None
        live.lock(tx, found.call.id)
        return live_rows.load(tx, found.call.id)

    def _count(self, tx: Connection, line: Line, call: CallRow, ended: int, now: int) -> None:
        if call.waited is None:
            outcome = "unanswered" if call.state in (CallState.LEAVING, CallState.LEFT) else "abandoned"
            count(tx, line, call.entered_at, outcome, ended - call.entered_at)
            return
        talked = call.talked + (ended - call.bridged_at if call.bridged_at else 0)
        _count_talk(tx, line, call.entered_at, Talked(call.waited, talked, call.person), now)

    def _count_known(self, tx: Connection, line: Line, loaded: Loaded | None, known: Talked, now: int) -> None:
        if loaded is None:
            _count_talk(tx, line, now - known.talked - known.waited, known, now)
            return
        # A conversation before this one is in the row, but for one that the database never heard the end of.
        call = loaded.call
        waited = known.waited if call.waited is None else call.waited
        _count_talk(tx, line, call.entered_at, Talked(waited, call.talked + known.talked, known.person), now)


def _outcome(over: Over) -> str:
    """What a call without a row was."""
    if not over.connected:
        return "failed"
    return "left_in_greeting" if over.dialled is False else "unknown"


def _in_doubt(loaded: Loaded, last: Last, now: int) -> bool:
    """Whether the caller may have been rung for by TwiML, outside the queue: the row knows nothing of that."""
    call = loaded.call
    if call.waited is not None or last.bridged is not None:
        return False
    if call.state == CallState.WAITING:
        return now - call.heartbeat_at >= STALE_SECONDS
    return call.state in (CallState.LEAVING, CallState.LEFT)


def _as_it_was(loaded: Loaded, last: Last, now: int) -> CallRow:
    """The call with a bridge that was never recorded, or without one that was announced and never came."""
    call = loaded.call
    if call.state == CallState.TALKING and last.bridged is False:
        return replace(call, bridged_at=0, waited=call.waited if call.parted_at else None)
    # The carrier's dial would long have given up.
    lasted = last.bridged is None and call.state == CallState.CLAIMED and now - call.claimed_at >= CLAIM_SECONDS
    if call.bridged_at or not (last.bridged or lasted):
        return call
    since = call.claimed_at if call.state == CallState.CLAIMED else min(now, call.queued_at + last.queued_for)
    waited = since - call.entered_at if call.waited is None else call.waited
    return replace(call, bridged_at=since, waited=waited, person=loaded.person)


def _quieten(tx: Connection, loaded: Loaded | None, now: int) -> None:
    """Nobody is rung for a call that is over, though its row stays until it is counted."""
    if loaded is None:
        return
    release_legs(tx, loaded, now)
    for leg in loaded.legs:
        live_legs.move_leg(tx, leg.id, (LegState.WANTED,), LegState.ENDED, "cancelled")


def _drop(tx: Connection, loaded: Loaded | None, now: int) -> None:
    if loaded is not None:
        release_legs(tx, loaded, now)
        live.end(tx, loaded.call.id)


def _count_talk(tx: Connection, line: Line, entered_at: int, talk: Talked, now: int) -> None:
    """An answered call: in its hour, among the month's talks, and on the psychologist's list to code."""
    talked = max(0, talk.talked)
    count(tx, line, entered_at, "answered", talk.waited)
    band, month = duration_band_of(talked), line.month(entered_at)
    add_monthly(tx, {"line": line.name, "month": month, "duration_band": band, "n": 1, "talk_seconds": talked})
    records.expect(tx, line, talk.person, entered_at, talked, now)


def count(tx: Connection, line: Line, at: int, outcome: str, waited: int) -> None:
    """One call more in the hour of `at`."""
    _count_hour(tx, line.name, at, outcome, waited)


def _count_hour(tx: Connection, line: str, at: int, outcome: str, waited: int) -> None:
    band = wait_band_of(max(0, waited))
    add_hourly(tx, {"line": line, "hour": at - at % HOUR, "outcome": outcome, "wait_band": band, "n": 1})
