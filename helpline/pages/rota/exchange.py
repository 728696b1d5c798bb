"""Two shifts exchange their holders: dropped on one another in the calendar, or chosen from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.errors import UsageError
from helpline.pages.numbers import row_number
from helpline.pages.rota.cell_forms import moved
from helpline.pages.rota.cell_seats import one_shift
from helpline.pages.rota.cell_undo import Place, repeated
from helpline.pages.rota.cells import cell_of
from helpline.pages.rota.outcomes import Names, beside, read_names, reasons, told, when
from helpline.pages.rota.steps import About, Act, Done, Preview, Refused, Shown, mark_of, rehearse, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.editing import Desk, Outcome
from helpline.shifts.reading import read_shifts
from helpline.shifts.seating import Overtaken, exchange
from rota.model import RotaError, Shift, Span
from rota.staff import DAY

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

AROUND = 14 * DAY
"""Seconds around a shift from which others are offered for it."""


def routes(_site: Site) -> tuple[Route, ...]:
    """`/rota/exchange`."""
    return (
        Route("/rota/exchange", "rota_exchange", show_exchange, COORDINATOR),
        Route("/rota/exchange", "rota_exchange_make", make_exchange, COORDINATOR, "POST"),
    )


def show_exchange(visit: Visit) -> ResponseReturnValue:
    """What it would come to, for two shifts; the list of those that could be exchanged, for one."""
    first, second = row_number(visit.asked("a")), row_number(visit.asked("b"))
    if first is None:
        gone()
    if second is None:
        return _choose(visit, first, visit.asked("back"))
    act = _act(visit, first, second)
    try:
        step = rehearse(visit, act)
    except (UsageError, RotaError) as error:
        return _choose(visit, first, visit.asked("back"), error, str(second))
    return _shown(visit, first, second, step, visit.asked("back"))


def make_exchange(visit: Visit) -> ResponseReturnValue:
    """Exchanges them as it was shown."""
    first, second, back = row_number(visit.field("a")), row_number(visit.field("b")), visit.field("back")
    if first is None or second is None:
        gone()
    if visit.field("go") == "back":
        return _choose(visit, first, back, chosen=str(second))
    act = _act(visit, first, second)
    step = take(visit, act)
    match step:
        case Done():
            return _place(visit, first, back).lead(visit, "done-exchanged", step.edit)
        case Shown():
            return _shown(visit, first, second, step, back)
        case Refused():
            again = repeated(visit, act)
            if again is not None:
                return _place(visit, first, back).lead(visit, "done-exchanged", again)
            return _choose(visit, first, back, step.error, str(second))


def _act(visit: Visit, first: int, second: int) -> Act[Outcome]:
    def run(desk: Desk, dry: bool) -> Outcome:
        return exchange(desk, first, second, visit.me.actor, visit.now, dry=dry)

    def mine(about: About) -> bool:
        return (about.get("shift"), about.get("back")) == (first, second)

    return Act("exchange", run, lambda outcome: mark_of(outcome, visit.now), mine)


def _shown(visit: Visit, first: int, second: int, step: Shown[Outcome], back: str) -> Response:
    names = read_names(visit)
    one, other = _told(visit, first, names), _told(visit, second, names)
    preview = Preview(
        title=visit.say("exchange-title"),
        sentence=visit.say("exchange-would", one=one, other=other),
        action=visit.url("rota_exchange"),
        button=visit.say("exchange-do"),
        fields=(("a", str(first)), ("b", str(second)), *((("back", back),) if back else ())),
        leave="rota_calendar",
        told=told(visit, step.result, names),
    )
    return show(visit, step, preview)


def _choose(
    visit: Visit, first: int, back: str, error: UsageError | RotaError | None = None, chosen: str = ""
) -> Response:
    """The shifts around one that could be exchanged for it."""
    shift = one_shift(visit, first)
    if shift is None:
        gone()
    cell = cell_of(visit, shift, back)
    if cell.seat is None:
        return moved(visit, cell, 409 if error else 200)
    with visit.site.store.read() as connection:
        span = Span(max(visit.now, shift.start - AROUND), shift.end + AROUND)
        found = read_shifts(connection, span.start, span.end, line=shift.line)
    names = read_names(visit)
    return visit.page(
        "rota/exchange.html",
        200 if error is None else 409 if isinstance(error, Overtaken) else 400,
        shift=shift,
        told=_words(visit, shift, names),
        options=[(str(s.id), _words(visit, s, names)) for s in found if s.person not in {None, shift.person}],
        chosen=chosen,
        reasons=[] if error is None else _why(visit, error, shift.line),
        where=cell.place,
        back=cell.place.url(visit),
    )


def _why(visit: Visit, error: UsageError | RotaError, line: str) -> list[str]:
    return [visit.say("cell-moved")] if isinstance(error, Overtaken) else reasons(visit, error, line=line)


def _told(visit: Visit, number: int, names: Names) -> str:
    shift = one_shift(visit, number)
    return "?" if shift is None else _words(visit, shift, names)


def _words(visit: Visit, shift: Shift, names: Names) -> str:
    line = visit.site.lines[shift.line]
    who = visit.say("calendar-open") if shift.person is None else names.get(shift.person, "?")
    tier = visit.say("calendar-tier", tier=shift.tier) if line.settings.tiers > 1 else ""
    return beside(beside(when(visit, shift.start, shift.end, line.zone), tier), who)


def _place(visit: Visit, number: int, back: str) -> Place:
    shift = one_shift(visit, number)
    if shift is None:
        gone()
    return cell_of(visit, shift, back).place
