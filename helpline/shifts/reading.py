"""The rota as it is stored, as the values that `rota` reckons with."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Connection, select

from helpline.settings import Limits as Standard
from helpline.store.rota_tables import Absence as AbsenceRow
from helpline.store.tables import Person as PersonRow
from helpline.store.tables import Shift as ShiftRow
from rota.model import Shift, Status
from rota.staff import HOUR, Absence, Limits, Staff

SHIFT = (
    ShiftRow.id,
    ShiftRow.line,
    ShiftRow.tier,
    ShiftRow.person,
    ShiftRow.starts_at,
    ShiftRow.ends_at,
    ShiftRow.status,
    ShiftRow.seq,
    ShiftRow.source,
    ShiftRow.rotation,
)
"""The columns of a `rota.model.Shift`, in its order."""
ABSENCE = (AbsenceRow.starts_at, AbsenceRow.ends_at, AbsenceRow.id, AbsenceRow.person, AbsenceRow.hard)
"""Those of a `rota.staff.Absence`."""


def read_shifts(
    connection: Connection,
    start: int,
    end: int | None = None,
    *,
    line: str | None = None,
    person: int | None = None,
    cancelled: bool = False,
) -> list[Shift]:
    """The shifts that touch `[start, end)` (UTC seconds), of all lines or one, of all or one person.

    By start, tier and id.
    """
    wanted = select(*SHIFT).where(ShiftRow.ends_at > start).order_by(ShiftRow.starts_at, ShiftRow.tier, ShiftRow.id)
    if end is not None:
        wanted = wanted.where(ShiftRow.starts_at < end)
    if line is not None:
        wanted = wanted.where(ShiftRow.line == line)
    if person is not None:
        wanted = wanted.where(ShiftRow.person == person)
    if not cancelled:
        wanted = wanted.where(ShiftRow.status != "cancelled")
    rows = connection.execute(wanted)
    return [Shift(*row[:6], cast("Status", row.status), row.seq, row.source, row.rotation) for row in rows]


def standard(limits: Standard) -> Limits:
    """The configured limits, for whom has none of their own."""
    return Limits(limits.rest_hours * HOUR, limits.stretch_hours * HOUR, limits.week, limits.nights)


def read_staff(connection: Connection, limits: Limits) -> dict[int, Staff]:
    """Everybody by id, with their own limits where they have some; also those who have left."""
    columns = PersonRow.__table__.c
    return {
        row.id: Staff(
            row.id,
            row.name,
            frozenset(row.languages.split()),
            frozenset(map(int, row.tiers.split())),
            row.share,
            row.region,
            Limits(
                limits.rest if row.rest is None else row.rest,
                limits.stretch,
                limits.week if row.week is None else row.week,
                limits.nights if row.nights is None else row.nights,
            ),
            row.left_at,
            row.joined_at,
        )
        for row in connection.execute(select(*columns))
    }


def read_absences(connection: Connection, start: int, end: int | None = None) -> list[Absence]:
    """Absences that touch `[start, end)` (UTC seconds), by start and id."""
    wanted = select(*ABSENCE).where(AbsenceRow.ends_at > start).order_by(AbsenceRow.starts_at, AbsenceRow.id)
    if end is not None:
        wanted = wanted.where(AbsenceRow.starts_at < end)
    return [Absence(*row) for row in connection.execute(wanted)]
