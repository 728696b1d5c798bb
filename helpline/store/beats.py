"""Signs of life of the long-lived processes."""

from __future__ import annotations

from sqlalchemy import select, update

from helpline.store.dialect import InsertOnce
from helpline.store.sessions import Store
from helpline.store.tables import Beat

FRESH_SECONDS = 30
_insert = InsertOnce(Beat)


def beat(store: Store, name: str, now: int) -> None:
    """`name` is well at `now` (UTC seconds)."""
    with store.live() as tx:
        if not tx.execute(update(Beat).where(Beat.name == name).values(at=now)).rowcount:
            _insert(tx, {"name": name, "at": now})


def is_fresh(store: Store, name: str, now: int) -> bool:
    """Whether `name` said so in the last half minute."""
    with store.read() as connection:
        at = connection.execute(select(Beat.at).where(Beat.name == name)).scalar()
    return at is not None and now - at < FRESH_SECONDS
