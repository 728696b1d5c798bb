"""The coordinator's pages around the coverage calendar, in one place."""

from __future__ import annotations

from helpline.pages.rota import calendar, cell_undo, cells, exchange, gaps, now
from helpline.pages.routes import Route
from helpline.pages.site import Site


def routes(site: Site) -> tuple[Route, ...]:
    """Now, the calendar, its cells, exchanges and gaps."""
    return tuple(route for part in (now, calendar, cells, cell_undo, exchange, gaps) for route in part.routes(site))
