"""Rows of calls in progress and of their legs, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, bindparam, select

from helpline.store.tables import Leg, LiveCall
from ivr_flows.model import Language
from ivr_flows.ringing import CallState, LegState

_call = cast("Table", LiveCall.__table__)
_leg = cast("Table", Leg.__table__)


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
    sealed: bytes | None

    @property
    def service(self) -> bool:
        """Whether it is the leg of a service that a psychologist brings onto the line."""
        return self.person is None and self.backup is None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A call's row with all its legs' rows."""

    call: CallRow
    legs: tuple[LegRow, ...]

    def leg(self, leg_id: str | None) -> LegRow | None:
        """One of its legs."""
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    @property
    def services(self) -> tuple[LegRow, ...]:
        """The legs of services, those that are over too."""
        return tuple([leg for leg in self.legs if leg.service])

    @property
    def person(self) -> int | None:
        """The psychologist who has the call, or had it: whoever leaves a caller to a service remains theirs."""
        leg = self.leg(self.call.claimed_leg)
        return self.call.person if leg is None or leg.service else leg.person


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
