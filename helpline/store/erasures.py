"""What must disappear at the carrier, and the tombstones that make a caller's call, or a text message, count once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, not_, or_, select, update

from helpline.store.dialect import InsertOnce
from helpline.store.tables import Erasure

ERASE_AFTER = 16 * 60
"""Seconds after its end: the carrier writes a call's events about 15 minutes later, and they must go too."""
TEXT_AFTER = 60
"""Seconds after which an incoming text message is erased: the carrier keeps it until it has our answer."""
KEEP_TOMBSTONE = 86_400
ITS_OWN_END = 300
"""Seconds after the caller's end by which a psychologist's leg has ended too, if word of that is lost."""
COUNT_WITHIN = 86_400
"""Seconds for which a call that isn't counted yet is kept at the carrier, who alone can say what it was."""
_insert = InsertOnce(Erasure)
_ENDS = 4_823_003
"""PostgreSQL's advisory locks of whoever begins or ends something for a call, by the hash of its id at the carrier."""
_LOCK_END = select(func.pg_advisory_xact_lock(_ENDS, func.hashtext(bindparam("call"))))


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A call that is over and missing in the counters of its line. `ended`: when we heard of it, in UTC seconds."""

    carrier_id: str
    line: str
    ended: int


def _lock_end(tx: Connection, carrier_id: str) -> None:
    """Waits until nobody else buries this call, or relies on it not being buried.

    A statement of its own, because one that waits sees what was there before it had to wait; and the first of its
    transaction, so that whoever waits keeps nobody waiting. SQLite has one writer.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK_END, {"call": carrier_id})


def bury(tx: Connection, carrier_id: str, now: int) -> bool:
    """Whether this is the first to say that the caller's call is over: only the first may count it.

    What others began for the call before is seen from now on. To be asked first in `tx`.
    """
    _lock_end(tx, carrier_id)
    return _insert(tx, {"carrier_id": carrier_id, "kind": "call", "hangup": False, "due_at": now + ERASE_AFTER})


def count_later(tx: Connection, carrier_id: str, line: str) -> None:
    """The call is over and only the carrier can say what it was: the counters of `line` still lack it."""
    tx.execute(update(Erasure).where(Erasure.carrier_id == carrier_id).values(uncounted=line))


def count_now(tx: Connection, carrier_id: str) -> bool:
    """Whether the call was still to be counted, and it is this transaction that counts it."""
    lacking = (Erasure.carrier_id == carrier_id, Erasure.uncounted.is_not(None))
    return tx.execute(update(Erasure).where(*lacking).values(uncounted=None)).rowcount == 1


def uncounted(connection: Connection, now: int, quiet: int, limit: int = 200) -> Sequence[Uncounted]:
    """Calls over for `quiet` seconds that are still to be counted, the oldest first.

    One that ended in the future did so before the clock was set back.
    """
    due = now + ERASE_AFTER
    rows = connection.execute(
        select(Erasure.carrier_id, Erasure.uncounted, Erasure.due_at)
        .where(Erasure.uncounted.is_not(None), not_(Erasure.due_at.between(due - quiet + 1, due + quiet)))
        .order_by(Erasure.due_at)
        .limit(limit)
    )
    return [Uncounted(row.carrier_id, row.uncounted, row.due_at - ERASE_AFTER) for row in rows]


def known(connection: Connection, carrier_ids: Sequence[str]) -> frozenset[str]:
    """Which of these calls are to be erased, or have been."""
    return frozenset(connection.scalars(select(Erasure.carrier_id).where(Erasure.carrier_id.in_(carrier_ids))))


def is_buried(tx: Connection, carrier_id: str) -> bool:
    """Whether somebody has said that this call is over; if not, nobody does before `tx` ends.

    To be asked first in `tx`.
    """
    _lock_end(tx, carrier_id)
    return tx.execute(select(Erasure.carrier_id).where(Erasure.carrier_id == carrier_id)).first() is not None


def once(tx: Connection, name: str, kind: str, now: int) -> bool:
    """Whether `name` (an id of ours) is new: what a repeated webhook asks for again is done once."""
    row = {"carrier_id": name, "kind": kind, "hangup": False, "due_at": now, "erased_at": now}
    return _insert(tx, row)


def erase_later(tx: Connection, carrier_id: str, now: int, kind: str = "call") -> None:
    """The carrier's call is over: erase it once its events have been written. A queue goes at once."""
    due = now + (ERASE_AFTER if kind == "call" else 0)
    if not _insert(tx, {"carrier_id": carrier_id, "kind": kind, "hangup": False, "due_at": due}):
        # A repeated end postpones nothing.
        known = (Erasure.carrier_id == carrier_id, or_(Erasure.hangup, Erasure.due_at > due))
        tx.execute(update(Erasure).where(*known).values(hangup=False, due_at=due))


def erase_text(tx: Connection, carrier_id: str, now: int) -> bool:
    """Whether this is the first to tell of a text message to us; the carrier's copy goes in a minute, whoever wrote."""
    return _insert(tx, {"carrier_id": carrier_id, "kind": "text", "hangup": False, "due_at": now + TEXT_AFTER})


def hang_up_later(tx: Connection, carrier_id: str, now: int) -> bool:
    """The carrier's call still rings and nobody needs it: end it now, erase it later. Whether that is news."""
    return _insert(tx, {"carrier_id": carrier_id, "kind": "call", "hangup": True, "due_at": now + ERASE_AFTER})


def to_hang_up(connection: Connection, limit: int = 20) -> Sequence[str]:
    """Carrier ids of calls to end."""
    return connection.scalars(select(Erasure.carrier_id).where(Erasure.hangup).limit(limit)).all()


def hung_up(tx: Connection, carrier_id: str) -> None:
    """The carrier has been told."""
    tx.execute(update(Erasure).where(Erasure.carrier_id == carrier_id).values(hangup=False))


def due(connection: Connection, now: int, limit: int = 200) -> Sequence[tuple[str, str]]:
    """`(carrier id, kind)` of what may be erased now. A call that isn't counted yet stays: the carrier has to say."""
    counted = or_(Erasure.uncounted.is_(None), Erasure.due_at <= now - COUNT_WITHIN)
    rows = connection.execute(
        select(Erasure.carrier_id, Erasure.kind)
        .where(Erasure.due_at <= now, Erasure.erased_at.is_(None), counted)
        .order_by(Erasure.due_at)
        .limit(limit)
    )
    return [(row.carrier_id, row.kind) for row in rows]


def erased(tx: Connection, carrier_id: str, now: int) -> None:
    """The carrier confirmed."""
    tx.execute(update(Erasure).where(Erasure.carrier_id == carrier_id).values(erased_at=now, hangup=False))


def postpone(tx: Connection, carrier_id: str, until: int) -> None:
    """The carrier wouldn't yet: again at `until`."""
    tx.execute(update(Erasure).where(Erasure.carrier_id == carrier_id).values(due_at=until))


def forget(tx: Connection, now: int) -> int:
    """Drops the tombstones of a day ago; how many."""
    done = (Erasure.erased_at <= now - KEEP_TOMBSTONE, Erasure.uncounted.is_(None))
    return tx.execute(delete(Erasure).where(*done)).rowcount
