"""What a ring plan depends on beside the line and the hour: who is on the phone, and who waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Table, bindparam, case, literal, null, select, text, union_all

from helpline.store.live_legs import forget_alone
from helpline.store.tables import ALIVE, Leg, LiveCall, Revision
from ivr_flows.model import Language
from ivr_flows.ringing import LONGEST_LEG, SKEW_SECONDS, CallState

ROTA = "rota"
_call = cast("Table", LiveCall.__table__)
_leg = cast("Table", Leg.__table__)

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
