"""Printed figures written by hand, for the auditor: a few cells, whatever the tests want them to say."""

from collections.abc import Mapping
from datetime import date

from reports.cells import Cell
from reports.figures import Figures
from reports.periods import Profile, grain
from reports.rounding import Minutes, Published
from reports.taxonomy import Term
from reports.words import same
from tests.reports.made import NAME, ZONE


def printed(
    period: str,
    counts: Mapping[str, int | None],
    *,
    line: str = "france",
    dated: date = date(2027, 1, 5),
    revision: int = 1,
    groups: Mapping[str, str] | None = None,
) -> Figures:
    """A release of these cells: `table/category`, or `2026-Q1/table/category`. None is printed "<10".

    The categories of a table are those that are printed; `groups` says which family a main reason belongs to.
    """
    cells = {
        Cell.parse(name if name.count("/") == 2 else f"{period}/{name}"): Published(value)
        for name, value in counts.items()
    }
    lists: dict[str, dict[str, Term]] = {}
    for cell in cells:
        term = Term(cell.category, same(cell.category), (groups or {}).get(cell.category))
        lists.setdefault(cell.table, {})[cell.category] = term
    return Figures(
        line=line,
        name=NAME,
        zone=ZONE,
        period=period,
        profile=min((grain(cell.period) for cell in cells), key=[Profile.MONTH, Profile.QUARTER, Profile.YEAR].index),
        demo=False,
        dated=dated,
        revision=revision,
        taxonomy="2026.1",
        lists={table: tuple(terms.values()) for table, terms in lists.items()},
        counts=cells,
        mean=Minutes(None),
        coverage=None,
    )
