"""Now: who is on call on each line, who is next, how many ring or talk, and what a coordinator should settle.

Of callers there are counts and nothing else, and nobody is named as talking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from helpline.directory.reading import count_stale
from helpline.lines import Line
from helpline.messages.confirming import Reminder, read_reminders
from helpline.messages.notices import FAILED, SENT
from helpline.pages.formats import local
from helpline.pages.rota.cell_undo import offered
from helpline.pages.rota.cells import Asked
from helpline.pages.rota.outcomes import lacking, tongues, when
from helpline.pages.routes import COORDINATOR, Route
from helpline.pages.site import Site, Visit
from helpline.shifts.reading import read_shifts
from helpline.shifts.rules import holidays_in, stand_ins, stored_rules
from helpline.shifts.snapshot import Colleague, read_people
from helpline.store.rota_tables import Notice
from helpline.store.tables import LiveCall, WrapUp
from helpline.store.tables import Shift as ShiftRow
from rota.coverage import gaps
from rota.gaps import Gap
from rota.handoffs import Handoff, next_on_call
from rota.model import OnCall, Person, Shift, Span
from rota.oncall import Roster, who
from rota.staff import DAY, HOUR, CoverageRule

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

AHEAD = 72 * HOUR
"""Seconds ahead in which a gap is an alarm here."""
SOON = 8 * DAY
"""Seconds over which it is looked who is next."""
WAITS = frozenset({"waiting", "claimed", "parted"})
TALKS = frozenset({"talking"})
MOST = 8
"""Alarms of a kind and line; of more it is said how many there are."""


def routes(_site: Site) -> tuple[Route, ...]:
    """`/rota`."""
    return (Route("/rota", "rota_now", show_now, COORDINATOR),)


@dataclass(frozen=True, slots=True)
class Read:
    """What is looked at, of all lines, at one instant."""

    people: Mapping[int, Colleague]
    shifts: Sequence[Shift]
    rules: Sequence[CoverageRule]
    live: Mapping[tuple[str, str], int]
    """Calls in progress by line and state."""
    coding: Mapping[str, tuple[int, int]]
    """Conversations to be coded, and those of them that are due today or overdue, by line."""
    unconfirmed: Sequence[Reminder]


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody on call: until when, how they are reached, and where somebody else is put in."""

    name: str
    tier: str
    until: str
    languages: str
    phone: str
    url: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to settle: a word for what it is, in words what, and where."""

    kind: str
    word: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Board:
    """A line now. `empty` are tiers without anybody, `silent` languages that nobody on call speaks."""

    name: str
    zone: str
    time: str
    seats: tuple[Seat, ...]
    empty: tuple[tuple[str, str], ...]
    silent: str
    next: tuple[str, ...]
    waiting: int
    talking: int
    to_code: int
    due: int
    alarms: tuple[Alarm, ...]
    more: int
    calendar: str
    gaps: str


def show_now(visit: Visit) -> ResponseReturnValue:
    """Every line, and what is to be settled."""
    found = read(visit)
    people = [Person(key, one.name, frozenset(one.languages)) for key, one in found.people.items()]
    roster = Roster.build(found.shifts, people)
    boards = [_board(visit, line, found, roster) for line in visit.site.lines.values()]
    first = next(iter(visit.site.lines.values()))
    today = first.local(visit.now).date()
    with visit.site.store.read() as connection:
        stale = count_stale(connection, today)
    return visit.page(
        "rota/now.html",
        boards=boards,
        undo=offered(visit, {key: one.name for key, one in found.people.items()}),
        line=first.name,
        day=today.isoformat(),
        stale=stale,
    )


def read(visit: Visit) -> Read:
    """Six statements, however many lines there are."""
    with visit.site.store.read() as connection:
        lines = visit.site.lines.values()
        return Read(
            read_people(connection),
            read_shifts(connection, visit.now - DAY, visit.now + SOON),
            stored_rules(connection),
            {(row.line, row.state): row.n for row in connection.execute(_LIVE)},
            _to_code(connection, visit.now),
            _unconfirmed(connection, lines, visit.now),
        )


_LIVE = select(LiveCall.line, LiveCall.state, func.count().label("n")).group_by(LiveCall.line, LiveCall.state)


def _to_code(connection: Connection, now: int) -> Mapping[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    wanted = select(WrapUp.line, WrapUp.due_day, func.sum(WrapUp.n).label("n")).group_by(WrapUp.line, WrapUp.due_day)
    for row in connection.execute(wanted):
        n, due = found.get(row.line, (0, 0))
        found[row.line] = n + int(row.n), due + (int(row.n) if row.due_day <= now // DAY else 0)
    return found


def _unconfirmed(connection: Connection, lines: Iterable[Line], now: int) -> list[Reminder]:
    """Shifts that begin soon, whose holder was reminded, or couldn't be, and hasn't confirmed: one of each."""
    hours = {line.name: line.settings.rota.confirm_hours for line in lines}
    until = now + max(hours.values()) * HOUR
    soon = (ShiftRow.starts_at > now, ShiftRow.starts_at <= until, Notice.state.in_((SENT, FAILED)))
    found = {
        each.shift: each
        for each in read_reminders(connection, now, *soon)
        if each.state == "open" and each.line in hours and each.start <= now + hours[each.line] * HOUR
    }
    return sorted(found.values(), key=lambda each: (each.start, each.shift))


def _board(visit: Visit, line: Line, found: Read, roster: Roster) -> Board:
    now = visit.now
    on_call = who(roster, line.name, now)
    live = {kind: sum(found.live.get((line.name, state), 0) for state in kind) for kind in (WAITS, TALKS)}
    span = Span(now, now + AHEAD)
    rules = (*(rule for rule in found.rules if rule.line == line.name), *stand_ins(line))
    missing = gaps(roster, line.name, rules, line.zone, holidays_in(line, span), span)
    alarms = [_gap(visit, line, gap, found.shifts) for gap in missing if gap.hard and not gap.holds(now)]
    alarms += [_unready(visit, line, each, found.people) for each in found.unconfirmed if each.line == line.name]
    spoken = {skill for held in on_call for skill in held.person.skills}
    to_code, due = found.coding.get(line.name, (0, 0))
    return Board(
        line.flow.spoken[visit.language],
        line.zone.key,
        visit.formats.clock(now, line.zone),
        tuple(_seat(visit, line, held, found.people) for held in on_call),
        tuple(_empty(visit, line, missing)),
        tongues(visit, set(line.flow.languages) - spoken) if on_call else "",
        tuple(_coming(visit, line, hand) for hand in next_on_call(roster, line.name, now)),
        live[WAITS],
        live[TALKS],
        to_code,
        due,
        tuple(alarms[:MOST]),
        len(alarms[MOST:]),
        visit.url("rota_calendar", line=line.name),
        visit.url("rota_gaps", line=line.name),
    )


def _seat(visit: Visit, line: Line, held: OnCall, people: Mapping[int, Colleague]) -> Seat:
    return Seat(
        held.person.name,
        _tier(visit, line, held.tier),
        _moment(visit, line, held.until),
        tongues(visit, held.person.skills),
        people[held.person.id].phone,
        visit.url("rota_cell", shift=held.shift, back="now"),
    )


def _empty(visit: Visit, line: Line, missing: Iterable[Gap]) -> Iterable[tuple[str, str]]:
    """What is missing at this very instant, and where that is mended."""
    for gap in missing:
        if gap.hard and gap.holds(visit.now):
            yield lacking(visit, gap), _mend(visit, line, gap, ())


def _coming(visit: Visit, line: Line, hand: Handoff) -> str:
    come, gone = (", ".join(person.name for person in side) for side in (hand.come, hand.gone))
    key = "now-next-for" if gone else "now-next"
    text = visit.say(key, at=_moment(visit, line, hand.at), come=come, **({"gone": gone} if gone else {}))
    tier = _tier(visit, line, hand.tier)
    return f"{tier}\u00a0\u00b7 {text}" if tier else text


def _gap(visit: Visit, line: Line, gap: Gap, shifts: Iterable[Shift]) -> Alarm:
    text = f"{when(visit, gap.start, gap.end, line.zone)}\u00a0\u00b7 {lacking(visit, gap)}"
    return Alarm("bad", visit.say("calendar-gap"), text, _mend(visit, line, gap, shifts))


def _mend(visit: Visit, line: Line, gap: Gap, shifts: Iterable[Shift]) -> str:
    """Where a gap is mended: in the seat that is open for all of it, or as what is missing."""
    for shift in shifts:
        mine = shift.line == line.name and shift.tier == gap.tier and shift.person is None
        if mine and shift.start <= gap.start and gap.end <= shift.end:
            return visit.url("rota_cell", shift=shift.id, back="now")
    fields = dict(Asked(gap.start, gap.end, line, gap.tier, gap.skills, "now").fields)
    return visit.url("rota_cell_gap", back="now", **fields)


def _unready(visit: Visit, line: Line, each: Reminder, people: Mapping[int, Colleague]) -> Alarm:
    name = people[each.person].name if each.person in people else "?"
    times = when(visit, each.start, each.end, line.zone)
    url = visit.url("rota_cell", shift=each.shift, back="now")
    return Alarm("warn", visit.say("now-unconfirmed"), f"{name}\u00a0\u00b7 {times}", url)


def _tier(visit: Visit, line: Line, tier: int) -> str:
    return visit.say("calendar-tier", tier=tier) if line.settings.tiers > 1 else ""


def _moment(visit: Visit, line: Line, at: int) -> str:
    """A time of today by its hour, another one with its day."""
    clock = visit.formats.clock(at, line.zone)
    if local(at, line.zone).date() == local(visit.now, line.zone).date():
        return clock
    return f"{visit.formats.day(at, line.zone)}, {clock}"
