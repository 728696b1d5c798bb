"""What a cell's page is about: a shift, or something missing; and what is to be known of it.

Whoever could take it is sorted by `rota.replacing`: who can first, by how little speaks against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import select

from helpline.lines import Line
from helpline.pages.rota.outcomes import FINDINGS, tongues
from helpline.pages.site import Visit
from helpline.shifts.reading import SHIFT
from helpline.shifts.rules import Bench, read_gaps
from helpline.store.tables import Shift as ShiftRow
from rota.gaps import Gap
from rota.limits import findings
from rota.model import Shift, Span, Status
from rota.replacing import Choice, candidates
from rota.staff import DAY, HOUR, Staff

FIRST = 5
"""People who have a button of their own; the others are in the list."""
LONG = DAY + HOUR
"""Seconds up to which somebody is asked for the whole of a gap; of a longer one, for its first day."""


@dataclass(frozen=True, slots=True)
class Seat(Span):
    """A seat that somebody is wanted for, from now on; as `rota.replacing` asks it. `shift` None: something missing."""

    line: str
    tier: int | None
    skills: frozenset[str]
    match: Literal["all", "any"]
    shift: Shift | None
    gap: Gap | None

    @property
    def held(self) -> bool:
        """Whether somebody holds it."""
        return self.shift is not None and self.shift.person is not None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could take a seat, or couldn't: `why` is what speaks against it, `tier` where they would be."""

    person: int
    name: str
    languages: str
    why: tuple[str, ...]
    able: bool
    hours: int
    tier: int

    @property
    def free(self) -> bool:
        """Whether nothing speaks against it."""
        return self.able and not self.why


@dataclass(frozen=True, slots=True)
class Sight:
    """A seat, who could have it, the best first, who is on call at the same time, and what is wrong for its holder."""

    seat: Seat
    bench: Bench
    candidates: tuple[Candidate, ...]
    beside: tuple[Shift, ...]
    wrong: tuple[str, ...]

    @property
    def first(self) -> tuple[Candidate, ...]:
        """Those who are offered with a button."""
        return tuple(each for each in self.candidates if each.able)[:FIRST]

    def name(self, person: int | None) -> str:
        """Somebody's name; "" for nobody."""
        return "" if person is None or person not in self.bench.staff else self.bench.staff[person].name


def of_shift(shift: Shift, now: int) -> Seat:
    """What is left of a shift."""
    return Seat(max(shift.start, now), shift.end, shift.line, shift.tier, frozenset(), "all", shift, None)


def of_gap(gap: Gap, span: Span, now: int) -> Seat:
    """What is left of a gap within `span`, or its first day."""
    start, end = max(gap.start, span.start, now), min(gap.end, span.end)
    end = end if end - start <= LONG else start + DAY
    return Seat(start, end, gap.line, gap.tier, gap.skills, gap.match, None, gap)


def one_shift(visit: Visit, number: int) -> Shift | None:
    """A shift of one of our lines by its number, also one that was cancelled."""
    if number >= 1 << 62:
        return None
    with visit.site.store.read() as connection:
        row = connection.execute(select(*SHIFT).where(ShiftRow.id == number)).first()
    if row is None or row.line not in visit.site.lines:
        return None
    return Shift(*row[:6], cast("Status", row.status), row.seq, row.source, row.rotation)


def find_gap(visit: Visit, line: Line, tier: int | None, need: frozenset[str], span: Span) -> Gap | None:
    """What is missing there now: the first gap of this kind within `span` that isn't over."""
    if span.end <= visit.now:
        return None
    with visit.site.store.read() as connection:
        found = read_gaps(connection, line, Span(max(span.start, visit.now), span.end))
    return next((gap for gap in found if (gap.tier, gap.skills) == (tier, need)), None)


def read(visit: Visit, seat: Seat) -> Sight:
    """Everything that the page of a seat shows: three statements."""
    desk = visit.site.desk
    with visit.site.store.read() as connection:
        bench = Bench.read(connection, desk.limits, desk.lines, seat)
    return look(visit, seat, bench)


def look(visit: Visit, seat: Seat, bench: Bench) -> Sight:
    """What there is to know of a seat."""
    zones = {name: line.zone for name, line in bench.lines.items()}
    gone = () if seat.shift is None else (seat.shift.id,)
    found = candidates(seat, bench.staff, bench.shifts, bench.absences, zones, gone)
    holder = None if seat.shift is None else seat.shift.person
    wrong: Iterable[str] = ()
    if seat.shift is not None and holder in bench.staff:
        own = [shift for shift in bench.shifts if shift.person == holder]
        kinds = [f.kind for f in findings(own, bench.staff, bench.absences, zones) if seat.shift.id in f.shifts]
        wrong = [visit.say(FINDINGS[kind]) for kind in dict.fromkeys(kinds)]
    beside = [s for s in bench.shifts if s.line == seat.line and s.id not in gone and s.span.overlaps(seat)]
    return Sight(seat, bench, _told(visit, seat, bench, found, holder), tuple(beside), tuple(wrong))


def _told(visit: Visit, seat: Seat, bench: Bench, found: Sequence[Choice], holder: int | None) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            choice.person,
            bench.staff[choice.person].name,
            tongues(visit, bench.staff[choice.person].skills),
            tuple(visit.say(FINDINGS[kind]) for kind in choice.because),
            choice.able,
            round(choice.load / HOUR),
            seat.tier or first_tier(bench.staff[choice.person]),
        )
        for choice in found
        if choice.person != holder
    )


def first_tier(person: Staff) -> int:
    """Where somebody is on call who is wanted on the line, in whichever tier."""
    return min(person.tiers, default=1)
