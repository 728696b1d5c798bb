"""The end of a caller's call: counted once, a wrap-up made, everything else deleted - in one durable transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.calls.ringing import release_legs
from helpline.carrier.seal import Seal
from helpline.figures import records
from helpline.lines import Line
from helpline.store import live
from helpline.store.dialect import AddUp
from helpline.store.erasures import bury
from helpline.store.live import CallRow, Loaded
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, MonthlyCount
from ivr_flows.ringing import CLAIM_SECONDS, CallState
from reports.model import duration_band_of, wait_band_of

HOUR = 3600
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


class Ending:
    """Use case of the carrier's final status. `wake` tells the placer that phones may have to fall silent."""

    def __init__(self, store: Store, seal: Seal, wake: Callable[[], None]) -> None:
        self._store = store
        self._seal = seal
        self._wake = wake

    def finish(self, line: Line, carrier_id: str, *, completed: bool, now: int, last: Last = UNKNOWN) -> bool:
        """Whether this was the first final status of the call: the others change nothing.

        `completed` is whether the carrier says that the call was connected at all; `last` what it says of the queue.
        """
        with self._store.durable() as tx:
            if not bury(tx, carrier_id, now):
                return False
            loaded = live.load(tx, self._seal.name("call", carrier_id)) or live.find(tx, carrier_id)
            if loaded is None:
                count(tx, line, now, "left_in_greeting" if completed else "failed", 0)
                return True
            release_legs(tx, loaded, now)
            self._count(tx, line, _as_it_was(loaded, last, now), now)
            live.end(tx, loaded.call.id)
        self._wake()
        return True

    def _count(self, tx: Connection, line: Line, call: CallRow, now: int) -> None:
        if call.waited is None:
            outcome = "unanswered" if call.state in (CallState.LEAVING, CallState.LEFT) else "abandoned"
            count(tx, line, call.entered_at, outcome, now - call.entered_at)
            return
        count(tx, line, call.entered_at, "answered", call.waited)
        talked = call.talked + (now - call.bridged_at if call.bridged_at else 0)
        band = duration_band_of(talked)
        month = line.month(call.entered_at)
        add_monthly(tx, {"line": line.name, "month": month, "duration_band": band, "n": 1, "talk_seconds": talked})
        records.expect(tx, line, call.person, call.entered_at, talked, now)


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
    leg = loaded.leg(call.claimed_leg)
    waited = since - call.entered_at if call.waited is None else call.waited
    return replace(call, bridged_at=since, waited=waited, person=leg.person if leg else call.person)


def count(tx: Connection, line: Line, at: int, outcome: str, waited: int) -> None:
    """One call more in the hour of `at`."""
    band = wait_band_of(max(0, waited))
    hour = at - at % HOUR
    add_hourly(tx, {"line": line.name, "hour": hour, "outcome": outcome, "wait_band": band, "n": 1})
