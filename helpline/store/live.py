"""Rows of calls in progress, how they come, wait and go; who has the caller is in `live_claims`.

Every change names the state it leaves, so of two racing webhooks exactly one wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, exists, select, update

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
    .values(wave=bindparam("index"), wave_at=bindparam("at"))
)


def open_wave(connection: Connection, call_id: str, attempt: int, index: int, at: int) -> bool:
    """Whether it is this request that opens the wave, whose time counts from `at`.

    No sign of the caller: word of a psychologist's phone opens waves, too.
    """
    values = {"call": call_id, "old": attempt, "before": index - 1, "index": index, "at": at}
    return changed(connection, _OPEN_WAVE, values)


_LOCK = select(_call.c.id).where(_call.c.id == bindparam("call")).with_for_update()


def lock(connection: Connection, call_id: str) -> None:
    """Waits until nobody else changes the call: for what is decided by its row and its legs' rows together.

    A statement of its own, because one that waits decides by what it saw before it had to wait. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"call": call_id})


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
