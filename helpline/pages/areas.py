"""Every page of whoever signs in: the one list that the site is made from. The roles stand in each area's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helpline.pages import figures, operation, operations, releases
from helpline.pages.account import area as account
from helpline.pages.directory import area as directory
from helpline.pages.flows import area as flows
from helpline.pages.my import area as my
from helpline.pages.people import area as people
from helpline.pages.rota import coverage, planning, proposals, tables
from helpline.pages.routes import Route
from helpline.pages.site import Site

AREAS: tuple[Callable[[Site], Iterable[Route]], ...] = (
    account.routes,
    people.routes,
    proposals.routes,
    tables.routes,
    my.routes,
    coverage.routes,
    planning.routes,
    flows.routes,
    directory.routes,
    figures.routes,
    releases.routes,
    operations.routes,
    operation.routes,
)


def all_routes(site: Site) -> tuple[Route, ...]:
    """The rows of all areas."""
    return tuple(route for area in AREAS for route in area(site))
