"""Everybody: psychologists with their accounts, and those who only sign in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from helpline.accounts.model import ROLES, Role
from helpline.accounts.registering import Entry, State, read_accounts
from helpline.pages.rota.outcomes import tongues, zone_of
from helpline.pages.site import Visit
from helpline.store.tables import Person

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

STATES: Mapping[State, tuple[str, str]] = {
    "active": ("good", "people-account-active"),
    "invited": ("warn", "people-account-invited"),
    "expired": ("bad", "people-account-expired"),
    "disabled": ("plain", "people-account-disabled"),
    "left": ("plain", "people-account-left"),
}
"""A badge for each state of an account."""
NONE = ("plain", "people-account-none")
ROLE_WORDS: Mapping[Role, str] = {
    "psychologist": "role-psychologist",
    "coordinator": "role-coordinator",
    "funder": "role-funder",
    "operator": "role-operator",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in the list: `url` is their page, `invite` the form for who has no account, "" for others."""

    name: str
    url: str
    about: str
    badge: tuple[str, str]
    left: str
    invite: str


def people(visit: Visit) -> ResponseReturnValue:
    """The list, or those in it whose name, address, languages or roles hold what was searched for."""
    sought, everybody = visit.asked("q"), bool(visit.asked("left"))
    with visit.site.store.read() as connection:
        rows = connection.execute(select(*Person.__table__.c)).all()
        accounts = read_accounts(connection, visit.now)
    of = {each.person: each for each in accounts if each.person is not None}
    found = [row for row in rows if matches(sought, _words(visit, row, of.get(row.id)))]
    here = [row for row in found if row.left_at is None or row.left_at > visit.now]
    shown = sorted(found if everybody else here, key=lambda row: plain(row.name))
    others = [each for each in accounts if each.person is None and matches(sought, _own(visit, each))]
    return visit.page(
        "people/people.html",
        sought=sought,
        people=[_person(visit, row, of.get(row.id)) for row in shown],
        others=[_account(visit, each) for each in others],
        hidden=0 if everybody else len(found) - len(here),
    )


def _person(visit: Visit, row: Row[Any], account: Entry | None) -> Listed:
    about = [tongues(visit, row.languages.split())]
    if row.tiers and max(line.settings.tiers for line in visit.site.lines.values()) > 1:
        about.append(visit.say("people-tiers", tiers=", ".join(row.tiers.split())))
    if row.share != 100:
        about.append(visit.formats.percent(row.share / 100))
    if account and account.roles - {"psychologist"}:
        about.append(roles(visit, account.roles - {"psychologist"}))
    gone = row.left_at is not None and row.left_at <= visit.now
    left = ""
    if row.left_at is not None:
        day = visit.formats.day(row.left_at - 1, zone_of(visit), year=True)
        left = visit.say("people-left" if gone else "people-leaves", day=day)
    return Listed(
        row.name,
        visit.url("people_one", person=row.id),
        " · ".join(about),
        STATES[account.state] if account else NONE,
        left,
        "" if account or gone else visit.url("people_invite", person=row.id),
    )


def _account(visit: Visit, entry: Entry) -> Listed:
    url = visit.url("people_account", account=entry.id)
    return Listed(entry.name, url, roles(visit, entry.roles), STATES[entry.state], "", "")


def roles(visit: Visit, held: Iterable[Role]) -> str:
    """Roles by their names."""
    wanted = set(held)
    return ", ".join(visit.say(ROLE_WORDS[role]) for role in ROLES if role in wanted)


def _words(visit: Visit, row: Row[Any], account: Entry | None) -> str:
    own = _own(visit, account) if account else ""
    return f"{row.name} {row.email} {tongues(visit, row.languages.split())} {own}"


def _own(visit: Visit, entry: Entry) -> str:
    return f"{entry.name} {entry.email} {roles(visit, entry.roles)}"


def matches(sought: str, text: str) -> bool:
    """Whether each word that is sought begins somewhere in the text, accents and capitals aside."""
    there = plain(text)
    return all(word in there for word in plain(sought).split())


def plain(text: str) -> str:
    """Without accents and capitals."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(sign))
