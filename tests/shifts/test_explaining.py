"""Why a seat is open: whom each rule keeps from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline.shifts.editing import Desk
from helpline.shifts.explaining import Explained, explain
from helpline.store.tables import Person
from rota.staff import HOUR, Limits
from tests.shell import lines_in, opened
from tests.shifts.planning import DAYS_AND_NIGHTS, add_absence, add_rules, add_shifts, add_team, utc

AT = utc(3, 18, 12)
DAY = (utc(3, 18, 7), utc(3, 18, 19))


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Six people, one of them on call by day and one by night, always."""
    with opened(either_database_url) as store:
        add_team(store)
        add_rules(store, *DAYS_AND_NIGHTS)
        yield Desk(store, lines_in(tmp_path), Limits())


def explained(desk: Desk) -> tuple[Explained, ...]:
    """What is open on a Wednesday in France, at 13:00."""
    with desk.store.read() as connection:
        return explain(connection, desk, desk.lines["france"], AT)


def test_everybody_is_kept_from_it_by_the_gravest_rule(desk: Desk) -> None:
    """One is away, one may not hold the tier, one is on call for the line already, one speaks no language of it."""
    add_absence(desk.store, 1, *DAY)
    add_shifts(desk.store, [(3, DAY[0] + HOUR, DAY[1])], tier=2)
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == 2).values(tiers="2"))
        tx.execute(update(Person).where(Person.id == 4).values(languages="de"))
    (found,) = explained(desk)
    assert (found.seat.start, found.seat.end, found.seat.tier) == (*DAY, 1)
    assert found.because == {"absent": 1, "tier": 1, "overlap": 1}
    assert {choice.person for choice in found.able} == {5, 6}


def test_who_could_take_it_though_something_speaks_against_it(desk: Desk) -> None:
    """Too little rest is for a person to decide; those without come first."""
    add_shifts(desk.store, [(5, DAY[0] - 10 * HOUR, DAY[0] - 2 * HOUR)])
    (found,) = explained(desk)
    assert found.able[-1].person == 5
    assert found.able[-1].because == ("rest",)


def test_a_seat_that_stands_open_is_explained_once(desk: Desk) -> None:
    """As it is cut, and without itself; what else its time asks for is held."""
    add_shifts(desk.store, [(None, AT - HOUR, AT + HOUR), (1, DAY[0], AT - HOUR), (2, AT + HOUR, DAY[1])])
    (found,) = explained(desk)
    assert (found.seat.start, found.seat.end) == (AT - HOUR, AT + HOUR)
    assert {choice.person for choice in found.able} == {1, 2, 3, 4, 5, 6}


def test_a_seat_that_is_held_is_not_open(desk: Desk) -> None:
    """Whoever holds it, and however it is cut."""
    add_shifts(desk.store, [(1, DAY[0], AT), (2, AT, DAY[1])])
    assert explained(desk) == ()


def test_a_rule_of_skills_makes_a_seat_of_its_own(desk: Desk) -> None:
    """Two seats at the same time: who speaks Dutch sits in the one that asks for it, the other one is open."""
    add_rules(desk.store, {"starts": 8 * 60, "ends": 20 * 60, "skills": "nl"})
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == 1).values(languages="fr nl"))
    add_shifts(desk.store, [(1, *DAY)])
    (found,) = explained(desk)
    assert found.seat.skills == frozenset()
    assert len(found.able) == 5
