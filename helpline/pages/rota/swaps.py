"""Swaps that wait for the coordinator or for somebody to take them, and the open seats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from helpline.errors import UsageError
from helpline.pages.rota.outcomes import beside, place, reasons, told, when, zone_of
from helpline.pages.rota.picking import Team, numbered, read_team
from helpline.pages.rota.steps import Act, Done, Refused, Shown, mark_of, rehearse, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts import swapping
from helpline.shifts.offers import open_seats, read_swap, read_swaps
from helpline.shifts.reading import SHIFT
from helpline.shifts.swapping import Swapped
from helpline.store.tables import Shift as ShiftRow
from rota.model import RotaError, Shift
from rota.staff import DAY
from rota.swap import ANY, OPEN, Swap

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

BEHIND = 90 * DAY
"""Seconds back from which swaps are listed."""
AHEAD = 60 * DAY
"""Seconds from now in which open seats are listed."""
MOST = 40
OVER = 10
"""Swaps that are over, of which the newest are listed."""
STATES: Mapping[str, tuple[str, str]] = {
    "offered": ("swap-offered", "plain"),
    "accepted": ("swap-accepted", "warn"),
    "done": ("swap-done", "good"),
    "refused": ("swap-refused", "plain"),
    "withdrawn": ("swap-withdrawn", "plain"),
    "void": ("swap-void", "plain"),
}


def routes(_site: Site) -> tuple[Route, ...]:
    """The list, one swap, and what is decided of it."""
    return (
        Route("/rota/swaps", "plan_swaps", listing, COORDINATOR),
        Route("/rota/swaps/<int:swap>", "plan_swap", look, COORDINATOR),
        Route("/rota/swaps/<int:swap>/approve", "plan_swap_approve", approve, COORDINATOR, "POST"),
        Route("/rota/swaps/<int:swap>/refuse", "plan_swap_refuse", refuse, COORDINATOR, "POST"),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One swap in words: who gives what to whom, and for what."""

    id: int
    what: str
    given: str
    back: str
    state: str
    badge: str


def listing(visit: Visit) -> ResponseReturnValue:
    """Those to be approved first, then those that wait for somebody, then open seats, then the last that are over."""
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
        swaps = read_swaps(connection, visit.now, visit.now - BEHIND)
        over = [each for each in swaps if each.state not in OPEN][:OVER]
        found = [each for each in swaps if each.state in OPEN]
        shifts = _shifts(connection, [*found, *over])
        seats = [s for s in open_seats(connection, visit.now, visit.now + AHEAD) if s.line in visit.site.lines]
    return visit.page(
        "rota/swaps.html",
        accepted=[_row(visit, each, shifts, team) for each in found if each.state == "accepted"],
        offered=[_row(visit, each, shifts, team) for each in found if each.state == "offered"][:MOST],
        over=[_row(visit, each, shifts, team) for each in over],
        seats=[_seat(visit, each) for each in seats[:MOST]],
        more=len(seats[MOST:]),
        edit=visit.asked("edit"),
    )


def _shifts(connection: Connection, swaps: list[Swap]) -> dict[int, Shift]:
    """The shifts that these swaps speak of, changed ones as they were."""
    wanted = {number for swap in swaps for number in swap.shifts}
    rows = connection.execute(select(*SHIFT).where(ShiftRow.id.in_(wanted))) if wanted else ()
    return {row.id: Shift(*row[:6], row.status, row.seq, row.source, row.rotation) for row in rows}


def _row(visit: Visit, swap: Swap, shifts: Mapping[int, Shift], team: Team) -> Row:
    key, badge = STATES[swap.state]
    to = visit.say("swap-anybody") if swap.taker is None else team.name(swap.taker)
    back = visit.say("swap-any") if swap.back == ANY else _words(visit, shifts.get(swap.back or 0))
    return Row(
        swap.id,
        visit.say("swap-what", giver=team.name(swap.giver), taker=to),
        _words(visit, shifts.get(swap.shift)),
        "" if swap.back is None else back,
        visit.say(key),
        badge,
    )


def _words(visit: Visit, shift: Shift | None) -> str:
    if shift is None:
        return "?"
    return beside(when(visit, shift.start, shift.end, zone_of(visit, shift.line)), place(visit, shift.line, shift.tier))


@dataclass(frozen=True, slots=True)
class Seat:
    """An open seat, and where somebody can be put in."""

    words: str
    url: str


def _seat(visit: Visit, shift: Shift) -> Seat:
    return Seat(_words(visit, shift), visit.url("rota_cell", shift=shift.id))


def _act(visit: Visit, number: int) -> Act[Swapped]:
    about = {"swap": number, "step": "done"}
    return Act(
        "swap",
        lambda desk, dry: swapping.approve(desk, number, visit.me.actor, visit.now, dry=dry),
        lambda done: mark_of(done.outcome, visit.now),
        lambda kept: about.items() <= kept.items(),
    )


def look(visit: Visit, swap: int) -> ResponseReturnValue:
    """One swap: what it would come to, and two buttons."""
    return _page(visit, numbered(swap))


def approve(visit: Visit, swap: int) -> ResponseReturnValue:
    """The shifts change hands, as was shown."""
    step = take(visit, _act(visit, numbered(swap)))
    match step:
        case Done():
            return visit.to("plan_swaps", done="done-swap", edit=step.edit)
        case Refused():
            return visit.page("rota/refused.html", 409, why=reasons(visit, step.error), leave="plan_swaps")
    return _page(visit, swap, step)


def refuse(visit: Visit, swap: int) -> ResponseReturnValue:
    """The coordinator says no; said twice, it is said once."""
    try:
        swapping.refuse(visit.site.desk, numbered(swap), visit.me.actor, visit.now)
    except UsageError as error:
        with visit.site.store.read() as connection:
            state = _found(connection, swap).state
        if state != "refused":
            return visit.page("rota/refused.html", 409, why=reasons(visit, error), leave="plan_swaps")
    return visit.to("plan_swaps", done="done-swap-refused")


def _found(connection: Connection, number: int) -> Swap:
    try:
        return read_swap(connection, number)
    except UsageError:
        gone()


def _page(visit: Visit, number: int, step: Shown[Swapped] | None = None) -> ResponseReturnValue:
    with visit.site.store.read() as connection:
        swap = _found(connection, number)
        team = read_team(connection, visit.now)
        shifts = _shifts(connection, [swap])
    row = _row(visit, swap, shifts, team)
    why: list[str] = []
    if step is None and swap.state == "accepted":
        try:
            step = rehearse(visit, _act(visit, number))
        except (UsageError, RotaError) as error:
            why = reasons(visit, error, team.names)
    shown = told(visit, step.result.outcome, team.names) if step else None
    context = {"row": row, "why": why, "told": shown, "open": swap.state in OPEN}
    status = step.status if step else 200
    return visit.page(
        "rota/swap.html",
        status,
        seen=step.seen if step else "",
        changed=bool(step and step.changed),
        **context,
    )
