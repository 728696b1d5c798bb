"""Of two who want the same at the same moment exactly one gets it: real threads, real transactions, both databases."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from helpline.errors import UsageError
from helpline.shifts.absences import add_absence
from helpline.shifts.editing import Desk
from helpline.shifts.overriding import off, override
from helpline.shifts.swapping import accept, approve, offer, take, withdraw
from helpline.store.rota_tables import Absence, Override, Swap
from rota.model import Span
from rota.staff import DAY, HOUR
from tests.shell import ALIX, BORIS, CHARLIE, NOON, rows_of, together
from tests.shifts.desks import UNAPPROVED, desk_on, on_call, put, standing

ROUNDS = 4
WON = "done"


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """No shifts yet; swaps are a matter of the two."""
    with desk_on(database_url, tmp_path, UNAPPROVED) as desk:
        yield desk


def tried(work: Callable[[], object]) -> str:
    """Whether somebody got what they wanted, or why they didn't."""
    try:
        work()
    except UsageError as error:
        return str(error)
    return WON


def race(*works: Callable[[], object]) -> list[str]:
    """What became of each."""
    return together([partial(tried, work) for work in works])


def test_6_overlapping_overrides_are_refused_under_concurrent_transactions(desk: Desk) -> None:
    """Two put somebody in for Alix, the hours of the one overlapping the other's: one of them stands, whole."""
    for n in range(ROUNDS):
        start = NOON + n * DAY
        put(desk, ALIX, n * DAY, 12)
        first, second = Span(start, start + 4 * HOUR), Span(start + 2 * HOUR, start + 4 * HOUR)
        france = desk.lines["france"]
        done = race(
            partial(override, desk, france, first, "cli", NOON, remove=ALIX, add=BORIS),
            partial(override, desk, france, second, "cli", NOON, remove=ALIX, add=CHARLIE),
        )
        kept = [row for row in rows_of(desk.store, Override) if row["starts_at"] >= start]
        there = [on_call(desk, n * DAY + at * HOUR) for at in (1, 3, 5)]
        assert done.count(WON) == len(kept) == 1
        assert there == ([[BORIS], [BORIS], [ALIX]] if done[0] == WON else [[ALIX], [CHARLIE], [ALIX]])


def test_6_an_offer_is_taken_once(desk: Desk) -> None:
    """Two accept at the same moment: the shift is one's, the other hears that it is gone."""
    for n in range(1, ROUNDS + 1):
        number = offer(desk, put(desk, ALIX, n * DAY), None, None, "cli", NOON).swap.id
        done = race(*(partial(accept, desk, number, by, f"person:{by}", NOON) for by in (BORIS, CHARLIE)))
        assert sorted(done) == sorted([WON, f"swap {number} has been made already; it can be given back"])
        assert on_call(desk, n * DAY) == [(BORIS, CHARLIE)[done.index(WON)]]


def test_6_a_shift_is_offered_once(desk: Desk) -> None:
    """To two people at the same moment: one offer stands."""
    shift = put(desk, ALIX, DAY)
    done = race(*(partial(offer, desk, shift, to, None, "cli", NOON) for to in (BORIS, CHARLIE)))
    assert done.count(WON) == 1
    assert [row["state"] for row in rows_of(desk.store, Swap)] == ["offered"]


def test_an_offer_is_taken_or_withdrawn(desk: Desk) -> None:
    """Never both."""
    for n in range(1, ROUNDS + 1):
        number = offer(desk, put(desk, ALIX, n * DAY), None, None, "cli", NOON).swap.id
        taken, withdrawn = race(
            partial(accept, desk, number, BORIS, "person:2", NOON),
            partial(withdraw, desk, number, "person:1", NOON, by=ALIX),
        )
        assert (taken == WON) != (withdrawn == WON)
        assert on_call(desk, n * DAY) == [BORIS if taken == WON else ALIX]


def test_an_offer_is_taken_or_its_shift_is_changed(desk: Desk) -> None:
    """Whoever comes second finds either the shift gone to another, or the offer void."""
    for n in range(1, ROUNDS + 1):
        number = offer(desk, put(desk, ALIX, n * DAY), None, None, "cli", NOON).swap.id
        day = Span(NOON + n * DAY, NOON + n * DAY + HOUR)
        taken, away = race(
            partial(accept, desk, number, BORIS, "person:2", NOON), partial(add_absence, desk, ALIX, day, "cli", NOON)
        )
        assert away == WON
        assert on_call(desk, n * DAY) == ([BORIS] if taken == WON else [])
        (state,) = (row["state"] for row in rows_of(desk.store, Swap) if row["id"] == number)
        assert state == ("done" if taken == WON else "void")


def test_a_swap_is_approved_once(database_url: str, tmp_path: Path) -> None:
    """Two coordinators press at the same moment."""
    with desk_on(database_url, tmp_path) as desk:
        number = offer(desk, put(desk, ALIX, DAY), None, None, "cli", NOON).swap.id
        accept(desk, number, BORIS, "person:2", NOON)
        done = race(*[partial(approve, desk, number, "cli", NOON)] * 2)
        assert done.count(WON) == 1
        assert standing(desk) == [(BORIS, 24, 32)]


def test_an_open_seat_is_taken_once(desk: Desk) -> None:
    """Three want it."""
    for n in range(ROUNDS):
        seat = put(desk, None, n * DAY)
        done = race(*(partial(take, desk, seat, by, "cli", NOON) for by in (ALIX, BORIS, CHARLIE)))
        assert done.count(WON) == 1
        assert on_call(desk, n * DAY) == [(ALIX, BORIS, CHARLIE)[done.index(WON)]]


def test_two_can_not_both_be_off_and_leave_nobody(desk: Desk) -> None:
    """Each sees the other there, at the same moment: one of them stays."""
    put(desk, ALIX, 0)
    put(desk, BORIS, 0)
    done = race(partial(off, desk, ALIX, HOUR, "person:1", NOON), partial(off, desk, BORIS, HOUR, "person:2", NOON))
    assert done.count(WON) == 1
    assert len(on_call(desk, 0)) == 1


def test_an_absence_is_recorded_once(desk: Desk) -> None:
    """Told to two coordinators who both write it down."""
    put(desk, ALIX, DAY)
    day = Span(NOON + DAY, NOON + 2 * DAY)
    done = race(*[partial(add_absence, desk, ALIX, day, "cli", NOON)] * 2)
    assert done.count(WON) == 1
    assert len(rows_of(desk.store, Absence)) == 1
    assert standing(desk) == [(None, 24, 32)]
