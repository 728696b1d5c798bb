"""Routes and who may use them: a table, read once at the start. A route without a declared role is refused.

A page of an area is a row here; the guard in `helpline.pages.site` is made from it. Routes that aren't for whoever
is signed in are named in `OPEN`, with what protects them instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from flask import Flask

from helpline.accounts.model import ROLES, Role
from helpline.errors import ConfigError

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

ANYBODY: frozenset[Role] = frozenset(ROLES)
"""Whoever is signed in."""
GUEST: frozenset[Role] = frozenset()
"""Whoever isn't, or is: for signing in."""
PSYCHOLOGIST: frozenset[Role] = frozenset({"psychologist"})
COORDINATOR: frozenset[Role] = frozenset({"coordinator"})
FUNDER: frozenset[Role] = frozenset({"funder"})
OPERATOR: frozenset[Role] = frozenset({"operator"})
SITE = "site"
"""The blueprint of everybody who signs in."""
OPEN: Mapping[str, str] = MappingProxyType(
    {
        "voice": "the carrier's signature",
        "replies": "the carrier's signature",
        "trying": "the carrier's signature",
        "wrapup": "a personal link",
        "shift": "a link in a reminder",
        "feeds": "a calendar's address",
        "public": "nothing: what it shows is published for everybody",
        "help": "nothing: it is for everybody who needs a number, and asks nothing",
        "health": "nothing: it tells nothing of anybody",
        "demo": "runs in a demonstration only, on this machine",
    }
)
"""Blueprint -> what protects its routes, where it isn't a session."""


@dataclass(frozen=True, slots=True)
class Route:
    """One page or action: its address, its name, what answers, and who may.

    `roles`: any of these may, `GUEST` is for everybody. `fresh`: only who proved a few minutes ago that it is them.
    A POST is refused without the token that our forms carry; `body` is the most bytes it may have. `entrance`: a form
    that was sent twice, the first having let them in, leads on instead.
    """

    rule: str
    endpoint: str
    view: Callable[..., ResponseReturnValue]
    roles: frozenset[Role]
    method: Literal["GET", "POST"] = "GET"
    fresh: bool = False
    body: int = field(default=65_536)
    entrance: bool = False


def table(routes: Iterable[Route]) -> dict[tuple[str, str], frozenset[Role]]:
    """Endpoint and method -> who may. Raises `ConfigError` for a route that is declared twice."""
    found: dict[tuple[str, str], frozenset[Role]] = {}
    for route in routes:
        key = route.endpoint, route.method
        if key in found:
            raise ConfigError("routes", (f"{route.endpoint} {route.method} is declared twice",))
        found[key] = route.roles
    return found


def refuse_undeclared(web: Flask, routes: Iterable[Route]) -> None:
    """Raises `ConfigError` naming every route of `web` that nothing says who may use."""
    assets = {f"{SITE}.{name}" for name in ("stylesheet", "script", "icon")}
    declared = {f"{SITE}.{route.endpoint}" for route in routes} | assets
    faults = tuple(
        f"{rule.rule} ({rule.endpoint}): nothing says who may use it; declare it in an area's routes"
        for rule in web.url_map.iter_rules()
        if rule.endpoint not in declared and rule.endpoint.partition(".")[0] not in OPEN
    )
    if faults:
        raise ConfigError("routes", faults)
