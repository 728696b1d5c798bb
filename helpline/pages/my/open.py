"""What a psychologist may take, seats of nobody's and shifts that others offer; and what that does to their limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from helpline.pages.my.reading import Offered
from helpline.pages.my.shown import Seat, Shown
from helpline.pages.site import Visit
from helpline.shifts.fairness import speaks
from helpline.shifts.offers import Wanted, open_seats
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from rota.model import Shift
from rota.replacing import AROUND, Choice, candidates
from rota.staff import DAY, Absence, Staff
from rota.swap import ANY

AHEAD = 60 * DAY
"""Seconds over which open seats are looked for."""
MOST = 20
"""Seats that are shown at a time: the next ones."""
WOULD: Mapping[str, str] = {
    "overlap": "my-would-overlap",
    "absent": "my-would-absent",
    "left": "my-would-left",
    "tier": "my-would-tier",
    "twice": "my-would-twice",
    "wish": "my-would-wish",
    "rest": "my-would-rest",
    "stretch": "my-would-stretch",
    "week": "my-would-week",
    "nights": "my-would-nights",
    "skills": "my-would-skills",
}
"""What would be wrong (`rota.replacing.Why`) -> the text that says so to whom it concerns."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One person, with the shifts and absences around some seats that they might take."""

    person: Staff
    held: Sequence[Shift]
    away: Sequence[Absence]
    zones: Mapping[str, ZoneInfo]

    def choice(self, seat: Shift, now: int, without: int | None = None) -> Choice:
        """Whether they could take what is left of a seat, giving their shift `without` for it, and what would be wrong.

        Nobody takes a seat after they have left: then it is only their leaving that is named.
        """
        wanted = Wanted(max(seat.start, now), seat.end, seat.line, seat.tier)
        gone = () if without is None else (without,)
        found = candidates(wanted, {self.person.id: self.person}, self.held, self.away, self.zones, gone)
        return found[0] if found else Choice(self.person.id, ("left",), able=False, load=0)


def read_reach(connection: Connection, visit: Visit, seats: Sequence[Shift]) -> Reach:
    """What there is to know of whoever looks around these seats, one at least."""
    site, me = visit.site, visit.person
    start, end = min(seat.start for seat in seats) - AROUND, max(seat.end for seat in seats) + AROUND
    zones = {name: line.zone for name, line in site.lines.items()}
    return Reach(
        read_staff(connection, site.desk.limits)[me],
        [shift for shift in read_shifts(connection, start, end, person=me) if shift.line in zones],
        [each for each in read_absences(connection, start, end) if each.person == me],
        zones,
    )


@dataclass(frozen=True, slots=True)
class Open:
    """Something to take: a swap by its number, or an open seat (`swap` 0). `giver` is "" for a seat of nobody's.

    `back` is which shift is asked for in return: "" for none, "any", or which.
    """

    seat: Seat
    swap: int
    giver: str
    back: str


def read_takeable(connection: Connection, visit: Visit) -> list[Shift]:
    """The open seats that whoever looks could take, whatever else may speak against it, the next first."""
    site, now = visit.site, visit.now
    seats = [seat for seat in open_seats(connection, now, now + AHEAD) if seat.line in site.lines]
    if not seats:
        return []
    reach = read_reach(connection, visit, seats)
    mine = [seat for seat in seats if speaks(reach.person, site.lines[seat.line])]
    return [seat for seat in mine if reach.choice(seat, now).able][:MOST]


def to_take(shown: Shown, offered: Iterable[Offered], seats: Iterable[Shift], names: Mapping[int, str]) -> list[Open]:
    """Both in words, by when they begin."""
    both = [(each.shift, _offer(shown, each, names)) for each in offered if each.shift.line in shown.lines]
    both += [(seat, Open(shown.seat(seat), 0, "", "")) for seat in seats if seat.line in shown.lines]
    return [found for _, found in sorted(both, key=lambda pair: (pair[0].start, pair[0].id))]


def _offer(shown: Shown, each: Offered, names: Mapping[int, str]) -> Open:
    back = "any" if each.swap.back == ANY else shown.seat(each.back).when if each.back else ""
    return Open(shown.seat(each.shift), each.swap.id, names.get(each.swap.giver, "?"), back)
