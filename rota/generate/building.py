"""From a rota as it stands to a problem: which seats are to be filled, which stay, who can be asked. Pure.

    fill      what stands with a holder stays; open seats and uncovered times are filled
    replace   what an import, a rotation or a proposal made is made anew by the rules; what a person did stays
    repair    all seats stay as they are cut; who is away or gone is replaced, and few others

Whoever holds a shift that they may no longer hold, because they are away, have left or lost the tier, doesn't stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from rota.duty import nights, points
from rota.fairness import Kinds
from rota.generate.ground import suits
from rota.generate.problem import Candidate, Held, Need, Problem, Seat
from rota.model import Shift, Span
from rota.staff import DAY, Absence, Staff

Mode = Literal["fill", "replace", "repair"]
MADE = frozenset({"import", "rotation", "proposal"})
"""Sources of shifts that no person made one by one."""
AROUND = 35 * DAY
"""Seconds before and after within which other shifts count for rest, weeks and nights in a row."""
FOR_EVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Standing:
    """The rota around: all lines' shifts that count, who can be asked (with debts), absences, each line's zone.

    `asked` are the ids of those who may get seats; anybody in `staff` may keep what they have.
    """

    shifts: Sequence[Shift]
    staff: Mapping[int, Staff]
    asked: frozenset[int]
    absences: Sequence[Absence]
    zones: Mapping[str, ZoneInfo]
    debts: Mapping[int, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Task:
    """A problem, and where it comes from: `was` is the shift that each seat stands as now, None for uncovered time.

    `stands` are the line's shifts that it may replace: those that begin in `window`.
    """

    problem: Problem
    was: tuple[Shift | None, ...]
    stands: tuple[Shift, ...]
    window: Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line needs: the seats that its rules have begin in the stretch, and their needs.

    `ruled` is false for a line without rules, whose seats are only a guess: what stands there is cut better.
    """

    seats: Sequence[Seat]
    needs: Sequence[Need]
    ruled: bool


def build(line: str, window: Span, mode: Mode, wanted: Wanted, standing: Standing, kinds: Kinds) -> Task:
    """The problem of filling the seats of `line` that begin in `window`. Its seed is for the caller to replace."""
    own = [s for s in standing.shifts if s.line == line and s.status != "cancelled"]
    stands = [s for s in own if window.holds(s.start)]
    cut = [s for s in stands if mode != "replace" or s.source not in MADE or not wanted.ruled]
    rules, rest = carve(wanted.seats, [*(s for s in own if not window.holds(s.start)), *cut], standing.staff)
    made: list[tuple[Seat, Shift | None]] = [(_seat(s, s.line, s.tier, rules.get(s.id), kinds), s) for s in cut]
    for piece in rest:
        start = max(piece.start, window.start) if piece.start < window.start < piece.end else piece.start
        if window.holds(start):
            span = Span(start, piece.end)
            made.append((_seat(span, line, piece.tier, piece, kinds), None))
    made.sort(key=lambda pair: (pair[0].start, pair[0].tier, pair[0].end, pair[1].id if pair[1] else 0))
    fixed, before = {}, {}
    for number, (seat, was) in enumerate(made):
        if was is None or was.person is None or not _able(standing, was):
            continue
        before[number] = was.person
        if mode == "fill" or was.source not in MADE:
            fixed[number] = was.person
            if not suits(seat, standing.staff[was.person].skills):
                made[number] = (replace(seat, skills=frozenset()), was)  # they stay, and there is nothing to be done
    seats = tuple(seat for seat, _ in made)
    gone = {shift.id for shift in stands}
    others = [s for s in standing.shifts if s.status != "cancelled" and s.id not in gone]
    people = sorted(standing.asked | {*before.values()})
    reach = Span(window.start - AROUND, window.end + AROUND)
    problem = Problem(
        seats,
        tuple(_candidate(standing.staff[person], standing, others, reach) for person in people),
        tuple(need for need in wanted.needs if need.overlaps(window)),
        fixed,
        before if mode == "repair" else {},
        mode == "repair",
        zones=standing.zones,
    )
    return Task(problem, tuple(was for _, was in made), tuple(stands), window)


def carve(
    seats: Iterable[Seat], shifts: Sequence[Shift], staff: Mapping[int, Staff]
) -> tuple[dict[int, Seat], list[Seat]]:
    """Which seat of the rules each shift stands for, by the shift's id; and what is left of the seats.

    A shift takes the seat with its own times if there is one, else whatever is there at its time, second by second, so
    that nothing is covered twice. Among several it takes one that its holder suits, with the most skills.
    """
    left = list(seats)
    rules: dict[int, Seat] = {}
    loose = []
    for shift in sorted(shifts, key=lambda s: (s.start, s.tier, s.id)):
        same = [s for s in left if (s.tier, s.start, s.end) == (shift.tier, shift.start, shift.end)]
        if same:
            rules[shift.id] = _best(same, shift, staff)
            left.remove(rules[shift.id])
        else:
            loose.append(shift)
    for shift in loose:
        at = shift.start
        while at < shift.end:
            there = [s for s in left if s.tier == shift.tier and s.holds(at)]
            if not there:
                starts = (s.start for s in left if s.tier == shift.tier and s.start > at)
                at = min(starts, default=shift.end)
                continue
            seat = _best(there, shift, staff)
            end = min(seat.end, shift.end)
            rules.setdefault(shift.id, seat)
            left.remove(seat)
            left += [replace(seat, end=at)] if seat.start < at else []
            left += [replace(seat, start=end)] if end < seat.end else []
            at = end
    return rules, left


def _best(seats: Iterable[Seat], shift: Shift, staff: Mapping[int, Staff]) -> Seat:
    holder = staff.get(shift.person or 0)
    skills = holder.skills if holder else frozenset()
    return min(seats, key=lambda seat: (not suits(seat, skills), -len(seat.skills), seat.start, seat.end))


def _seat(span: Span | Shift, line: str, tier: int, rule: Seat | None, kinds: Kinds) -> Seat:
    found = Span(span.start, span.end)
    of = kinds(found)
    skills, match = (rule.skills, rule.match) if rule else (frozenset[str](), "all")
    return Seat(found.start, found.end, line, tier, of, points(found, of), skills, match)


def _able(standing: Standing, shift: Shift) -> bool:
    """Whether its holder can go on holding it."""
    holder = standing.staff.get(shift.person or 0)
    if holder is None or not holder.may_hold(shift.tier) or (holder.left is not None and holder.left < shift.end):
        return False
    return not any(
        each.hard and each.person == holder.id and each.start < shift.end and shift.start < each.end
        for each in standing.absences
    )


def _candidate(person: Staff, standing: Standing, others: Iterable[Shift], reach: Span) -> Candidate:
    away = [each for each in standing.absences if each.person == person.id]
    absent = [Span(each.start, each.end) for each in away if each.hard]
    if person.left is not None:
        absent.append(Span(person.left, FOR_EVER))
    held = [
        Held(s.start, s.end, bool(nights(s.span, standing.zones[s.line])), s.line, s.tier)
        for s in others
        if s.person == person.id and s.line in standing.zones and s.span.overlaps(reach)
    ]
    return Candidate(
        person.id,
        person.skills,
        person.tiers,
        person.share,
        person.limits,
        tuple(absent),
        tuple(Span(each.start, each.end) for each in away if not each.hard),
        tuple(held),
        standing.debts.get(person.id, {}),
    )
