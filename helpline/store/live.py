"""Rows of calls in progress. Every change names the state it leaves, so of two racing webhooks exactly one wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    null,
    select,
    update,
)

from helpline.store.dialect import InsertOnce, changed
from helpline.store.live_rows import CallRow
from helpline.store.tables import Leg, LiveCall
from ivr_flows.ringing import CallState, LegState

_call = cast("Table", LiveCall.__table__)
_leg = cast("Table", Leg.__table__)
_insert_call = InsertOnce(LiveCall)

_END = delete(_call).where(_call.c.id == bindparam("call"))
_END_LEGS = delete(_leg).where(_leg.c.call_id == bindparam("call"))


def end(connection: Connection, call_id: str) -> None:
    """The call is over and counted: its row goes, with every leg that was not left alone."""
    connection.execute(_END_LEGS, {"call": call_id})
    connection.execute(_END, {"call": call_id})


def insert_call(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Whether this call is new; a repeated request finds it there."""
    return _insert_call(connection, values)


_RESTART = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.attempt == bindparam("old"), _call.c.state == bindparam("was"))
    .values(
        state=CallState.WAITING,
        attempt=bindparam("new"),
        plan=bindparam("plans"),
        wave=-1,
        wave_at=0,
        queued_at=bindparam("now"),
        until=bindparam("til"),
        held=bindparam("busy"),
        claimed_leg=None,
        claimed_at=0,
        ring_backs=_call.c.ring_backs + bindparam("backs"),
        heartbeat_at=bindparam("now"),
    )
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A ring plan as it is stored, how long the caller may wait (UTC seconds), and whether everybody was busy."""

    plan: str
    until: int
    held: bool


def restart(
    connection: Connection, call: CallRow, attempt: int, planned: Planned, now: int, *, ring_backs: int = 0
) -> bool:
    """Back to waiting as `attempt` with a new plan: tried again, rung back, handed over. `call` is as it was read."""
    values = {"call": call.id, "was": call.state, "old": call.attempt, "new": attempt, "now": now}
    plan = {"plans": planned.plan, "til": planned.until, "busy": planned.held}
    return changed(connection, _RESTART, {**values, **plan, "backs": ring_backs})


_MAKE_ROOM = update(_call).where(_call.c.id == bindparam("old")).values(carrier_id=bindparam("new"))


def rename(connection: Connection, call: CallRow, new: str, now: int) -> None:
    """The call waits under another id, without its legs; its past stays."""
    ids = {"old": call.id, "new": new}
    connection.execute(_MAKE_ROOM, ids)
    talked = call.talked + (now - call.bridged_at if call.bridged_at else 0)
    fresh = replace(call, id=new, state=CallState.WAITING, attempt=1, claimed_leg=None, bridged_at=0, talked=talked)
    _insert_call(connection, asdict(fresh))
    end(connection, call.id)


_OPEN_WAVE = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.attempt == bindparam("old"),
        _call.c.wave == bindparam("before"),
        _call.c.state == CallState.WAITING,
    )
    .values(wave=bindparam("index"), wave_at=bindparam("at"), heartbeat_at=bindparam("now"))
)


def open_wave(connection: Connection, call_id: str, attempt: int, index: int, at: int, now: int) -> bool:
    """Whether it is this request that opens the wave, whose time counts from `at`."""
    values = {"call": call_id, "old": attempt, "before": index - 1, "index": index, "at": at, "now": now}
    return changed(connection, _OPEN_WAVE, values)


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


def claim(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """Whether this leg has just become the one that talks."""
    return changed(connection, _CLAIM, {"call": call_id, "leg": leg, "now": now})


def claim_back(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """Whether this leg, which had the caller, goes back to them."""
    return changed(connection, _CLAIM_BACK, {"call": call_id, "leg": leg, "now": now})


_CLAIM_FROM = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"), _call.c.state == CallState.PARTED, _call.c.claimed_leg == bindparam("holder")
    )
    .values(state=CallState.CLAIMED, claimed_leg=bindparam("leg"), claimed_at=bindparam("now"), doubt=0, doubt_at=0)
)


def claim_from(connection: Connection, call_id: str, holder: str, leg: str, now: int) -> bool:
    """Whether this service's leg takes over the caller whom `holder` has left."""
    return changed(connection, _CLAIM_FROM, {"call": call_id, "holder": holder, "leg": leg, "now": now})


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
_STILL = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.PARTED, _call.c.claimed_leg == bindparam("leg"))
    .values(parted_at=bindparam("now"))
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


def meet(connection: Connection, call_id: str, now: int) -> bool:
    """A service accepted: whether psychologist and caller, who have parted, are on their way to meet it."""
    return changed(connection, _MEET, {"call": call_id, "now": now})


def entered(connection: Connection, call_id: str, attempt: int, now: int) -> bool:
    """The caller enters the room: they talk from now on."""
    return changed(connection, _ENTERED, {"call": call_id, "old": attempt, "now": now})


def unmeet(connection: Connection, call_id: str) -> bool:
    """Nothing came of it before the caller had entered: they are where they parted."""
    return changed(connection, _UNMEET, {"call": call_id})


def still(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """The psychologist who has parted from the caller is on the line and busy for them."""
    return changed(connection, _STILL, {"call": call_id, "leg": leg, "now": now})


def unclaim(connection: Connection, call_id: str, leg: str) -> bool:
    """A service's claim never became a bridge: the caller is asked whether they were cut off."""
    return changed(connection, _UNCLAIM, {"call": call_id, "leg": leg})


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


_LOCK = select(_call.c.id).where(_call.c.id == bindparam("call")).with_for_update()


def lock(connection: Connection, call_id: str) -> None:
    """Waits until nobody else changes the call: for what is decided by its row and its legs' rows together.

    A statement of its own, because one that waits decides by what it saw before it had to wait. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"call": call_id})


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


def bridged(connection: Connection, call_id: str, leg: str, person: int | None, now: int) -> bool:
    """The carrier announced the bridge: they talk, and the caller has been answered."""
    return changed(connection, _BRIDGED, {"call": call_id, "leg": leg, "who": person, "now": now})


_BRIDGED_TO_SERVICE = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.state == CallState.CLAIMED, _call.c.claimed_leg == bindparam("leg"))
    .values(state=CallState.TALKING, bridged_at=bindparam("now"))
)


def bridged_to_service(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """The same to a service: the call remains that of the psychologist who brought it."""
    return changed(connection, _BRIDGED_TO_SERVICE, {"call": call_id, "leg": leg, "now": now})


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


_PARTED_AGAIN = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.attempt == bindparam("old"), _call.c.state == CallState.PARTED)
    .values(
        attempt=_call.c.attempt + 1,
        talked=_call.c.talked + bindparam("now") - _call.c.parted_at,
        parted_at=bindparam("now"),
    )
)


def parted_again(connection: Connection, call_id: str, attempt: int, now: int) -> bool:
    """The same after a bridge that the database never heard of, with who had parted from them before."""
    return changed(connection, _PARTED_AGAIN, {"call": call_id, "old": attempt, "now": now})


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


def release(connection: Connection, call_id: str, leg: str) -> bool:
    """The claim never became a bridge: the call waits again."""
    return changed(connection, _RELEASE, {"call": call_id, "leg": leg})


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


_LEAVE = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.attempt == bindparam("old"),
        _call.c.state == bindparam("was"),
        ~exists().where(_leg.c.call_id == _call.c.id, _leg.c.state == LegState.SCREENING),
    )
    .values(state=CallState.LEAVING)
)


def leave(connection: Connection, call_id: str, attempt: int, was: CallState) -> bool:
    """The caller is told to leave the queue: the same race as a claim, and never while somebody is screening."""
    return changed(connection, _LEAVE, {"call": call_id, "old": attempt, "was": was})


_LEFT = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.attempt == bindparam("old"), _call.c.state != CallState.LEFT)
    .values(state=CallState.LEFT)
)


def left(connection: Connection, call_id: str, attempt: int) -> bool:
    """The caller is outside the queue."""
    return changed(connection, _LEFT, {"call": call_id, "old": attempt})


_HEARTBEAT = update(_call).where(_call.c.id == bindparam("call")).values(heartbeat_at=bindparam("now"))


def heartbeat(connection: Connection, call_id: str, now: int) -> None:
    """The carrier still asks for this call."""
    connection.execute(_HEARTBEAT, {"call": call_id, "now": now})
