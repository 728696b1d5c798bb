"""My line: am I on call, until when, with whom; and whatever waits for me, each a button away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from helpline.figures import records
from helpline.messages.confirming import Reminder, confirm, open_reminders
from helpline.messages.texts import where
from helpline.pages.my.reading import Off, for_anybody, read_names, read_off, read_offered, waiting_for
from helpline.pages.my.shown import OnNow, Seat, Shown
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit, gone
from helpline.shifts.offers import open_seats
from helpline.shifts.reading import read_shifts
from helpline.shifts.snapshot import read_roster
from rota.model import Shift
from rota.oncall import who
from rota.staff import DAY, HOUR

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

AHEAD = 60 * DAY
"""Seconds over which the next shift and open seats are looked for."""
OFF = HOUR
"""Seconds that one tap takes somebody off."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that waits for an answer: what it is about, in words, and its number."""

    id: int
    who: str
    where: str
    when: str


def show(visit: Visit) -> ResponseReturnValue:
    """The page."""
    site, now, me = visit.site, visit.now, visit.person
    shown = Shown(site.lines, visit.language, now)
    with site.store.read() as connection:
        on_now = _on_now(connection, visit, shown)
        mine = read_shifts(connection, now, now + AHEAD, person=me)
        to_code = sum(item.n for item in records.pending(connection, me) if item.line in site.lines)
        reminders = open_reminders(connection, [me], now)
        offered, names = read_offered(connection, now), read_names(connection)
        open_to_me = len(for_anybody(offered, me)) + len(open_seats(connection, now, now + AHEAD))
        off = read_off(connection, me, now)
    return visit.page(
        "my/home.html",
        on_now=on_now,
        can_leave=any(shift.start < now + OFF for shift in mine if shift.line in site.lines),
        off=_off(visit, shown, off, mine),
        next=_next(shown, mine),
        to_code=to_code,
        reminders=[_reminder(visit, shown, each) for each in reminders if each.line in site.lines],
        swaps=[
            Asked(each.swap.id, names.get(each.swap.giver, "?"), seat.where, seat.when)
            for each in waiting_for(offered, me)
            for seat in shown.seats([each.shift])
        ],
        open_to_me=open_to_me,
    )


def _on_now(connection: Connection, visit: Visit, shown: Shown) -> list[OnNow]:
    roster = read_roster(connection, visit.now, visit.now + 1)
    return [
        seat
        for line in visit.site.lines.values()
        for seat in shown.on_now(line, who(roster, line.name, visit.now), visit.person)
    ]


def _next(shown: Shown, mine: list[Shift]) -> Seat | None:
    """The first shift that hasn't begun."""
    return next(iter(shown.seats(shift for shift in mine if shift.start > shown.now)), None)


def _off(visit: Visit, shown: Shown, off: Off | None, mine: list[Shift]) -> tuple[int, str] | None:
    """The edit that took them off, and until when, on the clocks of the line that they return to."""
    if off is None:
        return None
    back = next((shift.line for shift in mine if shift.line in visit.site.lines), next(iter(visit.site.lines)))
    return off.edit, shown.until(visit.site.lines[back], off.until)


def _reminder(visit: Visit, shown: Shown, each: Reminder) -> Asked:
    line = visit.site.lines[each.line]
    when = visit.formats.span(each.start, each.end, line.zone)
    return Asked(each.notice, "", where(line, each.tier, shown.language), when)


def confirm_shift(visit: Visit) -> ResponseReturnValue:
    """Confirms a shift that they were reminded of, once however often it is tapped."""
    number, now = visit.field("notice"), visit.now
    with visit.site.store.durable() as tx:
        mine = open_reminders(tx, [visit.person], now)
        found = next((each for each in mine if str(each.notice) == number), None)
        if found is not None:
            confirm(tx, found, now)
    if found is None and not number.isdecimal():
        gone()
    return visit.to("my_home", done="done-my-confirmed" if found else "")


ROUTES = (
    Route("/my", "my_home", show, PSYCHOLOGIST),
    Route("/my/confirm", "my_confirm", confirm_shift, PSYCHOLOGIST, "POST"),
)
