"""Values for the tests of reports, each with ordinary defaults and a key of its own."""

import itertools
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from helpline.demo.year import synthetic_year
from reports.build import Inputs, Line, build
from reports.document import Entry, Report, entries
from reports.model import Coverage, HourlyCount, MonthlyCount, Record
from reports.periods import Profile
from reports.taxonomy import default_taxonomy
from reports.words import Words

YEAR = 2026
ZONE = "Europe/Paris"
SECRET = bytes(range(32))
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


def made(
    records: Iterable[Record] = (),
    hours: Iterable[HourlyCount] = (),
    months: Iterable[MonthlyCount] = (),
    *,
    demo: bool = False,
    coverage: Coverage | None = None,
    profile: Profile | None = None,
    through: date | None = None,
    secret: bytes = SECRET,
) -> Report:
    """The report of a line of France."""
    inputs = Inputs(records, hours, months, coverage, through)
    return build(YEAR, Line("france", NAME, ZONE), inputs, default_taxonomy(), secret, demo=demo, profile=profile)


def synthetic(calls: int = 1800, *, demo: bool = True, seed: int = 1) -> Report:
    """The report of a made-up year."""
    records, hours, months = synthetic_year(YEAR, "france", calls, seed)
    return made(records, hours, months, demo=demo, coverage=Coverage(8752, 8760))


def entry(report: Report, indicator: str, category: str = "all", measure: str = "count") -> Entry:
    """The one figure at an address."""
    wanted = (indicator, category, measure)
    found = [one for one in entries(report) if (one.indicator, one.category, one.measure) == wanted]
    assert len(found) == 1, wanted
    return found[0]


def value(report: Report, indicator: str, category: str = "all", measure: str = "count") -> int | None:
    """The printed value at an address."""
    return entry(report, indicator, category, measure).figure.value
