"""Giving a shift away: to whoever takes it, or to one person, perhaps for one of theirs; and taking that back.

An offer changes no shift, and can be taken back as long as nobody has accepted: so it is made at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.errors import UsageError
from helpline.pages.my.reading import involving, read_names, read_offered
from helpline.pages.my.shown import Shown, choices
from helpline.pages.rota.outcomes import FINDINGS, reasons
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit, gone
from helpline.shifts import swapping
from helpline.shifts.fairness import speaks
from helpline.shifts.offers import could_take
from helpline.shifts.reading import read_shifts, read_staff
from rota.model import Shift
from rota.replacing import Choice
from rota.staff import DAY
from rota.swap import ANY

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

BACK_AHEAD = 60 * DAY
"""Seconds from now in which the other's shifts are shown, to ask for one."""
BACKS = {"": None, "any": ANY}
"""What may be asked for in return, beside one shift by its number."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a form: its status, what was refused, and what was asked for in return."""

    status: int = 200
    why: Sequence[str] = ()
    back: str = ""


NOTHING = Said()
"""Nothing was sent yet."""


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who could have it, and what would be wrong with their shifts then, as keys of the texts."""

    id: int
    name: str
    but: tuple[str, ...]


def show(visit: Visit, shift: int) -> ResponseReturnValue:
    """To anybody, or to whom; with `to` in the address: to this one, and which of their shifts for it."""
    return _page(visit, shift, visit.asked("to"))


def make(visit: Visit, shift: int) -> ResponseReturnValue:
    """Offers it."""
    to, back = visit.field("to"), visit.field("back")
    if back not in BACKS and not back.isdecimal():
        gone()
    _held(visit, shift)
    taker, wanted = _other(visit, to)[0] if to else None, BACKS[back] if back in BACKS else int(back)
    try:
        swapping.offer(visit.site.desk, shift, taker, wanted, visit.me.actor, visit.now)
    except UsageError as error:
        if not _offered_already(visit, shift, taker, wanted):
            return _page(visit, shift, to, Said(409, reasons(visit, error), back))
    return visit.to("my_shifts", done="done-my-offered")


def _offered_already(visit: Visit, shift: int, taker: int | None, back: int | None) -> bool:
    """Whether this very offer stands: the button was tapped twice."""
    with visit.site.store.read() as connection:
        found = involving(read_offered(connection, visit.now), visit.person).get(shift)
    return found is not None and (found.swap.shift, found.swap.taker, found.swap.back) == (shift, taker, back)


def _page(visit: Visit, shift: int, to: str, said: Said = NOTHING) -> ResponseReturnValue:
    return _to_one(visit, shift, to, said) if to else _to_anybody(visit, shift, said)


def _to_anybody(visit: Visit, shift: int, said: Said) -> ResponseReturnValue:
    held, site = _held(visit, shift), visit.site
    with site.store.read() as connection:
        names, staff = read_names(connection), read_staff(connection, site.desk.limits)
        choices = could_take(connection, site.desk, shift, visit.now)[1]
    fit = [choice for choice in choices if speaks(staff[choice.person], site.lines[held.line])]
    seat = Shown(site.lines, visit.language, visit.now).seat(held)
    return visit.page("my/offer.html", said.status, seat=seat, takers=_takers(fit, names), said=said)


def _to_one(visit: Visit, shift: int, to: str, said: Said) -> ResponseReturnValue:
    held, (whom, name) = _held(visit, shift), _other(visit, to)
    with visit.site.store.read() as connection:
        theirs = read_shifts(connection, visit.now, visit.now + BACK_AHEAD, person=whom)
    shown = Shown(visit.site.lines, visit.language, visit.now)
    backs = [("", visit.say("my-for-nothing")), ("any", visit.say("my-for-any")), *_backs(shown, theirs)]
    page = {"seat": shown.seat(held), "to": whom, "name": name, "backs": backs}
    return visit.page("my/offer_to.html", said.status, said=said, **page)


def _other(visit: Visit, to: str) -> tuple[int, str]:
    """Somebody else, by number and name. Raises `PageError`."""
    with visit.site.store.read() as connection:
        names = {str(number): (number, name) for number, name in read_names(connection).items()}
    return names[to] if to in names and to != str(visit.person) else gone()


def _held(visit: Visit, shift: int) -> Shift:
    """A shift of whoever looks that is to come. Raises `PageError`: others' are no business of theirs."""
    with visit.site.store.read() as connection:
        mine = read_shifts(connection, visit.now, person=visit.person)
    return next((each for each in mine if each.id == shift and each.line in visit.site.lines), None) or gone()


def _takers(choices: Iterable[Choice], names: Mapping[int, str]) -> list[Taker]:
    return [
        Taker(choice.person, names.get(choice.person, "?"), tuple(FINDINGS[why] for why in choice.because))
        for choice in choices
        if choice.able
    ]


def _backs(shown: Shown, theirs: Iterable[Shift]) -> list[tuple[str, str]]:
    """Their shifts that haven't begun, to choose from."""
    return choices(shown.seats(shift for shift in theirs if shift.start > shown.now))


def withdraw(visit: Visit, swap: int) -> ResponseReturnValue:
    """Takes an offer of theirs back, or an acceptance that the coordinators haven't approved yet."""
    try:
        swapping.withdraw(visit.site.desk, swap, visit.me.actor, visit.now, by=visit.person)
    except UsageError as error:
        return visit.page("my/refused.html", 409, why=reasons(visit, error), back="my_shifts")
    return visit.to("my_shifts", done="done-my-withdrawn")


ROUTES = (
    Route("/my/shifts/<int:shift>/offer", "my_shift_offer", show, PSYCHOLOGIST),
    Route("/my/shifts/<int:shift>/offer", "my_shift_offer_make", make, PSYCHOLOGIST, "POST"),
    Route("/my/swaps/<int:swap>/withdraw", "my_swap_withdraw", withdraw, PSYCHOLOGIST, "POST"),
)
