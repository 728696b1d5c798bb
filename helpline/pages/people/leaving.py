"""Somebody leaves: which shifts that opens is shown first. Or they stay after all, and have their shifts again."""

from __future__ import annotations

import json
from datetime import time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from helpline.errors import UsageError
from helpline.pages.people import details
from helpline.pages.rota.moments import moment, read_day, today
from helpline.pages.rota.outcomes import reasons, told, zone_of
from helpline.pages.rota.picking import Typed
from helpline.pages.rota.steps import About, Act, Done, Preview, Refused, Shown, carried, mark_of, show, take
from helpline.pages.site import Visit
from helpline.shifts.absences import Left, leave
from helpline.shifts.editing import Desk, Outcome, undo_edit
from helpline.store.rota_tables import RotaEdit

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def ask(visit: Visit, person: int) -> ResponseReturnValue:
    """The form: their last day."""
    return _form(visit, person, Typed({}))


def save(visit: Visit, person: int) -> ResponseReturnValue:
    """Shows what it opens, then does it."""
    typed = Typed({"last": visit.field("last"), "at": visit.field("at")})
    if visit.field("go") == "back":
        return _form(visit, person, typed)
    name, at = _name(visit, person), _at(visit, typed)
    if at is None:
        return _form(visit, person, typed)

    def run(desk: Desk, dry: bool) -> Left:
        return leave(desk, person, at, visit.me.actor, visit.now, dry=dry)

    def mine(about: About) -> bool:
        return about.get("person") == person and about.get("at") is not None

    step = take(visit, Act("leave", run, lambda left: mark_of(left.outcome, visit.now), mine))
    match step:
        case Done():
            return visit.to("people_one", person=person, done="done-leave")
        case Refused():
            typed.wrong["last"] = " ".join(reasons(visit, step.error))
            return _form(visit, person, typed, 409)
    return _preview(visit, person, name, step, typed)


def _preview(visit: Visit, person: int, name: str, step: Shown[Left], typed: Typed) -> ResponseReturnValue:
    day = read_day(typed["last"]) or today(visit, zone_of(visit))
    sentence = visit.say("leave-what", name=name, day=visit.formats.date(day, year=True))
    rotations = step.result.rotations
    return show(
        visit,
        step,
        Preview(
            visit.say("leave", name=name),
            sentence if typed["last"] else visit.say("leave-what-now", name=name),
            visit.url("people_leave_save", person=person),
            visit.say("leave-do"),
            carried(typed.values),
            "people",
            told(visit, step.result.outcome),
            warnings=(visit.say("leave-rotations", rotations=", ".join(rotations)),) if rotations else (),
            kind="danger",
        ),
    )


def _at(visit: Visit, typed: Typed) -> int | None:
    """From when on they aren't there: the end of their last day, or now. None, and noted, if it can't be read."""
    if typed["at"] == "now":
        typed.values["last"] = ""
        return visit.now
    day = read_day(typed["last"])
    if day is None:
        typed.wrong["last"] = visit.say("wrong-day")
        return None
    at = moment(visit, day + timedelta(days=1), time(), zone_of(visit)).at
    if at < visit.now:
        typed.wrong["last"] = visit.say("refused-past")
        return None
    return at


def stay(visit: Visit, person: int) -> ResponseReturnValue:
    """They stay after all: with the shifts that their leaving opened, where those are still open."""
    name = _name(visit, person)
    step = take(visit, _staying(visit, person))
    match step:
        case Done():
            return visit.to("people_one", person=person, done="done-stay")
        case Refused():
            return visit.page("rota/refused.html", 409, why=reasons(visit, step.error), leave="people")
    return show(
        visit,
        step,
        Preview(
            visit.say("stay", name=name),
            visit.say("stay-what", name=name),
            visit.url("people_stay", person=person),
            visit.say("stay-do"),
            (),
            "people",
            told(visit, step.result),
            back=False,
        ),
    )


def _staying(visit: Visit, person: int) -> Act[Outcome]:
    """Undoes the edit by which they leave; where the rota has changed too much for that, they stay without shifts."""
    with visit.site.store.read() as connection:
        edit = _leaving(connection, person)

    def run(desk: Desk, dry: bool) -> Outcome:
        if edit is not None:
            try:
                return undo_edit(desk, edit, visit.me.actor, visit.now, dry=dry)
            except UsageError:
                pass
        return leave(desk, person, None, visit.me.actor, visit.now, dry=dry).outcome

    def mine(about: About) -> bool:
        return about.get("edit") == edit

    return Act("undo", run, lambda outcome: mark_of(outcome, visit.now), mine)


def _leaving(connection: Connection, person: int) -> int | None:
    """The edit that said they leave, if it stands."""
    rows = connection.execute(
        select(RotaEdit.id, RotaEdit.about)
        .where(RotaEdit.kind == "leave", RotaEdit.undone_by.is_(None))
        .order_by(RotaEdit.id.desc())
    )
    found = ((row.id, json.loads(row.about)) for row in rows)
    own = next(((number, about) for number, about in found if about["person"] == person), None)
    return own[0] if own and own[1]["at"] is not None else None


def _form(visit: Visit, person: int, typed: Typed, status: int = 400) -> ResponseReturnValue:
    name, day = _name(visit, person), today(visit, zone_of(visit)).isoformat()
    shown = status if typed.wrong else 200
    return visit.page("people/leave.html", shown, person=person, name=name, typed=typed, today=day)


def _name(visit: Visit, person: int) -> str:
    with visit.site.store.read() as connection:
        name: str = details.read_row(connection, person).name
    return name
