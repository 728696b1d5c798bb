"""A made-up year as it is closed: its periods one after another, then the year, which prints them again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from helpline.demo.year import synthetic_year
from reports.cells import ALL, CALLS, TALKS, Cell
from reports.closing import Frame, Inputs, Line, figures_of, groups_of
from reports.figures import TOGETHER, Figures
from reports.indicators import measures, normal
from reports.model import is_night
from reports.periods import Profile, days_of, grain, periods_of, profile_of, within
from reports.rounding import Published
from reports.taxonomy import default_taxonomy
from tests.reports.made import NAME, SECRET, YEAR, ZONE


def closed_year(
    calls: int,
    *,
    seed: int = 1,
    year: int = YEAR,
    line: str = "france",
    secret: bytes = SECRET,
) -> list[Figures]:
    """The figures of every period of the line's profile, in order, and of the year."""
    records, hours, months = synthetic_year(year, line, calls, seed)
    profile = profile_of(calls)
    frozen: dict[Cell, Published] = {}

    def close(period: str, dated: date) -> Figures:
        mine = [record for record in records if period in (record.period, str(year))]
        frame = Frame(period, Line(line, NAME, ZONE), default_taxonomy(), True, dated, profile)
        return figures_of(frame, Inputs(groups_of(mine), hours, months, None, frozen), secret)

    found = []
    for period in periods_of(year, profile) if profile is not Profile.YEAR else ():
        found.append(close(period, _days_after(period)))
        frozen |= found[-1].counts
    return [*found, close(str(year), _days_after(str(year)))]


def all_together(sizes: Mapping[str, int], *, seed: int = 1, year: int = YEAR, secret: bytes = SECRET) -> Figures:
    """The year of all these lines, each with so many calls."""
    records, hours, months = [], [], []
    for line, calls in sizes.items():
        mine = synthetic_year(year, line, calls, seed)
        records += [replace(record, territory="undisclosed") for record in mine[0]]
        hours += [replace(count, line=TOGETHER) for count in mine[1]]
        months += [replace(count, line=TOGETHER) for count in mine[2]]
    everything = Line(TOGETHER, NAME, ZONE)
    frame = Frame(str(year), everything, default_taxonomy(), True, _days_after(str(year)), Profile.YEAR)
    return figures_of(frame, Inputs(groups_of(records), hours, months), secret)


def _days_after(period: str) -> date:
    last = days_of(period)[1]
    return date(last.year + last.month // 12, last.month % 12 + 1, 5)


def exactly_known(
    released: Iterable[Figures], calls: int, *, seed: int = 1, year: int = YEAR, line: str = "france"
) -> dict[tuple[str, Cell], int]:
    """What a coordinator sees: the exact count behind every figure of these releases that comes from counters."""
    _, hours, months = synthetic_year(year, line, calls, seed)
    slots: Counter[tuple[str, bool, bool, tuple[str, str]]] = Counter()
    for count in hours:
        local = datetime.fromtimestamp(count.hour, ZoneInfo(ZONE))
        where = f"{local:%Y-%m}", is_night(local.hour), local.weekday() >= 5, normal(count.outcome, count.wait_band)
        slots[where] += count.n
    talks = Counter({ALL: sum(count.n for count in months)})
    for month in months:
        talks[month.duration_band] += month.n
    known = {}
    for cell in {cell for figures in released for cell in figures.counts if figures.line == line}:
        if cell.table == TALKS:
            known[line, cell] = talks[cell.category]
        elif cell.table == CALLS:
            known[line, cell] = sum(n for slot, n in slots.items() if _counts(cell, slot))
    return known


def _counts(cell: Cell, slot: tuple[str, bool, bool, tuple[str, str]]) -> bool:
    month, night, weekend, kind = slot
    measure = measures()[cell.category]
    when = {"any": True, "night": night, "weekend": weekend}[measure.when]
    return when and kind in measure.cells and within(month, grain(cell.period)) == cell.period
