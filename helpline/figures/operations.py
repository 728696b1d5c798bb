"""The coordinator's operational report: the counters and the rota of a period, read and handed to `reports.operations`.

Only counters: nothing here reads a record, so that no reason can come into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.snapshot import read_roster
from helpline.store.tables import HourlyCount, MonthlyCount, Shift
from reports import model
from reports.erlang import HOUR, Target
from reports.indicators import Cell, normal
from reports.operations import Asked, Held, Operations, operations
from reports.periods import Profile, days_of, periods_of
from rota.oncall import segments
from rota.zones import local_to_utc

LATEST = "13-months"
"""The period that ends now: this month, and the twelve before it."""
MONTHS_KEPT = 13
"""For so long counters are kept by hour, this month included; then by day."""
MOST_YEARS = 10
PERIOD = re.compile(r"20[0-9]{2}(-Q[1-4]|-0[1-9]|-1[0-2])?")
"""Of this century: a calendar ends somewhere."""


@dataclass(frozen=True, slots=True)
class Period:
    """`13-months`, `2026`, `2026-Q1` or `2026-03` on a line's clocks: `[start, end)` in UTC seconds, up to now."""

    name: str
    start: int
    end: int
    over: bool
    """Whether it ended before now."""


def period_of(line: Line, name: str, now: int) -> Period:
    """The period called `name`, as far as it has gone at `now`: up to the last whole hour.

    Raises `UsageError` for one that hasn't begun, and for what is no period.
    """
    if name == LATEST:
        return Period(name, _kept_from(line, now), now - now % HOUR, over=False)
    if not PERIOD.fullmatch(name):
        raise UsageError(f"{name!r} is no period; write {LATEST}, 2026, 2026-Q1 or 2026-03")
    first, last = days_of(name)
    start, end = (_midnight(day, line) for day in (first, last + timedelta(days=1)))
    if start > now:
        raise UsageError(f"{name} has not begun on the line {line.name}; ask for a period up to {line.month(now)}")
    return Period(name, start, min(end, now - now % HOUR), over=end <= now)


def periods_begun(year: int, profile: Profile, line: Line, now: int) -> list[str]:
    """The months or quarters of `year` that have begun at `now`."""
    today = line.local(now).date()
    return [name for name in periods_of(year, profile) if days_of(name)[0] <= today]


def years_counted(connection: Connection, line: Line, now: int) -> range:
    """The years from the line's first call on, ten at most."""
    first = connection.scalar(select(func.min(HourlyCount.hour)).where(HourlyCount.line == line.name))
    this = line.local(now).year
    earliest = this if first is None else min(this, line.local(first).year)
    return range(max(earliest, this - MOST_YEARS + 1), this + 1)


def read_operations(connection: Connection, line: Line, period: Period, now: int, target: Target) -> Operations:
    """The line's report over `period`."""
    week_from = max(period.start, _kept_from(line, now))
    return operations(
        Asked(line.name, line.zone, period.start, period.end, week_from, _rota_from(connection, line, period), target),
        hours_between(connection, line, period.start, period.end),
        _talks(connection, line, period),
        _held(connection, line, period),
    )


def calls_between(connection: Connection, line: Line, start: int, end: int) -> dict[Cell, int]:
    """How many calls that entered in the hours of `[start, end)` (UTC seconds) ended and waited how."""
    kind = HourlyCount.outcome, HourlyCount.wait_band
    rows = connection.execute(
        select(*kind, func.sum(HourlyCount.n))
        .where(HourlyCount.line == line.name, HourlyCount.hour >= start, HourlyCount.hour < end)
        .group_by(*kind)
    )
    found: dict[Cell, int] = {}
    for outcome, band, n in rows:
        cell = normal(outcome, band)
        # PostgreSQL sums integers as decimals.
        found[cell] = found.get(cell, 0) + int(n)
    return found


def hours_between(connection: Connection, line: Line, start: int, end: int) -> Iterator[model.HourlyCount]:
    """The line's counters of the hours in `[start, end)` (UTC seconds), while the connection is open."""
    rows = connection.execute(
        select(HourlyCount.hour, HourlyCount.outcome, HourlyCount.wait_band, HourlyCount.n).where(
            HourlyCount.line == line.name, HourlyCount.hour >= start, HourlyCount.hour < end
        )
    )
    # In batches: one by one takes twice as long, and thousands at once wake the garbage collector.
    return (model.HourlyCount(line.name, *row) for row in rows.yield_per(1_000))


def _talks(connection: Connection, line: Line, period: Period) -> list[model.MonthlyCount]:
    """The conversations of the period's months: of a month that isn't over, those of the present hour, too."""
    rows = connection.execute(
        select(MonthlyCount.month, MonthlyCount.talk_seconds, MonthlyCount.duration_band, MonthlyCount.n).where(
            MonthlyCount.line == line.name,
            MonthlyCount.month >= line.month(period.start),
            MonthlyCount.month <= line.month(max(period.start, period.end - 1)),
        )
    )
    return [model.MonthlyCount(line.name, *row) for row in rows]


def _rota_from(connection: Connection, line: Line, period: Period) -> int:
    """When the line's first shift that is known begins; the period's end, if that comes first."""
    held = Shift.line == line.name, Shift.person.is_not(None), Shift.status != "cancelled"
    first = connection.scalar(select(func.min(Shift.starts_at)).where(*held))
    return period.end if first is None else min(period.end, first)


def _held(connection: Connection, line: Line, period: Period) -> list[Held]:
    """How many people were on call when. Who sits on two seats at once answers one call at a time."""
    if period.end <= period.start:
        return []
    roster = read_roster(connection, period.start, period.end)
    return [
        Held(stretch.start, stretch.end, len({held.person.id for held in stretch.on_call}))
        for stretch in segments(roster, line.name, period.start, period.end)
    ]


def _kept_from(line: Line, now: int) -> int:
    """The first of the months that are kept by hour."""
    today = line.local(now).date()
    year, month = divmod(12 * today.year + today.month - MONTHS_KEPT, 12)
    return _midnight(date(year, month + 1, 1), line)


def _midnight(day: date, line: Line) -> int:
    return local_to_utc(datetime.combine(day, time()), line.zone)
