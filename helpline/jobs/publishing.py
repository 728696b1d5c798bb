"""Hourly: planned shifts that are near become published, so that rotations no longer change them."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, update

from helpline.shifts.editing import Desk
from helpline.store.around import ROTA
from helpline.store.tables import Revision, Shift
from rota.staff import DAY


def run(desk: Desk, now: int) -> int:
    """Publishes what begins within the `publish_days` of its line; how many shifts that were."""
    if not desk.lines:
        return 0
    near = or_(
        *(
            and_(Shift.line == name, Shift.starts_at < now + line.settings.rota.publish_days * DAY)
            for name, line in desk.lines.items()
        )
    )
    planned = and_(Shift.status == "planned", near)
    with desk.store.read() as connection:
        if connection.execute(select(Shift.id).where(planned).limit(1)).first() is None:
            return 0
    with desk.store.durable() as tx:
        tx.execute(update(Revision).where(Revision.name == ROTA).values(n=Revision.n + 1))  # editors wait here
        return tx.execute(update(Shift).where(planned).values(status="published", seq=Shift.seq + 1)).rowcount
