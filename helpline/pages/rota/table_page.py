"""The page of tables: a form for what comes in, and one for each table that goes out."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from helpline.lines import Line
from helpline.pages.rota.moments import today
from helpline.pages.rota.picking import Typed, line_options, tier_options
from helpline.pages.rota.table_words import Wrong
from helpline.pages.site import Visit

MONTHS = 13
"""That are offered: those that are over, and this one."""


def show_page(visit: Visit, typed: Typed, found: list[Wrong] | None = None) -> Response:
    """The page, with what is wrong with a form or a file."""
    return visit.page(
        "rota/tables.html",
        400 if typed.wrong else 200,
        typed=typed,
        problems=found or [],
        edit=visit.asked("edit"),
        lines=line_options(visit),
        tiers=tier_options(visit, visit.site.lines.values()),
        months=months(visit),
        shapes=[("sheet", visit.say("shape-sheet")), ("csv", visit.say("shape-csv"))],
    )


def months(visit: Visit) -> list[tuple[str, str]]:
    """The months that can be asked for: last month first, then those before it, then this one."""
    this = at = today(visit, first_line(visit).zone).replace(day=1)
    found = []
    for _ in range(MONTHS - 1):
        at = (at - timedelta(days=1)).replace(day=1)
        found.append(at)
    return [(f"{month:%Y-%m}", visit.formats.month(month)) for month in (*found, this)]


def first_line(visit: Visit) -> Line:
    """The line on whose clocks everything is that is of no line."""
    return next(iter(visit.site.lines.values()))
