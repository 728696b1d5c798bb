"""Who has had how much, from the database; and the ledger, into which a closed quarter is written once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, exists, select

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.shifts.rules import holidays_in
from helpline.store.dialect import InsertOnce
from helpline.store.rota_tables import Duty, FairnessEntry
from rota.duty import categories
from rota.fairness import MEASURES, Kinds, Standing, carried, standings
from rota.model import Shift, Span
from rota.staff import DAY, Staff
from rota.zones import local_to_utc

YEAR = 366 * DAY
QUARTER = re.compile(r"(20\d\d)-Q([1-4])")
_entry = InsertOnce(FairnessEntry)


def read_standings(connection: Connection, desk: Desk, line: Line, span: Span) -> tuple[Standing, ...]:
    """How the shifts of `line` that begin in `span` (UTC seconds) are shared out among those who can be on call for it.

    What is over is taken from the duty log, as it was held, and all else from the rota.
    """
    shifts = {shift.id: shift for shift in read_shifts(connection, span.start, span.end, line=line.name)}
    shifts |= _duty(connection, line, span)
    everybody = read_staff(connection, desk.limits)
    held = {shift.person for shift in shifts.values()}
    staff = [each for each in everybody.values() if speaks(each, line) or each.id in held]
    absences = read_absences(connection, span.start, span.end)
    debts = read_debts(connection, line)
    return standings(shifts.values(), staff, absences, span, kinds(line, span), debts)


def speaks(person: Staff, line: Line) -> bool:
    """Whether they speak a language that callers of the line can be answered in."""
    return bool(person.skills & {*line.flow.languages, *line.settings.accepted_languages})


def kinds(line: Line, span: Span) -> Kinds:
    """What shifts of a line that begin in `span` are, by its zone and its region's public holidays."""
    days = holidays_in(line, Span(span.start, span.end + YEAR))
    known: dict[Span, frozenset[str]] = {}

    def of(shift: Span) -> frozenset[str]:
        if shift not in known:
            known[shift] = categories(shift, line.zone, days)
        return known[shift]

    return of


def quarter(name: str, line: Line) -> Span:
    """The quarter `2026-Q4` on the line's clocks. Raises `UsageError`."""
    found = QUARTER.fullmatch(name)
    if not found:
        raise UsageError(f"{name!r} isn't a quarter; write it like 2026-Q4")
    year, first = int(found[1]), 3 * int(found[2]) - 2
    start, end = date(year, first, 1), date(year + (first == 10), (first + 3) % 12, 1)
    return Span(*(local_to_utc(datetime.combine(day, datetime.min.time()), line.zone) for day in (start, end)))


def close(desk: Desk, line: Line, name: str, now: int) -> tuple[Standing, ...] | None:
    """Writes a quarter that is over into the ledger, for good; None when it is there already.

    Raises `UsageError` when it isn't over, its last shift included: what may still change isn't written.
    """
    span = quarter(name, line)
    with desk.store.durable() as tx:
        found = select(exists().where(FairnessEntry.line == line.name, FairnessEntry.period == name))
        if tx.execute(found).scalar_one():
            return None
        last = [s.end for s in read_shifts(tx, span.end - 1, line=line.name) if span.holds(s.start)]
        over = max([span.end, *last])
        if now < over:
            raise UsageError(f"{name} isn't over on {line.name}: close it after {line.local(over):%Y-%m-%d %H:%M}")
        closed = read_standings(tx, desk, line, span)
        if not closed:
            raise UsageError(f"nobody was on call for {line.name} in {name}: there is nothing to close")
        _entry.each(
            tx,
            [
                {
                    "person": each.person,
                    "line": line.name,
                    "period": name,
                    "category": measure,
                    "held": each.held[measure],
                    "share": each.share[measure],
                }
                for each in closed
                for measure in MEASURES
            ],
        )
    return closed


def read_debts(connection: Connection, line: Line) -> dict[int, Mapping[str, int]]:
    """By how much each is ahead after all closed quarters (`rota.fairness.carried`); who is even is left out."""
    quarters: dict[int, dict[str, dict[str, tuple[int, int]]]] = {}
    rows = select(*FairnessEntry.__table__.c).where(FairnessEntry.line == line.name).order_by(FairnessEntry.period)
    for row in connection.execute(rows):
        own = quarters.setdefault(row.person, {}).setdefault(row.period, {})
        own[row.category] = (row.held, row.share)
    debts = {person: carried(periods.values()) for person, periods in quarters.items()}
    return {person: debt for person, debt in debts.items() if debt}


def _duty(connection: Connection, line: Line, span: Span) -> dict[int, Shift]:
    """What has been held, by the shift's id."""
    columns = (Duty.shift, Duty.line, Duty.tier, Duty.person, Duty.starts_at, Duty.ends_at)
    wanted = select(*columns).where(Duty.line == line.name, Duty.starts_at >= span.start, Duty.starts_at < span.end)
    return {row.shift: Shift(*row) for row in connection.execute(wanted)}
