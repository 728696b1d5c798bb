"""Taking a shift: one that is offered, or a seat of nobody's. What it does to one's own limits is shown first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from helpline.errors import UsageError
from helpline.pages.my.open import WOULD, read_reach
from helpline.pages.my.reading import Offered, read_chosen, read_names, read_offered
from helpline.pages.my.shown import Shown, choices
from helpline.pages.rota.outcomes import reasons
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import PageError, Visit, gone
from helpline.shifts import swapping
from helpline.shifts.reading import read_shifts
from helpline.store.rota_tables import Swap as SwapRow
from helpline.store.tables import Shift as ShiftRow
from rota.model import Shift
from rota.replacing import Choice
from rota.staff import DAY
from rota.swap import ANY

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MINE_AHEAD = 60 * DAY
"""Seconds from now in which my shifts are shown, to give one in return."""

DONE = {"accepted": "done-my-accepted", "done": "done-my-swapped"}
"""A swap's state -> what is said to who accepted it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a form: its status, what was refused, what is wrong with a field, and what was chosen."""

    status: int = 200
    why: Sequence[str] = ()
    wrong: str = ""
    back: str = ""


def show(visit: Visit, swap: int) -> ResponseReturnValue:
    """An offer to me or to anybody: which shift, for which of mine, and what would be wrong with it."""
    return _page(visit, swap, Said())


def accept(visit: Visit, swap: int) -> ResponseReturnValue:
    """Takes it. What I chose to give in return is looked at first, if anything would be wrong then."""
    back = visit.field("back")
    with visit.site.store.read() as connection:
        if said := _done_already(connection, visit, swap):
            return visit.to("my_shifts", done=said)
        offered = _offered(connection, visit, swap)
        any_back = offered.swap.back == ANY
        mine = _mine(connection, visit) if any_back else []
        chosen = next((shift.id for shift in mine if str(shift.id) == back), None)
        if any_back and chosen is None:
            return _page(visit, swap, Said(400, wrong=visit.say("my-choose-back")))
        warned = any_back and bool(_choice(connection, visit, offered, chosen).because)
    if warned and visit.field("sure") != back:
        return _page(visit, swap, Said(back=back))
    try:
        done = swapping.accept(visit.site.desk, swap, visit.person, visit.me.actor, visit.now, back=chosen)
    except UsageError as error:
        return _refused(visit, swap, error, back)
    return visit.to("my_shifts", done=DONE[done.swap.state])


def _done_already(connection: Connection, visit: Visit, swap: int) -> str:
    """What is said to whoever has accepted this swap already, by tapping the button twice; "" to others."""
    row = connection.execute(select(SwapRow.state, SwapRow.taker).where(SwapRow.id == swap)).first()
    return DONE.get(row.state, "") if row is not None and row.taker == visit.person else ""


def refuse(visit: Visit, swap: int) -> ResponseReturnValue:
    """Says no to what was offered to me alone."""
    try:
        swapping.refuse(visit.site.desk, swap, visit.me.actor, visit.now, by=visit.person)
    except UsageError as error:
        return visit.page("my/refused.html", 409, why=reasons(visit, error), back="my_shifts")
    return visit.to("my_home", done="done-my-refused")


def _refused(visit: Visit, swap: int, error: UsageError, back: str) -> ResponseReturnValue:
    """The offer again with what speaks against it; if it isn't there any more, that alone."""
    why = reasons(visit, error)
    try:
        return _page(visit, swap, Said(409, why, back=back))
    except PageError:
        return visit.page("my/refused.html", 409, why=why, back="my_shifts")


def _offered(connection: Connection, visit: Visit, swap: int) -> Offered:
    """An offer that whoever looks may accept. Raises `PageError`."""
    found = next((each for each in read_offered(connection, visit.now) if each.swap.id == swap), None)
    if found is None or found.swap.state != "offered" or found.shift.line not in visit.site.lines:
        gone()
    if found.swap.taker not in {None, visit.person} or found.swap.giver == visit.person:
        gone()
    return found


def _mine(connection: Connection, visit: Visit) -> list[Shift]:
    """My shifts that I could give in return."""
    found = read_shifts(connection, visit.now, visit.now + MINE_AHEAD, person=visit.person)
    return [shift for shift in found if shift.start > visit.now and shift.line in visit.site.lines]


def _choice(connection: Connection, visit: Visit, offered: Offered, back: int | None) -> Choice:
    return read_reach(connection, visit, [offered.shift]).choice(offered.shift, visit.now, back)


def _page(visit: Visit, swap: int, said: Said) -> ResponseReturnValue:
    """The offer; with `said.back`, what accepting it for that shift of mine would come to."""
    shown = Shown(visit.site.lines, visit.language, visit.now)
    with visit.site.store.read() as connection:
        offered = _offered(connection, visit, swap)
        names = read_names(connection)
        any_back = offered.swap.back == ANY
        mine = _mine(connection, visit) if any_back else []
        given = int(said.back) if said.back.isdecimal() else offered.swap.back
        choice = None if any_back and not given else _choice(connection, visit, offered, given)
    lines = {offered.shift.line} | ({offered.back.line} if offered.back else set())
    return visit.page(
        "my/swap.html",
        said.status,
        swap=swap,
        giver=names.get(offered.swap.giver, "?"),
        seat=shown.seat(offered.shift),
        returned=shown.seats([offered.back] if offered.back else []),
        backs=choices(shown.seats(mine)),
        any_back=any_back,
        would=[WOULD[why] for why in choice.because] if choice else [],
        able=choice is None or choice.able,
        approval=any(visit.site.lines[line].settings.rota.approve_swaps for line in lines),
        alone=offered.swap.taker is not None,
        said=said,
    )


def show_seat(visit: Visit, shift: int) -> ResponseReturnValue:
    """An open seat, and what would be wrong if I took it."""
    with visit.site.store.read() as connection:
        seat = read_chosen(connection, [shift]).get(shift)
        if seat is None or seat.person is not None or seat.status == "cancelled" or seat.end <= visit.now:
            gone()
        if seat.line not in visit.site.lines:
            gone()
        choice = read_reach(connection, visit, [seat]).choice(seat, visit.now)
    shown = Shown(visit.site.lines, visit.language, visit.now).seat(seat)
    would = [WOULD[why] for why in choice.because]
    return visit.page("my/seat.html", seat=shown, would=would, able=choice.able)


def take(visit: Visit, shift: int) -> ResponseReturnValue:
    """It is mine from now on."""
    try:
        swapping.take(visit.site.desk, shift, visit.person, visit.me.actor, visit.now)
    except UsageError as error:
        if not _taken_already(visit, shift):
            return visit.page("my/refused.html", 409, why=reasons(visit, error), back="my_shifts")
    return visit.to("my_shifts", done="done-my-taken")


def _taken_already(visit: Visit, shift: int) -> bool:
    """Whether whoever looks has this very seat: the button was tapped twice."""
    mine = (ShiftRow.replaces == shift, ShiftRow.person == visit.person, ShiftRow.status != "cancelled")
    with visit.site.store.read() as connection:
        return connection.execute(select(ShiftRow.id).where(*mine, ShiftRow.ends_at > visit.now)).first() is not None


ROUTES = (
    Route("/my/swaps/<int:swap>", "my_swap", show, PSYCHOLOGIST),
    Route("/my/swaps/<int:swap>", "my_swap_accept", accept, PSYCHOLOGIST, "POST"),
    Route("/my/swaps/<int:swap>/refuse", "my_swap_refuse", refuse, PSYCHOLOGIST, "POST"),
    Route("/my/seats/<int:shift>", "my_seat", show_seat, PSYCHOLOGIST),
    Route("/my/seats/<int:shift>", "my_seat_take", take, PSYCHOLOGIST, "POST"),
)
