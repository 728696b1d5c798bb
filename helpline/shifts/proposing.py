"""From the rota in the database to a proposal: the problem is read, an engine works on it, what it found is kept.

Nothing of the rota changes here: `helpline.shifts.proposals.apply` does that, once a person wants it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from helpline.errors import UsageError
from helpline.lines import Line
from helpline.shifts.editing import Desk
from helpline.shifts.fairness import kinds, read_debts, speaks
from helpline.shifts.proposals import Body, Place, Proposed, Unmet, as_places, as_shifts, keep, read_proposal
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.shifts.rules import holidays_in, read_rules
from rota.coverage import needs, seats
from rota.fairness import standings
from rota.generate import anneal, cpsat
from rota.generate.booleans import library
from rota.generate.building import AROUND, Mode, Standing, Task, Wanted, build
from rota.generate.problem import Need, Problem, Progress, Solution, Watch
from rota.generate.shares import targets
from rota.model import Span
from rota.staff import DAY, HOUR, Absence, CoverageRule, Staff

LEAD = HOUR
"""Seconds from now within which nothing is proposed: it would have begun before anybody has read and applied it."""
LONGEST = 400 * DAY


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: seats of `line` that begin in `span` (UTC seconds), filled, replaced or repaired, how, how long.

    `clock` tells seconds, of which only differences matter; `watch` hears of progress and may stop the engine.
    """

    line: Line
    span: Span
    mode: Mode
    watch: Watch
    clock: Callable[[], float]
    engine: str = "annealing"
    seconds: float = 60
    seed: int = 1


class NothingToProposeError(UsageError):
    """What can't be asked of a generator. `why` is a word for it: nobody, seats, over, long, whole or full."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Ready:
    """What there is to do, and what is needed to say what it came to."""

    task: Task
    staff: tuple[Staff, ...]
    absences: tuple[Absence, ...]


def propose(desk: Desk, order: Order, actor: str, now: int) -> Proposed:
    """Makes a proposal and keeps it. Raises `UsageError` for what can't be asked, saying what could."""
    ready = prepare(desk, order, now)
    body = describe(ready, order, solve(replace(ready.task.problem, seed=order.seed), order))
    with desk.store.durable() as tx:
        number = keep(tx, order.line, ready.task.window, order.mode, body, (actor, now))
        return read_proposal(tx, number)


def prepare(desk: Desk, order: Order, now: int) -> Ready:
    """Reads what an engine needs. Raises `NothingToProposeError`."""
    with desk.store.read() as connection:
        task = read_task(connection, desk, order, now)
        absences = read_absences(connection, order.span.start, order.span.end)
        staff = [each for each in read_staff(connection, desk.limits).values() if _known(each.id, task)]
    return Ready(task, tuple(staff), tuple(absences))


def describe(ready: Ready, order: Order, solution: Solution) -> Body:
    """All there is to say of a solution."""
    task, line = ready.task, order.line
    places = tuple(
        Place(seat.tier, holder, seat.start, seat.end, was.id if was else None, number in task.problem.fixed)
        for number, (seat, holder, was) in enumerate(zip(task.problem.seats, solution.holders, task.was, strict=True))
    )
    of, debts = kinds(line, order.span), {c.person: c.debt for c in task.problem.candidates}
    before, after = (
        standings(shifts, ready.staff, ready.absences, task.window, of, debts)
        for shifts in (task.stands, as_shifts(line.name, places))
    )
    return Body(
        as_places(task.stands),
        places,
        solution.quality,
        solution.unfilled,
        tuple(_unmet(task.problem.needs[place]) for place in solution.unmet),
        before,
        after,
        {
            person: {category: round(100 * amount) for category, amount in amounts.items()}
            for person, amounts in targets(task.problem).items()
        },
        solution.proven,
        solution.bound,
        order.engine,
        order.seed,
    )


def read_task(connection: Connection, desk: Desk, order: Order, now: int) -> Task:
    """What there is to do. Raises `UsageError` when that is nothing, or nobody could do it."""
    line, span = order.line, order.span
    window = _window(span, now)
    rules = read_rules(connection, line)
    staff = read_staff(connection, desk.limits)
    asked = frozenset(
        each.id
        for each in staff.values()
        if speaks(each, line) and each.share > 0 and (each.left is None or each.left > window.start)
    )
    if not asked:
        spoken = ", ".join(dict.fromkeys([*line.flow.languages, *line.settings.accepted_languages]))
        raise NothingToProposeError(
            "nobody",
            f"nobody could be on call for {line.name}: import people who speak {spoken} and have a share above 0",
        )
    shifts = read_shifts(connection, window.start - AROUND, window.end + AROUND)
    absences = read_absences(connection, window.start - AROUND, window.end + AROUND)
    zones = {name: each.zone for name, each in desk.lines.items()}
    standing = Standing(
        [shift for shift in shifts if shift.line in zones], staff, asked, absences, zones, read_debts(connection, line)
    )
    task = build(line.name, window, order.mode, wanted(line, rules, span), standing, kinds(line, span))
    _check(task, order)
    return task


def wanted(line: Line, rules: tuple[CoverageRule, ...], span: Span) -> Wanted:
    """What the line's rules ask for in `span`; those that only stand in for missing ones make no shifts' times."""
    days = holidays_in(line, span)
    ruled = any(rule.id and rule.tier is not None for rule in rules)
    return Wanted(seats(rules, line.zone, days, span), needs(rules, line.zone, days, span), ruled)


def solve(problem: Problem, order: Order) -> Solution:
    """Runs the engine. Raises `SolverMissingError` when it isn't installed, saying how to install it."""
    work = anneal.repair if problem.repair else anneal.solve
    if order.engine != "cpsat":
        return work(problem, order.seconds, order.watch, order.clock)
    library()  # before any time is spent
    going = True

    def watch(progress: Progress) -> bool:
        nonlocal going
        going = order.watch(replace(progress, left=progress.left + 3 * order.seconds / 4))
        return going

    # The other engine finds a good one soon; this one makes it better, and proves how much better it can be.
    first = work(problem, order.seconds / 4, watch, order.clock)
    return cpsat.solve(problem, 3 * order.seconds / 4, order.watch, first.holders) if going else first


def _window(span: Span, now: int) -> Span:
    start = max(span.start, now + LEAD)
    if start >= span.end:
        raise NothingToProposeError(
            "over", "that stretch is over, or about to be: nothing begins in it more than an hour from now"
        )
    if span.seconds > LONGEST:
        raise NothingToProposeError(
            "long",
            f"that is {span.seconds // DAY} days: generate {LONGEST // DAY} at most at once, such as a quarter",
        )
    return Span(start, span.end)


def _check(task: Task, order: Order) -> None:
    problem, line = task.problem, order.line
    if not problem.seats:
        raise NothingToProposeError(
            "seats",
            f"no seat of {line.name} begins in that stretch: its rules ask for none ('helpline rota rule list')",
        )
    held = problem.before if problem.repair else problem.fixed
    if len(held) < len(problem.seats):
        return
    if problem.repair:
        raise NothingToProposeError(
            "whole", "there is nothing to repair: everybody who is on call in that stretch can be"
        )
    raise NothingToProposeError(
        "full",
        "there is nothing to fill: every seat in that stretch is held; --replace makes anew what no person has changed",
    )


def _unmet(need: Need) -> Unmet:
    return Unmet(need.start, need.end, need.n, " ".join(sorted(need.skills)), need.match)


def _known(person: int, task: Task) -> bool:
    return any(candidate.person == person for candidate in task.problem.candidates)
