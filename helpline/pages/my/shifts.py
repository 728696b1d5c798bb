"""My shifts: those to come and what can be done with each, what there is to take, and how much duty a month held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.formats import Formats, local
from helpline.pages.my.open import read_takeable, to_take
from helpline.pages.my.reading import (
    Offered,
    for_anybody,
    involving,
    read_names,
    read_offered,
    waiting_for,
)
from helpline.pages.my.shown import Seat, Shown, one_place, one_zone
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit
from helpline.shifts.reading import read_shifts
from rota.model import Shift
from rota.staff import DAY
from rota.zones import local_to_utc

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

WEEKS, MOST_WEEKS = 8, 52
"""How far ahead is shown, at first and after "show more"."""
BEHIND = 64 * DAY
"""Seconds before now that hold the whole of the month before this one."""


@dataclass(frozen=True, slots=True)
class Mine:
    """One of my shifts. `state`: "" if it can be offered, "offered", or "promised" (it waits for the coordinators).

    `swap` is the swap that it is in, `whom` the other one's name, "" for anybody.
    """

    seat: Seat
    state: str = ""
    swap: int = 0
    whom: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """Somebody's duty in a month, in words: done, and still to come."""

    name: str
    done: str
    ahead: str


def show(visit: Visit) -> ResponseReturnValue:
    """The page."""
    site, now, me = visit.site, visit.now, visit.person
    weeks = MOST_WEEKS if visit.asked("all") else WEEKS
    shown = Shown(site.lines, visit.language, now)
    with site.store.read() as connection:
        held = read_shifts(connection, now - BEHIND, now + weeks * 7 * DAY, person=me)
        offered, names = read_offered(connection, now), read_names(connection)
        seats = read_takeable(connection, visit)
    held = [shift for shift in held if shift.line in site.lines]
    swaps = involving(offered, me)
    mine = [_mine(shown, shift, swaps.get(shift.id), names) for shift in held if shift.end > now]
    found = to_take(shown, [*waiting_for(offered, me), *for_anybody(offered, me)], seats, names)
    listed = [*(each.seat for each in mine), *(each.seat for each in found)]
    return visit.page(
        "my/shifts.html",
        mine=mine,
        open=found,
        zone=one_zone(listed),
        place=one_place(listed),
        months=months(held, site.lines, visit.formats, now),
        more=weeks == WEEKS,
    )


def _mine(shown: Shown, shift: Shift, found: Offered | None, names: Mapping[int, str]) -> Mine:
    if found is None:
        return Mine(shown.seat(shift))
    other = found.swap.taker if found.swap.shift == shift.id else found.swap.giver
    state = "offered" if found.swap.state == "offered" else "promised"
    return Mine(shown.seat(shift), state, found.swap.id, names.get(other or 0, ""))


def months(held: Iterable[Shift], lines: Mapping[str, Line], fmt: Formats, now: int) -> list[Month]:
    """The month before `now` (UTC seconds) and the one that it is in; each line's months begin on its own clocks.

    `held` are one person's shifts that touch them, each of a line of ours.
    """
    shifts, found = list(held), []
    this = local(now, next(iter(lines.values())).zone).date().replace(day=1)
    for first in ((this - timedelta(days=1)).replace(day=1), this):
        done = ahead = 0
        for shift in shifts:
            start, end = (_midnight(day, lines[shift.line]) for day in (first, _next(first)))
            done += max(0, min(shift.end, end, now) - max(shift.start, start))
            ahead += max(0, min(shift.end, end) - max(shift.start, start, now))
        found.append(Month(fmt.month(first), whole_hours(fmt, done), whole_hours(fmt, ahead) if first == this else ""))
    return found


def whole_hours(fmt: Formats, seconds: int) -> str:
    """`36 h`, to the half hour."""
    return f"{fmt.number(round(seconds / 1800) / 2)}\u00a0h"


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _midnight(day: date, line: Line) -> int:
    return local_to_utc(datetime.combine(day, time()), line.zone)


ROUTES = (Route("/my/shifts", "my_shifts", show, PSYCHOLOGIST),)
