"""Overrides: somebody put in for somebody else for a while; and taking somebody off from now on, for an hour, say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from helpline.lines import Line
from helpline.pages.formats import local
from helpline.pages.rota.moments import Moment, moment, read_day, read_time
from helpline.pages.rota.outcomes import beside, line_name, place, reasons, told, when, zone_of
from helpline.pages.rota.picking import Options, Team, Typed, chosen_line, line_options, read_team, tier_options
from helpline.pages.rota.steps import Act, Done, Preview, Refused, Shown, carried, mark_of, show, take
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.editing import Outcome
from helpline.shifts.overriding import override
from helpline.store.rota_tables import Override as OverrideRow
from rota.model import Span

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MOST = 60
"""Overrides that the list shows at once."""
FIELDS = ("line", "tier", "remove", "add", "first", "from", "last", "until")


def routes(_site: Site) -> tuple[Route, ...]:
    """The list and the form."""
    return (
        Route("/rota/overrides", "plan_overrides", listing, COORDINATOR),
        Route("/rota/overrides/add", "plan_override_add", add, COORDINATOR),
        Route("/rota/overrides/add", "plan_override_save", save, COORDINATOR, "POST"),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One override as the list shows it; `edit` is what it is taken back by."""

    edit: int
    what: str
    when: str
    going_on: bool


def listing(visit: Visit) -> ResponseReturnValue:
    """The overrides that aren't over, by when they begin."""
    most = MOST * (4 if visit.asked("all") else 1)
    wanted = (
        select(*OverrideRow.__table__.c)
        .where(OverrideRow.ends_at > visit.now)
        .order_by(OverrideRow.starts_at, OverrideRow.id)
    )
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
        found = connection.execute(wanted).all()
    rows = [
        Row(
            row.edit,
            beside(sentence(visit, team, row.remove, row.add), place(visit, row.line, row.tier)),
            when(visit, row.starts_at, row.ends_at, zone_of(visit, row.line)),
            row.starts_at <= visit.now,
        )
        for row in found[:most]
    ]
    return visit.page("rota/overrides.html", rows=rows, more=len(found) - len(rows), edit=visit.asked("edit"))


def sentence(visit: Visit, team: Team, remove: int | None, add: int | None) -> str:
    """Who is there for whom."""
    if remove is None:
        return visit.say("override-extra", name=team.name(add))
    if add is None:
        return visit.say("override-open", name=team.name(remove))
    return visit.say("override-instead", name=team.name(add), other=team.name(remove))


def add(visit: Visit) -> ResponseReturnValue:
    """The form; its address may say the line, whom to take out and when."""
    names = ("line", "tier", "remove", "first", "from", "last", "until")
    given = {name: visit.asked(name) for name in names}
    if not given["first"]:
        line = chosen_line(visit, given["line"])
        soon = local(visit.now, line.zone if line else zone_of(visit))
        given |= {"first": soon.date().isoformat()}
    return _form(visit, Typed(given))


def save(visit: Visit) -> ResponseReturnValue:
    """Shows what it comes to, then does it."""
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
            return visit.to("plan_overrides", done="done-override", edit=step.edit)
        case Refused():
            typed.wrong |= {"": " ".join(reasons(visit, step.error, team.names, wanted.line.name))}
            return _form(visit, typed, 400)
    return _preview(visit, step, typed, wanted, team)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An override as it was asked for, and what is to be said of its times."""

    line: Line
    tier: int | None
    remove: int | None
    add: int | None
    span: Span
    notes: tuple[str, ...]


def _act(visit: Visit, wanted: Wanted) -> Act[Outcome]:
    about = {
        "line": wanted.line.name,
        "tier": wanted.tier,
        "end": wanted.span.end,
        "remove": wanted.remove,
        "add": wanted.add,
    }
    # A form's times are of whole minutes: one that begins this minute begins now.
    span = Span(max(wanted.span.start, visit.now), wanted.span.end)
    return Act(
        "override",
        lambda desk, dry: override(
            desk,
            wanted.line,
            span,
            visit.me.actor,
            visit.now,
            tier=wanted.tier,
            remove=wanted.remove,
            add=wanted.add,
            dry=dry,
        ),
        lambda outcome: mark_of(outcome, visit.now),
        lambda kept: about.items() <= kept.items(),
    )


def _read(visit: Visit, typed: Typed, team: Team) -> Wanted | None:
    """What the form asks for; None when something is wrong with it, which is then noted."""
    line = chosen_line(visit, typed["line"])
    if line is None:
        typed.wrong["line"] = visit.say("wrong-line")
    remove, into = (team.find(typed[name]) for name in ("remove", "add"))
    typed.wrong |= {
        name: visit.say("wrong-person")
        for name, found in (("remove", remove), ("add", into))
        if found is None and typed[name]
    }
    if remove is None and into is None and not typed.wrong:
        typed.wrong["remove"] = visit.say("refused-somebody")
    tier = int(typed["tier"]) if typed["tier"] in {"1", "2", "3", "4", "5"} else None
    if line is not None and tier is not None and tier > line.settings.tiers:
        typed.wrong["tier"] = visit.say("refused-no-tier", n=line.settings.tiers)
    times = _read_times(visit, typed, line) if line else None
    if line is None or times is None or typed.wrong:
        return None
    start, end = times
    notes = tuple(dict.fromkeys(each.note for each in times if each.note))
    return Wanted(line, tier if line.settings.tiers > 1 else None, remove, into, Span(start.at, end.at), notes)


def _read_times(visit: Visit, typed: Typed, line: Line) -> tuple[Moment, Moment] | None:
    """From when to when, on the line's clocks; None, noted, if it can't be. No first time is now, or midnight."""
    days = {name: read_day(typed[name] or typed["first"]) for name in ("first", "last")}
    times = {name: read_time(typed[name]) for name in ("from", "until")}
    typed.wrong |= {name: visit.say("wrong-day") for name, day in days.items() if day is None and typed[name]}
    if not typed["first"]:
        typed.wrong["first"] = visit.say("wrong-day")
    if times["until"] is None:
        typed.wrong["until"] = visit.say("wrong-time")
    if typed["from"] and times["from"] is None:
        typed.wrong["from"] = visit.say("wrong-time")
    first, last, until = days["first"], days["last"], times["until"]
    if first is None or last is None or until is None or typed.wrong:
        return None
    if not typed["last"] and until <= (times["from"] or time()):
        last += timedelta(days=1)
    start, today = moment(visit, first, times["from"] or time(), line.zone), local(visit.now, line.zone).date()
    if (not typed["from"] and first == today) or start.at // 60 == visit.now // 60:
        start = Moment(max(start.at, visit.now), start.note)
    end = moment(visit, last, until, line.zone)
    if end.at <= start.at:
        typed.wrong["last"] = visit.say("wrong-end")
    elif start.at < visit.now:
        typed.wrong["first"] = visit.say("refused-past")
    return None if typed.wrong else (start, end)


def _form(visit: Visit, typed: Typed, status: int = 200) -> ResponseReturnValue:
    with visit.site.store.read() as connection:
        team = read_team(connection, visit.now)
    lines = list(visit.site.lines.values())
    tiers: Options = []
    if max(line.settings.tiers for line in lines) > 1:
        tiers = [("", visit.say("override-any-tier")), *tier_options(visit, lines)]
    choices = {
        "lines": line_options(visit) if len(lines) > 1 else [],
        "tiers": tiers,
        "outs": [("", visit.say("override-nobody-out")), *team.options],
        "ins": [("", visit.say("override-nobody-in")), *team.options],
    }
    zones = ", ".join(sorted({line.zone.key for line in lines}))
    return visit.page("rota/override_add.html", status, typed=typed, zone=zones, **choices)


def _preview(visit: Visit, step: Shown[Outcome], typed: Typed, wanted: Wanted, team: Team) -> ResponseReturnValue:
    what = beside(sentence(visit, team, wanted.remove, wanted.add), line_name(visit, wanted.line.name))
    times = when(visit, wanted.span.start, wanted.span.end, wanted.line.zone)
    return show(
        visit,
        step,
        Preview(
            visit.say("override-add-title"),
            beside(what, times),
            visit.url("plan_override_add"),
            visit.say("override-do"),
            carried({name: typed[name] for name in FIELDS}),
            "plan_overrides",
            told(visit, step.result, team.names),
            notes=wanted.notes,
            warnings=(visit.say("override-open-warning"),) if wanted.add is None else (),
        ),
    )
