"""Every minute: the calls that the carrier remembers are compared with those that were counted and will be erased.

A call that ended without a row here (hung up in the greeting, served without the database or by the static files), or
whose end nobody told us, is counted by what the carrier says of it: its times, its status, and whether phones were
rung for it. If any were, its outcome is unknown; if none, it was left in the greeting, and so is counted too the rare
call that reached the crisis numbers while there was neither a database nor anybody to ring. Who was only put through
to somebody of the directory, or to a partner, left in the greeting too: no psychologist was ever rung. A call's numbers
are never kept, and once it is counted it will be erased, so the list stays short.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from sqlalchemy import select

from helpline.calls.ending import Ending, Over
from helpline.carrier.rest import DIALLED, CarrierCall
from helpline.directory.reading import read_all
from helpline.errors import CarrierError
from helpline.lines import Line
from helpline.store import erasures
from helpline.store.erasures import Uncounted
from helpline.store.sessions import Store
from helpline.store.tables import Leg, Person
from ivr_flows.model import ForwardStep

log = logging.getLogger(__name__)
LOOK_BACK = 8 * 86_400
"""Seconds: calls that began before are left alone. A week's outage is made up for, an older history is not ours."""
QUIET_SECONDS = 60
"""A call that ended later is left for the next time: the webhook of its end, which says more, may still be coming."""
FORGOTTEN_SECONDS = 180
"""Longer than a phone may ring: nobody waits any more for a call of ours that no leg knows and nobody has answered."""
UNANSWERED = frozenset({"queued", "ringing"})
AT_ONCE = 500


class Api(Protocol):
    """What this job asks of the carrier."""

    def fetch(self, carrier_id: str) -> CarrierCall:
        """A call; the error is `gone` when the carrier doesn't know it."""
        ...

    def children(self, carrier_id: str, but_to: Collection[str] = ()) -> list[CarrierCall]:
        """The calls that TwiML made for it, but for those to these numbers (E.164)."""
        ...

    def calls_to(self, number: str, since: int) -> list[CarrierCall]:
        """Calls to a number of ours."""
        ...

    def calls_from(self, number: str, since: int) -> list[CarrierCall]:
        """Calls that showed a number of ours."""
        ...


def run(store: Store, api: Api, ending: Ending, lines: Mapping[str, Line], now: int) -> int:
    """Counts what is over and isn't counted, and sees to it that nothing else is left there; how many it counted.

    Idempotent, and safe beside itself. Where the carrier doesn't answer, the rest waits for the next time.
    """
    counted = 0
    try:
        counted += _uncounted(store, api, ending, lines, now)
        for line in lines.values():
            counted += _missed(store, api, ending, lines, line, now)
            _tidy_legs(store, api, line, now)
    except CarrierError as error:
        log.warning("reconciliation.postponed", extra={"reason": str(error)})
    return counted


def partners(store: Store, lines: Mapping[str, Line]) -> frozenset[str]:
    """Numbers (E.164) that callers are put through to who ask for it: nobody there answers for a line."""
    with store.read() as connection:
        listed = {entry.phone for entry in read_all(connection) if entry.connect}
        ours = set(connection.scalars(select(Person.phone)))
    for line in lines.values():
        listed |= {step.number for step in line.flow.steps.values() if isinstance(step, ForwardStep)}
        ours |= {*line.settings.backup}
    return frozenset(listed - ours)


def look_up(store: Store, api: Api, lines: Mapping[str, Line], carrier_id: str, now: int) -> Over | None:
    """What the carrier says of a call; None while it goes on or has just ended. Raises `CarrierError`."""
    call = api.fetch(carrier_id)
    return over(store, api, lines, call, now) if _ended(call, now) else None


def over(store: Store, api: Api, lines: Mapping[str, Line], call: CarrierCall, now: int) -> Over:
    """What became of a call that has ended, by its own record and the calls made for it. Raises `CarrierError`.

    Those to partners don't tell whether a psychologist was rung.
    """
    ended = now if call.end is None else call.end
    started = ended if call.start is None else call.start
    children = api.children(call.id, partners(store, lines)) if call.connected else []
    dialled = any(child.direction == DIALLED for child in children)
    return Over(min(started, now), ended, connected=call.connected, dialled=dialled)


def _ended(call: CarrierCall, now: int) -> bool:
    """Whether it ended a while ago; an end in the future tells that our clock was set back."""
    return call.over and (call.end is None or abs(now - call.end) >= QUIET_SECONDS)


def _uncounted(store: Store, api: Api, ending: Ending, lines: Mapping[str, Line], now: int) -> int:
    """Calls whose end we were told and that have no row to count them by."""
    with store.read() as connection:
        waiting = erasures.uncounted(connection, now, QUIET_SECONDS)
    return sum(_count(store, api, ending, lines, call, now) for call in waiting)


def _count(store: Store, api: Api, ending: Ending, lines: Mapping[str, Line], call: Uncounted, now: int) -> bool:
    line = lines.get(call.line)
    if line is None:
        return ending.without_line(call.line, call.carrier_id, call.ended, now)
    nobody_knows = Over(call.ended, call.ended, dialled=None)
    if call.ended <= now - erasures.ERASE_AFTER - erasures.COUNT_WITHIN:
        # It will be erased now, whatever it was.
        return ending.conclude(line, call.carrier_id, nobody_knows, now)
    try:
        found = look_up(store, api, lines, call.carrier_id, now)
    except CarrierError as error:
        if not error.permanent:
            raise
        if not error.gone:
            log.warning("call.uncounted", extra={"line": call.line, "reason": str(error)})
            return False
        found = nobody_knows
    return found is not None and ending.conclude(line, call.carrier_id, found, now)


def _missed(store: Store, api: Api, ending: Ending, lines: Mapping[str, Line], line: Line, now: int) -> int:
    """Callers' calls of whose end we were never told."""
    counted = 0
    for number in line.settings.dialled:
        ended = [call for call in api.calls_to(number, now - LOOK_BACK) if _ended(call, now)]
        for call in _unknown(store, [call for call in ended if call.direction == "inbound"]):
            counted += ending.conclude(line, call.id, over(store, api, lines, call, now), now)
    return counted


def _tidy_legs(store: Store, api: Api, line: Line, now: int) -> None:
    """Phones that were rung, or are to be, without our knowing: created at the last moment, or by TwiML."""
    found = api.calls_from(line.settings.outbound_caller_id, now - LOOK_BACK)
    legs = _unknown(store, [call for call in found if call.direction != "inbound"])
    with store.read() as connection:
        ours = frozenset(connection.scalars(select(Leg.carrier_id).where(Leg.carrier_id.is_not(None))))
    for call in legs:
        if _ended(call, now):
            with store.durable() as tx:
                erasures.erase_later(tx, call.id, now if call.end is None else call.end)
        elif call.id not in ours and call.direction != DIALLED and _still_to_ring(call, now):
            with store.durable() as tx:
                erasures.hang_up_later(tx, call.id, now)


def _still_to_ring(call: CarrierCall, now: int) -> bool:
    """Whether the carrier has kept a call back for so long that nobody waits for it any more."""
    return call.status in UNANSWERED and call.start is not None and call.start <= now - FORGOTTEN_SECONDS


def _unknown(store: Store, calls: Iterable[CarrierCall]) -> list[CarrierCall]:
    """Those of them that are not to be erased yet."""
    by_id = {call.id: call for call in calls}
    ids = list(by_id)
    with store.read() as connection:
        for start in range(0, len(ids), AT_ONCE):
            for carrier_id in erasures.known(connection, ids[start : start + AT_ONCE]):
                by_id.pop(carrier_id, None)
    return list(by_id.values())
