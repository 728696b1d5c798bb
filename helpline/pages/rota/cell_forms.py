"""The page of a seat, and what becomes of its form.

Who could take a seat of nobody without anything against it gets it by one tap, which can be undone; everything else is
shown before it is done (`helpline.pages.rota.steps`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.formats import local
from helpline.pages.numbers import row_number
from helpline.pages.rota import cell_seats
from helpline.pages.rota.cell_seats import Candidate, Seat, Sight
from helpline.pages.rota.cell_undo import Place, repeated
from helpline.pages.rota.moments import moment, read_day, read_time
from helpline.pages.rota.outcomes import beside, lacking, read_names, reasons, told, when
from helpline.pages.rota.steps import Act, Done, Preview, Refused, Shown, carried, show, take
from helpline.pages.site import Visit
from helpline.shifts.editing import Outcome
from helpline.shifts.reading import read_shifts
from helpline.shifts.seating import Overtaken
from rota.model import Shift, Span

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

OPEN, DROP = "open", "drop"
"""In place of a person: nobody yet, and nobody any more."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What an address names: a stretch of a line and tier; `seat` is what is there, None if that is over or changed.

    `action` is where its form is sent, `fields` what that carries.
    """

    line: Line
    tier: int | None
    span: Span
    place: Place
    seat: Seat | None
    action: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was chosen and typed: to whom ("12", `OPEN`, `DROP`), from when until when, in which tier."""

    to: str
    since: str
    until: str
    level: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a seat: to whom, over which span, in which tier, and what is to be known of the times."""

    to: int | None
    drop: bool
    span: Span
    tier: int
    notes: tuple[str, ...]


def written(at: int, line: Line) -> str:
    """An instant as a field for local times has it."""
    return f"{local(at, line.zone):%Y-%m-%dT%H:%M}"


def page(
    visit: Visit, cell: Cell, *, typed: Typed | None = None, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    """What is there, who could have it, and the form."""
    if cell.seat is None:
        return moved(visit, cell, status)
    sight = cell_seats.read(visit, cell.seat)
    return _page(visit, cell, cell.seat, sight, typed or _whole(cell.seat, cell.line), wrong or {}, status)


def _page(
    visit: Visit, cell: Cell, seat: Seat, sight: Sight, typed: Typed, wrong: dict[str, str], status: int
) -> Response:
    return visit.page(
        "rota/cell.html",
        status,
        cell=cell,
        seat=seat,
        sight=sight,
        typed=typed,
        wrong=wrong,
        title=when(visit, seat.start, seat.end, cell.line.zone),
        where=beside(cell.line.flow.spoken[visit.language], _tier_of(visit, cell, seat.tier)),
        what=lacking(visit, seat.gap) if seat.gap else "",
        begun=seat.shift is not None and seat.shift.start < visit.now,
        beside=_beside(visit, cell, sight.beside, sight.name),
        offers=[offer(cell, sight, each) for each in sight.first],
        groups=_groups(visit, sight),
        levels=_levels(visit, cell, seat),
        back=cell.place.url(visit),
    )


def offer(cell: Cell, sight: Sight, one: Candidate) -> tuple[Candidate, dict[str, str]]:
    """A candidate, and what the form of their button carries: a seat of nobody is given by one tap."""
    at_once = one.free and not sight.seat.held
    values = {
        "to": str(one.person),
        "level": "" if sight.seat.tier else str(one.tier),
        "back": cell.place.back,
        "go": "now" if at_once else "",
    }
    return one, dict(cell.fields) | values


def _groups(visit: Visit, sight: Sight) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everybody to choose from, by how well it would go, and nobody."""
    free, able, others = list[tuple[str, str]](), list[tuple[str, str]](), list[tuple[str, str]]()
    for one in sight.candidates:
        group = free if one.free else able if one.able else others
        group.append((str(one.person), " \u2013 ".join((one.name, *one.why[:1]))))
    nobody = [(OPEN, visit.say("cell-open"))] if sight.seat.held else []
    nobody += [(DROP, visit.say("cell-drop"))] if sight.seat.shift else []
    return [
        (visit.say("cell-free"), free),
        (visit.say("cell-able"), able),
        (visit.say("cell-unable"), others),
        (visit.say("calendar-nobody"), nobody),
    ]


def _levels(visit: Visit, cell: Cell, seat: Seat) -> list[tuple[str, str]]:
    """The tiers to choose from, where the line wants somebody in whichever."""
    tiers = range(1, cell.line.settings.tiers + 1) if seat.tier is None else ()
    return [(str(tier), visit.say("calendar-tier", tier=tier)) for tier in tiers] if len(tiers) > 1 else []


def moved(visit: Visit, cell: Cell, status: int) -> Response:
    """What was seen isn't there any more: what stands there now."""
    with visit.site.store.read() as connection:
        found = read_shifts(connection, cell.span.start, cell.span.end, line=cell.line.name)
    names = read_names(visit)
    stands = [shift for shift in found if cell.tier in {None, shift.tier}]
    return visit.page(
        "rota/cell_moved.html",
        status,
        title=when(visit, cell.span.start, cell.span.end, cell.line.zone),
        over=cell.span.end <= visit.now,
        stands=_beside(visit, cell, stands, lambda person: names.get(person or 0, "")),
        back=cell.place.url(visit),
    )


def _beside(
    visit: Visit, cell: Cell, shifts: list[Shift] | tuple[Shift, ...], name: Callable[[int | None], str]
) -> list[tuple[str, str, str]]:
    """Other seats: who or "", when, and where that leads ("" once it is over)."""
    return [
        (
            name(shift.person),
            beside(_tier_of(visit, cell, shift.tier), _times_of(visit, cell, shift)),
            visit.url("rota_cell", shift=shift.id, back=cell.place.back) if shift.end > visit.now else "",
        )
        for shift in shifts
    ]


def _tier_of(visit: Visit, cell: Cell, tier: int | None) -> str:
    return visit.say("calendar-tier", tier=tier) if tier and cell.line.settings.tiers > 1 else ""


def _times_of(visit: Visit, cell: Cell, shift: Shift) -> str:
    """When it is, if that isn't when the cell is."""
    return "" if shift.span == cell.span else when(visit, shift.start, shift.end, cell.line.zone)


def change(visit: Visit, cell: Cell, act: Callable[[Wish], Act[Outcome]]) -> ResponseReturnValue:
    """What becomes of a cell's form: shown, done, or refused."""
    seat = cell.seat or Seat(cell.span.start, cell.span.end, cell.line.name, cell.tier, frozenset(), "all", None, None)
    whole = _whole(seat, cell.line)
    typed = Typed(
        visit.field("to"),
        visit.field("since") or whole.since,
        visit.field("until") or whole.until,
        visit.field("level"),
    )
    sight = cell_seats.read(visit, seat)
    wish, wrong = _understood(visit, cell, sight, typed, whole)
    if wish is None or visit.field("go") == "back":
        return (
            _page(visit, cell, seat, sight, typed, wrong, 400 if wrong else 200)
            if cell.seat
            else moved(visit, cell, 409)
        )
    made = act(wish)
    step = take(visit, made)
    match step:
        case Done():
            return _done(visit, cell, wish, step.edit)
        case Shown():
            return show(visit, step, _preview(visit, cell, sight, typed, wish, step.result))
        case Refused():
            # Tapped twice: the second finds done what the first has done.
            again = repeated(visit, made)
            if again is not None:
                return _done(visit, cell, wish, again)
            if isinstance(step.error, Overtaken) or cell.seat is None:
                return moved(visit, cell, 409)
            why = reasons(visit, step.error, line=cell.line.name)
            return _page(visit, cell, seat, sight, typed, {"to": " ".join(why)}, 400)


def _done(visit: Visit, cell: Cell, wish: Wish, edit: int | None) -> ResponseReturnValue:
    if wish.drop:
        return cell.place.lead(visit, "done-seat-dropped", edit)
    return cell.place.lead(visit, "done-seat-opened" if wish.to is None else "done-seat-given", edit)


def _whole(seat: Seat, line: Line) -> Typed:
    return Typed("", written(seat.start, line), written(seat.end, line), "")


def _understood(
    visit: Visit, cell: Cell, sight: Sight, typed: Typed, whole: Typed
) -> tuple[Wish | None, dict[str, str]]:
    """What the form says; or what is wrong with it, by its fields."""
    seat, wrong, notes = sight.seat, dict[str, str](), list[str]()
    person = row_number(typed.to)
    nobody = typed.to in {OPEN, DROP} and seat.shift is not None
    if not nobody and (person is None or person not in sight.bench.staff):
        wrong["to"] = visit.say("cell-choose-somebody")
    ends = {"since": seat.start, "until": seat.end}
    for name, text in (("since", typed.since), ("until", typed.until)):
        if text == getattr(whole, name):
            continue  # the very instant, also where the clocks show it twice
        day, _, time = text.replace("T", " ").partition(" ")
        read, at = read_day(day), read_time(time.strip())
        if read is None or at is None:
            wrong[name] = visit.say("cell-wrong-time")
            continue
        found = moment(visit, read, at, cell.line.zone)
        ends[name] = found.at
        notes += [found.note] if found.note else []
    if not wrong and ends["since"] >= ends["until"]:
        wrong["until"] = visit.say("cell-wrong-order")
    if wrong:
        return None, wrong
    tier = seat.tier or _tier(cell, sight, person, typed.level)
    return Wish(person, typed.to == DROP, Span(ends["since"], ends["until"]), tier, tuple(notes)), {}


def _tier(cell: Cell, sight: Sight, person: int | None, level: str) -> int:
    """Where somebody is put whom the line wants in whichever tier."""
    if level.isascii() and level.isdigit() and len(level) == 1 and 0 < int(level) <= cell.line.settings.tiers:
        return int(level)
    return cell_seats.first_tier(sight.bench.staff[person]) if person else 1


def _preview(visit: Visit, cell: Cell, sight: Sight, typed: Typed, wish: Wish, outcome: Outcome) -> Preview:
    shift = sight.seat.shift
    holder = sight.name(shift.person) if shift else ""
    names = {each.id: each.name for each in sight.bench.staff.values()}
    span = wish.span
    if wish.drop:
        key, button, span = "cell-would-drop", "cell-drop", sight.seat
    elif wish.to is None:
        key, button = "cell-would-open", "cell-open"
    else:
        key, button = ("cell-would-replace" if holder else "cell-would-give"), "cell-give"
    texts = {
        "name": names.get(wish.to or 0, ""),
        "holder": holder,
        "when": when(visit, span.start, span.end, cell.line.zone),
    }
    fields = {"to": typed.to, "since": typed.since, "until": typed.until, "level": typed.level, "back": cell.place.back}
    return Preview(
        title=visit.say("cell-preview"),
        sentence=visit.say(key, **texts),
        action=cell.action,
        button=visit.say(button, name=texts["name"]),
        fields=(*cell.fields, *carried(fields)),
        leave="rota_calendar",
        told=told(visit, outcome, names),
        notes=wish.notes,
        kind="danger" if wish.to is None else "",
    )
