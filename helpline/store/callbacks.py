"""Rows of callbacks. Every change names the state it leaves, so that of two that race exactly one wins.

asked     a number was given and is being read back; gone with the call, or ten minutes later
wanted    confirmed; somebody is to be rung at `next_at`
calling   a psychologist's phone rings, or they are being asked; until `next_at`, after which they are given up
dialling  they pressed 1: the phone of the person who asked rings
talking   that person pressed 1
`leg` names the psychologist's leg whose webhooks may change the row; those of an earlier one are too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, func, or_, select, update

from helpline.store.dialect import AddUp, InsertOnce
from helpline.store.tables import Callback, CallbackCount
from ivr_flows.model import Language

_insert = InsertOnce(Callback)
_add = AddUp(CallbackCount, ("line", "month", "outcome"), ("n",))
_columns = Callback.__table__.c


class State(StrEnum):
    """See the module's head."""

    ASKED = "asked"
    WANTED = "wanted"
    CALLING = "calling"
    DIALLING = "dialling"
    TALKING = "talking"


UNDER_WAY = (State.CALLING, State.DIALLING, State.TALKING)
OPEN = (State.WANTED, *UNDER_WAY)


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A row of `callbacks`: its columns, in their order. Instants are UTC seconds.

    `given` counts the numbers given before this one, `tries` how often the phone of the person who asked has rung,
    `rounds` how often everybody on call had been asked; `asked` are the ids of those asked in this round.
    """

    id: str
    line: str
    language: Language
    state: State
    sealed: bytes
    given: int
    next_at: int
    expires_at: int
    tries: int = 0
    rounds: int = 0
    asked: str = ""
    leg: str | None = None
    person: int | None = None
    bridged_at: int = 0

    @property
    def people(self) -> frozenset[int]:
        """Those asked in this round."""
        return frozenset(map(int, self.asked.split()))


def _rows(connection: Connection, *where: object) -> list[CallbackRow]:
    found = connection.execute(
        select(*_columns).where(*where).order_by(_columns.next_at, _columns.id)  # type: ignore[arg-type] # conditions
    )
    return [CallbackRow(*row) for row in found]


def load(connection: Connection, callback: str) -> CallbackRow | None:
    """The row, or None when it is over."""
    return next(iter(_rows(connection, Callback.id == callback)), None)


def give(tx: Connection, row: CallbackRow) -> bool:
    """Keeps a number that was given: whether it is the newest of its call. A later one takes an earlier one's place."""
    if _insert(tx, asdict(row)):
        return True
    newer = {"sealed": row.sealed, "given": row.given, "next_at": row.next_at, "expires_at": row.expires_at}
    known = (Callback.id == row.id, Callback.state == State.ASKED, Callback.given <= row.given)
    return tx.execute(update(Callback).where(*known).values(newer)).rowcount == 1


def want(tx: Connection, row: CallbackRow) -> bool:
    """Whether it is this request that confirms the number of `row`, which says when and until when it is tried."""
    known = (Callback.id == row.id, Callback.state == State.ASKED, Callback.given == row.given)
    values = {
        "state": State.WANTED,
        "next_at": row.next_at,
        "expires_at": row.expires_at,
        "tries": row.tries,
        "rounds": row.rounds,
    }
    return tx.execute(update(Callback).where(*known).values(values)).rowcount == 1


def drop(tx: Connection, callback: str) -> None:
    """What was given and not confirmed is forgotten."""
    tx.execute(delete(Callback).where(Callback.id == callback, Callback.state == State.ASKED))


def opened(connection: Connection, line: str) -> list[CallbackRow]:
    """Confirmed callbacks of a line."""
    return _rows(connection, Callback.line == line, Callback.state.in_(OPEN))


def how_many_open(connection: Connection, line: str) -> int:
    """How many confirmed callbacks the line has."""
    return connection.execute(
        select(func.count()).select_from(Callback).where(Callback.line == line, Callback.state.in_(OPEN))
    ).scalar_one()


def due(connection: Connection, now: int) -> list[CallbackRow]:
    """Callbacks for which somebody is to be rung, the one that has waited longest first."""
    return _rows(connection, Callback.state == State.WANTED, Callback.next_at <= now)


def overdue(connection: Connection, now: int) -> list[CallbackRow]:
    """What was never confirmed in time, whose day is over, or whose leg wasn't heard of in its time."""
    old = (Callback.state.in_([State.ASKED, State.WANTED])) & (Callback.expires_at <= now)
    lost = (Callback.state.in_(UNDER_WAY)) & (Callback.next_at <= now)
    return _rows(connection, or_(old, lost))


def talking(connection: Connection) -> list[CallbackRow]:
    """Callbacks whose two sides talk, as far as is known."""
    return _rows(connection, Callback.state == State.TALKING)


def start(tx: Connection, row: CallbackRow, leg: str, person: int, until: int) -> bool:
    """Whether it is this process that rings somebody, at the latest until then."""
    known = (Callback.id == row.id, Callback.state == State.WANTED, Callback.next_at == row.next_at)
    values = {"state": State.CALLING, "leg": leg, "person": person, "next_at": until}
    return tx.execute(update(Callback).where(*known).values(values)).rowcount == 1


def move(
    tx: Connection,
    callback: str,
    leg: str,
    was: Sequence[State],
    becomes: State,
    until: int,
    *,
    bridged_at: int | None = None,
) -> bool:
    """Whether this leg's callback was in one of the states `was`, and now is in `becomes`, at the latest until then."""
    known = (Callback.id == callback, Callback.leg == leg, Callback.state.in_(was))
    values: dict[str, object] = {"state": becomes, "next_at": until}
    if bridged_at is not None:
        values["bridged_at"] = bridged_at
    return tx.execute(update(Callback).where(*known).values(values)).rowcount == 1


def again(tx: Connection, row: CallbackRow, was: Sequence[State] = UNDER_WAY) -> bool:
    """Whether this leg's callback waits again, as `row` says: when, tried how often, asked of whom."""
    known = (Callback.id == row.id, Callback.leg == row.leg, Callback.state.in_(was))
    values = {
        "state": State.WANTED,
        "next_at": row.next_at,
        "tries": row.tries,
        "asked": row.asked,
        "leg": None,
        "person": None,
        "bridged_at": 0,
    }
    return tx.execute(update(Callback).where(*known).values(values)).rowcount == 1


def wait(tx: Connection, row: CallbackRow, next_at: int) -> None:
    """Nobody can be rung at present; `row` says how many rounds there were and who was asked in this one."""
    known = (Callback.id == row.id, Callback.state == State.WANTED)
    values = {"next_at": next_at, "rounds": row.rounds, "asked": row.asked}
    tx.execute(update(Callback).where(*known).values(values))


def remove(tx: Connection, row: CallbackRow) -> bool:
    """Whether it is this request that deletes the row, as it was read: whoever does counts what became of it."""
    leg = Callback.leg.is_(None) if row.leg is None else Callback.leg == row.leg
    return tx.execute(delete(Callback).where(Callback.id == row.id, Callback.state == row.state, leg)).rowcount == 1


def count(tx: Connection, line: str, month: str, outcome: str) -> None:
    """One callback more that was `wanted`, `connected` or `expired` in this month (`2026-03`, local time)."""
    _add(tx, {"line": line, "month": month, "outcome": outcome, "n": 1})
