"""What people are paid for: the hours they were on call, as the duty log has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import time

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.shifts.exporting import Table, hours, written
from helpline.store.rota_tables import Duty
from helpline.store.tables import Person
from rota.calendar_days import holidays_of
from rota.duty import nights
from rota.model import Span
from rota.pay import NIGHT, Piece, pieces

DUTY = ("person", "line", "tier", "date", "from", "to", "hours", "night_hours", "sunday", "holiday")
MONTHS = ("person", "line", "month", "shifts", "hours", "nights", "night_hours", "sunday_hours", "holiday_hours")


@dataclass(frozen=True, slots=True)
class _Held:
    """A local day's part of a shift that is over, and who held it."""

    person: str
    line: Line
    shift: int
    tier: int
    piece: Piece


@dataclass(slots=True)
class _Sum:
    """What somebody held on a line in a month; seconds."""

    shifts: set[int] = field(default_factory=set)
    nights: int = 0
    held: int = 0
    night: int = 0
    sunday: int = 0
    holiday: int = 0

    def add(self, held: _Held) -> None:
        piece = held.piece
        self.shifts.add(held.shift)
        self.nights += len(nights(piece, held.line.zone))
        self.held += piece.seconds
        self.night += piece.night
        self.sunday += piece.seconds * piece.sunday
        self.holiday += piece.seconds * piece.holiday


def duty_table(connection: Connection, lines: Iterable[Line], span: Span, night: tuple[time, time] = NIGHT) -> Table:
    """Who held what in `span`, for pay: a row for each local day of each shift, by person and time.

    Hours are real ones, in decimals. A public holiday is one of the person's region, or else the line's.
    """
    rows = [
        (
            held.person,
            held.line.name,
            held.tier,
            held.piece.day.isoformat(),
            written(held.line, held.piece.start),
            written(held.line, held.piece.end),
            hours(held.piece.seconds),
            hours(held.piece.night),
            held.piece.sunday,
            held.piece.holiday,
        )
        for held in _held(connection, lines, span, night)
    ]
    return Table(DUTY, rows)


def months_table(connection: Connection, lines: Iterable[Line], span: Span, night: tuple[time, time] = NIGHT) -> Table:
    """The sums of `duty_table` by person, line and local month. A shift over two months counts in both."""
    sums: dict[tuple[str, str, str], _Sum] = {}
    for held in _held(connection, lines, span, night):
        sums.setdefault((held.person, held.line.name, f"{held.piece.day:%Y-%m}"), _Sum()).add(held)
    rows = [
        (
            *key,
            len(total.shifts),
            hours(total.held),
            total.nights,
            hours(total.night),
            hours(total.sunday),
            hours(total.holiday),
        )
        for key, total in sorted(sums.items())
    ]
    return Table(MONTHS, rows)


def _held(connection: Connection, lines: Iterable[Line], span: Span, night: tuple[time, time]) -> Iterator[_Held]:
    """By person, time and tier."""
    people = {row.id: row for row in connection.execute(select(Person.id, Person.name, Person.region))}
    by_name = {line.name: line for line in lines}
    columns = Duty.__table__.c
    rows = connection.execute(select(*columns).where(columns.starts_at < span.end, columns.ends_at > span.start))
    known = [(people[row.person], row) for row in rows if row.person in people and row.line in by_name]
    for person, row in sorted(known, key=lambda pair: (pair[0].name, pair[1].starts_at, pair[1].tier, pair[1].shift)):
        line = by_name[row.line]
        inside = Span(max(span.start, row.starts_at), min(span.end, row.ends_at))
        years = range(line.local(inside.start).year, line.local(inside.end).year + 1)
        holidays = holidays_of(person.region or line.settings.rota.region, years)
        for piece in pieces(inside, line.zone, holidays, night):
            yield _Held(person.name, line, row.shift, row.tier, piece)
