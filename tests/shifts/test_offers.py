"""Open seats are there to be taken, and a shift's holder finds who could have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.errors import UsageError
from helpline.shifts.absences import add_absence
from helpline.shifts.editing import Desk, EditRefused
from helpline.shifts.offers import could_take, open_seats
from helpline.shifts.swapping import take
from rota.model import Span
from rota.staff import DAY, HOUR
from tests.shell import ALIX, BORIS, CHARLIE, NOON
from tests.shifts.desks import desk_on, on_call, put

MINE, OPEN = 1, 3


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Alix's shift tomorrow, Boris's the day after, and nobody's in three days."""
    with desk_on(either_database_url, tmp_path) as desk:
        put(desk, ALIX, DAY)
        put(desk, BORIS, 2 * DAY)
        put(desk, None, 3 * DAY)
        yield desk


def test_an_open_seat_is_taken(desk: Desk) -> None:
    """By whoever may hold it; then it is open no more."""
    with desk.store.read() as connection:
        assert [seat.id for seat in open_seats(connection, NOON, NOON + 9 * DAY)] == [OPEN]
    take(desk, OPEN, CHARLIE, "person:3", NOON)
    assert on_call(desk, 3 * DAY) == [CHARLIE]
    with desk.store.read() as connection:
        assert open_seats(connection, NOON, NOON + 9 * DAY) == []
    with pytest.raises(UsageError, match="shift 4 is Charlie Exemple's"):
        take(desk, 4, BORIS, "person:2", NOON)


def test_an_open_seat_that_has_begun_is_taken_from_now_on(desk: Desk) -> None:
    """The hours that nobody held stay so."""
    take(desk, OPEN, CHARLIE, "person:3", NOON + 3 * DAY + HOUR)
    assert [on_call(desk, 3 * DAY + at * HOUR) for at in (0, 1, 7)] == [[], [CHARLIE], [CHARLIE]]
    with pytest.raises(UsageError, match="is over"):
        take(desk, OPEN, BORIS, "person:2", NOON + 4 * DAY)


def test_an_open_seat_is_not_for_everybody(desk: Desk) -> None:
    """Whoever is away then can't have it."""
    add_absence(desk, CHARLIE, Span(NOON + 3 * DAY, NOON + 4 * DAY), "cli", NOON)
    with pytest.raises(EditRefused, match="is away then"):
        take(desk, OPEN, CHARLIE, "person:3", NOON)


def test_find_my_replacement(desk: Desk) -> None:
    """Everybody else: who can first, the others with what keeps them."""
    put(desk, CHARLIE, DAY + 10 * HOUR, 6)
    add_absence(desk, BORIS, Span(NOON + DAY, NOON + 2 * DAY), "cli", NOON)
    with desk.store.read() as connection:
        seat, found = could_take(connection, desk, MINE, NOON)
        with pytest.raises(UsageError, match="there is no shift 9 to come"):
            could_take(connection, desk, 9, NOON)
    assert seat.person == ALIX
    assert [(choice.person, choice.able, choice.because) for choice in found] == [
        (CHARLIE, True, ("rest",)),
        (BORIS, False, ("absent",)),
    ]
