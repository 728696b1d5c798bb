"""Psychologists' legs: every change names the state it leaves, and a leg may outlive its call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from helpline.store.dialect import InsertOnce, changed
from helpline.store.tables import ALIVE, Leg
from ivr_flows.ringing import LONGEST_LEG, LegState

_leg = cast("Table", Leg.__table__)
_insert_leg = InsertOnce(Leg)

RINGABLE = (LegState.WANTED, LegState.PLACING, LegState.RINGING)
"""Legs that nobody has picked up yet."""
SCREENABLE = (*RINGABLE, LegState.SCREENING)


def insert_legs(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts legs; a person who became busy a moment ago is left out by the unique index."""
    if rows:
        _insert_leg.each(connection, rows)


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
_RINGING = select(_leg.c.id, _leg.c.carrier_id).where(
    _leg.c.person == bindparam("whose"), _leg.c.state.in_([state.value for state in RINGABLE])
)
_other = _leg.alias("other")
_REVIVE = (
    update(_leg)
    .where(
        _leg.c.id == bindparam("leg"),
        _leg.c.state == LegState.ENDED,
        ~select(_other.c.id).where(_other.c.person == _leg.c.person, text(f"other.{ALIVE}")).exists(),
    )
    .values(state=LegState.TALKING, outcome=None)
)
_FORGET_NUMBER = update(_leg).where(_leg.c.id == bindparam("leg")).values(sealed=None)


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
    return changed(connection, _MOVE_LEG, values)


def ringing(connection: Connection, person: int) -> Mapping[str, str | None]:
    """Legs on which this person's phone rings or is about to, and what each is at the carrier."""
    return {row.id: row.carrier_id for row in connection.execute(_RINGING, {"whose": person})}


def revive(tx: Connection, leg: str) -> bool:
    """Whether a leg that had been given up talks now, its person being busy with nothing else."""
    try:
        with tx.begin_nested():
            return changed(tx, _REVIVE, {"leg": leg})
    except IntegrityError:  # busy since a moment ago, by the unique index
        return False


def forget_number(connection: Connection, leg: str) -> None:
    """The service's number isn't needed any more: it is being dialled, or never will be."""
    connection.execute(_FORGET_NUMBER, {"leg": leg})


_ADOPT = (
    update(_leg)
    .where(_leg.c.id == bindparam("leg"), _leg.c.carrier_id.is_(None))
    .values(carrier_id=bindparam("carrier"))
)


def adopt(connection: Connection, leg: str, carrier_id: str) -> bool:
    """A leg whose creation was never confirmed rings after all: remember which call it is."""
    return changed(connection, _ADOPT, {"leg": leg, "carrier": carrier_id})


_ALONE = (
    update(_leg)
    .where(_leg.c.id == bindparam("leg"))
    .values(call_id=None, state=LegState.HELD, until=bindparam("til"), outcome=func.coalesce(_leg.c.outcome, "over"))
)
_FORGET_ALONE = delete(_leg).where(
    _leg.c.call_id.is_(None), or_(_leg.c.until <= bindparam("now"), _leg.c.until > bindparam("far"))
)
_FORGET_LEG = delete(_leg).where(_leg.c.id == bindparam("leg"), _leg.c.call_id.is_(None))


def leave_alone(connection: Connection, leg: str, until: int) -> None:
    """The leg goes on without its call, at the latest until then (UTC seconds): its person is still on the phone."""
    connection.execute(_ALONE, {"leg": leg, "til": until})


def forget_leg(connection: Connection, leg: str) -> None:
    """A leg that outlived its call is over."""
    connection.execute(_FORGET_LEG, {"leg": leg})


def forget_alone(connection: Connection, now: int) -> None:
    """Legs that outlived their calls and were not heard of in their time."""
    connection.execute(_FORGET_ALONE, _alone_at(now))


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
