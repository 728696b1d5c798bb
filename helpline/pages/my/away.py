"""When I am away, never why: announced, shown, ended. What it would leave without anybody is shown first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.pages.my.shown import Shown
from helpline.pages.rota.outcomes import Told, reasons, told, when
from helpline.pages.routes import PSYCHOLOGIST, Route
from helpline.pages.site import Visit
from helpline.shifts import absences
from helpline.shifts.absences import uncovered
from helpline.shifts.editing import Outcome, undo_edit
from helpline.shifts.reading import read_absences, read_shifts
from helpline.store.rota_tables import RotaEdit
from rota.model import Span
from rota.staff import DAY, Absence
from rota.zones import local_to_utc

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

AHEAD = 60 * DAY
"""Seconds from now in which it is looked on which line, and so on whose clocks, somebody is on call next."""
FIELDS = ("first", "last", "since", "until", "kind")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was filled in, what is wrong with it by field, and what the rota said."""

    filled: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    wrong: dict[str, str] = field(default_factory=dict)
    why: Sequence[str] = ()
    status: int = 200


def show(visit: Visit) -> ResponseReturnValue:
    """My absences that aren't over, and the form for another."""
    return _page(visit, Typed())


def add(visit: Visit) -> ResponseReturnValue:
    """Announces one: at once if it changes nothing for callers, otherwise after it was shown what it does."""
    filled = {name: visit.field(name) for name in FIELDS}
    line = own_line(visit)
    span = read_span(filled, line, visit)
    if isinstance(span, dict):
        return _page(visit, Typed(filled, span, status=400))
    hard = filled["kind"] != "wish"
    if _known(visit, span, hard=hard):  # tapped twice
        return visit.to("my_away", done="done-my-away")
    desk, me, actor, now = visit.site.desk, visit.person, visit.me.actor, visit.now
    try:
        outcome = absences.add_absence(desk, me, span, actor, now, hard=hard, dry=True).outcome
        if outcome.change and visit.field("sure") != seen(outcome):
            return _sure(visit, filled, span, line, outcome)
        absences.add_absence(desk, me, span, actor, now, hard=hard)
    except UsageError as error:
        return _page(visit, Typed(filled, why=reasons(visit, error), status=409))
    return visit.to("my_away", done="done-my-away")


def _sure(visit: Visit, filled: dict[str, str], span: Span, line: Line, outcome: Outcome) -> ResponseReturnValue:
    times = when(visit, span.start, span.end, line.zone)
    hidden = {**filled, "sure": seen(outcome)}
    return visit.page("my/away_sure.html", when=times, told=told(visit, outcome), hidden=hidden)


def seen(outcome: Outcome) -> str:
    """Marks what an edit would do to whose shifts, so that nothing else is done than what was shown."""
    # Not where they are cut: that is now, for one that goes on, and passes while somebody reads.
    touched = outcome.change.cancel, tuple(cut.shift for cut in outcome.change.shorten)
    return hashlib.sha256(repr(touched).encode()).hexdigest()[:16]


def read_span(filled: dict[str, str], line: Line, visit: Visit) -> Span | dict[str, str]:
    """The absence on the clocks of `line`, the last day included; or what is wrong with it, by field."""
    first, last = _day(filled["first"]), _day(filled["last"] or filled["first"])
    since, until = _time(filled["since"]), _time(filled["until"])
    wrong = {
        name: visit.say(key)
        for name, key, bad in (
            ("first", "my-wrong-day", first is None),
            ("last", "my-wrong-day", last is None),
            ("since", "my-wrong-time", since is None),
            ("until", "my-wrong-time", until is None),
        )
        if bad
    }
    if first is None or last is None or since is None or until is None:
        return wrong
    # Without a time, the last day is away until its end.
    end = datetime.combine(last + timedelta(days=0 if filled["until"] else 1), until)
    start, finish = local_to_utc(datetime.combine(first, since), line.zone), local_to_utc(end, line.zone)
    if finish <= start:
        return {"last": visit.say("my-wrong-order")}
    return Span(start, finish) if finish > visit.now else {"last": visit.say("my-wrong-past")}


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None


def _time(text: str) -> time | None:
    """A time of day, midnight if there is none."""
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else time()
    except ValueError:
        return None


def own_line(visit: Visit) -> Line:
    """The line on whose clocks somebody's times are: where they are on call next, else the first."""
    with visit.site.store.read() as connection:
        mine = read_shifts(connection, visit.now, visit.now + AHEAD, person=visit.person)
    lines = visit.site.lines
    return next((lines[shift.line] for shift in mine if shift.line in lines), next(iter(lines.values())))


def _mine(connection: Connection, visit: Visit) -> list[Absence]:
    return [each for each in read_absences(connection, visit.now) if each.person == visit.person]


def _known(visit: Visit, span: Span, *, hard: bool) -> bool:
    """Whether all of it has been announced already."""
    with visit.site.store.read() as connection:
        mine = [each for each in _mine(connection, visit) if each.hard or not hard]
    return not uncovered(Span(max(span.start, visit.now), span.end), mine)


def _page(visit: Visit, typed: Typed) -> ResponseReturnValue:
    line = own_line(visit)
    with visit.site.store.read() as connection:
        mine = _mine(connection, visit)
    town = Shown(visit.site.lines, visit.language, visit.now).zone(line)
    shown = [(each.id, when(visit, each.start, each.end, line.zone), each.hard) for each in mine]
    return visit.page("my/away.html", typed.status, absences=shown, town=town, typed=typed)


def end(visit: Visit, absence: int) -> ResponseReturnValue:
    """It is over, or won't be. If it had taken shifts of mine, I say whether I want them back."""
    how, desk, actor, now = visit.field("how"), visit.site.desk, visit.me.actor, visit.now
    with visit.site.store.read() as connection:
        found = next((each for each in _mine(connection, visit) if each.id == absence), None)
    if found is None:  # tapped twice, or it is over
        return visit.to("my_away")
    try:
        took = _took(visit, absence)
        if took is not None and how == "":
            return _ask(visit, found, told(visit, undo_edit(desk, took, actor, now, dry=True)))
        if took is not None and how == "shifts":
            undo_edit(desk, took, actor, now)
        else:
            absences.end_absence(desk, absence, actor, now)
    except UsageError as error:
        return _page(visit, Typed(why=reasons(visit, error), status=409))
    return visit.to("my_away", done="done-my-away-ended")


def _took(visit: Visit, absence: int) -> int | None:
    """The edit that took shifts of mine for this absence, if it can be taken back; one that was about others can't."""
    desk, actor, now = visit.site.desk, visit.me.actor, visit.now
    took = absences.end_absence(desk, absence, actor, now, dry=True).took
    if took is None:
        return None
    with visit.site.store.read() as connection:
        kind = connection.execute(select(RotaEdit.kind).where(RotaEdit.id == took)).scalar_one()
    try:
        outcome = undo_edit(desk, took, actor, now, dry=True)
    except UsageError:
        return None
    return took if kind == "absence" and outcome.change else None


def _ask(visit: Visit, absence: Absence, back: Told) -> ResponseReturnValue:
    times = when(visit, absence.start, absence.end, own_line(visit).zone)
    return visit.page("my/away_end.html", when=times, absence=absence.id, told=back)


ROUTES = (
    Route("/my/absences", "my_away", show, PSYCHOLOGIST),
    Route("/my/absences", "my_away_add", add, PSYCHOLOGIST, "POST"),
    Route("/my/absences/<int:absence>/end", "my_away_end", end, PSYCHOLOGIST, "POST"),
)
