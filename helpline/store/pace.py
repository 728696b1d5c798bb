"""The pace at which the carrier may be asked to create calls: one row, shared by every process."""

from __future__ import annotations

from sqlalchemy import Connection, or_, update

from helpline.store.tables import Pace

CREATIONS = "creations"


def take_turn(tx: Connection, now_ms: int, per_second: float) -> bool:
    """Whether the carrier may be asked for a call at `now_ms` (UTC milliseconds); if so, the turn is taken."""
    gap = int(1000 / per_second)
    # Further ahead than one gap it can only be because the clock was set back.
    free = or_(Pace.next_at_ms <= now_ms, Pace.next_at_ms > now_ms + gap)
    mine = update(Pace).where(Pace.name == CREATIONS, free).values(next_at_ms=now_ms + gap)
    return tx.execute(mine).rowcount == 1
