"""The psychologist's pages, "my line"."""

from __future__ import annotations

from helpline.pages.my import (
    away,
    coding,
    danger,
    directory,
    feed,
    home,
    kept,
    off,
    offering,
    phone,
    ringing,
    shifts,
    taking,
)
from helpline.pages.routes import Route
from helpline.pages.site import Site

MODULES = (home, off, coding, directory, shifts, offering, taking, away, feed, phone, kept, danger)


def routes(site: Site) -> tuple[Route, ...]:
    """Every row of every module here."""
    return (*(route for module in MODULES for route in module.ROUTES), *ringing.routes(site))
