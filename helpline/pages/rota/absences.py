"""Absences: who is away when, never why; adding one shows first which shifts it takes from whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from helpline.pages.rota.moments import Moment, moment, read_day, read_time, today
from helpline.pages.rota.outcomes import reasons, told, when, zone_of
from helpline.pages.rota.picking import Team, Typed, read_team
from helpline.pages.rota.steps import About, Act, Done, Preview, Refused, Shown, carried, mark_of, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.absences import Away, Back, add_absence, end_absence
from helpline.shifts.reading import read_absences
from rota.model import Span
from rota.staff import Absence

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MOST = 60
"""Absences that the list shows at once."""
FIELDS = ("person", "first", "last", "from", "until", "kind")
KINDS = (("away", "absence-kind-away"), ("wish", "absence-kind-wish"))


def routes(_site: Site) -> tuple[Route, ...]:
    """The list, and two edits."""
    return (
        Route("/rota/absences", "plan_absences", listing, COORDINATOR),
        Route("/rota/absences/add", "plan_absence_add", add, COORDINATOR),
        Route("/rota/absences/add", "plan_absence_save", save, COORDINATOR, "POST"),
        Route("/rota/absences/end", "plan_absence_end", end, COORDINATOR, "POST"),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One absence as the list shows it."""

    id: int
    name: str
    when: str
    hard: bool
    going_on: bool


def listing(visit: Visit) -> ResponseReturnValue:
    """Who is away now or later, by when it begins."""
    most = MOST * (4 if visit.asked("all") else 1)
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
        found = read_absences(connection, visit.now)
    rows = [_row(visit, each, team) for each in found[:most]]
    return visit.page("rota/absences.html", rows=rows, more=len(found) - len(rows), edit=visit.asked("edit"))


def _row(visit: Visit, each: Absence, team: Team) -> Row:
    times = when(visit, each.start, each.end, zone_of(visit))
    return Row(each.id, team.name(each.person), times, each.hard, each.start <= visit.now)


def add(visit: Visit) -> ResponseReturnValue:
    """The form; its address may name the person and the first day."""
    given = {"person": visit.asked("person"), "first": visit.asked("first"), "kind": "away"}
    return _form(visit, Typed(given))


def save(visit: Visit) -> ResponseReturnValue:
    """Shows what it would take from whom, then does it."""
    typed = Typed({name: visit.field(name) for name in FIELDS})
    if visit.field("go") == "back":
        return _form(visit, typed)
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
    wanted = _read(visit, typed, team)
    if wanted is None:
        return _form(visit, typed, 400)
    step = take(visit, _act(visit, wanted))
    match step:
        case Done():
            return visit.to("plan_absences", done="done-absence", edit=step.edit)
        case Refused():
            typed.wrong |= {"": " ".join(reasons(visit, step.error, team.names))}
            return _form(visit, typed, 400)
    return _preview(visit, step, typed, wanted, team)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An absence as it was asked for, and what is to be said of its times."""

    person: int
    span: Span
    hard: bool
    notes: tuple[str, ...]


def _act(visit: Visit, wanted: Wanted) -> Act[Away]:
    def mine(about: About) -> bool:
        if about.get("person") != wanted.person or about.get("hard") != wanted.hard:
            return False
        with visit.site.store.read() as connection:
            kept = {each.id: each for each in read_absences(connection, visit.now)}
        return any(kept[number].end == wanted.span.end for number in about.get("absences", ()) if number in kept)

    return Act(
        "absence",
        lambda desk, dry: add_absence(
            desk, wanted.person, wanted.span, visit.me.actor, visit.now, hard=wanted.hard, dry=dry
        ),
        lambda away: mark_of(away.outcome, visit.now),
        mine,
    )


def _read(visit: Visit, typed: Typed, team: Team) -> Wanted | None:
    """What the form asks for; None when something is wrong with it, which is then noted."""
    person = team.find(typed["person"])
    if person is None:
        typed.wrong["person"] = visit.say("wrong-person")
    span = _read_span(visit, typed)
    if person is None or span is None:
        return None
    start, end = span
    notes = tuple(dict.fromkeys(each.note for each in span if each.note))
    return Wanted(person, Span(start.at, end.at), typed["kind"] != "wish", notes)


def _read_span(visit: Visit, typed: Typed) -> tuple[Moment, Moment] | None:
    """From the first day, or a time on it, to the last day's end, or a time on it; None, noted, if it can't be."""
    zone = zone_of(visit)
    days = {name: read_day(typed[name]) for name in ("first", "last") if typed[name]}
    times = {name: read_time(typed[name]) for name in ("from", "until") if typed[name]}
    typed.wrong |= {name: visit.say("wrong-day") for name, day in days.items() if day is None}
    typed.wrong |= {name: visit.say("wrong-time") for name, at in times.items() if at is None}
    if not typed["first"]:
        typed.wrong["first"] = visit.say("wrong-day")
    first = days.get("first")
    last = days.get("last") if typed["last"] else first
    if first is None or last is None or None in times.values():
        return None
    start = moment(visit, first, times.get("from") or time(), zone)
    until = times.get("until")
    end = moment(visit, last, until, zone) if until else moment(visit, last + timedelta(days=1), time(), zone)
    if end.at <= start.at:
        typed.wrong["last"] = visit.say("wrong-end")
    elif end.at <= visit.now:
        typed.wrong["last"] = visit.say("refused-past")
    return None if typed.wrong else (start, end)


def _form(visit: Visit, typed: Typed, status: int = 200) -> ResponseReturnValue:
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
    zone = zone_of(visit)
    kinds = [(value, visit.say(key)) for value, key in KINDS]
    context = {"typed": typed, "people": [("", visit.say("choose-person")), *team.options], "kinds": kinds}
    return visit.page("rota/absence_add.html", status, zone=zone.key, today=today(visit, zone).isoformat(), **context)


def _preview(visit: Visit, step: Shown[Away], typed: Typed, wanted: Wanted, team: Team) -> ResponseReturnValue:
    key = "absence-away" if wanted.hard else "absence-wish"
    times = when(visit, max(wanted.span.start, _minute(visit)), wanted.span.end, zone_of(visit))
    return show(
        visit,
        step,
        Preview(
            visit.say("absence-add-title"),
            visit.say(key, name=team.name(wanted.person), when=times),
            visit.url("plan_absence_add"),
            visit.say("absence-do"),
            carried({name: typed[name] for name in FIELDS}),
            "plan_absences",
            told(visit, step.result.outcome, team.names),
            notes=(visit.say(f"{key}-note"), *wanted.notes),
        ),
    )


def _minute(visit: Visit) -> int:
    """Now, in whole minutes: an absence that has begun begins now."""
    return visit.now // 60 * 60


def end(visit: Visit) -> ResponseReturnValue:
    """Shows what it means that somebody is there after all, then does it; `shifts` asks for their shifts as well."""
    number = visit.field("absence")
    if not number.isdecimal():
        return visit.to("plan_absences")
    act = Act(
        "absence-end",
        lambda desk, dry: end_absence(desk, int(number), visit.me.actor, visit.now, dry=dry),
        lambda back: back.absence,
        lambda about: about.get("absences") == [int(number)],
    )
    step = take(visit, act)
    match step:
        case Done():
            return visit.to("plan_absences", done="done-absence-end")
        case Refused():
            return visit.page("rota/refused.html", 409, why=reasons(visit, step.error), leave="plan_absences")
    return _end_preview(visit, step)


def _end_preview(visit: Visit, step: Shown[Back]) -> ResponseReturnValue:
    absence, took = step.result.absence, step.result.took
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
    times = when(visit, absence.start, absence.end, zone_of(visit))
    return show(
        visit,
        step,
        Preview(
            visit.say("absence-end-title"),
            visit.say("absence-end-what", name=team.name(absence.person), when=times),
            visit.url("plan_absence_end"),
            visit.say("absence-end-do"),
            (("absence", str(absence.id)),),
            "plan_absences",
            notes=() if took is None else (visit.say("absence-end-shifts"),),
            back=False,
        ),
        also=None if took is None else (visit.url("plan_undo", edit=took), visit.say("absence-end-undo")),
    )
