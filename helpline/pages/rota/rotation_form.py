"""The form of a rotation: its hours, its days, how long a turn is, and its people by the number of their turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal, cast

from helpline.lines import Line
from helpline.pages.rota.moments import read_day, read_time, today
from helpline.pages.rota.picking import Team, Typed, chosen_line
from helpline.pages.site import Visit
from rota.staff import Rotation

FIELDS = ("line", "tier", "name", "starts", "ends", "unit", "every", "since")
UNITS = ("day", "week", "month")
LONGEST = 366
"""Of what a turn may last."""
_NUMBERS = re.compile(r"[\s,;]+")


@dataclass(slots=True)
class Form(Typed):
    """What was typed; `days` are ticked, `order` is what stands beside each person's name, `was` what stood there."""

    days: tuple[str, ...] = ()
    order: dict[int, str] = field(default_factory=dict)
    was: dict[int, str] = field(default_factory=dict)

    def carried(self) -> dict[str, str | Iterable[str]]:
        """For sending it again."""
        found: dict[str, str | Iterable[str]] = {name: self[name] for name in FIELDS}
        found["day"] = self.days
        for prefix, texts in (("order", self.order), ("was", self.was)):
            found |= {f"{prefix}-{person}": text for person, text in texts.items() if text}
        return found


@dataclass(frozen=True, slots=True)
class Draft:
    """A rotation as it was asked for."""

    line: Line
    tier: int
    name: str
    days: frozenset[int]
    starts: time
    ends: time
    unit: Literal["day", "week", "month"]
    every: int
    since: date
    people: tuple[int, ...]

    def rotation(self) -> Rotation:
        """It, to be begun."""
        return Rotation(
            0,
            self.line.name,
            self.tier,
            self.name,
            0,
            self.days,
            self.starts,
            self.ends,
            self.unit,
            self.every,
            self.since,
            self.people,
            self.since,
        )


def sent(visit: Visit, team: Team) -> Form:
    """The form as it was sent."""
    return Form(
        {name: visit.field(name) for name in FIELDS},
        days=visit.fields("day"),
        order={person: visit.field(f"order-{person}") for person in team.names},
        was={person: visit.field(f"was-{person}") for person in team.names},
    )


def fill(version: Rotation, people: Iterable[int], since: date) -> Form:
    """The form as a version stands, to be changed from `since` on."""
    order: dict[int, str] = {}
    for place, person in enumerate(people, start=1):
        order[person] = f"{order[person]}, {place}" if person in order else str(place)
    values = {
        "line": version.line,
        "tier": str(version.tier),
        "name": version.name,
        "starts": f"{version.starts:%H:%M}",
        "ends": f"{version.ends:%H:%M}",
        "unit": version.unit,
        "every": str(version.every),
        "since": since.isoformat(),
    }
    return Form(values, days=tuple(map(str, sorted(version.days))), order=order, was=dict(order))


def read(visit: Visit, form: Form) -> Draft | None:
    """What it asks for; None when something is wrong with it, which is then noted."""
    wrong = form.wrong
    line = chosen_line(visit, form["line"])
    if line is None:
        wrong["line"] = visit.say("wrong-line")
    tier = int(form["tier"]) if form["tier"] in {"1", "2", "3", "4", "5"} else 1
    if line is not None and tier > line.settings.tiers:
        wrong["tier"] = visit.say("refused-no-tier", n=line.settings.tiers)
    if not 1 <= len(form["name"]) <= 60:
        wrong["name"] = visit.say("refused-rotation-name", n=60)
    times = {name: read_time(form[name]) for name in ("starts", "ends")}
    wrong |= {name: visit.say("wrong-time") for name, at in times.items() if at is None}
    days = frozenset(int(each) for each in form.days if each in {"1", "2", "3", "4", "5", "6", "7"})
    if not days:
        wrong["day"] = visit.say("wrong-days")
    every = _every(visit, form)
    since = read_since(visit, form, line)
    people = order_of(form)
    if people is None:
        wrong["order"] = visit.say("wrong-order")
    elif not people:
        wrong["order"] = visit.say("refused-rotation-empty")
    starts, ends = times["starts"], times["ends"]
    if wrong or line is None or starts is None or ends is None or since is None or not people:
        return None
    unit = cast("Literal['day', 'week', 'month']", form["unit"])
    return Draft(line, tier, form["name"], days, starts, ends, unit, every, since, people)


def members(form: Form, team: Team) -> list[tuple[int, str, str, str]]:
    """Id, name, number and former number of everybody who could be in it, those who are first."""
    everybody = [*team.here, *(person for person, text in form.order.items() if text and person not in team.here)]
    places = {person: place for place, person in enumerate(order_of(form) or ())}
    by_turn = sorted(everybody, key=lambda person: places.get(person, len(places)))
    return [(each, team.name(each), form.order.get(each, ""), form.was.get(each, "")) for each in by_turn]


def order_before(form: Form) -> tuple[int, ...]:
    """The people as the form had shown them, before anybody numbered them otherwise."""
    return order_of(Form({}, order=form.was)) or ()


def order_of(form: Form) -> tuple[int, ...] | None:
    """The people by their numbers, a person with several several times; None when one isn't a number.

    Of two with one number, whoever was moved up to it comes first, and whoever was moved down to it last.
    """
    found: list[tuple[int, int, int, int]] = []
    for place, (person, text) in enumerate(form.order.items()):
        numbers = [each for each in _NUMBERS.split(text) if each]
        if not all(each.isascii() and each.isdigit() and len(each) < 4 for each in numbers):
            return None
        was = [int(each) for each in _NUMBERS.split(form.was.get(person, "")) if each.isascii() and each.isdigit()]
        for number in map(int, numbers):
            moved = 1 if number in was else 2 if was and number > max(was) else 0
            found.append((number, moved, place, person))
    return tuple(person for *_, person in sorted(found))


def changes_of(draft: Draft, old: Rotation, people: tuple[int, ...]) -> Mapping[str, Any]:
    """What is to be otherwise than in `old`, whose people the form showed as `people`."""
    fields = ("days", "starts", "ends", "unit", "every")
    found: dict[str, Any] = {
        name: getattr(draft, name) for name in fields if getattr(draft, name) != getattr(old, name)
    }
    return found if draft.people == people else {**found, "people": draft.people}


def _every(visit: Visit, form: Form) -> int:
    if form["unit"] not in UNITS:
        form.wrong["unit"] = visit.say("wrong-choice")
    text = form["every"] or "1"
    if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= LONGEST:
        return int(text)
    form.wrong["every"] = visit.say("wrong-number", least=1, most=LONGEST)
    return 1


def read_since(visit: Visit, form: Form, line: Line | None) -> date | None:
    """The day from which on it shall be so; None, noted, for none or one that is over."""
    since = read_day(form["since"])
    if since is None:
        form.wrong["since"] = visit.say("wrong-day")
    elif line is not None and since < today(visit, line.zone):
        form.wrong["since"] = visit.say("refused-past")
    return None if "since" in form.wrong else since
