"""Who has the caller: claims, bridges, partings and meetings. As in `live`, every change names the state it leaves."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection, Table, bindparam, case, func, null, select, update

from helpline.store.dialect import changed
from helpline.store.live_rows import CallRow
from helpline.store.tables import Leg, LiveCall
from ivr_flows.ringing import CallState

_call = cast("Table", LiveCall.__table__)
_leg = cast("Table", Leg.__table__)

_CLAIM = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.state == CallState.WAITING,
        # Of its row and not of its URL: a leg goes with the caller into the queue after a failed bridge.
        _call.c.attempt == select(_leg.c.attempt).where(_leg.c.id == bindparam("leg")).scalar_subquery(),
    )
    .values(state=CallState.CLAIMED, claimed_leg=bindparam("leg"), claimed_at=bindparam("now"), doubt=0, doubt_at=0)
)
_CLAIM_BACK = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.PARTED, _call.c.claimed_leg == bindparam("leg"))
    .values(state=CallState.CLAIMED, claimed_at=bindparam("now"), doubt=0, doubt_at=0)
)
_CLAIM_FROM = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"), _call.c.state == CallState.PARTED, _call.c.claimed_leg == bindparam("holder")
    )
    .values(state=CallState.CLAIMED, claimed_leg=bindparam("leg"), claimed_at=bindparam("now"), doubt=0, doubt_at=0)
)


def claim(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """Whether this leg has just become the one that talks."""
    return changed(connection, _CLAIM, {"call": call_id, "leg": leg, "now": now})


def claim_back(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """Whether this leg, which had the caller, goes back to them."""
    return changed(connection, _CLAIM_BACK, {"call": call_id, "leg": leg, "now": now})


def claim_from(connection: Connection, call_id: str, holder: str, leg: str, now: int) -> bool:
    """Whether this service's leg takes over the caller whom `holder` has left."""
    return changed(connection, _CLAIM_FROM, {"call": call_id, "holder": holder, "leg": leg, "now": now})


_DOUBT = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.claimed_leg == bindparam("leg"),
        _call.c.state.in_([CallState.CLAIMED, CallState.TALKING]),
    )
    .values(doubt=bindparam("nth"), doubt_at=bindparam("now"))
)


def doubt(connection: Connection, call_id: str, leg: str, nth: int, now: int) -> bool:
    """The caller asked for wait document `nth` while this leg was to talk to them."""
    return changed(connection, _DOUBT, {"call": call_id, "leg": leg, "nth": nth, "now": now})


_BRIDGED = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.CLAIMED, _call.c.claimed_leg == bindparam("leg"))
    .values(
        state=CallState.TALKING,
        bridged_at=bindparam("now"),
        person=bindparam("who"),
        waited=func.coalesce(_call.c.waited, bindparam("now") - _call.c.entered_at),
    )
)
_BRIDGED_TO_SERVICE = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.CLAIMED, _call.c.claimed_leg == bindparam("leg"))
    .values(state=CallState.TALKING, bridged_at=bindparam("now"))
)


def bridged(connection: Connection, call_id: str, leg: str, person: int | None, now: int) -> bool:
    """The carrier announced the bridge: they talk, and the caller has been answered."""
    return changed(connection, _BRIDGED, {"call": call_id, "leg": leg, "who": person, "now": now})


def bridged_to_service(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """The same to a service: the call remains that of the psychologist who brought it."""
    return changed(connection, _BRIDGED_TO_SERVICE, {"call": call_id, "leg": leg, "now": now})


_WAITED = case((_call.c.parted_at > 0, _call.c.waited), else_=null())
"""Somebody who talked before, be it for a moment, has been answered, whatever becomes of a later claim."""

_WAVE_AGAIN = case((_call.c.wave >= 0, _call.c.wave - 1), else_=_call.c.wave)
"""The claim silenced the other phones: the wave they belonged to is opened once more."""

_RELEASE = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.claimed_leg == bindparam("leg"),
        _call.c.state.in_([CallState.CLAIMED, CallState.TALKING]),
    )
    .values(
        state=CallState.WAITING,
        claimed_leg=None,
        bridged_at=0,
        waited=_WAITED,
        wave=_WAVE_AGAIN,
    )
)
_UNCLAIM = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.claimed_leg == bindparam("leg"),
        _call.c.state.in_([CallState.CLAIMED, CallState.TALKING]),
    )
    .values(state=CallState.PARTED, bridged_at=0)
)


def release(connection: Connection, call_id: str, leg: str) -> bool:
    """The claim never became a bridge: the call waits again."""
    return changed(connection, _RELEASE, {"call": call_id, "leg": leg})


def unclaim(connection: Connection, call_id: str, leg: str) -> bool:
    """A service's claim never became a bridge: the caller is asked whether they were cut off."""
    return changed(connection, _UNCLAIM, {"call": call_id, "leg": leg})


_REQUEUE = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.attempt == bindparam("old"),
        _call.c.state.in_([CallState.WAITING, CallState.CLAIMED, CallState.TALKING]),
    )
    .values(
        state=CallState.WAITING,
        attempt=_call.c.attempt + 1,
        claimed_leg=None,
        bridged_at=0,
        waited=_WAITED,
        wave=case((_call.c.state == CallState.WAITING, _call.c.wave), else_=_WAVE_AGAIN),
    )
)
_TAKE_ALONG = (
    update(_leg)
    .where(_leg.c.call_id == bindparam("call"), _leg.c.attempt == bindparam("old"))
    .values(attempt=_leg.c.attempt + 1)
)


def requeue(connection: Connection, call_id: str, attempt: int) -> bool:
    """The caller came out of the queue unconnected: the same wait in a new queue, with the same legs."""
    values = {"call": call_id, "old": attempt}
    again = changed(connection, _REQUEUE, values)
    if again:
        connection.execute(_TAKE_ALONG, values)
    return again


_PARTED = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.attempt == bindparam("old"),
        _call.c.state.in_([CallState.WAITING, CallState.CLAIMED, CallState.TALKING, CallState.MEETING]),
    )
    .values(
        state=CallState.PARTED,
        attempt=_call.c.attempt + 1,
        parted_at=bindparam("now"),
        bridged_at=0,
        talked=_call.c.talked + bindparam("seconds"),
        waited=bindparam("wait"),
        person=bindparam("who"),
    )
)
_PARTED_AGAIN = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.attempt == bindparam("old"), _call.c.state == CallState.PARTED)
    .values(
        attempt=_call.c.attempt + 1,
        talked=_call.c.talked + bindparam("now") - _call.c.parted_at,
        parted_at=bindparam("now"),
    )
)


def parted(connection: Connection, call: CallRow, person: int | None, now: int) -> bool:
    """The bridge ended and the caller is still there; a bridge nobody announced counts from its claim."""
    since = call.bridged_at or call.claimed_at or now
    waited = call.waited if call.waited is not None else max(0, since - call.entered_at)
    values = {
        "call": call.id,
        "old": call.attempt,
        "now": now,
        "seconds": max(0, now - since),
        "wait": waited,
        "who": person,
    }
    return changed(connection, _PARTED, values)


def parted_again(connection: Connection, call_id: str, attempt: int, now: int) -> bool:
    """The same after a bridge that the database never heard of, with who had parted from them before."""
    return changed(connection, _PARTED_AGAIN, {"call": call_id, "old": attempt, "now": now})


_STILL = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.PARTED, _call.c.claimed_leg == bindparam("leg"))
    .values(parted_at=bindparam("now"))
)


def still(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """The psychologist who has parted from the caller is on the line and busy for them."""
    return changed(connection, _STILL, {"call": call_id, "leg": leg, "now": now})


_MEET = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.PARTED)
    .values(state=CallState.MEETING, claimed_at=bindparam("now"), bridged_at=0)
)
_ENTERED = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.attempt == bindparam("old"),
        _call.c.state == CallState.MEETING,
        _call.c.bridged_at == 0,
    )
    .values(bridged_at=bindparam("now"))
)
_UNMEET = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.MEETING, _call.c.bridged_at == 0)
    .values(state=CallState.PARTED)
)


def meet(connection: Connection, call_id: str, now: int) -> bool:
    """A service accepted: whether psychologist and caller, who have parted, are on their way to meet it."""
    return changed(connection, _MEET, {"call": call_id, "now": now})


def entered(connection: Connection, call_id: str, attempt: int, now: int) -> bool:
    """The caller enters the room: they talk from now on."""
    return changed(connection, _ENTERED, {"call": call_id, "old": attempt, "now": now})


def unmeet(connection: Connection, call_id: str) -> bool:
    """Nothing came of it before the caller had entered: they are where they parted."""
    return changed(connection, _UNMEET, {"call": call_id})
