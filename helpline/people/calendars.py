"""The calendars that programs subscribe to: a person's shifts on all lines, or everybody's on one. Never a number."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.people.feeds import Scope
from helpline.shifts.reading import read_shifts
from helpline.store.tables import Person
from reports.words import LANGUAGES, Language, Words
from rota.calendar import ALARMS, Head, feed, initials, midnight, window
from rota.model import Shift


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a subscriber chose in the address: a language, minutes of alarms. None: what we think best."""

    language: Language | None = None
    alarms: tuple[int, ...] | None = None


@cache
def load_texts() -> Mapping[str, Words]:
    """Every text of the calendars by its key."""
    table = tomllib.loads(resources.files("helpline.people").joinpath("calendars.toml").read_text(encoding="utf-8"))
    return MappingProxyType({key: Words(**entry) for key, entry in table.items()})


@dataclass(frozen=True, slots=True)
class Calendars:
    """Makes calendars of the stored rota; `host` is where they come from."""

    lines: Mapping[str, Line]
    host: str

    def read(self, connection: Connection, scope: Scope, now: int, wishes: Wishes) -> bytes | None:
        """The calendar at `now` (UTC seconds), the same all day unless the rota changes.

        None when its person has left, or its line is no longer one of ours.
        """
        return (
            self._of_line(connection, scope.line, now, wishes)
            if scope.line
            else self._own(connection, scope.person, now, wishes)
        )

    def _own(self, connection: Connection, person: int, now: int, wishes: Wishes) -> bytes | None:
        row = connection.execute(select(Person.languages, Person.left_at).where(Person.id == person)).first()
        if row is None or (row.left_at is not None and row.left_at <= now):
            return None
        language = wishes.language or _first(row.languages)
        span, texts = window(now), load_texts()
        shifts = read_shifts(connection, span.start, span.end, person=person, cancelled=True)

        def what(shift: Shift) -> str:
            spoken = self.lines[shift.line].flow.spoken[language]
            return texts["on-call"].to(language).format(line=spoken)

        head = Head(texts["own"].to(language), self.host, midnight(now), _alarms(wishes, ALARMS))
        return feed([shift for shift in shifts if shift.line in self.lines], self._titles(language, what), head)

    def _of_line(self, connection: Connection, name: str, now: int, wishes: Wishes) -> bytes | None:
        line = self.lines.get(name)
        if line is None:
            return None
        language = wishes.language or line.flow.default_language
        span, texts = window(now), load_texts()
        shifts = read_shifts(connection, span.start, span.end, line=name, cancelled=True)
        names = {row.id: row.name for row in connection.execute(select(Person.id, Person.name))}
        shown = names if line.settings.rota.names_in_feed else initials(names)
        nobody = texts["open"].to(language)

        def what(shift: Shift) -> str:
            return nobody if shift.person is None else shown.get(shift.person, nobody)

        title = texts["line"].to(language).format(line=line.flow.spoken[language])
        return feed(shifts, self._titles(language, what), Head(title, self.host, midnight(now), _alarms(wishes, ())))

    def _titles(self, language: Language, what: Callable[[Shift], str]) -> Callable[[Shift], str]:
        """What a shift is called: `what`, and what has to be said beside it."""
        tier, planned, cancelled = (load_texts()[key].to(language) for key in ("tier", "planned", "cancelled"))

        def title(shift: Shift) -> str:
            text = what(shift)
            if shift.tier > 1 or self.lines[shift.line].settings.tiers > 1:
                text = tier.format(what=text, tier=shift.tier)
            state = {"planned": planned, "cancelled": cancelled}.get(shift.status)
            return state.format(what=text) if state else text

        return title


def _first(languages: str) -> Language:
    """The first of somebody's languages; French for who has none that we speak."""
    first = languages.partition(" ")[0]
    return next((code for code in LANGUAGES if code == first), LANGUAGES[0])


def _alarms(wishes: Wishes, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    return otherwise if wishes.alarms is None else wishes.alarms
