"""Ending a rotation: what it would have made is no more, from a day on; published shifts stay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.rota.moments import today
from helpline.pages.rota.outcomes import reasons, told
from helpline.pages.rota.picking import read_team
from helpline.pages.rota.rotation_form import Form, read_since
from helpline.pages.rota.rotation_words import remarks
from helpline.pages.rota.rotations import rotation_act, standing
from helpline.pages.rota.steps import Done, Preview, Refused, Shown, carried, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.editing import Desk
from helpline.shifts.rotations import Made, end

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def routes(_site: Site) -> tuple[Route, ...]:
    """The question, and its answer."""
    return (
        Route("/rota/rotations/end", "plan_rotation_end", ask, COORDINATOR),
        Route("/rota/rotations/end", "plan_rotation_finish", finish, COORDINATOR, "POST"),
    )


def ask(visit: Visit) -> ResponseReturnValue:
    """From which day on there shall be none of its shifts."""
    line = visit.site.line(visit.asked("line"))
    since = today(visit, line.zone) + timedelta(days=1)
    old = standing(visit, line, visit.asked("name"), since)
    if old is None:
        gone()
    form = Form({"line": line.name, "name": old.name, "since": max(since, old.since).isoformat()})
    return visit.page("rota/rotation_end.html", typed=form)


def finish(visit: Visit) -> ResponseReturnValue:
    """Shows what goes with it, then ends it."""
    line = visit.site.line(visit.field("line"))
    form = Form({name: visit.field(name) for name in ("line", "name", "since")})
    since = read_since(visit, form, line)
    if since is None or visit.field("go") == "back":
        return visit.page("rota/rotation_end.html", 400 if form.wrong else 200, typed=form)
    name = form["name"]

    def run(desk: Desk, dry: bool) -> Made:
        return end(desk, (line.name, name), since, visit.me.actor, visit.now, dry=dry)

    step = take(visit, rotation_act(visit, run, line.name, name, since))
    match step:
        case Done():
            return visit.to("plan_rotations", done="done-rotation-end", edit=step.edit)
        case Refused():
            form.wrong |= {"": " ".join(reasons(visit, step.error, line=line.name))}
            return visit.page("rota/rotation_end.html", 409, typed=form)
    return _preview(visit, step, form, line)


def _preview(visit: Visit, step: Shown[Made], form: Form, line: Line) -> ResponseReturnValue:
    made, until = step.result, step.result.rotation.until or step.result.rotation.since
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
    return show(
        visit,
        step,
        Preview(
            visit.say("rotation-end-title"),
            visit.say("rotation-end-what", name=form["name"], day=visit.formats.date(until, year=True)),
            visit.url("plan_rotation_end"),
            visit.say("rotation-end-do"),
            carried(dict(form.values)),
            "plan_rotations",
            told(visit, made.outcome, team.names),
            notes=remarks(visit, made, line),
            kind="danger",
        ),
    )
