"""Who signs in: roles, and what a page knows of whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reports.words import Language

Role = Literal["psychologist", "coordinator", "funder", "operator"]
ROLES: tuple[Role, ...] = ("psychologist", "coordinator", "funder", "operator")
"""As the pages list them. Everybody may have several."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever is signed in. `person` is the psychologist they are (`people.id`), None for who is none.

    `fresh`: they proved a few minutes ago that it is them. `csrf` is what their forms must carry.
    """

    account: int
    name: str
    roles: frozenset[Role]
    person: int | None
    language: Language
    fresh: bool
    csrf: str
    session: str
    """Which of their sessions this is, as lists of them name it."""
    seen_day: int

    @property
    def actor(self) -> str:
        """Who they are to the audit, see `helpline.shifts.auditing`."""
        return f"account:{self.account}" if self.person is None else f"person:{self.person}"

    def may(self, *roles: Role) -> bool:
        """Whether they have any of these roles."""
        return not self.roles.isdisjoint(roles)


def read_roles(text: str) -> frozenset[Role]:
    """Roles as a row keeps them, with blanks between; what isn't one is left out."""
    words = text.split()
    return frozenset(role for role in ROLES if role in words)


def write_roles(roles: frozenset[Role]) -> str:
    """Roles as a row keeps them."""
    return " ".join(role for role in ROLES if role in roles)
