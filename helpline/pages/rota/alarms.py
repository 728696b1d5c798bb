"""What the coordinators were told or will be, and who hasn't confirmed the shifts that begin soon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from helpline.messages import notices
from helpline.messages.confirming import Reminder, read_reminders
from helpline.messages.notices import CALLBACKS, DROPPED, FAILED, GAP, SENT, UNCONFIRMED, WANTED, Wanted
from helpline.pages.formats import local
from helpline.pages.rota.outcomes import Names, beside, lacking, line_name, place, read_names, when, zone_of
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.reading import SHIFT, read_shifts
from helpline.store.rota_tables import Notice
from helpline.store.tables import Shift as ShiftRow
from rota.gaps import Gap
from rota.model import Shift
from rota.staff import DAY

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

BEHIND = 14 * DAY
"""Seconds back from which alarms are listed."""
AHEAD = 3 * DAY
"""Seconds from now in which shifts are looked at that should be confirmed."""
MOST = 60
STATES: Mapping[str, tuple[str, str]] = {
    WANTED: ("alarm-wanted", "plain"),
    SENT: ("alarm-sent", "good"),
    FAILED: ("alarm-failed", "bad"),
    DROPPED: ("alarm-dropped", "plain"),
}
CONFIRMED: Mapping[str, tuple[str, str]] = {
    "confirmed": ("confirm-yes", "good"),
    "asked": ("confirm-asked", "warn"),
    "unasked": ("confirm-unasked", "plain"),
}


def routes(_site: Site) -> tuple[Route, ...]:
    """One page."""
    return (Route("/rota/alarms", "plan_alarms", page, COORDINATOR),)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm in words, and what became of it."""

    what: str
    line: str
    at: str
    state: str
    badge: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Soon:
    """A shift that begins soon, whether its holder has confirmed it, and where somebody else is put in."""

    name: str
    when: str
    place: str
    state: str
    badge: str
    url: str


def page(visit: Visit) -> ResponseReturnValue:
    """Who hasn't confirmed first, then the alarms of two weeks, the newest first."""
    names = read_names(visit)
    with visit.site.store.read() as connection:
        found = [n for n in _read(connection, visit.now) if n.line in visit.site.lines]
        shifts = _shifts(connection, found[:MOST])
        near = read_shifts(connection, visit.now, visit.now + AHEAD)
        reminders = read_reminders(
            connection, visit.now, ShiftRow.starts_at > visit.now, ShiftRow.starts_at <= visit.now + AHEAD
        )
    held = [s for s in near if s.person is not None and s.start > visit.now and s.line in visit.site.lines]
    states = confirmations(reminders)
    return visit.page(
        "rota/alarms.html",
        soon=[_soon(visit, shift, names, states.get(shift.id, "unasked")) for shift in held[:MOST]],
        alarms=[_alarm(visit, each, names, shifts) for each in found[:MOST]],
        more=len(found[MOST:]),
    )


def confirmations(reminders: Iterable[Reminder]) -> dict[int, str]:
    """Of each shift that somebody was reminded of: whether it is confirmed. One that has changed since was not."""
    found: dict[int, str] = {}
    for each in reminders:
        if each.state == "confirmed":
            found[each.shift] = "confirmed"
        elif each.state == "open" and each.sent_at is not None:
            found.setdefault(each.shift, "asked")
    return found


def _read(connection: Connection, now: int) -> list[Wanted]:
    told = notices.read(connection, Notice.person.is_(None), Notice.due_at > now - BEHIND)
    return told[::-1]


def _shifts(connection: Connection, found: Iterable[Wanted]) -> dict[int, Shift]:
    wanted = {each.shift for each in found if each.shift is not None}
    rows = connection.execute(select(*SHIFT).where(ShiftRow.id.in_(wanted))) if wanted else ()
    return {row.id: Shift(*row[:6], row.status, row.seq, row.source, row.rotation) for row in rows}


def _soon(visit: Visit, shift: Shift, names: Names, state: str) -> Soon:
    zone = zone_of(visit, shift.line)
    start, end = local(shift.start, zone), local(shift.end, zone)
    key, badge = CONFIRMED[state]
    instead = {"line": shift.line, "tier": shift.tier, "remove": shift.person, "first": start.date().isoformat()}
    times = {"from": f"{start:%H:%M}", "last": end.date().isoformat(), "until": f"{end:%H:%M}"}
    return Soon(
        names.get(shift.person or 0, "?"),
        when(visit, shift.start, shift.end, zone),
        place(visit, shift.line, shift.tier),
        visit.say(key),
        badge,
        visit.url("plan_override_add", **instead, **times),
    )


def _alarm(visit: Visit, notice: Wanted, names: Names, shifts: Mapping[int, Shift]) -> Alarm:
    key, badge = STATES[notice.state]
    closed = notice.kind == GAP and notice.confirmed_at is not None
    name = line_name(visit, notice.line) if len(visit.site.lines) > 1 else ""
    at = notice.due_at if notice.sent_at is None else notice.sent_at
    zone = zone_of(visit, notice.line)
    day = local(at, zone).date()
    # Of callbacks no more than the figures say: not when.
    shown = visit.formats.month(day) if notice.kind == CALLBACKS else _moment(visit, day, at, notice.line)
    return Alarm(_what(visit, notice, names, shifts), name, shown, visit.say(key), badge, closed)


def _moment(visit: Visit, day: date, at: int, line: str) -> str:
    return f"{visit.formats.date(day)}, {visit.formats.clock(at, zone_of(visit, line))}"


def _what(visit: Visit, notice: Wanted, names: Names, shifts: Mapping[int, Shift]) -> str:
    zone, about = zone_of(visit, notice.line), notice.told
    match notice.kind:
        case "gap":
            start, end = about["spans"][0]
            gap = Gap(start, end, notice.line, about["kind"], about["tier"], frozenset(about["languages"]))
            text = visit.say("outcome-gap", when=when(visit, start, end, zone), what=lacking(visit, gap))
            more = len(about["spans"]) - 1
            return beside(text, visit.say("outcome-more", n=more)) if more else text
        case "callbacks":
            return visit.say("alarm-callbacks", n=about["n"])
    shift = shifts.get(notice.shift or 0)
    if notice.kind != UNCONFIRMED or shift is None:
        return visit.say("alarm-other")
    times = when(visit, shift.start, shift.end, zone)
    return visit.say("alarm-unconfirmed", name=names.get(shift.person or 0, "?"), when=times)
