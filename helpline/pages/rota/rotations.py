"""Rotations: people who take turns. Beginning, changing and ending one shows the next four weeks first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from helpline.lines import Line
from helpline.pages.rota.moments import today
from helpline.pages.rota.outcomes import line_name, reasons, told, zone_of
from helpline.pages.rota.picking import Team, line_options, read_team, tier_options
from helpline.pages.rota.rotation_form import Draft, Form, changes_of, fill, members, order_before, read, sent
from helpline.pages.rota.rotation_words import Described, describe, order_on, remarks, table, weekday_options
from helpline.pages.rota.steps import About, Act, Done, Preview, Refused, Shown, carried, mark_of, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit, gone
from helpline.shifts.editing import Desk
from helpline.shifts.rotations import Made, change, create
from helpline.shifts.versions import read_rotations
from rota.staff import Rotation

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

UNITS = {"day": "unit-day", "week": "unit-week", "month": "unit-month"}


def routes(_site: Site) -> tuple[Route, ...]:
    """The list, beginning one and changing one."""
    return (
        Route("/rota/rotations", "plan_rotations", listing, COORDINATOR),
        Route("/rota/rotations/add", "plan_rotation_add", add, COORDINATOR),
        Route("/rota/rotations/add", "plan_rotation_begin", begin, COORDINATOR, "POST"),
        Route("/rota/rotations/change", "plan_rotation_change", edit, COORDINATOR),
        Route("/rota/rotations/change", "plan_rotation_save", save, COORDINATOR, "POST"),
    )


def listing(visit: Visit) -> ResponseReturnValue:
    """Every line's rotations, as they are now and from when on otherwise."""
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
        versions = [each for each in read_rotations(connection) if _lasts(visit, each)]
    lines = []
    for name, own in groupby(versions, key=lambda each: each.line):
        rotations: dict[str, list[Described]] = {}
        for version in sorted(own, key=lambda each: (each.tier, each.name, each.since)):
            rotations.setdefault(version.name, []).append(describe(visit, version, team))
        lines.append((line_name(visit, name), list(rotations.values())))
    return visit.page("rota/rotations.html", lines=lines, edit=visit.asked("edit"))


def _lasts(visit: Visit, version: Rotation) -> bool:
    if version.line not in visit.site.lines:
        return False
    day = today(visit, zone_of(visit, version.line))
    return version.until is None or version.until > max(day, version.since)


def add(visit: Visit) -> ResponseReturnValue:
    """An empty form, from next Monday on."""
    day = today(visit, zone_of(visit))
    monday = day + timedelta(days=7 - day.weekday())
    days = tuple(str(number) for number in range(1, 8))
    form = Form({"unit": "week", "every": "1", "since": monday.isoformat(), "line": visit.asked("line")}, days=days)
    return _form(visit, form, _team(visit), "plan_rotation_add")


def begin(visit: Visit) -> ResponseReturnValue:
    """Shows the weeks to come, then begins it."""
    team = _team(visit)
    form = sent(visit, team)
    if visit.field("go") == "back":
        return _form(visit, form, team, "plan_rotation_add")
    draft = read(visit, form)
    if draft is None:
        return _form(visit, form, team, "plan_rotation_add", 400)

    def run(desk: Desk, dry: bool) -> Made:
        return create(desk, draft.rotation(), visit.me.actor, visit.now, dry=dry)

    return _settle(visit, run, form, draft, team, "plan_rotation_add")


def edit(visit: Visit) -> ResponseReturnValue:
    """The form as the rotation stands, from tomorrow on."""
    line = visit.site.line(visit.asked("line"))
    team = _team(visit)
    since = today(visit, line.zone) + timedelta(days=1)
    old = standing(visit, line, visit.asked("name"), since)
    if old is None:
        gone()
    since = max(since, old.since)
    return _form(visit, fill(old, order_on(old, since), since), team, "plan_rotation_change")


def save(visit: Visit) -> ResponseReturnValue:
    """Shows what changes from the day on that was chosen, then changes it."""
    team = _team(visit)
    form = sent(visit, team)
    if visit.field("go") == "back":
        return _form(visit, form, team, "plan_rotation_change")
    draft = read(visit, form)
    if draft is None:
        return _form(visit, form, team, "plan_rotation_change", 400)
    old = standing(visit, draft.line, draft.name, draft.since)
    if old is None:
        form.wrong[""] = visit.say("refused-rotation-gone")
        return _form(visit, form, team, "plan_rotation_change", 409)
    changes = changes_of(draft, old, order_before(form))
    if not changes:
        form.wrong[""] = visit.say("rotation-unchanged")
        return _form(visit, form, team, "plan_rotation_change", 400)

    def run(desk: Desk, dry: bool) -> Made:
        return change(desk, (draft.line.name, draft.name), draft.since, changes, visit.me.actor, visit.now, dry=dry)

    return _settle(visit, run, form, draft, team, "plan_rotation_change")


def rotation_act(visit: Visit, run: Callable[[Desk, bool], Made], line: str, name: str, since: date) -> Act[Made]:
    """An edit of one rotation."""
    about = {"line": line, "rotation": name, "since": since.isoformat()}

    def mine(kept: About) -> bool:
        return about.items() <= kept.items()

    return Act("rotation", run, lambda made: mark_of(made.outcome, visit.now), mine)


def in_force(versions: Iterable[Rotation], day: date) -> Rotation | None:
    """The version that speaks for that day, or the first to come; None when the rotation has ended by then."""
    real = [each for each in versions if each.until is None or max(each.since, day) < each.until]
    return min(real, key=lambda each: each.since, default=None)


def standing(visit: Visit, line: Line, name: str, day: date) -> Rotation | None:
    """The version of a rotation that speaks for that day, or the first to come."""
    with visit.site.store.read() as connection:
        return in_force(read_rotations(connection, line=line.name, name=name), day)


def _team(visit: Visit) -> Team:
    with visit.site.store.read() as connection:
        return read_team(connection, visit.now)


def _settle(
    visit: Visit, run: Callable[[Desk, bool], Made], form: Form, draft: Draft, team: Team, endpoint: str
) -> ResponseReturnValue:
    line = draft.line
    step = take(visit, rotation_act(visit, run, line.name, draft.name, draft.since))
    match step:
        case Done():
            return visit.to("plan_rotations", done="done-rotation", edit=step.edit)
        case Refused():
            form.wrong |= {"": " ".join(reasons(visit, step.error, team.names, line.name))}
            return _form(visit, form, team, endpoint, 400)
    return _preview(visit, step, form, draft, team, endpoint)


def _form(visit: Visit, form: Form, team: Team, endpoint: str, status: int = 200) -> ResponseReturnValue:
    changing = endpoint == "plan_rotation_change"
    lines = list(visit.site.lines.values())
    return visit.page(
        "rota/rotation_form.html",
        status,
        typed=form,
        endpoint=endpoint,
        title=visit.say("rotation-change-title", name=form["name"]) if changing else visit.say("rotation-add-title"),
        changing=changing,
        members=members(form, team),
        lines=[] if changing or len(lines) == 1 else line_options(visit),
        tiers=[] if changing or max(line.settings.tiers for line in lines) == 1 else tier_options(visit, lines),
        days=weekday_options(visit),
        units=[(unit, visit.say(key)) for unit, key in UNITS.items()],
    )


def _preview(
    visit: Visit, step: Shown[Made], form: Form, draft: Draft, team: Team, endpoint: str
) -> ResponseReturnValue:
    made = step.result
    changing = endpoint == "plan_rotation_change"
    shown = describe(visit, made.rotation, team)
    order = ", ".join(map(team.name, order_on(made.rotation, draft.since)))
    values = {"name": draft.name, "times": shown.times, "turns": shown.turns, "since": shown.since, "people": order}
    return show(
        visit,
        step,
        Preview(
            visit.say("rotation-change-title", name=draft.name) if changing else visit.say("rotation-add-title"),
            visit.say("rotation-what", **values),
            visit.url(endpoint),
            visit.say("rotation-change-do" if changing else "rotation-add-do"),
            carried(form.carried()),
            "plan_rotations",
            told(visit, made.outcome, team.names),
            notes=remarks(visit, made, draft.line),
        ),
        table=table(visit, made, draft.line, team),
    )
