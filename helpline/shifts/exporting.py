"""People, shifts and absences as tables: what is exported is imported again as it was (`helpline.shifts.importing`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, or_, select

from helpline.lines import Line
from helpline.shifts.reading import read_absences, read_shifts
from helpline.store.tables import Person
from rota.calendar import Head, feed, midnight
from rota.model import Shift, Span
from rota.sheet import write_rows
from rota.staff import HOUR

Cell: TypeAlias = str | int | float | bool | None
PEOPLE = ("name", "phone", "languages", "email", "tiers", "share", "region", "rest_hours", "week", "nights")
SHIFTS = ("line", "tier", "person", "start", "end")
ABSENCES = ("person", "start", "end", "hard")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the names of their columns. A cell that is None is empty; yes and no are booleans."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def csv(self, delimiter: str = ",") -> str:
        """As CSV with a header, without a cell that a spreadsheet would run (see `rota.sheet`)."""
        return write_rows(self.columns, ([_cell(value) for value in row] for row in self.rows), delimiter)

    def json(self) -> str:
        """As a JSON list of objects."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def people_table(connection: Connection, now: int) -> Table:
    """Everybody who is here at `now` (UTC seconds), with their numbers: for the coordination's eyes only."""
    columns = Person.__table__.c
    found = connection.execute(
        select(*columns).where(or_(columns.left_at.is_(None), columns.left_at > now)).order_by(columns.name)
    )
    rows = [
        (
            row.name,
            row.phone,
            row.languages,
            row.email,
            row.tiers,
            row.share,
            row.region,
            None if row.rest is None else hours(row.rest),
            row.week,
            row.nights,
        )
        for row in found
    ]
    return Table(PEOPLE, rows)


def shifts_table(connection: Connection, lines: Iterable[Line], span: Span) -> Table:
    """The shifts of these lines that touch `span`, on each line's clocks with their offset; open seats have no person.

    They are in the order in which those on call at once are rung.
    """
    names = read_names(connection)
    rows = [
        (
            line.name,
            shift.tier,
            None if shift.person is None else names[shift.person],
            written(line, shift.start),
            written(line, shift.end),
        )
        for line in lines
        for shift in read_shifts(connection, span.start, span.end, line=line.name)
    ]
    return Table(SHIFTS, rows)


def shifts_calendar(connection: Connection, line: Line, span: Span, host: str, now: int, tier: int | None) -> bytes:
    """The line's shifts that somebody holds, of one tier or all, as an iCalendar file with people's names."""
    names = read_names(connection)
    shifts = [
        shift
        for shift in read_shifts(connection, span.start, span.end, line=line.name)
        if shift.person is not None and tier in {None, shift.tier}
    ]

    def title(shift: Shift) -> str:
        return names.get(shift.person or 0, "")

    return feed(shifts, title, Head(line.name, host, midnight(now)))


def absences_table(connection: Connection, clocks: Line, span: Span) -> Table:
    """The absences that touch `span`, on a line's clocks with their offset."""
    names = read_names(connection)
    rows = [
        (names[absence.person], written(clocks, absence.start), written(clocks, absence.end), absence.hard)
        for absence in read_absences(connection, span.start, span.end)
    ]
    return Table(ABSENCES, rows)


def read_names(connection: Connection) -> dict[int, str]:
    """Everybody's name by their id, also of those who have left."""
    return {row.id: row.name for row in connection.execute(select(Person.id, Person.name))}


def written(line: Line, instant: int) -> str:
    """An instant (UTC seconds) on the line's clocks, with their offset: some hours come twice."""
    local = line.local(instant)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def hours(seconds: int) -> float:
    """Hours in decimals, to a hundredth of a minute."""
    return round(seconds / HOUR, 4)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
