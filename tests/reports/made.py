"""Values for the tests of reports, each with ordinary defaults and a key of its own."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from helpline.demo.year import synthetic_year
from reports.build import report_of
from reports.cells import Cell
from reports.closing import Frame, Inputs, Line, figures_of, groups_of
from reports.document import Entry, Report, entries
from reports.figures import Figures
from reports.model import Coverage, HourlyCount, MonthlyCount, Record
from reports.periods import Profile
from reports.rounding import Published
from reports.taxonomy import Taxonomy, default_taxonomy
from reports.words import Words

YEAR = 2026
ZONE = "Europe/Paris"
SECRET = bytes(range(32))
DATED = date(2027, 1, 5)
NAME = Words("Ligne d'essai", "Testlijn", "Testtelefon", "Test line")
KEYS = itertools.count(1)


def record(
    *,
    line: str = "france",
    period: str = "2026-03",
    night: bool = False,
    contact: str = "support",
    substantive: bool = True,
    caller: str = "doctor",
    status: str = "salaried",
    speciality: str = "general-practice",
    territory: str = "bretagne",
    reasons: tuple[str, ...] = ("burnout",),
    orientations: tuple[str, ...] = (),
    severity: int | None = 2,
    language: str | None = None,
    key: int | None = None,
) -> Record:
    """A conversation, unless told otherwise."""
    chosen = next(KEYS) * 2_654_435_761 % (1 << 32) if key is None else key
    return Record(
        line, period, night, contact, substantive, caller, status, speciality, territory,
        reasons, orientations, severity, language, chosen,
    )  # fmt: skip


def hourly(
    outcome: str, n: int, *, at: datetime | None = None, wait: str = "5-20", line: str = "france"
) -> HourlyCount:
    """`n` calls of one hour: by default noon of a Wednesday in March, in Paris."""
    local = at or datetime(2026, 3, 4, 12)
    return HourlyCount(line, int(local.replace(tzinfo=local.tzinfo or ZoneInfo(ZONE)).timestamp()), outcome, wait, n)


def figures(
    records: Iterable[Record] = (),
    hours: Iterable[HourlyCount] = (),
    months: Iterable[MonthlyCount] = (),
    *,
    period: str = str(YEAR),
    demo: bool = False,
    coverage: Coverage | None = None,
    profile: Profile | None = None,
    secret: bytes = SECRET,
    frozen: Mapping[Cell, Published] | None = None,
    revision: int = 1,
    taxonomy: Taxonomy | None = None,
) -> Figures:
    """The figures of a line of France."""
    inputs = Inputs(groups_of(records), hours, months, coverage, frozen or {})
    lists = taxonomy or default_taxonomy()
    frame = Frame(period, Line("france", NAME, ZONE), lists, demo, DATED, profile, revision)
    return figures_of(frame, inputs, secret)


def made(
    records: Iterable[Record] = (),
    hours: Iterable[HourlyCount] = (),
    months: Iterable[MonthlyCount] = (),
    *,
    demo: bool = False,
    coverage: Coverage | None = None,
    profile: Profile | None = None,
    secret: bytes = SECRET,
) -> Report:
    """The yearly report of a line of France."""
    return report_of(figures(records, hours, months, demo=demo, coverage=coverage, profile=profile, secret=secret))


def synthetic_figures(calls: int = 1800, *, demo: bool = True, seed: int = 1, year: int = YEAR) -> Figures:
    """The figures of a made-up year."""
    records, hours, months = synthetic_year(year, "france", calls, seed)
    return figures(records, hours, months, period=str(year), demo=demo, coverage=Coverage(8752, 8760))


def moved(base: Figures, year: int) -> Figures:
    """The same figures of another year."""
    counts = {replace(cell, period=f"{year}{cell.period[4:]}"): count for cell, count in base.counts.items()}
    return replace(base, period=str(year), counts=MappingProxyType(counts))


def synthetic(calls: int = 1800, *, demo: bool = True, seed: int = 1) -> Report:
    """The report of a made-up year."""
    return report_of(synthetic_figures(calls, demo=demo, seed=seed))


def entry(report: Report, indicator: str, category: str = "all", measure: str = "count") -> Entry:
    """The one figure at an address."""
    wanted = (indicator, category, measure)
    found = [one for one in entries(report) if (one.indicator, one.category, one.measure) == wanted]
    assert len(found) == 1, wanted
    return found[0]


def value(report: Report, indicator: str, category: str = "all", measure: str = "count") -> int | None:
    """The printed value at an address."""
    return entry(report, indicator, category, measure).figure.value
