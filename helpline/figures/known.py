"""What coordinators know exactly, from the counters of their own page: the auditor has to reckon with it.

Only counts of calls and of talks, which hold no reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from helpline.lines import Line
from helpline.store.tables import HourlyCount, MonthlyCount
from reports.cells import ALL, CALLS, TALKS, Cell
from reports.figures import Figures
from reports.indicators import Cell as Kind
from reports.indicators import Measure, measures, normal
from reports.model import is_night
from reports.periods import grain, within
from rota.zones import local_to_utc

Known = Mapping[tuple[str, Cell], int]
"""Line and cell -> the exact count."""
Slot = tuple[str, bool, bool, Kind]
"""Local month, night, weekend, and how the calls ended."""


def read_known(connection: Connection, lines: Mapping[str, Line], ledger: Iterable[Figures]) -> Known:
    """The exact count of every figure of `ledger` that comes from counters; lines that are gone have no page."""
    wanted: dict[tuple[str, int], set[Cell]] = {}
    for figures in ledger:
        if figures.line in lines:
            cells = wanted.setdefault((figures.line, figures.year), set())
            cells |= {cell for cell in figures.counts if cell.table in (CALLS, TALKS)}
    found: dict[tuple[str, Cell], int] = {}
    for (name, year), cells in sorted(wanted.items()):
        line = lines[name]
        calls, talks = _calls(connection, line, year), _talks(connection, name, year)
        # Of a year without counters, as one that was restored from its figures alone, nobody knows more than these.
        for cell in cells if calls else ():
            found[name, cell] = talks[cell.category] if cell.table == TALKS else _count(calls, cell)
    return found


def _count(calls: Mapping[Slot, int], cell: Cell) -> int:
    measure, fine = measures()[cell.category], grain(cell.period)
    return sum(n for slot, n in calls.items() if within(slot[0], fine) == cell.period and _belongs(slot, measure))


def _belongs(slot: Slot, measure: Measure) -> bool:
    _, night, weekend, kind = slot
    return kind in measure.cells and {"any": True, "night": night, "weekend": weekend}[measure.when]


def _calls(connection: Connection, line: Line, year: int) -> Counter[Slot]:
    tally: Counter[Slot] = Counter()
    for hour, kind, n in _hours(connection, line, year):
        local = line.local(hour)
        tally[f"{year}-{local.month:02}", is_night(local.hour), local.weekday() >= 5, kind] += n
    return tally


def _hours(connection: Connection, line: Line, year: int) -> Iterator[tuple[int, Kind, int]]:
    start, end = (local_to_utc(datetime(each, 1, 1), line.zone) for each in (year, year + 1))  # noqa: DTZ001 - a local time
    rows = connection.execute(
        select(HourlyCount.hour, HourlyCount.outcome, HourlyCount.wait_band, HourlyCount.n).where(
            HourlyCount.line == line.name, HourlyCount.hour >= start, HourlyCount.hour < end
        )
    )
    return ((row.hour, normal(row.outcome, row.wait_band), row.n) for row in rows)


def _talks(connection: Connection, line: str, year: int) -> Counter[str]:
    rows = connection.execute(
        select(MonthlyCount.duration_band, func.sum(MonthlyCount.n))
        .where(MonthlyCount.line == line, MonthlyCount.month.like(f"{year}-%"))
        .group_by(MonthlyCount.duration_band)
    )
    # PostgreSQL sums integers as decimals.
    talks = Counter({band: int(n) for band, n in rows})
    talks[ALL] = talks.total()
    return talks
