"""Taking somebody off from now on, for an hour, say; afterwards they are on call again by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.pages.rota.outcomes import reasons, told
from helpline.pages.rota.picking import Typed, read_team
from helpline.pages.rota.steps import About, Act, Done, Preview, Refused, Shown, carried, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.editing import Desk, Outcome
from helpline.shifts.overriding import off
from helpline.shifts.reading import read_shifts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MINUTES = ("30", "60", "120", "240", "480")
FIELDS = ("person", "minutes", "alone")


def routes(_site: Site) -> tuple[Route, ...]:
    """The form."""
    return (
        Route("/rota/off", "plan_off", form, COORDINATOR),
        Route("/rota/off", "plan_off_now", save, COORDINATOR, "POST"),
    )


def form(visit: Visit) -> ResponseReturnValue:
    """The form; its address may name the person."""
    return _form(visit, Typed({"person": visit.asked("person"), "minutes": "60"}))


def save(visit: Visit) -> ResponseReturnValue:
    """Shows what it comes to, then does it; where nobody would be left, only for who insists."""
    typed = Typed({name: visit.field(name) for name in FIELDS})
    if visit.field("go") == "back":
        return _form(visit, typed)
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
    person = team.find(typed["person"])
    if person is None:
        typed.wrong["person"] = visit.say("wrong-person")
    if typed["minutes"] not in MINUTES:
        typed.wrong["minutes"] = visit.say("wrong-choice")
    if person is None or typed.wrong:
        return _form(visit, typed, 400)
    step = take(visit, _act(visit, person, int(typed["minutes"]) * 60, alone=typed["alone"] == "yes"))
    match step:
        case Done():
            return visit.to("plan_overrides", done="done-off", edit=step.edit)
        case Refused():
            typed.wrong |= {"": " ".join(reasons(visit, step.error, team.names))}
            return _form(visit, typed, 400, insist="even-alone" in str(step.error))
    return _preview(visit, step, typed, team.name(person))


def _act(visit: Visit, person: int, seconds: int, *, alone: bool) -> Act[Outcome]:
    def run(desk: Desk, dry: bool) -> Outcome:
        return off(desk, person, seconds, visit.me.actor, visit.now, even_alone=alone, dry=dry)

    def mark(outcome: Outcome) -> object:
        # Confirmed later it begins and ends later: what matters is who goes and who comes, where.
        people = sorted({(each.line, each.tier, each.gone, each.come) for each in outcome.differences})
        return people, sorted({(gap.line, gap.tier or 0, gap.missing) for gap in outcome.gaps})

    def mine(about: About) -> bool:
        return about.get("person") == person and about["end"] - about["start"] == seconds

    return Act("off", run, mark, mine)


def _form(visit: Visit, typed: Typed, status: int = 200, *, insist: bool = False) -> ResponseReturnValue:
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
        near = read_shifts(connection, visit.now, visit.now + int(MINUTES[-1]) * 60)
    soon = {shift.person for shift in near}
    people = [option for option in team.options if int(option[0]) in soon]
    minutes = [(each, visit.formats.hours(int(each) * 60)) for each in MINUTES]
    context = {"typed": typed, "people": [("", visit.say("choose-person")), *people], "minutes": minutes}
    return visit.page("rota/off.html", status, insist=insist, **context)


def _preview(visit: Visit, step: Shown[Outcome], typed: Typed, name: str) -> ResponseReturnValue:
    length = visit.formats.hours(int(typed["minutes"]) * 60)
    return show(
        visit,
        step,
        Preview(
            visit.say("off-title"),
            visit.say("off-what", name=name, length=length),
            visit.url("plan_off"),
            visit.say("off-do"),
            carried({name: typed[name] for name in FIELDS}),
            "plan_overrides",
            told(visit, step.result),
        ),
    )
