"""Getting through and when: everything that comes from counters."""

from __future__ import annotations

from collections.abc import Mapping

from reports.document import Row, Section, Sentence, Table
from reports.indicators import SERVICE_LEVELS, indicators
from reports.model import APART, DURATION_BANDS, NIGHT_END, NIGHT_START, WAIT_BANDS, Coverage
from reports.periods import Profile, name_of
from reports.rounding import Figure, Hours, HoursShare, Published, Share
from reports.sections.parts import ALL, Facts, counted, table
from reports.words import Words, phrase

OUTSIDE = tuple(outcome.replace("_", "-") for outcome in APART)
COUNTED = ("offered", "answered", "abandoned", "abandoned-short", "unanswered", "failed", "unknown", *OUTSIDE)
SHORT_ABANDONS = "abandoned-wait-0-5"
RATES: Mapping[str, tuple[str, str]] = {
    "answer-rate": ("answered", "offered"),
    "abandonment-rate": ("abandoned", "offered"),
    "abandonment-rate-without-short": ("abandoned-without-short", "offered-without-short"),
    **{f"service-level-{t}": (f"answered-within-{t}", f"service-base-{t}") for t in SERVICE_LEVELS},
}
"""Each rate's numerator and denominator, as measures."""


def rate(facts: Facts, name: str) -> Share:
    """Returns one of RATES for the year."""
    part, whole = RATES[name]
    return Share(facts.calls.of(part), facts.calls.of(whole))


def calls_section(facts: Facts, coverage: Coverage | None) -> Section:
    """Returns how calls ended, the rates, waits and durations, and the rota's coverage where it is known."""
    tables = [_access(facts), _rates(facts), _waits(facts, "answered"), _waits(facts, "abandoned"), _durations(facts)]
    if coverage:
        tables.append(_coverage(facts, coverage))
    return Section("calls", phrase("section.calls"), (Sentence(phrase("intro.calls")),), tuple(tables))


def moments_section(facts: Facts) -> Section:
    """Returns calls by period, at night and at weekends."""
    tables = [] if facts.profile is Profile.YEAR else [_periods(facts)]
    tables.append(_moments(facts))
    intro = phrase("intro.moments").fill(night_start=NIGHT_START, night_end=NIGHT_END)
    return Section("moments", phrase("section.moments"), (Sentence(intro),), tuple(tables))


def _access(facts: Facts) -> Table:
    offered = facts.calls.of("offered")
    rows = []
    for name in COUNTED:
        figure = facts.calls.of(SHORT_ABANDONS if name == "abandoned-short" else name)
        share = None if name in OUTSIDE else Share(figure, offered)
        rows.append(Row(ALL, indicators()[name].name, (figure, share), name, inner=name == "abandoned-short"))
    return table("access", facts.year, rows, chart="bars", defines=COUNTED)


def _rates(facts: Facts) -> Table:
    rows = []
    for name in RATES:
        share = rate(facts, name)
        rows.append(Row(ALL, indicators()[name].name, (share, share.part, share.whole), name))
    return table("rates", facts.year, rows, columns=("rate", "part", "whole"), defines=RATES)


def _waits(facts: Facts, outcome: str) -> Table:
    total = facts.calls.of(outcome)
    rows = [
        Row(band, _span(band, "seconds"), counted(facts.calls.of(f"{outcome}-wait-{band}"), total))
        for band in WAIT_BANDS
    ]
    totals = (Row("total", phrase(f"row.{outcome}"), counted(total, total)),)
    return table(f"{outcome}-wait", facts.year, rows, totals=totals, chart="scale")


def _durations(facts: Facts) -> Table:
    found = facts.durations
    rows = [Row(band, _span(band, "minutes"), counted(found.bands[band], found.total)) for band in DURATION_BANDS]
    totals = (
        Row("total", phrase("row.answered"), counted(found.total, found.total)),
        Row(ALL, indicators()["mean-talk-time"].name, (found.mean, None), "mean-talk-time"),
    )
    names = ("duration", "mean-talk-time")
    return table("duration", facts.year, rows, totals=totals, chart="scale", defines=names)


def _span(band: str, unit: str) -> Words:
    if band.endswith("+"):
        return phrase(f"row.{unit}-up").fill(low=band[:-1])
    low, high = band.split("-")
    return phrase(f"row.{unit}").fill(low=low, high=high)


def _periods(facts: Facts) -> Table:
    def row(code: str, label: Words, period: str | None) -> Row:
        series: list[Published] = [facts.calls.of(name, period) for name in ("offered", "answered", "abandoned")]
        return Row(code, label, (*series, Share(series[1], series[0])))

    rows = [row(period, name_of(period), period) for period in facts.periods()]
    columns = ("offered", "answered", "abandoned", "rate")
    totals = (row("total", phrase("row.year"), None),)
    return table("periods", facts.year, rows, columns=columns, totals=totals, chart="columns")


def _moments(facts: Facts) -> Table:
    offered = facts.calls.of("offered")
    names = ("night-share", "weekend-share")
    parts = (facts.calls.of("offered-night"), facts.calls.of("offered-weekend"))
    rows = [
        Row(ALL, indicators()[name].name, counted(part, offered), name) for name, part in zip(names, parts, strict=True)
    ]
    return table("moments", facts.year, rows, chart="bars", defines=names)


def _coverage(facts: Facts, coverage: Coverage) -> Table:
    covered, hours = Hours(coverage.covered_hours), Hours(coverage.hours)
    cells: tuple[tuple[str, tuple[Figure, ...]], ...] = (
        ("hours-covered", (covered, HoursShare(covered, hours))),
        ("hours-all", (hours, HoursShare(hours, hours))),
    )
    rows = [Row(name, phrase(f"row.{name}"), figures) for name, figures in cells]
    return table("coverage", facts.year, rows, columns=("hours", "share"))
