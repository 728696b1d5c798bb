"""Yearly figures from before this software counted: brought in from a file, given back as one, read for a report."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.store.figure_tables import EarlierFigure, Release
from helpline.store.sessions import Store
from reports.history import Earlier, parse_history
from reports.periods import YEAR
from reports.taxonomy import Taxonomy


def read(connection: Connection, line: str) -> tuple[Earlier, ...]:
    """What was brought in for a line, in one order."""
    table = EarlierFigure
    rows = connection.execute(
        select(table.year, table.indicator, table.category, table.value, table.source)
        .where(table.line == line)
        .order_by(table.year, table.indicator, table.category)
    )
    return tuple(Earlier(*row) for row in rows)


def bring(store: Store, line: Line, text: str, taxonomy: Taxonomy, now: int) -> tuple[Earlier, ...]:
    """Brings in a file, in the place of whatever was brought in for this line before; what it holds.

    All or nothing: raises `HistoryError` (of `reports`) with each fault, or `UsageError` for a year that was counted
    here, whose figures are its own. The reports that are out stay as they are.
    """
    found = parse_history(text, taxonomy, running=line.local(now).year)
    rows = [
        {
            "line": line.name,
            "year": one.year,
            "indicator": one.indicator,
            "category": one.category,
            "value": one.value,
            "source": one.source,
        }
        for one in found
    ]
    with store.durable() as tx:
        _refuse_counted(tx, line.name, {one.year for one in found})
        tx.execute(delete(EarlierFigure).where(EarlierFigure.line == line.name))
        if rows:
            tx.execute(insert(EarlierFigure), rows)
    return found


def _refuse_counted(tx: Connection, line: str, years: set[int]) -> None:
    periods = tx.execute(select(Release.period).where(Release.line == line).distinct()).scalars()
    counted = sorted(years & {int(period) for period in periods if YEAR.fullmatch(period)})
    if counted:
        told = ", ".join(map(str, counted))
        raise UsageError(f"{told}: counted and closed here, on the line {line}; take these years out of the file")
