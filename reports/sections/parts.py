"""What every section is built with: columns, shares, and tables of categories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from reports.document import ChartKind, Column, Row, Table
from reports.indicators import indicators
from reports.model import NOT_CODED
from reports.periods import Profile, begun
from reports.rounding import CodesOf, Figure, Published, Share
from reports.tables import Calls, Contacts, Durations
from reports.taxonomy import UNDISCLOSED, Taxonomy, Term, codes
from reports.words import phrase

ALL = "all"
"""The category of a figure that isn't of one."""
LAST = {"other", "other-speciality", "not-graded", "not-kept", UNDISCLOSED, NOT_CODED}
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
}
"""What stands over the rows of a table that isn't named after its own indicator."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the sections are made from."""

    line: str
    year: int
    profile: Profile
    taxonomy: Taxonomy
    calls: Calls
    durations: Durations
    contacts: Contacts
    base: Published
    """The published number of substantive contacts."""
    through: date | None
    """The last local day counted, where the year isn't over."""

    def periods(self) -> tuple[str, ...]:
        """Returns the periods of the profile that have begun."""
        return begun(self.year, self.profile, self.through)


def column(name: str) -> Column:
    """Returns a column of the phrases."""
    return Column(name, phrase(f"column.{name}"))


def counted(part: Published, whole: Published) -> tuple[Figure, ...]:
    """Returns the cells of a `count` and a `share` column."""
    return (part, Share(part, whole))


def table(
    name: str,
    year: int,
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
        caption=phrase(f"table.{name}.caption").fill(year=year),
        row_head=phrase(f"head.{HEADS[name]}") if name in HEADS else indicators()[name].name,
        columns=tuple(column(id_) for id_ in columns),
        rows=tuple(rows),
        totals=totals,
        chart=chart,
        indicators=tuple(indicators()[id_] for id_ in (tuple(defines) or (name,))),
    )


def category_table(
    name: str, facts: Facts, terms: Iterable[Term], codes_of: CodesOf, *, chart: ChartKind = "bars", ranked: bool = True
) -> Table:
    """Returns substantive contacts by category: number and share, the largest first if `ranked`."""
    listed = tuple(terms)
    counts = facts.contacts.by(codes_of, codes(listed))
    shown = rank(listed, counts) if ranked else listed
    rows = [
        Row(term.code, term.label, counted(counts[term.code], facts.base), aside=term.code in LAST) for term in shown
    ]
    total = Row("total", phrase("row.conversations"), counted(facts.base, facts.base))
    return table(name, facts.year, rows, totals=(total,), chart=chart)


def rank(terms: tuple[Term, ...], counts: Mapping[str, Published]) -> tuple[Term, ...]:
    """Returns the terms by published count, largest first; equals and masked ones keep the list's order."""
    return tuple(sorted(terms, key=lambda term: (term.code in LAST, -(counts[term.code].value or 0))))
