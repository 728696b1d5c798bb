"""What a period's figures are counted from, read from the database as of one moment.

Records are added up by the database: how many are alike, and the sum of their keys. Both exist in memory only, here as
there, because in a group of one the sum *is* that record's key: SQLite keeps whatever it sorts in memory
(`helpline.store.sessions`), PostgreSQL gets more of it than the groups of any year need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select, text

from helpline.lines import Line
from helpline.shifts.snapshot import read_roster
from helpline.store.sessions import Store
from helpline.store.tables import CallRecord, HourlyCount, MonthlyCount, Pooled
from reports import model
from reports.closing import Inputs
from reports.model import Group
from reports.periods import Profile, days_of, grain, periods_of, within
from reports.plan import DIMENSIONS, Dimension
from rota.oncall import segments
from rota.zones import local_to_utc

HOUR = 3600
ONES_OWN: tuple[Dimension, ...] = ("territory", "language")
"""What lines don't have in common: lists of their own, and whether they keep it at all."""
Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""
_MEMORY = "SET LOCAL work_mem = '512MB'"
_ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"
_LOCKED = "LOCK TABLE pool, call_records IN ACCESS SHARE MODE"


def nobody(_done: int, _total: int) -> None:
    """Takes no notice of progress."""


@contextmanager
def one_moment(store: Store) -> Iterator[Connection]:
    """A connection that sees the database as of one moment, and only reads."""
    if store.is_sqlite:
        with store.read() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")
        return
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Whoever enters records empties their table and fills it again, which an older moment would see as empty: they
        # wait. The moment is that of the first statement after this one.
        connection.execute(text(_LOCKED))
        yield connection
        connection.rollback()


def bounds(zone: ZoneInfo, period: str) -> tuple[int, int]:
    """`[start, end)` of a period in UTC seconds, from local midnight to local midnight. InputError if it isn't one."""
    first, last = days_of(period)
    start, end = (local_to_utc(datetime.combine(day, time()), zone) for day in (first, last + timedelta(days=1)))
    return start, end


def inside(period: str) -> tuple[str, ...]:
    """The periods that records of this one may carry: itself, and finer ones inside it."""
    year = int(period[:4])
    every = (*periods_of(year, Profile.QUARTER), *periods_of(year, Profile.MONTH))
    fine = grain(period)
    finer = tuple(each for each in every if each != period and _lies_in(each, period, fine))
    return (period, *finer)


def _lies_in(each: str, period: str, fine: Profile) -> bool:
    if fine is Profile.MONTH or (fine is Profile.QUARTER and grain(each) is Profile.QUARTER):
        return False
    return within(each, fine) == period


def read_inputs(connection: Connection, line: Line, period: str, on_progress: Progress = nobody) -> Inputs:
    """What the figures of a line's period are counted from; the rota's hours for a year only."""
    groups = read_groups(connection, (line.name,), period, DIMENSIONS, on_progress)
    monthly, coverage = [], None
    if grain(period) is Profile.YEAR:
        monthly, coverage = _monthly(connection, line, period), read_coverage(connection, line, period)
    return Inputs(groups, read_hours(connection, line, period), monthly, coverage)


def read_together(
    connection: Connection, lines: Sequence[Line], year: str, name: str, on_progress: Progress = nobody
) -> Inputs:
    """The same for a year of several lines as if they were one, called `name`; without what they don't share."""
    shared = tuple(dimension for dimension in DIMENSIONS if dimension not in ONES_OWN)
    groups = read_groups(connection, [line.name for line in lines], year, shared, on_progress)
    hourly = [
        model.HourlyCount(name, each.hour, each.outcome, each.wait_band, each.n)
        for line in lines
        for each in read_hours(connection, line, year)
    ]
    monthly = [
        model.MonthlyCount(name, each.month, each.talk_seconds, each.duration_band, each.n)
        for line in lines
        for each in _monthly(connection, line, year)
    ]
    return Inputs(groups, hourly, monthly)


def part_of(inputs: Inputs, period: str) -> Inputs:
    """Of what a year is counted from, what a period inside it is; its counters are chosen by whoever counts."""
    carried = frozenset(inside(period))
    groups = {
        dimension: tuple(group for group in found if group.period in carried)
        for dimension, found in inputs.groups.items()
    }
    return Inputs(groups, inputs.hourly, ())


def read_groups(
    connection: Connection,
    lines: Sequence[str],
    period: str,
    dimensions: Sequence[Dimension] = DIMENSIONS,
    on_progress: Progress = nobody,
) -> Mapping[Dimension, tuple[Group, ...]]:
    """The records of these lines, entered and pooled ones alike, added up once for each dimension."""
    if connection.dialect.name == "postgresql":
        for setting in (_MEMORY, _ALONE):
            connection.execute(text(setting))
    found: dict[Dimension, tuple[Group, ...]] = {}
    for done, dimension in enumerate(dimensions):
        on_progress(done, len(dimensions))
        found[dimension] = tuple(_grouped(connection, lines, period, dimension))
    on_progress(len(dimensions), len(dimensions))
    return found


def _grouped(connection: Connection, lines: Sequence[str], period: str, dimension: Dimension) -> Iterator[Group]:
    # One table after the other: adding groups up is the reader's in any case.
    for table in (CallRecord, Pooled):
        alike = (table.period, table.contact, table.substantive, getattr(table, dimension))
        rows = connection.execute(
            select(*alike, func.count(), func.sum(table.round_key))
            .where(table.line.in_(lines), table.period.in_(inside(period)))
            .group_by(*alike)
        )
        for told, contact, substantive, value, n, keysum in rows:
            # PostgreSQL sums integers as decimals.
            yield Group(told, contact, substantive, "" if value is None else str(value), n, int(keysum))


def read_hours(connection: Connection, line: Line, period: str) -> list[model.HourlyCount]:
    """The line's hourly counters of a period."""
    start, end = bounds(line.zone, period)
    rows = connection.execute(
        select(HourlyCount.line, HourlyCount.hour, HourlyCount.outcome, HourlyCount.wait_band, HourlyCount.n).where(
            HourlyCount.line == line.name, HourlyCount.hour >= start, HourlyCount.hour < end
        )
    )
    return [model.HourlyCount(*row) for row in rows]


def _monthly(connection: Connection, line: Line, year: str) -> list[model.MonthlyCount]:
    rows = connection.execute(
        select(
            MonthlyCount.line, MonthlyCount.month, MonthlyCount.talk_seconds, MonthlyCount.duration_band, MonthlyCount.n
        ).where(MonthlyCount.line == line.name, MonthlyCount.month.like(f"{year}-%"))
    )
    return [model.MonthlyCount(*row) for row in rows]


def read_coverage(connection: Connection, line: Line, year: str) -> model.Coverage | None:
    """Whole hours of a year with somebody on call; None where the line keeps no rota."""
    start, end = bounds(line.zone, year)
    hours = (end - start) // HOUR
    roster = read_roster(connection, start, end)
    # Counted from the year's first second: in some zones it lies between two hours of UTC.
    uncovered = {
        hour
        for stretch in segments(roster, line.name, start, end)
        if not stretch.on_call
        for hour in _touched(stretch.start - start, stretch.end - start)
    }
    covered = hours - len(uncovered)
    return model.Coverage(covered, hours) if covered else None


def _touched(start: int, end: int) -> Iterable[int]:
    return range(start // HOUR, -(-end // HOUR))
