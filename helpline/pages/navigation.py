"""What stands on top of every page: as data, by role."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from helpline.accounts.model import Role, Viewer
from helpline.pages.routes import ANYBODY, COORDINATOR, FUNDER, OPERATOR, PSYCHOLOGIST, SITE


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the navigation names; `area` is how the endpoints of the pages around it begin."""

    endpoint: str
    key: str
    roles: frozenset[Role]
    area: str | tuple[str, ...]


ENTRIES: tuple[Entry, ...] = (
    Entry("my_home", "nav-my", PSYCHOLOGIST, "my_home"),
    Entry("my_coding", "nav-coding", PSYCHOLOGIST, "my_coding"),
    Entry("my_directory", "find-nav", PSYCHOLOGIST, "my_directory"),
    Entry("my_shifts", "nav-shifts", PSYCHOLOGIST, "my_s"),
    Entry("rota_now", "nav-now", COORDINATOR, "rota_now"),
    Entry("rota_calendar", "nav-calendar", COORDINATOR, ("rota_c", "rota_gaps", "rota_exchange")),
    Entry("plan_home", "nav-planning", COORDINATOR, "plan_"),
    Entry("people", "nav-people", COORDINATOR, "people"),
    Entry("operation", "nav-operation", OPERATOR, "operation"),
    Entry("directory", "nav-directory", frozenset({"coordinator", "operator"}), "directory"),
    Entry("flows", "nav-flows", frozenset({"coordinator", "operator"}), "flow"),
    Entry("activity", "nav-activity", COORDINATOR, "activity"),
    Entry("figures", "nav-figures", FUNDER | COORDINATOR, "figures"),
    Entry("account", "nav-account", ANYBODY, "account"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the navigation."""

    url: str
    key: str
    current: bool


def items(viewer: Viewer, endpoint: str) -> list[Item]:
    """What this viewer's navigation holds while they look at `endpoint`."""
    name = endpoint.removeprefix(f"{SITE}.")
    return [
        Item(url_for(f"{SITE}.{entry.endpoint}"), entry.key, name.startswith(entry.area))
        for entry in ENTRIES
        if viewer.may(*entry.roles)
    ]


def home(viewer: Viewer) -> str:
    """The endpoint of the page that this viewer comes to first."""
    return next(entry.endpoint for entry in ENTRIES if viewer.may(*entry.roles))
