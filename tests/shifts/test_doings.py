"""Weeks in which people do whatever they like: what must hold holds after each of their doings."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

import pytest

from helpline.errors import UsageError
from helpline.jobs import materialising
from helpline.shifts.absences import add_absence, end_absence, leave
from helpline.shifts.editing import Desk, undo_edit
from helpline.shifts.overriding import off, override
from helpline.shifts.reading import read_absences, read_shifts, read_staff
from helpline.shifts.rotations import create
from helpline.shifts.snapshot import read_roster
from helpline.shifts.swapping import accept, approve, give_back, offer, refuse, take, withdraw
from helpline.store.rota_tables import Override, RotaEdit, Swap
from rota.limits import findings
from rota.model import Span
from rota.oncall import Roster, who
from rota.staff import DAY, HOUR, WEEKDAYS, Rotation
from rota.swap import ANY, OPEN
from tests.shell import ALIX, BORIS, CHARLIE, NOON, rows_of
from tests.shifts.desks import TWO_TIERS, UNAPPROVED, desk_on, on_call, put

PEOPLE = (ALIX, BORIS, CHARLIE)
STEPS = 120
AHEAD = 14 * DAY


@dataclass
class Weeks:
    """A desk, its clock, chance, and who was on call hour by hour as it was when it was."""

    desk: Desk
    chance: random.Random
    now: int = NOON
    past: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def span(self) -> Span:
        """Some hours that begin soon."""
        start = self.now + self.chance.choice((0, 1, 1)) * self.chance.randrange(AHEAD)
        return Span(start, start + self.chance.randrange(1, 150) * 1800)

    def number(self, *people: int | None) -> int:
        """Of a shift that isn't over, of one of these people."""
        with self.desk.store.read() as connection:
            shifts = read_shifts(connection, self.now)
        return self.chance.choice([shift.id for shift in shifts if shift.person in (people or PEOPLE)] or [1])

    def one(self) -> int:
        """Of the people."""
        return self.chance.choice(PEOPLE)

    def maybe(self, value: int) -> int | None:
        """It, or nothing."""
        return value if self.chance.random() < 0.7 else None

    def swap(self, *states: str) -> Swap:
        """One that is in such a state, mostly."""
        rows = rows_of(self.desk.store, Swap)
        return self.chance.choice(
            [Swap(**row) for row in rows if row["state"] in states or self.chance.random() < 0.1] or [Swap(id=1)]
        )

    def edit(self) -> int:
        """The number of an edit, mostly of the last."""
        return max((int(row["id"]) for row in rows_of(self.desk.store, RotaEdit)), default=1) - self.chance.randrange(2)


def doings(weeks: Weeks) -> dict[str, Callable[[], object]]:
    """What somebody could do now."""
    desk, now, one, france, some = weeks.desk, weeks.now, weeks.one, weeks.desk.lines["france"], weeks.swap
    tier, to, back = weeks.maybe(weeks.chance.choice((1, 2))), weeks.maybe(one()), weeks.maybe(one())
    wanted = weeks.chance.choice((None, ANY, weeks.number()))
    offered = some("offered")
    taker = offered.taker or one()
    return {
        "override": lambda: override(desk, france, weeks.span(), "cli", now, tier=tier, remove=to, add=back),
        "off": lambda: off(desk, one(), HOUR, "cli", now, even_alone=weeks.chance.random() < 0.5),
        "absence": lambda: add_absence(desk, one(), weeks.span(), "cli", now, hard=weeks.chance.random() < 0.3),
        "end": lambda: end_absence(desk, weeks.chance.randrange(1, 20), "cli", now),
        "leave": lambda: leave(desk, CHARLIE, weeks.maybe(now + 30 * DAY), "cli", now),
        "offer": lambda: offer(desk, weeks.number(), to, wanted, "cli", now),
        "offer too": lambda: offer(desk, weeks.number(), None, None, "cli", now),
        "accept": lambda: accept(desk, offered.id, taker, "cli", now, back=weeks.maybe(weeks.number(taker))),
        "accept plainly": lambda: accept(desk, offered.id, taker, "cli", now),
        "accept soon": lambda: accept(desk, offered.id, taker, "cli", now),
        "approve": lambda: approve(desk, some("accepted").id, "cli", now),
        "refuse": lambda: refuse(desk, some("offered").id, "cli", now),
        "withdraw": lambda: withdraw(desk, some("accepted").id, "cli", now),
        "give back": lambda: give_back(desk, some("done").id, "cli", now, by=back),
        "take": lambda: take(desk, weeks.number(None), one(), "cli", now),
        "undo": lambda: undo_edit(desk, weeks.edit(), "cli", now),
    }


def answers(roster: Roster, at: int) -> list[tuple[int, int]]:
    """Who is on call: person and tier."""
    return sorted((held.person.id, held.tier) for held in who(roster, "france", at))


def check(weeks: Weeks) -> None:
    """What must hold."""
    desk = weeks.desk
    with desk.store.read() as connection:
        roster = read_roster(connection, NOON - DAY, NOON + 60 * DAY)
        shifts = read_shifts(connection, NOON - DAY)
        staff, absences = read_staff(connection, desk.limits), read_absences(connection, NOON - DAY)
    assert {at: answers(roster, at) for at in weeks.past} == weeks.past
    zones = {name: line.zone for name, line in desk.lines.items()}
    assert not [found for found in findings(shifts, staff, absences, zones) if found.hard]
    held = {shift.id: shift.person for shift in shifts}
    swaps, edits = rows_of(desk.store, Swap), {row["id"]: row for row in rows_of(desk.store, RotaEdit)}
    wanted = [shift for row in swaps if row["state"] in OPEN for shift in (row["shift"], row["back"]) if shift]
    assert len(wanted) == len(set(wanted))
    assert all(held.get(row["shift"]) == row["giver"] for row in swaps if row["state"] in OPEN)
    assert all(edits[row["edit"]]["undone_by"] is None for row in swaps if row["state"] == "done")
    assert all(edits[row["edit"]]["undone_by"] is None for row in rows_of(desk.store, Override))


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """One of them each day in the first tier, one each other day in the second, for six weeks."""
    with desk_on(sqlite_url, tmp_path, TWO_TIERS) as desk:
        for n in range(42):
            put(desk, PEOPLE[n % 3], n * DAY)
            if n % 2:
                put(desk, PEOPLE[(n + 1) % 3], n * DAY, tier=2)
        yield desk


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_8_whatever_people_do_the_past_and_the_promises_stand(desk: Desk, seed: int) -> None:
    """Nobody holds what they mustn't, swaps are of shifts that stand, what was undone is over, the past is the past."""
    weeks = Weeks(desk, random.Random(seed))
    for _ in range(STEPS):
        name, doing = weeks.chance.choice(list(doings(weeks).items()))
        try:
            doing()
        except UsageError:
            weeks.done["refused"] += 1
        else:
            weeks.done[name] += 1
        check(weeks)
        with desk.store.read() as connection:
            roster = read_roster(connection, weeks.now - DAY, weeks.now + DAY)
        later = weeks.now + weeks.chance.randrange(2 * HOUR)
        weeks.past |= {at: answers(roster, at) for at in range(weeks.now, later, 600)}
        weeks.now = later
    assert weeks.done["refused"] < STEPS
    assert len(weeks.done) > 8


@pytest.mark.slow
def test_a_rotation_does_not_take_back_what_people_did(sqlite_url: str, tmp_path: Path) -> None:
    """Whatever is overridden, off, away, swapped and undone: its shifts, made again, are as people left them."""
    with desk_on(sqlite_url, tmp_path, UNAPPROVED) as desk:
        noon, day, now = time(12), date(2026, 3, 10), NOON + DAY
        create(desk, Rotation(0, "france", 1, "days", 1, WEEKDAYS, noon, noon, "day", 1, day, PEOPLE, day), "cli", NOON)
        materialising.run(desk, now)
        with desk.store.read() as connection:
            first = next(shift for shift in read_shifts(connection, now) if shift.start > now + 5 * DAY)
        hours, days = Span(now + 3 * DAY, now + 3 * DAY + HOUR), Span(now + 10 * DAY, now + 20 * DAY)
        taker = next(person for person in PEOPLE if person != first.person)
        doings: list[Callable[[], object]] = [
            lambda: override(desk, desk.lines["france"], hours, "cli", now, remove=on_call(desk, 4 * DAY)[0]),
            lambda: offer(desk, first.id, None, None, "cli", now),
            lambda: accept(desk, 1, taker, "cli", now),
            lambda: give_back(desk, 1, "cli", now),
            lambda: add_absence(desk, CHARLIE, days, "cli", now),
            lambda: end_absence(desk, 1, "cli", now),
            lambda: leave(desk, BORIS, now + 30 * DAY, "cli", now),
            lambda: off(desk, on_call(desk, DAY)[0], HOUR, "cli", now, even_alone=True),
        ]
        for doing in doings:
            doing()
            assert materialising.run(desk, now) == 0
        for row in reversed(rows_of(desk.store, RotaEdit)[-2:]):
            undo_edit(desk, row["id"], "cli", now + HOUR // 2)
            assert materialising.run(desk, now + HOUR // 2) == 0
