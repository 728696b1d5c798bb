"""What the store gives to the pure report: records, counters and the hours somebody was on call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from helpline.errors import UsageError
from helpline.figures import records
from helpline.lines import Line
from helpline.shifts.snapshot import read_roster
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, MonthlyCount
from reports import model
from reports.build import Inputs, build
from reports.build import Line as ReportLine
from reports.document import Report
from reports.periods import Profile
from reports.taxonomy import Taxonomy
from reports.words import Words
from rota.oncall import segments
from rota.zones import local_to_utc

HOUR = 3600
PROFILES = {"month": Profile.MONTH, "quarter": Profile.QUARTER, "year": Profile.YEAR}


def build_report(
    store: Store, line: Line, year: int, taxonomy: Taxonomy, secret: bytes, now: int, *, demo: bool
) -> Report:
    """The line's report of one local year, as far as it has gone at `now` (UTC seconds)."""
    today = line.local(now).date()
    if year > today.year:
        raise UsageError(f"{year} has not begun on the line {line.name}; the latest report is {today.year}'s so far")
    profile = PROFILES[line.settings.period]
    with store.read() as connection:
        inputs = Inputs(
            records.read(connection, line.name, year),
            _hourly(connection, line, year),
            _monthly(connection, line, year),
            _coverage(connection, line, year, now),
            through=today if today.year == year else None,
        )
    spoken = line.flow.spoken
    name = Words(fr=spoken["fr"], nl=spoken["nl"], de=spoken["de"], en=spoken["en"])
    named = ReportLine(line.name, name, line.settings.timezone)
    return build(year, named, inputs, taxonomy, secret, demo=demo, profile=profile)


def _bounds(line: Line, year: int) -> tuple[int, int]:
    first = [local_to_utc(datetime(each, 1, 1), line.zone) for each in (year, year + 1)]  # noqa: DTZ001 - a local time
    return first[0], first[1]


def _hourly(connection: Connection, line: Line, year: int) -> list[model.HourlyCount]:
    start, end = _bounds(line, year)
    rows = connection.execute(
        select(HourlyCount.line, HourlyCount.hour, HourlyCount.outcome, HourlyCount.wait_band, HourlyCount.n).where(
            HourlyCount.line == line.name, HourlyCount.hour >= start, HourlyCount.hour < end
        )
    )
    return [model.HourlyCount(*row) for row in rows]


def _monthly(connection: Connection, line: Line, year: int) -> list[model.MonthlyCount]:
    rows = connection.execute(
        select(
            MonthlyCount.line, MonthlyCount.month, MonthlyCount.talk_seconds, MonthlyCount.duration_band, MonthlyCount.n
        ).where(MonthlyCount.line == line.name, MonthlyCount.month.like(f"{year}-%"))
    )
    return [model.MonthlyCount(*row) for row in rows]


def _coverage(connection: Connection, line: Line, year: int, now: int) -> model.Coverage | None:
    """Whole hours with somebody on call; None for a year that has not begun or has no rota."""
    start, end = _bounds(line, year)
    hours = (min(end, now) - start) // HOUR
    if hours < 1:
        return None
    end = start + hours * HOUR
    roster = read_roster(connection, start, end)
    # Counted from the year's first second: in some zones it lies between two hours of UTC.
    uncovered = {
        hour
        for stretch in segments(roster, line.name, start, end)
        if not stretch.on_call
        for hour in range((stretch.start - start) // HOUR, -((start - stretch.end) // HOUR))
    }
    covered = hours - len(uncovered)
    return model.Coverage(covered, hours) if covered else None
