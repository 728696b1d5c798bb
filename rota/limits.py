"""What is wrong with who holds which shift: overlaps, absences, tiers, rest, too many in a week, nights in a row.

Found on real instants, over all lines at once: whoever is on call for two lines rests from both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from rota.duty import nights
from rota.model import Shift, Span
from rota.staff import DAY, HOUR, Absence, Staff

Kind = Literal["overlap", "absent", "left", "tier", "twice", "wish", "rest", "stretch", "week", "nights"]
HARD: frozenset[Kind] = frozenset({"overlap", "absent", "left", "tier"})
"""What nobody may plan. The rest is for a person to decide: they are told."""
PLACES: frozenset[Kind] = HARD | {"twice", "wish"}
"""What is wrong at each instant by itself: a part of it is no worse than the whole."""
WEEK = 7 * DAY - HOUR
"""Seven days on the wall, also those with the spring night, which has an hour less."""


@dataclass(frozen=True, slots=True)
class Finding(Span):
    """Something wrong with a person's shifts over a stretch: what, and which shifts (ids, the earlier first).

    overlap   two shifts of one line at once          twice    two shifts of two lines at once
    absent    on call while away                      wish     on call while they would rather not be
    left      on call after they have left            tier     in a tier that isn't theirs
    rest      too little rest before the last shift   stretch  shifts that touch and are too long together
    week      too many that begin within seven days   nights   too many nights in a row
    """

    kind: Kind
    person: int
    shifts: tuple[int, ...]

    @property
    def hard(self) -> bool:
        """Whether it must not be."""
        return self.kind in HARD


def findings(
    shifts: Iterable[Shift], staff: Mapping[int, Staff], absences: Iterable[Absence], zones: Mapping[str, ZoneInfo]
) -> tuple[Finding, ...]:
    """Everything wrong with these shifts, by person and start. `zones` has each line's; people unknown hold nothing.

    Give all shifts of a person from some weeks before the time in question: a limit looks back.
    """
    held: dict[int, list[Shift]] = {}
    for shift in shifts:
        if shift.status != "cancelled" and shift.person is not None and shift.person in staff:
            held.setdefault(shift.person, []).append(shift)
    away: dict[int, list[Absence]] = {}
    for absence in absences:
        away.setdefault(absence.person, []).append(absence)
    found: list[Finding] = []
    for person, own in sorted(held.items()):
        own.sort(key=lambda s: (s.start, s.end, s.id))
        mine = [*_places(staff[person], own, away.get(person, ())), *_times(staff[person], own, zones)]
        found += sorted(mine, key=lambda f: (f.start, f.kind, f.shifts))
    return tuple(found)


def fresh(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is wrong now and wasn't before, however the shifts in it are numbered, and wherever they are cut in two."""
    old, now = list(before), list(after)
    known = {(f.kind, f.person, f.start, f.end) for f in old}
    new = [f for f in now if (f.kind, f.person, f.start, f.end) not in known]
    if not any(f.kind in PLACES for f in new):
        return tuple(new)
    held: dict[tuple[Kind, int], tuple[list[Finding], list[Finding]]] = {}
    for side, found in enumerate((old, now)):
        for finding in found:
            held.setdefault((finding.kind, finding.person), ([], []))[side].append(finding)
    return tuple(f for f in new if f.kind not in PLACES or _more(f, *held[f.kind, f.person]))


def _more(finding: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> bool:
    """Whether at some instant of it more of its kind is wrong than was before."""
    marks = {finding.start, *(f.start for f in after), *(f.end for f in before)}
    return any(
        sum(f.holds(mark) for f in after) > sum(f.holds(mark) for f in before) for mark in marks if finding.holds(mark)
    )


def _places(person: Staff, own: Sequence[Shift], away: Sequence[Absence]) -> Iterator[Finding]:
    """What is wrong with single shifts."""
    for shift in own:
        if not person.may_hold(shift.tier):
            yield Finding(shift.start, shift.end, "tier", person.id, (shift.id,))
        if person.left is not None and shift.end > person.left:
            yield Finding(max(shift.start, person.left), shift.end, "left", person.id, (shift.id,))
        for absence in away:
            if shift.start < absence.end and absence.start < shift.end:
                start, end = max(shift.start, absence.start), min(shift.end, absence.end)
                yield Finding(start, end, "absent" if absence.hard else "wish", person.id, (shift.id,))


def _times(person: Staff, own: Sequence[Shift], zones: Mapping[str, ZoneInfo]) -> Iterator[Finding]:
    """What is wrong between shifts."""
    held: list[Shift] = []
    for shift in own:
        held = [other for other in held if other.end > shift.start]
        for other in held:
            kind: Kind = "overlap" if shift.line == other.line else "twice"
            yield Finding(shift.start, min(shift.end, other.end), kind, person.id, (other.id, shift.id))
        held.append(shift)
    stretches = list(_stretches(own))
    for works in stretches:
        start, end = works[0].start, max(s.end for s in works)
        if len(works) > 1 and end - start > max(person.limits.stretch, *(s.end - s.start for s in works)):
            yield Finding(start, end, "stretch", person.id, tuple(s.id for s in works))
    for before, works in pairwise(stretches):
        last = max(before, key=lambda s: s.end)
        if works[0].start - last.end < person.limits.rest:
            yield Finding(last.end, works[0].start, "rest", person.id, (last.id, works[0].id))
    yield from _weeks(person, [works[0] for works in stretches])
    yield from _nights(person, own, zones)


def _stretches(own: Sequence[Shift]) -> Iterator[list[Shift]]:
    """Shifts that touch or overlap, together."""
    works: list[Shift] = []
    end = 0
    for shift in own:
        if works and shift.start > end:
            yield works
            works = []
        works.append(shift)
        end = max(end, shift.end) if len(works) > 1 else shift.end
    if works:
        yield works


def _weeks(person: Staff, firsts: Sequence[Shift]) -> Iterator[Finding]:
    """A stretch of work counts once; each one too many is found with the seven days that end in it."""
    starts = [shift.start for shift in firsts]
    for n, shift in enumerate(firsts):
        since = bisect_left(starts, shift.start - WEEK + 1)
        if n - since + 1 > person.limits.week:
            yield Finding(starts[since], shift.end, "week", person.id, tuple(s.id for s in firsts[since : n + 1]))


def _nights(person: Staff, own: Sequence[Shift], zones: Mapping[str, ZoneInfo]) -> Iterator[Finding]:
    """Nights on consecutive days; each one too many is found with the row that ends in it."""
    held = sorted(
        {(day, s) for s in own for day in nights(s.span, zones[s.line])}, key=lambda pair: (pair[0], pair[1].id)
    )
    row: list[tuple[int, Shift]] = []
    for day, shift in held:
        if row and day == row[-1][0]:
            continue
        if row and day != row[-1][0] + 1:
            row = []
        row.append((day, shift))
        if len(row) > person.limits.nights:
            ids = tuple(dict.fromkeys(s.id for _, s in row))
            yield Finding(row[0][1].start, shift.end, "nights", person.id, ids)
