"""Somebody put in for somebody else for a while, and "take me off for the next hour"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, or_, select

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk, Edit, Outcome, editing
from helpline.shifts.rules import Bench, lacking, opened
from helpline.store.rota_tables import Override as OverrideRow
from rota.edit import Change, New, diff, reassign
from rota.gaps import Gap
from rota.model import Person, Shift, Span
from rota.oncall import Roster
from rota.staff import DAY, HOUR

LONGEST_EXTRA = 8 * DAY
"""Seconds; whoever is added for longer has a wrong date."""
LONGEST_OFF = 24 * HOUR
"""Seconds; for longer there are absences."""


def override(  # noqa: PLR0913 - what an override is, and who makes it when
    desk: Desk,
    line: Line,
    span: Span,
    actor: str,
    now: int,
    *,
    tier: int | None = None,
    remove: int | None = None,
    add: int | None = None,
    dry: bool = False,
) -> Outcome:
    """In `span` (UTC seconds), `add` is on call on `line` instead of `remove`, wherever they are.

    Without `add` their seats are open then; without `remove`, `add` is there beside whoever else is. Shifts that the
    span cuts keep the rest, and none are joined. With `tier` that tier alone is meant. Raises `UsageError` when it
    begins before `now`, when `remove` isn't on call in it, or when another override holds one of those seats already.
    """
    if remove is None and add is None:
        raise UsageError("an override needs somebody: say whom to take out, whom to put in, or both")
    if remove == add:
        raise UsageError("nobody can stand in for themselves: name somebody else")
    if span.start < now:
        raise UsageError("the past stays as it was: let the override begin now or later")
    about = {"line": line.name, "tier": tier, "start": span.start, "end": span.end, "remove": remove, "add": add}
    with editing(desk, "override", actor, now, about=about, dry=dry) as edit:
        edit.make(_extra(line, span, tier, add) if remove is None else _instead(edit, line, span, tier, remove, add))
        values = {"line": line.name, "tier": tier, "starts_at": span.start, "ends_at": span.end}
        edit.tx.execute(insert(OverrideRow).values(remove=remove, add=add, edit=edit.id, **values))
    return edit.outcome


def _extra(line: Line, span: Span, tier: int | None, add: int | None) -> Change:
    tiers = range(1, line.settings.tiers + 1)
    if tier is None and len(tiers) > 1:
        raise UsageError(f"{line.name} has {len(tiers)} tiers: say in which one they are to be")
    if span.seconds > LONGEST_EXTRA:
        raise UsageError(f"nobody is on call for {span.seconds // DAY} days: check the dates")
    return Change(add=(New(line.name, tier or 1, add, span.start, span.end, "override"),))


def _instead(edit: Edit, line: Line, span: Span, tier: int | None, remove: int, add: int | None) -> Change:
    theirs = [s for s in edit.of(remove) if s.line == line.name and s.span.overlaps(span) and tier in {None, s.tier}]
    _refuse_second(edit, line, span, tier, remove)
    if not theirs:
        where = line.name if tier is None else f"{line.name} tier {tier}"
        raise UsageError(f"{edit.staff[remove].name} isn't on call on {where} then: nobody can stand in for them")
    return reassign(theirs, span, edit.now, add, "override")


def _refuse_second(edit: Edit, line: Line, span: Span, tier: int | None, remove: int) -> None:
    """Overrides don't overlap: neither two of one person's seats, nor one of somebody who is there by another."""
    rows = edit.tx.execute(
        select(OverrideRow.edit, OverrideRow.add, OverrideRow.remove, OverrideRow.starts_at, OverrideRow.ends_at)
        .where(OverrideRow.line == line.name, or_(OverrideRow.remove == remove, OverrideRow.add == remove))
        .where(OverrideRow.starts_at < span.end, OverrideRow.ends_at > span.start)
    )
    for row in rows:
        both = Span(max(span.start, row.starts_at), min(span.end, row.ends_at))
        # A row whose seats have been changed since by other means, such as a swap, is history.
        made = any(
            s.source == "override" and s.person == row.add and s.span.overlaps(both) and tier in {None, s.tier}
            for s in edit.shifts
            if s.line == line.name and s.status != "cancelled"
        )
        if made:
            start, end = (f"{line.local(at):%Y-%m-%d %H:%M}" for at in (row.starts_at, row.ends_at))
            raise UsageError(
                f"another override holds that seat from {start} to {end}: keep clear of it, or take it back first "
                f"(helpline rota undo {row.edit})"
            )


def off(
    desk: Desk, person: int, seconds: int, actor: str, now: int, *, even_alone: bool = False, dry: bool = False
) -> Outcome:
    """From `now` on, for so long, this person isn't on call; afterwards they are again, by themselves.

    Raises `UsageError` when they aren't on call in that time, or when nobody would be left in a tier, with when; with
    `even_alone` the latter is done all the same.
    """
    if not 0 < seconds <= LONGEST_OFF:
        raise UsageError(f"somebody can be off for up to {LONGEST_OFF // HOUR} hours: for longer, add an absence")
    span = Span(now, now + seconds)
    about = {"person": person, "start": span.start, "end": span.end}
    with editing(desk, "off", actor, now, about=about, dry=dry) as edit:
        theirs = [shift for shift in edit.of(person) if shift.span.overlaps(span)]
        if not theirs:
            raise UsageError(f"{edit.staff[person].name} isn't on call then: there is nothing to take them off")
        edit.make(reassign(theirs, span, now, None, "off"))
        if not even_alone:
            _refuse_alone(edit, theirs, span)
    return edit.outcome


def _refuse_alone(edit: Edit, gone: Sequence[Shift], span: Span) -> None:
    """Whoever goes leaves no tier without anyone, whatever the rules say, and no rule that must be kept unkept."""
    lines = edit.desk.lines
    bench = Bench(edit.staff, [shift for shift in edit.shifts if shift.line in lines], edit.absences, lines)
    found = [gap for gap in opened(edit.tx, bench, edit.before, diff(edit.before, edit.shifts))[0] if gap.hard]
    for line, tier in sorted({(shift.line, shift.tier) for shift in gone if shift.line in lines}):
        before = unheld(edit.before, line, tier, span)
        for empty in unheld(edit.shifts, line, tier, span):
            if empty not in before and not any(g.line == line and g.tier == tier and g.overlaps(empty) for g in found):
                found.append(Gap(empty.start, empty.end, line, "nobody", tier))
    reasons = []
    for gap in found:
        start, end = (f"{lines[gap.line].local(at):%Y-%m-%d %H:%M}" for at in (gap.start, gap.end))
        able = [edit.staff[each.person].name for each in bench.able(gap, but={shift.person or 0 for shift in gone})[1]]
        who = f"could be put in: {', '.join(able)}" if able else "nobody else could be put in"
        reasons.append(f"{gap.line} would have {lacking(gap)} from {start} to {end}; {who}")
    if reasons:
        raise UsageError(". ".join(reasons) + ". Use an override, or insist with --even-alone")


def unheld(shifts: Iterable[Shift], line: str, tier: int, span: Span) -> tuple[Span, ...]:
    """When nobody is on call in a tier within `span`, going by these shifts."""
    near = [shift for shift in shifts if shift.line == line and shift.span.overlaps(span)]
    people = {shift.person for shift in near if shift.person is not None}
    roster = Roster.build(near, [Person(number, "", frozenset()) for number in people])
    return tuple(roster.track(line, tier).unheld(span))
