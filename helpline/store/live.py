"""Rows of calls in progress. Every change names the state it leaves, so of two racing webhooks exactly one wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Row,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)

from helpline.store.dialect import InsertOnce
from helpline.store.tables import ALIVE, Leg, LiveCall, Revision
from ivr_flows.model import Language
from ivr_flows.ringing import LONGEST_LEG, SKEW_SECONDS, CallState, LegState

ROTA = "rota"

_call = cast("Table", LiveCall.__table__)
_leg = cast("Table", Leg.__table__)
_insert_call = InsertOnce(LiveCall)
_insert_leg = InsertOnce(Leg)

RINGABLE = (LegState.WANTED, LegState.PLACING, LegState.RINGING)
"""Legs that nobody has picked up yet."""
SCREENABLE = (*RINGABLE, LegState.SCREENING)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A row of `live_calls`: its columns, in their order."""

    id: str
    line: str
    language: Language
    category: str | None
    step: str
    state: CallState
    attempt: int
    plan: str
    wave: int
    wave_at: int
    entered_at: int
    queued_at: int
    claimed_leg: str | None
    claimed_at: int
    bridged_at: int
    parted_at: int
    waited: int | None
    talked: int
    person: int | None
    ring_backs: int
    heartbeat_at: int
    carrier_id: str
    until: int
    held: bool
    doubt: int
    doubt_at: int


@dataclass(frozen=True, slots=True)
class LegRow:
    """A row of `legs`: its columns, in their order."""

    id: str
    call_id: str | None
    line: str
    attempt: int
    wave: int
    person: int | None
    backup: int | None
    language: Language
    ring_seconds: int
    state: LegState
    outcome: str | None
    until: int
    carrier_id: str | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A call's row with all its legs' rows."""

    call: CallRow
    legs: tuple[LegRow, ...]

    def leg(self, leg_id: str | None) -> LegRow | None:
        """One of its legs."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)


_BOTH = select(*_call.c, *_leg.c).select_from(_call.outerjoin(_leg, _leg.c.call_id == _call.c.id))
_LOAD = _BOTH.where(_call.c.id == bindparam("id"))
_FIND = _BOTH.where(_call.c.carrier_id == bindparam("carrier"))
_LEG = select(*_leg.c).where(_leg.c.id == bindparam("id"))
_CALL_WIDTH = len(_call.c)
_CALL_STATE = _call.c.keys().index("state")
_LEG_STATE = _leg.c.keys().index("state")


def load(connection: Connection, call_id: str) -> Loaded | None:
    """The call and its legs, or None when it is over or never rang."""
    return _loaded(connection.execute(_LOAD, {"id": call_id}).all())


def find(connection: Connection, carrier_id: str) -> Loaded | None:
    """As `load`, for a call whose id can't be computed any more because the key of the names is gone."""
    return _loaded(connection.execute(_FIND, {"carrier": carrier_id}).all())


def _loaded(rows: Sequence[Row[Any]]) -> Loaded | None:
    if not rows:
        return None
    call = _as_call(rows[0][:_CALL_WIDTH])
    return Loaded(call, tuple([_as_leg(row[_CALL_WIDTH:]) for row in rows if row[_CALL_WIDTH] is not None]))


def load_leg(connection: Connection, leg_id: str) -> LegRow | None:
    """One leg's row."""
    row = connection.execute(_LEG, {"id": leg_id}).first()
    return None if row is None else _as_leg(row)


def _as_call(columns: Sequence[Any]) -> CallRow:
    values = list(columns)
    values[_CALL_STATE] = CallState(values[_CALL_STATE])
    return CallRow(*values)


def _as_leg(columns: Sequence[Any]) -> LegRow:
    values = list(columns)
    values[_LEG_STATE] = LegState(values[_LEG_STATE])
    return LegRow(*values)


_NOT_ALONE = 2**62
_BUSY = union_all(
    select(
        null().label("person"), Revision.n, null().label("call"), null().label("line"), null().label("language")
    ).where(Revision.name == ROTA),
    select(
        _leg.c.person, case((_leg.c.call_id.is_(None), _leg.c.until), else_=literal(_NOT_ALONE)), null(), null(), null()
    ).where(text(ALIVE), _leg.c.person.is_not(None)),
    select(null(), _call.c.entered_at, _call.c.id, _call.c.line, _call.c.language).where(
        _call.c.held,
        _call.c.state == CallState.WAITING,
        _call.c.heartbeat_at > bindparam("fresh"),
        _call.c.heartbeat_at <= bindparam("soon"),
    ),
)
_FORGET_ALONE = delete(_leg).where(
    _leg.c.call_id.is_(None), or_(_leg.c.until <= bindparam("now"), _leg.c.until > bindparam("far"))
)


FRESH_SECONDS = 60
"""A held caller who wasn't heard of for this long has hung up, and keeps nobody back for themselves."""


@dataclass(frozen=True, slots=True)
class Held:
    """A caller for whom nobody was free, waiting for the next who is. Ordered by who came first."""

    entered_at: int
    call: str
    line: str
    language: Language


@dataclass(frozen=True, slots=True)
class Around:
    """What a plan depends on beside the line and the hour."""

    revision: int
    """Of the rota."""
    busy: frozenset[int]
    """Everyone who is being rung, screening, talking, or not yet off the phone."""
    held: tuple[Held, ...]
    """Callers for whom nobody was free, oldest first."""


def around(connection: Connection, now: int) -> Around:
    """The rota's revision, who is busy, and who waits for them.

    A leg that outlived its call and wasn't heard of in its time is forgotten: the index would keep its person busy.
    Instants too far in the future were written before the clock was set back, and nothing is known of them.
    """
    revision, busy, held, expired = 0, set(), [], False
    heard = {"fresh": now - FRESH_SECONDS, "soon": now + SKEW_SECONDS}
    for person, n, call, line, language in connection.execute(_BUSY, heard):
        if call is not None:
            held.append((n, call, line, language))
        elif person is None:
            revision = n
        elif n == _NOT_ALONE or now < n <= now + LONGEST_LEG:
            busy.add(person)
        else:
            expired = True
    if expired:
        forget_alone(connection, now)
    return Around(revision, frozenset(busy), tuple([Held(*one) for one in sorted(held)]))


_BACKUPS_ALONE = 4_823_002
"""PostgreSQL's advisory lock of whoever rings backup numbers: no index keeps them from a second call."""
_BUSY_BACKUPS = select(_leg.c.line, _leg.c.backup).where(
    text(ALIVE),
    _leg.c.backup.is_not(None),
    or_(_leg.c.call_id.is_not(None), and_(_leg.c.until > bindparam("now"), _leg.c.until <= bindparam("far"))),
)


def _alone_at(now: int) -> dict[str, int]:
    return {"now": now, "far": now + LONGEST_LEG}


def busy_backups(tx: Connection, now: int) -> frozenset[tuple[str, int]]:
    """Backup numbers that ring or talk, by line and place in its list; nobody else rings any before `tx` ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_BACKUPS_ALONE)))
    return frozenset((line, backup) for line, backup in tx.execute(_BUSY_BACKUPS, _alone_at(now)))


_ALONE = (
    update(_leg)
    .where(_leg.c.id == bindparam("leg"))
    .values(call_id=None, state=LegState.HELD, until=bindparam("til"), outcome=func.coalesce(_leg.c.outcome, "over"))
)
_FORGET_LEG = delete(_leg).where(_leg.c.id == bindparam("leg"), _leg.c.call_id.is_(None))
_END = delete(_call).where(_call.c.id == bindparam("call"))
_END_LEGS = delete(_leg).where(_leg.c.call_id == bindparam("call"))


def leave_alone(connection: Connection, leg: str, until: int) -> None:
    """The leg goes on without its call, at the latest until then (UTC seconds): its person is still on the phone."""
    connection.execute(_ALONE, {"leg": leg, "til": until})


def forget_leg(connection: Connection, leg: str) -> None:
    """A leg that outlived its call is over."""
    connection.execute(_FORGET_LEG, {"leg": leg})


def forget_alone(connection: Connection, now: int) -> None:
    """Legs that outlived their calls and were not heard of in their time."""
    connection.execute(_FORGET_ALONE, _alone_at(now))


def end(connection: Connection, call_id: str) -> None:
    """The call is over and counted: its row goes, with every leg that was not left alone."""
    connection.execute(_END_LEGS, {"call": call_id})
    connection.execute(_END, {"call": call_id})


def insert_call(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Whether this call is new; a repeated request finds it there."""
    return _insert_call(connection, values)


def insert_legs(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts legs; a person who became busy a moment ago is left out by the unique index."""
    if rows:
        _insert_leg.each(connection, rows)


def _changed(connection: Connection, statement: Update, values: Mapping[str, Any]) -> bool:
    return bool(connection.execute(statement, values).rowcount == 1)


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
    return _changed(connection, _RESTART, {**values, **plan, "backs": ring_backs})


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
    return _changed(connection, _OPEN_WAVE, values)


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
    return _changed(connection, _CLAIM, {"call": call_id, "leg": leg, "now": now})


def claim_back(connection: Connection, call_id: str, leg: str, now: int) -> bool:
    """Whether this leg, which had the caller, goes back to them."""
    return _changed(connection, _CLAIM_BACK, {"call": call_id, "leg": leg, "now": now})


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
    return _changed(connection, _DOUBT, {"call": call_id, "leg": leg, "nth": nth, "now": now})


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
    return _changed(connection, _BRIDGED, {"call": call_id, "leg": leg, "who": person, "now": now})


_PARTED = (
    update(_call)
    .where(
        _call.c.id == bindparam("call"),
        _call.c.attempt == bindparam("old"),
        _call.c.state.in_([CallState.WAITING, CallState.CLAIMED, CallState.TALKING]),
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
    return _changed(connection, _PARTED, values)


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
    return _changed(connection, _RELEASE, {"call": call_id, "leg": leg})


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
    again = _changed(connection, _REQUEUE, values)
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
    return _changed(connection, _LEAVE, {"call": call_id, "old": attempt, "was": was})


_LEFT = (
    update(_call)
    .where(_call.c.id == bindparam("call"), _call.c.attempt == bindparam("old"), _call.c.state != CallState.LEFT)
    .values(state=CallState.LEFT)
)


def left(connection: Connection, call_id: str, attempt: int) -> bool:
    """The caller is outside the queue."""
    return _changed(connection, _LEFT, {"call": call_id, "old": attempt})


_HEARTBEAT = update(_call).where(_call.c.id == bindparam("call")).values(heartbeat_at=bindparam("now"))


def heartbeat(connection: Connection, call_id: str, now: int) -> None:
    """The carrier still asks for this call."""
    connection.execute(_HEARTBEAT, {"call": call_id, "now": now})


_MOVE_LEG = (
    update(_leg)
    .where(_leg.c.id == bindparam("leg"), _leg.c.state.in_(bindparam("was", expanding=True)))
    .values(
        state=bindparam("becomes"),
        outcome=bindparam("why"),
        until=func.coalesce(bindparam("til"), _leg.c.until),
        carrier_id=func.coalesce(_leg.c.carrier_id, bindparam("carrier")),
    )
)


def move_leg(
    connection: Connection,
    leg: str,
    was: Sequence[LegState],
    becomes: LegState,
    outcome: str | None = None,
    until: int | None = None,
    carrier_id: str | None = None,
) -> bool:
    """Whether the leg was in one of the states `was`, and now is in `becomes`. A carrier's id is adopted once."""
    values = {"leg": leg, "was": list(was), "becomes": becomes, "why": outcome, "til": until, "carrier": carrier_id}
    return _changed(connection, _MOVE_LEG, values)


_ADOPT = (
    update(_leg)
    .where(_leg.c.id == bindparam("leg"), _leg.c.carrier_id.is_(None))
    .values(carrier_id=bindparam("carrier"))
)


def adopt(connection: Connection, leg: str, carrier_id: str) -> bool:
    """A leg whose creation was never confirmed rings after all: remember which call it is."""
    return _changed(connection, _ADOPT, {"leg": leg, "carrier": carrier_id})
