"""What every section is built with: columns, shares, and tables of categories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import partial

from reports.cells import ALL, CALLS, SUBSTANTIVE
from reports.comparing import Past
from reports.document import BEFORE, ChartKind, Column, Row, Table
from reports.figures import Figures
from reports.history import Earlier
from reports.indicators import indicators
from reports.model import NOT_CODED
from reports.periods import full_name_of
from reports.plan import NOT_GRADED, NOT_KEPT
from reports.rounding import Figure, Published, Share
from reports.taxonomy import UNDISCLOSED, Term
from reports.words import phrase

LAST = {"other", "other-speciality", NOT_GRADED, NOT_KEPT, UNDISCLOSED, NOT_CODED}
"""Categories that stay at the end however large they are."""
HEADS: Mapping[str, str] = {
    "access": "outcome",
    "rates": "indicator",
    "answered-wait": "wait",
    "abandoned-wait": "wait",
    "duration": "duration",
    "periods": "period",
    "moments": "moment",
    "coverage": "rota",
    "reason-group-periods": "period",
    "years": "year",
    "reason-years": "reason",
}
"""What stands over the rows of a table that isn't named after its own indicator."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the sections are made from."""

    figures: Figures
    years: tuple[Past, ...] = ()
    """Earlier years, the oldest first."""
    earlier: tuple[Earlier, ...] = ()
    """Numbers of years that weren't counted here."""

    @property
    def past(self) -> Past | None:
        """Last year, where it is known."""
        return next((past for past in self.years if past.year == self.figures.year - 1), None)

    def then(self, found: Callable[[Past], Figure | None]) -> tuple[Figure | None, ...]:
        """Returns the cell of the column of last year, nothing where there is no such column."""
        return (found(self.past),) if self.past else ()

    @property
    def base(self) -> Published:
        """The published number of substantive contacts."""
        return self.figures.count(SUBSTANTIVE)

    def calls(self, measure: str, period: str | None = None) -> Published:
        """Returns a published count of calls."""
        return self.figures.count(CALLS, measure, period)


def column(name: str) -> Column:
    """Returns a column of the phrases."""
    return Column(name, phrase(f"column.{name}"))


def counted(part: Published, whole: Published) -> tuple[Figure, ...]:
    """Returns the cells of a `count` and a `share` column."""
    return (part, Share(part, whole))


def table(
    name: str,
    facts: Facts,
    rows: Iterable[Row],
    *,
    columns: Iterable[str] = ("count", "share"),
    totals: tuple[Row, ...] = (),
    chart: ChartKind | None = None,
    defines: Iterable[str] = (),
) -> Table:
    """Returns a table with its titles from the phrases; `defines` are indicator ids, by default its own name."""
    return Table(
        id=name,
        title=phrase(f"table.{name}.title"),
        caption=phrase(f"table.{name}.caption").fill_each(year=full_name_of(facts.figures.period)),
        row_head=phrase(f"head.{HEADS[name]}") if name in HEADS else indicators()[name].name,
        columns=tuple(column(id_) for id_ in columns),
        rows=tuple(rows),
        totals=totals,
        chart=chart,
        indicators=tuple(indicators()[id_] for id_ in (tuple(defines) or (name,))),
    )


def beside(made: Table, facts: Facts, measure: str = "share") -> Table:
    """Returns the table with the head of its rows' last cells, which say what `measure` was last year.

    Nothing is added where last year isn't known, and the cells are taken off again where none has a value.
    """
    if facts.past is None:
        return made
    if all(row.cells[-1] is None or row.cells[-1].value is None for row in made.rows):
        return replace(made, rows=_narrowed(made.rows), totals=_narrowed(made.totals))
    head = phrase(f"column.{measure}-before").fill(year=facts.past.year)
    return replace(made, columns=(*made.columns, Column(BEFORE, head)))


def _narrowed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(replace(row, cells=row.cells[:-1]) for row in rows)


def category_table(name: str, facts: Facts, *, chart: ChartKind = "bars", ranked: bool = True) -> Table:
    """Returns substantive contacts by category: number and share, the largest first if `ranked`."""
    listed = facts.figures.lists[name]
    counts = {term.code: facts.figures.count(name, term.code) for term in listed}
    shown = rank(listed, counts, LAST | old_codes(facts.figures)) if ranked else listed
    aside = LAST | old_codes(facts.figures)
    rows = [
        Row(
            term.code,
            term.label,
            counted(counts[term.code], facts.base) + facts.then(partial(Past.share, table=name, code=term.code)),
            aside=term.code in aside,
        )
        for term in shown
    ]
    whole = facts.then(lambda past: past.part(SUBSTANTIVE, ALL, ALL))
    total = Row("total", phrase("row.conversations"), counted(facts.base, facts.base) + whole)
    return beside(table(name, facts, rows, totals=(total,), chart=chart), facts)


def old_codes(figures: Figures) -> set[str]:
    """Returns the codes that were split and are printed only because records still hold them."""
    return {code for change in figures.changes if change.split for code in change.before}


def rank(terms: tuple[Term, ...], counts: Mapping[str, Published], last: Set[str]) -> tuple[Term, ...]:
    """Returns the terms by published count, largest first; equals and masked ones keep the list's order."""
    return tuple(sorted(terms, key=lambda term: (term.code in last, -(counts[term.code].value or 0))))
