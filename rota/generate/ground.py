"""A problem worked out once: who may hold which seat, which seats don't go together, which pieces of needs they cover.

People and seats are numbers here, sets of seats are the bits of an int: whether somebody can take one more is an `&`.
Every rule of a person holds for all parts of a set for which it holds, so giving a seat up never breaks one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rota.duty import nights
from rota.generate.problem import Candidate, Problem, Seat
from rota.model import Span
from rota.staff import DAY, Limits

WEEK = 7 * DAY
ENOUGH = 1_000_000
"""Room that no count fills."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one set of limits makes of the seats: for each, those it clashes with, touches, and has nights close to."""

    clash: tuple[int, ...]
    touch: tuple[int, ...]
    nightly: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """What somebody brings along: what they hold elsewhere, its nights, and for each seat how much room that leaves.

    `able` are the seats they could hold if they had no other; `week` and `night` say how many seats close to one may be
    theirs already so that it surely fits.
    """

    held: tuple[Span, ...]
    days: frozenset[int]
    able: int
    week: tuple[int, ...]
    night: tuple[int, ...]


class Ground:
    """A problem as numbers. Those who hold a fixed seat and are no candidates are people at the end, with no share."""

    __slots__ = ("candidates", "days", "lives", "near", "people", "place", "problem", "rules", "seats")

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.seats = problem.seats
        self.candidates = problem.candidates
        self.people = problem.candidates + _strangers(problem)
        self.place = {candidate.person: number for number, candidate in enumerate(self.people)}
        utc = ZoneInfo("UTC")
        self.days = tuple(nights(seat, problem.zones.get(seat.line, utc)) for seat in self.seats)
        self.near = _near(self.seats)
        made = {limits: _rules(self.seats, self.days, limits) for limits in {c.limits for c in self.people}}
        self.rules = tuple(made[c.limits] for c in self.people)
        self.lives = tuple(self._life(c) for c in self.people)

    def _life(self, candidate: Candidate) -> Life:
        zones, utc = self.problem.zones, ZoneInfo("UTC")
        nightly = [h for h in candidate.held if h.night]
        days = frozenset(day for h in nightly for day in nights(h, zones.get(h.line, utc)))
        held = tuple(sorted(candidate.held, key=lambda h: (h.start, h.end)))
        limits = candidate.limits
        starts = stretches(held)
        several = any(len(of) > 1 for of in self.days)
        week, night = [], []
        for seat, own in zip(self.seats, self.days, strict=True):
            touching = any(h.start <= seat.end and seat.start <= h.end for h in held)
            busy = sum(abs(start - seat.start) < WEEK for start in starts)
            week.append(0 if touching else max(limits.week - busy, 0))
            close = sum(own[0] - limits.nights <= day <= own[-1] + limits.nights for day in days) if own else 0
            night.append(ENOUGH if not own else 0 if several else max(limits.nights - close, 0))
        alone = Life(held, days, 0, tuple(week), tuple(night))
        able = 0
        for number in range(len(self.seats)):
            if not any(self._alone(candidate, alone, number)):
                able |= 1 << number
        return Life(held, days, able, alone.week, alone.night)

    def alone(self, person: int, seat: int) -> tuple[str, ...]:
        """All the rules that keep somebody from a seat whatever else they get."""
        return tuple(dict.fromkeys(self._alone(self.people[person], self.lives[person], seat)))

    def _alone(self, candidate: Candidate, life: Life, number: int) -> Iterator[str]:
        seat = self.seats[number]
        if candidate.share <= 0:
            yield "share"
        if candidate.tiers and seat.tier not in candidate.tiers:
            yield "tier"
        if not suits(seat, candidate.skills):
            yield "skills"
        if any(seat.overlaps(absence) for absence in candidate.absent):
            yield "absent"
        for held in life.held:
            if rule := apart(held, seat, candidate.limits):
                yield rule
        yield from self._counted(life, candidate.limits, 0, number)

    def fits(self, person: int, has: int, seat: int) -> bool:
        """Whether somebody who has these seats can take one more; they must be `able` to hold it at all."""
        rules, life = self.rules[person], self.lives[person]
        if has & rules.clash[seat]:
            return False
        if (
            (has & self.near[seat]).bit_count() < life.week[seat]
            and (has & rules.nightly[seat]).bit_count() < life.night[seat]
            and not has & rules.touch[seat]
        ):
            return True
        return not any(self._counted(life, self.people[person].limits, has, seat))

    def against(self, person: int, has: int, seat: int) -> str | None:
        """The first rule that keeps somebody who has these seats from one more, None for none."""
        candidate, life = self.people[person], self.lives[person]
        if not life.able >> seat & 1:
            return next(self._alone(candidate, life, seat))
        for other in bits(has & self.rules[person].clash[seat]):
            if rule := apart(self.seats[other], self.seats[seat], candidate.limits):
                return rule
        return next(self._counted(life, candidate.limits, has, seat), None)

    def _counted(self, life: Life, limits: Limits, has: int, number: int) -> Iterator[str]:
        """Limits that take more than two shifts to break."""
        seat = self.seats[number]
        close = [self.seats[n] for n in bits(has & self.near[number])]
        if _too_long(seat, [*life.held, *close], limits.stretch):
            yield "stretch"
        starts = (*stretches(life.held), *(other.start for other in close), seat.start)
        starts = tuple(sorted(start for start in starts if abs(start - seat.start) < WEEK))
        if any(late - early < WEEK for early, late in zip(starts, starts[limits.week :], strict=False)):
            yield "week"
        if self.days[number]:
            held = life.days.union(self.days[number], *(self.days[n] for n in bits(has)))
            if _row(held, self.days[number]) > limits.nights:
                yield "nights"


def bits(several: int) -> Iterator[int]:
    """The numbers of the bits that are set, from the lowest."""
    while several:
        low = several & -several
        yield low.bit_length() - 1
        several ^= low


def suits(seat: Seat, skills: frozenset[str]) -> bool:
    """Whether somebody with these skills can do what a seat asks for."""
    return able(seat.skills, seat.match, skills)


def able(wanted: frozenset[str], match: str, skills: frozenset[str]) -> bool:
    """Whether these skills are what is wanted."""
    if not wanted:
        return True
    return wanted <= skills if match == "all" else bool(wanted & skills)


def _strangers(problem: Problem) -> tuple[Candidate, ...]:
    known = {candidate.person for candidate in problem.candidates}
    others = sorted(set(problem.fixed.values()) - known)
    return tuple(Candidate(person, frozenset(), frozenset(), 0, Limits()) for person in others)


def _near(seats: Sequence[Span]) -> tuple[int, ...]:
    """For each seat, those that begin less than seven days before or after it, and itself."""
    return tuple(_those(n for n, other in enumerate(seats) if abs(other.start - seat.start) < WEEK) for seat in seats)


def _those(numbers: Iterable[int]) -> int:
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def _rules(seats: Sequence[Seat], days: Sequence[tuple[int, ...]], limits: Limits) -> Rules:
    clash, touch, nightly = [], [], []
    longest = max((seat.seconds for seat in seats), default=0)
    reach = max(limits.rest, (limits.nights + 2) * DAY) + longest
    for number, seat in enumerate(seats):
        # Whoever starts later than this can't be too close: most pairs of a quarter needn't be looked at.
        others = [n for n, other in enumerate(seats) if n != number and abs(other.start - seat.start) <= reach]
        clash.append(_those(n for n in others if apart(seats[n], seat, limits)))
        touch.append(_those(n for n in others if seats[n].end == seat.start or seat.end == seats[n].start))
        first, last = (days[number][0], days[number][-1]) if days[number] else (0, 0)
        nightly_too = [n for n in others if days[n] and days[number]]
        nightly.append(
            _those(
                n for n in nightly_too if days[n][0] <= last + limits.nights and first - limits.nights <= days[n][-1]
            )
        )
    return Rules(tuple(clash), tuple(touch), tuple(nightly))


def apart(one: Span, other: Span, limits: Limits) -> str | None:
    """The rule by which nobody can have both, whatever else they have."""
    first, second = (one, other) if one.start <= other.start else (other, one)
    gap = second.start - first.end
    if gap < 0:
        return "overlap"
    if gap == 0:
        return "stretch" if second.end - first.start > limits.stretch else None
    return "rest" if gap < limits.rest else None


def _too_long(seat: Span, others: Sequence[Span], most: int) -> bool:
    """Whether, with the shifts that touch it, and those that touch these, it lasts longer than `most`."""
    start, end, alone = seat.start, seat.end, True
    grown = True
    while grown:
        grown = False
        for other in others:
            if (other.end == start and other.start < start) or (other.start == end and other.end > end):
                start, end, alone, grown = min(start, other.start), max(end, other.end), False, True
    return not alone and end - start > most


def stretches(held: Sequence[Span]) -> tuple[int, ...]:
    """When each stretch of shifts that touch or overlap begins; the shifts come by start."""
    starts, end = [], None
    for span in held:
        if end is None or span.start > end:
            starts.append(span.start)
        end = span.end if end is None else max(end, span.end)
    return tuple(starts)


def _row(held: frozenset[int], own: Sequence[int]) -> int:
    """The longest row of days one after another that holds one of `own`."""
    longest = 0
    for day in own:
        first = last = day
        while first - 1 in held:
            first -= 1
        while last + 1 in held:
            last += 1
        longest = max(longest, last - first + 1)
    return longest
