"""The rota edited seat by seat, as a calendar shows it: given, opened, taken away, exchanged; and gaps filled.

What somebody saw is named by a shift's number, or as the gap that it was; what has become something else since is
refused, so that of two who mend the same thing one does. Giving and filling are overrides, and are kept as such.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.absences import uncovered
from helpline.shifts.editing import Desk, Edit, Outcome, editing
from helpline.shifts.overriding import LONGEST_EXTRA
from helpline.shifts.rules import holidays_in, read_rules
from helpline.store.rota_tables import Override
from rota.coverage import gaps
from rota.edit import Change, New, carve, reassign
from rota.gaps import Gap
from rota.model import Person, Shift, Span
from rota.oncall import Roster
from rota.staff import DAY


class Overtaken(UsageError):  # noqa: N818 - it is what has happened to what somebody saw
    """What somebody saw isn't so any more: somebody else has changed it, or it is over."""


@dataclass(frozen=True, slots=True)
class Missing(Span):
    """A gap, or a part of one, as somebody saw it."""

    line: Line
    tier: int | None
    skills: frozenset[str]

    def among(self, found: tuple[Gap, ...]) -> list[Gap]:
        """The gaps that it is, or that have become of it."""
        same = (self.tier, self.skills)
        return [gap for gap in found if (gap.tier, gap.skills) == same and gap.overlaps(self)]


@dataclass(frozen=True, slots=True)
class Wanted(Span):
    """Somebody who is to be on call then, in this tier."""

    tier: int
    person: int


def give(
    desk: Desk, shift: int, person: int | None, actor: str, now: int, *, part: Span | None = None, dry: bool = False
) -> Outcome:
    """A shift, or the part of it within `part` (UTC seconds), is `person`'s from `now` on; of None: it is open.

    Raises `Overtaken` when there is no such shift any more, or it is over; `UsageError` when it is theirs already.
    """
    with editing(desk, "override", actor, now, dry=dry) as edit:
        seat = _standing(edit, shift)
        span = part or seat.span
        start, end = max(span.start, seat.start, now), min(span.end, seat.end)
        if start >= end:
            raise UsageError("that is not within the shift: choose times within it")
        if seat.person == person:
            raise UsageError(f"shift {shift} is already as you want it: choose somebody else")
        edit.make(reassign((seat,), Span(start, end), now, person, "override"))
        _keep(edit, seat.line, seat.tier, Span(start, end), seat.person, person, shift=shift)
    return edit.outcome


def fill(desk: Desk, missing: Missing, wanted: Wanted, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """Somebody is on call from `now` on where something is missing.

    In the open seats of the tier as far as there are some, else in a new one. Raises `Overtaken` when of what is
    missing something isn't any more, while they are wanted.
    """
    if wanted.end <= now:
        raise Overtaken("that is over: the past stays as it was")
    span = Span(max(wanted.start, now), wanted.end)
    if span.seconds > LONGEST_EXTRA:
        raise UsageError(f"nobody is on call for {span.seconds // DAY} days: check the dates")
    if not span.overlaps(missing):
        raise UsageError("nothing is missing then: choose times within the gap")
    line = missing.line.name
    with editing(desk, "override", actor, now, dry=dry) as edit:
        seen = Span(max(span.start, missing.start), min(span.end, missing.end))
        if uncovered(seen, missing.among(_gaps(edit, missing.line, seen))):
            raise Overtaken("something has been changed there since: look at the rota again")
        edit.make(_taken(edit, line, wanted, span))
        _keep(edit, line, wanted.tier, span, None, wanted.person, gap=[missing.start, missing.end])
    return edit.outcome


def drop(desk: Desk, shift: int, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """A seat is no more from `now` on: nobody is wanted for it. Raises `Overtaken` as `give` does."""
    with editing(desk, "unseat", actor, now, dry=dry) as edit:
        seat = _standing(edit, shift)
        edit.make(carve(seat, max(seat.start, now), seat.end, now))
        start = max(seat.start, now)
        edit.tell(
            {
                "shift": shift,
                "line": seat.line,
                "tier": seat.tier,
                "start": start,
                "end": seat.end,
                "remove": seat.person,
            }
        )
    return edit.outcome


def exchange(desk: Desk, first: int, second: int, actor: str, now: int, *, dry: bool = False) -> Outcome:
    """Two shifts exchange their holders, from `now` on; of an open one the other's becomes it, and that one is open.

    Raises `Overtaken` as `give` does, `UsageError` when both are held by the same person, or by nobody.
    """
    with editing(desk, "exchange", actor, now, about={"shift": first, "back": second}, dry=dry) as edit:
        one, other = _standing(edit, first), _standing(edit, second)
        if one.person == other.person:
            raise UsageError("both shifts are in the same hands: choose another one")
        change = reassign((one,), one.span, now, other.person, "exchange")
        edit.make(change + reassign((other,), other.span, now, one.person, "exchange"))
    return edit.outcome


def _standing(edit: Edit, shift: int) -> Shift:
    found = next((s for s in edit.shifts if s.id == shift and s.status != "cancelled"), None)
    if found is None or found.end <= edit.now or found.line not in edit.desk.lines:
        raise Overtaken(f"there is no shift {shift} to come any more: look at the rota again")
    return found


def _gaps(edit: Edit, line: Line, span: Span) -> tuple[Gap, ...]:
    """What is missing in an edit's transaction."""
    near = [s for s in edit.shifts if s.line == line.name and s.span.overlaps(span)]
    people = [Person(each.id, each.name, each.skills) for each in edit.staff.values()]
    rules = read_rules(edit.tx, line)
    return gaps(Roster.build(near, people), line.name, rules, line.zone, holidays_in(line, span), span)


def _taken(edit: Edit, line: str, wanted: Wanted, span: Span) -> Change:
    """The tier's open seats go to whoever is wanted, each instant once; where there is none, a new one is theirs."""
    tier, person = wanted.tier, wanted.person
    opens = [s for s in edit.shifts if (s.line, s.tier, s.person) == (line, tier, None) and s.status != "cancelled"]
    change, at = Change(), span.start
    for seat in sorted(opens, key=lambda s: s.start):
        start, end = max(seat.start, at), min(seat.end, span.end)
        if start < end:
            if at < start:
                change += Change(add=(New(line, tier, person, at, start, "override"),))
            change += reassign((seat,), Span(start, end), edit.now, person, "override")
            at = end
    if at < span.end:
        change += Change(add=(New(line, tier, person, at, span.end, "override"),))
    return change


def _keep(edit: Edit, line: str, tier: int, span: Span, remove: int | None, add: int | None, **more: object) -> None:
    """An override as `helpline.shifts.overriding` keeps it."""
    about = {"line": line, "tier": tier, "start": span.start, "end": span.end, "remove": remove, "add": add}
    edit.tell(about | more)
    values = {"line": line, "tier": tier, "starts_at": span.start, "ends_at": span.end}
    edit.tx.execute(insert(Override).values(remove=remove, add=add, edit=edit.id, **values))
