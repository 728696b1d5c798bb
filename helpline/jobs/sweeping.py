"""Every five minutes: calls of which nothing was heard for that long are looked up at the carrier.

A conversation asks for nothing and has no other sign of life; a caller whose end was never told would stay for ever.
Who is in the queue does ask: that their call goes on tells that they left it, or talk though nobody could note it.
Then one of those who were rung for them may be talking, and all others are free for the next caller.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, not_, select

from helpline.calls.advancing import lose
from helpline.calls.ending import Ending, Over
from helpline.errors import CarrierError
from helpline.jobs.reconciling import Api, look_up
from helpline.lines import Line
from helpline.store import live, live_legs, live_rows
from helpline.store.live_legs import SCREENABLE
from helpline.store.live_rows import LegRow
from helpline.store.sessions import Store
from helpline.store.tables import LiveCall, Person
from ivr_flows.ringing import CallState

log = logging.getLogger(__name__)
SILENT_SECONDS = 300
ASKING = (CallState.WAITING, CallState.PARTED)
"""Only a caller's own requests tell that they are in the queue: the carrier's word makes no such row believed."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A call of which nothing was heard; `last` is when it was certainly going on, in UTC seconds."""

    id: str
    line: str
    carrier_id: str
    entered_at: int
    state: str
    last: int


def run(store: Store, api: Api, ending: Ending, lines: Mapping[str, Line], now: int) -> int:
    """Finishes calls that are over as the carrier and their row say; how many.

    Idempotent, and safe beside itself and the reconciliation. Where the carrier doesn't answer, the rest waits.
    """
    with store.live() as tx:
        live_legs.forget_alone(tx, now)
    with store.read() as connection:
        silent = _silent(connection, now)
    try:
        return sum(_look(store, api, ending, lines, call, now) for call in silent)
    except CarrierError as error:
        log.warning("sweep.postponed", extra={"reason": str(error)})
        return 0


def _silent(connection: Connection, now: int) -> Sequence[Silent]:
    rows = connection.execute(
        select(
            LiveCall.id,
            LiveCall.line,
            LiveCall.carrier_id,
            LiveCall.entered_at,
            LiveCall.state,
            LiveCall.heartbeat_at,
            LiveCall.claimed_at,
            LiveCall.bridged_at,
            LiveCall.parted_at,
            # A sign of life in the future is one from before the clock was set back.
        ).where(not_(LiveCall.heartbeat_at.between(now - SILENT_SECONDS + 1, now + SILENT_SECONDS)))
    )
    return [Silent(*row[:5], max(row[5:])) for row in rows]


def _look(store: Store, api: Api, ending: Ending, lines: Mapping[str, Line], call: Silent, now: int) -> bool:
    line = lines.get(call.line)
    if line is None:
        log.warning("call.without_line", extra={"line": call.line})
    try:
        found = look_up(store, api, lines, call.carrier_id, now)
    except CarrierError as error:
        if not error.permanent:
            raise
        if not error.gone:
            log.warning("call.unswept", extra={"line": call.line, "reason": str(error)})
            return False
        # Nobody can say for how long it went on after it was last heard of.
        found = Over(call.entered_at, call.last, dialled=None)
    if found is None:
        if call.state in ASKING and line is not None:
            _free(store, api, line, call, now)
        else:
            with store.single() as tx:
                live.heartbeat(tx, call.id, now)
        return False
    log.info("call.swept", extra={"line": call.line})
    if line is None:
        return ending.without_line(call.line, call.carrier_id, found.ended, now)
    ending.conclude(line, call.carrier_id, found, now)
    return True


def _free(store: Store, api: Api, line: Line, call: Silent, now: int) -> None:
    """Whose phone has long been hung up, and isn't in this call in another way, is busy for it no more."""
    with store.read() as connection:
        loaded = live_rows.load(connection, call.id)
        phones = {row.id: row.phone for row in connection.execute(select(Person.id, Person.phone))}
    overdue = [leg for leg in loaded.legs if leg.state in SCREENABLE and leg.until <= now] if loaded else []
    for leg in overdue:
        backup = line.settings.backup[leg.backup : leg.backup + 1] if leg.backup is not None else ()
        if not _on_the_phone(api, call, leg, "".join(backup) or phones.get(leg.person, "")):
            with store.live() as tx:
                live.lock(tx, call.id)
                lose(tx, leg, now)


def _on_the_phone(api: Api, call: Silent, leg: LegRow, number: str) -> bool:
    """Whether the carrier says, or may mean, that whoever was rung at this number (E.164) still talks in this call."""
    try:
        if leg.carrier_id is not None and not api.fetch(leg.carrier_id).over:
            return True
    except CarrierError as error:
        if not error.permanent:
            raise
        if not error.gone:
            return True
    # What it dialled by itself is no leg of ours.
    others = {child.id for child in api.children(call.carrier_id, {number})}
    return any(not child.over and child.id not in others for child in api.children(call.carrier_id))
