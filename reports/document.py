"""The report as one document, without a language and without a format.

Every number in it is a `Figure` of `rounding`, so nothing exact can be in it; a chart is drawn from the cells of its
own table and has no numbers of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reports.indicators import Indicator
from reports.periods import Profile
from reports.rounding import Figure
from reports.words import Words

ChartKind = Literal["bars", "ribbon", "scale", "columns", "multiples"]
"""bars: one in each row. ribbon: one band cut into shares, the largest first. scale: the same for ordered categories.
columns: received and answered, by period. multiples: one small column chart for each group, by period."""

BEFORE = "before"
"""The id of a column of last year's figures."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Labels with a figure each, as `burnout (26 %), orientation (12 %)`."""

    items: tuple[tuple[Words, Figure], ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with `{name}` places and what fills them."""

    words: Words
    values: tuple[tuple[str, Figure | Listing], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures; `id` names the measure in machine files."""

    id: str
    head: Words


@dataclass(frozen=True, slots=True)
class Row:
    """One figure for each column of its table; `code` names the category in machine files."""

    code: str
    label: Words
    cells: tuple[Figure | None, ...]
    """None where a column doesn't apply."""
    indicator: str | None = None
    """Set where a table's rows are different indicators."""
    inner: bool = False
    """Part of a row above it."""
    aside: bool = False
    """Not really one of the categories: not disclosed, not graded, other."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its chart, what it is a table of, and the definitions printed with it."""

    id: str
    title: Words
    caption: Words
    row_head: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    indicators: tuple[Indicator, ...]
    totals: tuple[Row, ...] = ()
    chart: ChartKind | None = None
    notes: tuple[Sentence, ...] = ()

    def column(self, name: str) -> tuple[Figure | None, ...]:
        """Returns the cells of the column `name`, one for each row. KeyError if there is none."""
        for place, column in enumerate(self.columns):
            if column.id == name:
                return tuple(row.cells[place] for row in self.rows)
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Section:
    """Tables that answer one question."""

    id: str
    title: Words
    intro: tuple[Sentence, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the few figures on page one."""

    id: str
    label: Words
    figure: Figure
    before: Sentence | None = None
    """What it was last year, as `2025: 1,800`, where that was printed."""


@dataclass(frozen=True, slots=True)
class Report:
    """A line's year or a period of it, ready to be rendered. `demo` marks made-up figures; every format says so."""

    line: str
    line_name: Words
    period: str
    """`2026`, `2026-Q1` or `2026-03`."""
    dated: date
    """The day on which the figures were closed or revised."""
    revision: int
    zone: str
    profile: Profile
    demo: bool
    taxonomy: str
    """The version of the lists."""
    headlines: tuple[Sentence, ...]
    key_figures: tuple[KeyFigure, ...]
    sections: tuple[Section, ...]
    methods: tuple[Sentence, ...]
    indicators: tuple[Indicator, ...]
    """All that are printed, each once, in the order of the annex."""

    @property
    def year(self) -> int:
        """The year that the period is, or lies in."""
        return int(self.period[:4])


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure with its address in the report: what a ledger or a spreadsheet holds."""

    section: str
    indicator: str
    category: str
    measure: str
    label: Words
    figure: Figure


def entries(report: Report) -> Iterator[Entry]:
    """Yields every figure of every table in reading order; section, indicator, category and measure are an address."""
    for section in report.sections:
        for table in section.tables:
            for row in (*table.rows, *table.totals):
                for column, figure in zip(table.columns, row.cells, strict=True):
                    if figure is None:
                        continue
                    yield Entry(section.id, row.indicator or table.id, row.code, column.id, row.label, figure)
