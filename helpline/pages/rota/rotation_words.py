"""Rotations in words: when their shifts are, whose turn it is and who comes next, and the weeks to come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from helpline.lines import Line
from helpline.pages.rota.outcomes import when
from helpline.pages.rota.picking import Team
from helpline.pages.site import Visit
from helpline.shifts.rotations import Made
from rota.edit import New
from rota.model import Shift
from rota.rotation import timeline, turn
from rota.staff import DAY, HOLIDAY, WEEKDAYS, Rotation

WEEKS = 28
"""Days ahead that are shown before a rotation is begun or changed."""
ROWS = 31
MONDAY = date(2026, 1, 5)
TURNS = {
    ("day", False): "turn-day",
    ("day", True): "turn-days",
    ("week", False): "turn-week",
    ("week", True): "turn-weeks",
    ("month", False): "turn-month",
    ("month", True): "turn-months",
}


@dataclass(frozen=True, slots=True)
class Described:
    """One version of a rotation: `current` has the turn that goes on, or the first, `then` those after, in order."""

    line: str
    name: str
    tier: str
    times: str
    turns: str
    current: str
    then: str
    begun: bool
    since: str
    until: str


def describe(visit: Visit, version: Rotation, team: Team) -> Described:
    """A version as lists show it."""
    day = visit.site.lines[version.line].local(visit.now).date()
    people = order_on(version, max(version.since, day))
    several = visit.site.lines[version.line].settings.tiers > 1
    return Described(
        version.line,
        version.name,
        visit.say("outcome-tier", tier=version.tier) if several else "",
        f"{version.starts:%H:%M}\u2013{version.ends:%H:%M}, {days_in_words(visit, version.days)}",
        visit.say(TURNS[version.unit, version.every > 1], n=version.every),
        team.name(people[0]),
        ", ".join(map(team.name, people[1:])),
        version.since <= day,
        visit.formats.date(version.since, year=True),
        visit.formats.date(version.until, year=True) if version.until else "",
    )


def order_on(version: Rotation, day: date) -> tuple[int, ...]:
    """Its people, from whose turn `day` is in."""
    at = turn(version, day) % len(version.people)
    return (*version.people[at:], *version.people[:at])


def weekday_options(visit: Visit) -> list[tuple[str, str]]:
    """Monday to Sunday, 1 to 7."""
    return [
        (str(number), visit.formats.weekday(MONDAY + timedelta(days=number - 1), short=False)) for number in range(1, 8)
    ]


def days_in_words(visit: Visit, days: Collection[int]) -> str:
    """`every day`, `Mon to Fri`, or the days' short names; public holidays are number 8."""
    week = sorted(WEEKDAYS & set(days))
    names = [visit.formats.weekday(MONDAY + timedelta(days=number - 1)) for number in week]
    if len(week) == len(WEEKDAYS):
        found = [visit.say("days-all")]
    elif len(week) > 2 and week[-1] - week[0] == len(week) - 1:
        found = [visit.say("days-from-to", first=names[0], last=names[-1])]
    else:
        found = names
    return ", ".join([*found, visit.say("days-holidays")] if HOLIDAY in days else found)


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift to come, or several in a row of one person; `held`: whether somebody has them."""

    when: str
    who: str
    held: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The first weeks of a rotation, and how many more turns there are in them."""

    title: str
    rows: tuple[Turn, ...]
    more: int


def table(visit: Visit, made: Made, line: Line, team: Team) -> Table:
    """The four weeks from now, or from when it begins to be so."""
    since = max(made.rotation.since, line.local(visit.now).date())
    last = since + timedelta(days=WEEKS)
    shown: list[Shift | New] = [s for s in made.shifts if since <= line.local(s.start).date() < last]
    if not shown and made.rotation.until is None:
        # It begins further ahead than there are shifts.
        shown = list(timeline([made.rotation], line.zone, since, last))
    turns = [_turn(visit, list(own), line, team) for _, own in groupby(shown, key=lambda each: each.person)]
    return Table(visit.say("rotation-weeks"), tuple(turns[:ROWS]), len(turns[ROWS:]))


def _turn(visit: Visit, shifts: Sequence[Shift | New], line: Line, team: Team) -> Turn:
    first, last, person = shifts[0], shifts[-1], shifts[0].person
    who = visit.say("rotation-open") if person is None else team.name(person)
    if len(shifts) == 1:
        return Turn(when(visit, first.start, first.end, line.zone), who, person is not None)
    days = [_day(visit, each.start, line) for each in (first, last)]
    times = visit.say("rotation-turn-of", first=days[0], last=days[1], n=len(shifts))
    return Turn(times, who, person is not None)


def remarks(visit: Visit, made: Made, line: Line) -> tuple[str, ...]:
    """How far it goes, what nobody will hold, and what stays as it is."""
    found = []
    if made.shifts:
        found.append(visit.say("rotation-to-come", n=len(made.shifts), last=_day(visit, made.shifts[-1].start, line)))
    if made.unheld:
        found.append(visit.say("rotation-unheld", n=len(made.unheld), first=_day(visit, made.unheld[0].start, line)))
    if made.staying:
        last = max(shift.end for shift in made.staying)
        found.append(visit.say("rotation-staying", n=len(made.staying), last=_day(visit, last, line)))
    return tuple(found)


def _day(visit: Visit, instant: int, line: Line) -> str:
    return visit.formats.day(instant, line.zone, year=abs(instant - visit.now) > 300 * DAY)
