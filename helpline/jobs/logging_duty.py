"""Hourly: shifts that ended a day ago are written down as they were held, once and for good; pay relies on it."""

from __future__ import annotations

from sqlalchemy import select

from helpline.store.dialect import InsertOnce
from helpline.store.rota_tables import Duty
from helpline.store.sessions import Store
from helpline.store.tables import Shift
from rota.staff import DAY

_once = InsertOnce(Duty)


def run(store: Store, now: int) -> int:
    """Writes every shift that counted, ended 24 hours before `now` or earlier and isn't written yet; how many."""
    logged = select(Duty.shift).where(Duty.shift == Shift.id).exists()
    over = (
        select(Shift.id.label("shift"), Shift.line, Shift.tier, Shift.person, Shift.starts_at, Shift.ends_at)
        .where(Shift.ends_at <= now - DAY, Shift.status != "cancelled", ~logged)
        .order_by(Shift.ends_at, Shift.id)
    )
    with store.read() as connection:
        rows = [dict(row) for row in connection.execute(over).mappings()]
    if rows:
        with store.durable() as tx:
            _once.each(tx, rows)
    return len(rows)
