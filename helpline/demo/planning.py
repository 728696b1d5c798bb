"""What a coordinator of the demonstration finds on the first day: rules, a rotation, an absence and its gaps, swaps."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, select

from helpline.demo.team import REINFORCING
from helpline.lines import Line
from helpline.shifts import rotations, swapping
from helpline.shifts.absences import add_absence
from helpline.shifts.editing import Desk
from helpline.shifts.rule_edits import add_rule
from helpline.store.tables import Person, Shift
from rota.model import Span
from rota.staff import DAY, CoverageRule, Rotation
from rota.zones import local_to_utc

ACTOR = "demo"
WEEK = frozenset(range(1, 8))
SATURDAY = frozenset({6})
AWAY = "Maxime Exemple"
AWAY_AFTER, AWAY_DAYS = 9, 4
"""Days from now until somebody is away, and for how many: their seats are the gaps to fill."""
OFFERED = (("Sacha Exemple", None), ("Dominique Exemple", "Morgan Exemple"))
"""Who would give a shift away: to whoever takes it, or to somebody who has accepted it."""


def plan(desk: Desk, now: int) -> None:
    """Plans on from a rota that is full, as seen from `now` (UTC seconds)."""
    with desk.store.read() as connection:
        ids = {row.name: row.id for row in connection.execute(select(Person.id, Person.name))}
    for line in desk.lines.values():
        today = line.local(now).date()
        for rule in _rules(line, today):
            add_rule(desk, rule, ACTOR, now)
    first = next(iter(desk.lines.values()))
    rotations.create(desk, _saturdays(first, now, [ids[person.name] for person in REINFORCING]), ACTOR, now)
    begins = local_to_utc(datetime.combine(first.local(now).date() + timedelta(days=AWAY_AFTER), time(8)), first.zone)
    add_absence(desk, ids[AWAY], Span(begins, begins + AWAY_DAYS * DAY), ACTOR, now)
    for giver, taker in OFFERED:
        _offer(desk, first, ids[giver], ids[taker] if taker else None, now)


def _rules(line: Line, today: date) -> list[CoverageRule]:
    """Two people to ring at once and one behind them, day and night; better with each language of the line."""
    seats = [
        CoverageRule(0, line.name, tier, WEEK, starts, ends, today, n=n, hard=hard)
        for starts, ends in ((time(8), time(20)), (time(20), time(8)))
        for tier, n, hard in ((1, 2, True), (2, 1, False))
    ]
    spoken = [
        CoverageRule(0, line.name, None, WEEK, time(), time(), today, skills=frozenset({language}), hard=False)
        for language in line.flow.languages
        if language in {"fr", "nl"}
    ]
    return seats + spoken


def _saturdays(line: Line, now: int, people: list[int]) -> Rotation:
    since = line.local(now).date() + timedelta(days=1)
    return Rotation(
        0, line.name, 2, "Renfort du samedi", 0, SATURDAY, time(10), time(18), "week", 1, since, tuple(people), since
    )


def _offer(desk: Desk, line: Line, giver: int, taker: int | None, now: int) -> None:
    """Offers the first shift of theirs that begins in three days or later."""
    with desk.store.read() as connection:
        shift = _next_shift(connection, line, giver, now + 3 * DAY)
    swapped = swapping.offer(desk, shift, taker, None, f"person:{giver}", now)
    if taker is not None:
        swapping.accept(desk, swapped.swap.id, taker, f"person:{taker}", now)


def _next_shift(connection: Connection, line: Line, person: int, after: int) -> int:
    return connection.execute(
        select(Shift.id)
        .where(Shift.line == line.name, Shift.person == person, Shift.starts_at >= after, Shift.status != "cancelled")
        .order_by(Shift.starts_at)
        .limit(1)
    ).scalar_one()
