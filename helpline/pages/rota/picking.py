"""Whom a form can name: people and lines as the options of its lists."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.pages.rota.outcomes import line_name
from helpline.pages.site import Visit, gone
from helpline.store.tables import Person

MOST_NUMBER = 1 << 53
"""No row has such a number."""
Options = list[tuple[str, str]]
"""Values and labels of a list to choose from."""


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody's name by id, and who of them is still here, by name."""

    names: Mapping[int, str]
    here: tuple[int, ...]

    @property
    def options(self) -> Options:
        """Those who are here."""
        return [(str(number), self.names[number]) for number in self.here]

    def find(self, text: str) -> int | None:
        """Somebody who is here, by the value of their option."""
        return int(text) if text.isdecimal() and len(text) < 12 and int(text) in self.here else None

    def name(self, person: int | None) -> str:
        """Somebody's name; whom nobody knows any more has none."""
        return self.names.get(person or 0, "?")


def read_team(connection: Connection, now: int) -> Team:
    """The people there are at `now` (UTC seconds)."""
    rows = connection.execute(select(Person.id, Person.name, Person.left_at)).all()
    here = [row for row in rows if row.left_at is None or row.left_at > now]
    by_name = sorted(here, key=lambda row: alphabetical(row.name))
    return Team({row.id: row.name for row in rows}, tuple(row.id for row in by_name))


def alphabetical(name: str) -> str:
    """What names are sorted by: accents and capitals aside."""
    return unicodedata.normalize("NFD", name.casefold())


def line_options(visit: Visit) -> Options:
    """The lines, by their names."""
    return [(name, line_name(visit, name)) for name in visit.site.lines]


def chosen_line(visit: Visit, text: str) -> Line | None:
    """The line that a form or an address names; the only one there is, if it names none."""
    lines = visit.site.lines
    if not text and len(lines) == 1:
        return next(iter(lines.values()))
    return lines.get(text)


def tier_options(visit: Visit, lines: Iterable[Line]) -> Options:
    """The tiers of the line that has the most."""
    most = max(line.settings.tiers for line in lines)
    return [(str(tier), visit.say("outcome-tier", tier=tier)) for tier in range(1, most + 1)]


@dataclass(slots=True)
class Typed:
    """What was typed into a form, by field, and what is wrong with it: field -> text, "" for the form as a whole."""

    values: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


def numbered(number: int) -> int:
    """A number of an address, if a database can hold it. Raises `PageError`."""
    if number >= MOST_NUMBER:
        gone()
    return number
