"""Over the years: this year after earlier ones, counted here or published elsewhere before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reports.cells import CALLS, SUBSTANTIVE
from reports.changes import successors
from reports.comparing import REASONS, Past, past_years
from reports.document import ChartKind, Column, Row, Section, Sentence, Table
from reports.figures import Figures
from reports.history import Earlier
from reports.indicators import MOMENTS, RATES, indicators
from reports.plan import GIVEN
from reports.rounding import Figure, Share
from reports.sections.parts import LAST, Facts, column, old_codes, rank, table
from reports.words import phrase, same

LEAST_YEARS = 3
"""From how many years up there is a chart, and a table of reasons."""
MOST_YEARS = 6
"""Columns of the table of reasons, the latest years."""
MARK = "*"
"""Stands at a year whose numbers were published elsewhere."""
TRENDS = ("offered", "answered", "answer-rate", "mean-talk-time", "night-share", GIVEN)
"""The columns: indicators."""

Cells = Mapping[int, Mapping[str, Figure | None]]
"""Year -> a column's indicator, or a reason's code -> its figure."""


def fitting(earlier: Iterable[Earlier], now: Figures, years: Sequence[Figures]) -> tuple[Earlier, ...]:
    """Returns the imported numbers of years before this one that weren't counted here."""
    counted_here = {past.year for past in past_years(now, years)} | {now.year}
    return tuple(one for one in earlier if one.year < now.year and one.year not in counted_here)


def years_sections(facts: Facts) -> tuple[Section, ...]:
    """Returns the section, nothing where there is no earlier year."""
    if not facts.years and not facts.earlier:
        return ()
    tables = [_trends(facts)]
    reasons = _reasons_by_year(facts)
    if len(reasons) >= LEAST_YEARS:
        tables.append(_reasons(facts, reasons))
    return (Section("years", phrase("section.years"), (Sentence(phrase("intro.years")),), tuple(tables)),)


def _trends(facts: Facts) -> Table:
    cells: dict[int, Mapping[str, Figure | None]] = {
        past.year: _of_year(past) for past in (*facts.years, Past(facts.figures, facts.figures))
    }
    for one in facts.earlier:
        if one.indicator in TRENDS:
            cells[one.year] = {**cells.get(one.year, {}), one.indicator: one.figure}
    shown = [name for name in TRENDS if any(row.get(name) is not None for row in cells.values())]
    rows = [
        Row(str(year), same(_label(year, facts)), tuple(cells[year].get(name) for name in shown))
        for year in sorted(cells)
    ]
    chart: ChartKind | None = "columns" if len(rows) >= LEAST_YEARS and {"offered", "answered"} <= set(shown) else None
    defines = ("years", *shown)
    made = table("years", facts, rows, columns=(), chart=chart, defines=defines)
    return replace(made, columns=tuple(_head(name) for name in shown), notes=_notes(facts, TRENDS))


def _head(name: str) -> Column:
    return column(name) if name in {"offered", "answered", GIVEN} else Column(name, indicators()[name].name)


def _of_year(past: Past) -> Mapping[str, Figure | None]:
    given, base = past.of(GIVEN, GIVEN), past.of(SUBSTANTIVE)
    return {
        "offered": past.of(CALLS, "offered"),
        "answered": past.of(CALLS, "answered"),
        "answer-rate": past.part(CALLS, *RATES["answer-rate"]),
        "mean-talk-time": past.figures.mean,
        "night-share": past.part(CALLS, MOMENTS["night-share"], "offered"),
        GIVEN: Share(given, base) if given and base else None,
    }


def _reasons(facts: Facts, cells: Cells) -> Table:
    figures = facts.figures
    shown = sorted(cells)[-MOST_YEARS:]
    counts = {term.code: figures.count(REASONS, term.code) for term in figures.lists[REASONS]}
    last = LAST | old_codes(figures)
    rows = [
        Row(
            term.code,
            term.label,
            tuple(cells[year].get(term.code) for year in shown),
            REASONS,
            aside=term.code in last,
        )
        for term in rank(figures.lists[REASONS], counts, last)
    ]
    made = table("reason-years", facts, rows, columns=(), defines=(REASONS,))
    columns = tuple(Column(str(year), same(_label(year, facts))) for year in shown)
    return replace(made, columns=columns, notes=_notes(facts, (REASONS,)))


def _reasons_by_year(facts: Facts) -> Cells:
    """Shares of main reasons by year and code of today; two imported numbers of one code of today are none."""
    listed = tuple(term.code for term in facts.figures.lists[REASONS])
    cells: dict[int, dict[str, Figure | None]] = {
        past.year: {code: past.share(REASONS, code) for code in listed}
        for past in (*facts.years, Past(facts.figures, facts.figures))
    }
    for one in facts.earlier:
        if one.indicator == REASONS:
            found = cells.setdefault(one.year, {})
            for code in listed:
                if one.category == code or successors(facts.figures.changes, "reasons", one.category) == {code}:
                    found[code] = None if code in found else one.figure
    return cells


def _label(year: int, facts: Facts) -> str:
    return f"{year}{MARK}" if any(one.year == year for one in facts.earlier) else str(year)


def _notes(facts: Facts, names: Iterable[str]) -> tuple[Sentence, ...]:
    """Returns where the marked numbers were published, nothing where none is printed."""
    wanted = set(names)
    found: dict[str, list[int]] = {}
    for one in facts.earlier:
        years = found.setdefault(one.source, []) if one.indicator in wanted else []
        if one.year not in years:
            years.append(one.year)
    if not found:
        return ()
    told = "; ".join(f"{source} ({', '.join(map(str, sorted(years)))})" for source, years in sorted(found.items()))
    escaped = told.replace("{", "{{").replace("}", "}}")
    return (Sentence(phrase("note.reported").fill(sources=escaped)),)
