"""Getting through and when: everything that comes from counters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reports.cells import ALL, CALLS, TALKS
from reports.comparing import Past
from reports.document import Row, Section, Sentence, Table
from reports.figures import Figures
from reports.indicators import COUNTED, MOMENTS, OUTSIDE, RATES, SHORT_ABANDONS, indicators
from reports.model import DURATION_BANDS, NIGHT_END, NIGHT_START, WAIT_BANDS, Coverage
from reports.periods import name_of
from reports.rounding import Figure, Hours, HoursShare, Published, Share
from reports.sections.parts import Facts, beside, counted, table
from reports.words import Words, phrase


def rate(facts: Facts, name: str) -> Share:
    """Returns one of RATES for the year."""
    found = _rate_of(facts.figures, name)
    if found is None:
        raise KeyError(name)
    return found


def _rate_of(figures: Figures, name: str) -> Share | None:
    part, whole = (figures.calls(measure) for measure in RATES[name])
    return Share(part, whole) if part and whole else None


def _rate_then(past: Past, name: str) -> Share | None:
    return _rate_of(past.figures, name)


def calls_section(facts: Facts) -> Section:
    """Returns how calls ended and the rates; of a year also waits, durations, and the rota's coverage if known."""
    tables = [_access(facts), _rates(facts)]
    if facts.figures.has(TALKS):
        tables += [_waits(facts, "answered"), _waits(facts, "abandoned"), _durations(facts)]
    if facts.figures.coverage:
        tables.append(_coverage(facts, facts.figures.coverage))
    return Section("calls", phrase("section.calls"), (Sentence(phrase("intro.calls")),), tuple(tables))


def moments_section(facts: Facts) -> Section:
    """Returns calls by period, at night and at weekends."""
    tables = [_periods(facts)] if facts.figures.periods() else []
    tables.append(_moments(facts))
    intro = phrase("intro.moments").fill(night_start=NIGHT_START, night_end=NIGHT_END)
    return Section("moments", phrase("section.moments"), (Sentence(intro),), tuple(tables))


def _access(facts: Facts) -> Table:
    offered = facts.calls("offered")
    rows = []
    for name in COUNTED:
        measure = SHORT_ABANDONS if name == "abandoned-short" else name
        figure = facts.calls(measure)
        share = None if name in OUTSIDE else Share(figure, offered)
        cells = (figure, share, *facts.then(partial(Past.of, table=CALLS, category=measure)))
        rows.append(Row(ALL, indicators()[name].name, cells, name, inner=name == "abandoned-short"))
    return beside(table("access", facts, rows, chart="bars", defines=COUNTED), facts, "count")


def _rates(facts: Facts) -> Table:
    rows = []
    for name in RATES:
        share = rate(facts, name)
        then = facts.then(partial(_rate_then, name=name))
        rows.append(Row(ALL, indicators()[name].name, (share, share.part, share.whole, *then), name))
    return beside(table("rates", facts, rows, columns=("rate", "part", "whole"), defines=RATES), facts, "rate")


def _waits(facts: Facts, outcome: str) -> Table:
    total = facts.calls(outcome)
    measures = {band: f"{outcome}-wait-{band}" for band in WAIT_BANDS}
    rows = [
        Row(
            band,
            _span(band, "seconds"),
            counted(facts.calls(measure), total) + facts.then(_then(measure, outcome)),
        )
        for band, measure in measures.items()
    ]
    cells = counted(total, total) + facts.then(_then(outcome, outcome))
    totals = (Row("total", phrase(f"row.{outcome}"), cells),)
    return beside(table(f"{outcome}-wait", facts, rows, totals=totals, chart="scale"), facts)


def _durations(facts: Facts) -> Table:
    figures = facts.figures
    total = figures.count(TALKS)

    def cells(band: str) -> tuple[Figure | None, ...]:
        then = facts.then(lambda past: past.part(TALKS, band, ALL))
        return counted(figures.count(TALKS, band), total) + then

    rows = [Row(band, _span(band, "minutes"), cells(band)) for band in DURATION_BANDS]
    mean = (figures.mean, None, *facts.then(lambda past: past.figures.mean))
    totals = (
        Row("total", phrase("row.answered"), cells(ALL)),
        Row(ALL, indicators()["mean-talk-time"].name, mean, "mean-talk-time"),
    )
    names = ("duration", "mean-talk-time")
    return beside(table("duration", facts, rows, totals=totals, chart="scale", defines=names), facts)


def _span(band: str, unit: str) -> Words:
    if band.endswith("+"):
        return phrase(f"row.{unit}-up").fill(low=band[:-1])
    low, high = band.split("-")
    return phrase(f"row.{unit}").fill(low=low, high=high)


def _periods(facts: Facts) -> Table:
    def row(code: str, label: Words, period: str | None) -> Row:
        series: list[Published] = [facts.calls(name, period) for name in ("offered", "answered", "abandoned")]
        return Row(code, label, (*series, Share(series[1], series[0])))

    rows = [row(period, name_of(period), period) for period in facts.figures.periods()]
    columns = ("offered", "answered", "abandoned", "rate")
    totals = (row("total", phrase("row.year"), None),)
    return table("periods", facts, rows, columns=columns, totals=totals, chart="columns")


def _moments(facts: Facts) -> Table:
    offered = facts.calls("offered")
    rows = [
        Row(
            ALL,
            indicators()[name].name,
            counted(facts.calls(measure), offered) + facts.then(_then(measure, "offered")),
            name,
        )
        for name, measure in MOMENTS.items()
    ]
    return beside(table("moments", facts, rows, chart="bars", defines=MOMENTS), facts)


def _then(part: str, whole: str) -> Callable[[Past], Share | None]:
    """Asks a year for one count of calls as a share of another."""
    return lambda past: past.part(CALLS, part, whole)


def _coverage(facts: Facts, coverage: Coverage) -> Table:
    covered, hours = Hours(coverage.covered_hours), Hours(coverage.hours)
    cells: tuple[tuple[str, tuple[Figure | None, ...]], ...] = (
        ("hours-covered", (covered, HoursShare(covered, hours), *facts.then(_covered_then))),
        ("hours-all", (hours, HoursShare(hours, hours), *facts.then(lambda _: None))),
    )
    rows = [Row(name, phrase(f"row.{name}"), figures) for name, figures in cells]
    return beside(table("coverage", facts, rows, columns=("hours", "share")), facts)


def _covered_then(past: Past) -> Figure | None:
    coverage = past.figures.coverage
    return HoursShare(Hours(coverage.covered_hours), Hours(coverage.hours)) if coverage else None
