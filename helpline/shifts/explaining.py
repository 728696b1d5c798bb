"""Why a seat is open: whom each rule keeps from it, and who could take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.fairness import kinds, speaks
from helpline.shifts.proposing import Order, read_task
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.shifts.rules import holidays_in, read_rules
from rota.coverage import asked
from rota.duty import points
from rota.generate import cpsat
from rota.generate.building import AROUND, carve
from rota.generate.cpsat import Why
from rota.generate.problem import Seat
from rota.model import Shift, Span
from rota.replacing import Choice, candidates
from rota.staff import DAY, Staff

CLOSE = cpsat.AROUND
"""Seconds around a seat within which others may change shifts, to make room."""


@dataclass(frozen=True, slots=True)
class Explained:
    """An open seat. `because` counts those whom each rule keeps from it, by the gravest; `able` are the others.

    Of those who are able something may still speak against some: `Choice.because`.
    """

    seat: Seat
    because: Mapping[str, int]
    able: tuple[Choice, ...]


def explain(connection: Connection, desk: Desk, line: Line, at: int) -> tuple[Explained, ...]:
    """Every seat of `line` that is open at `at` (UTC seconds), by tier; none if all that its rules ask for are held."""
    staff = {each.id: each for each in read_staff(connection, desk.limits).values() if speaks(each, line)}
    reach = Span(at - AROUND - DAY, at + AROUND + DAY)
    shifts = [s for s in read_shifts(connection, reach.start, reach.end) if s.line in desk.lines]
    absences = read_absences(connection, reach.start, reach.end)
    zones = {name: each.zone for name, each in desk.lines.items()}
    found = []
    for seat, gone in _open(connection, line, [s for s in shifts if s.line == line.name], staff, at):
        choices = candidates(seat, staff, shifts, absences, zones, gone)
        because = Counter[str](choice.because[0] for choice in choices if not choice.able)
        found.append(Explained(seat, because, tuple(choice for choice in choices if choice.able)))
    return tuple(sorted(found, key=lambda each: (each.seat.tier, each.seat.start)))


def together(connection: Connection, desk: Desk, order: Order, seat: Seat, now: int) -> Why:
    """Which rules together keep an open seat empty, even if others near it changed theirs (`rota.generate.cpsat`).

    Raises `UsageError` for a seat that has begun, and `SolverMissingError`.
    """
    around = replace(order, span=Span(seat.start - CLOSE, seat.end + CLOSE), mode="repair")
    task = read_task(connection, desk, around, now)
    held = {**task.problem.before, **task.problem.fixed}
    holders = [held.get(number) for number in range(len(task.problem.seats))]
    for number, each in enumerate(task.problem.seats):
        if holders[number] is None and (each.tier, each.start, each.end) == (seat.tier, seat.start, seat.end):
            return cpsat.explain(task.problem, holders, number, order.seconds)
    raise UsageError("that seat has begun, or begins within the hour: nobody can be asked to make room")


def _open(
    connection: Connection, line: Line, shifts: list[Shift], staff: Mapping[int, Staff], at: int
) -> list[tuple[Seat, list[int]]]:
    """The open seats, each with the shift that would go, if it stands as one."""
    of = kinds(line, Span(at - DAY, at + DAY))
    now = Span(at, at + 1)
    seats = [
        Seat(w.start, w.end, line.name, w.rule.tier, of(Span(w.start, w.end)), 0, w.rule.skills, w.rule.match)
        for w in asked(read_rules(connection, line), line.zone, holidays_in(line, now), now)
        if w.rule.tier is not None
        for _ in range(w.rule.n)
    ]
    near = [s for s in shifts if any(s.span.overlaps(seat) for seat in seats) or s.span.holds(at)]
    rules, left = carve(seats, near, staff)
    found = [(seat, list[int]()) for seat in left if seat.holds(at)]
    for shift in near:
        if shift.person is None and shift.span.holds(at):
            rule = rules.get(shift.id)
            found.append((_as_seat(shift, rule, of(shift.span)), [shift.id]))
    return found


def _as_seat(shift: Shift, rule: Seat | None, kinds: frozenset[str]) -> Seat:
    weight = points(shift.span, kinds)
    if rule is None:
        return Seat(shift.start, shift.end, shift.line, shift.tier, kinds, weight)
    return Seat(shift.start, shift.end, shift.line, shift.tier, kinds, weight, rule.skills, rule.match)
