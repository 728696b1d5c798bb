"""Hand-offs and who is next, against `who` itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.handoffs import handoffs, next_on_call
from rota.model import Person, Shift, Span
from rota.oncall import Roster, who
from tests.rota.strategies import ALIX, BO, CLEO, DAY, HOUR, TEAM, people, shifts

LINE = "france"


def there(roster: Roster, instant: int, tier: int) -> set[int]:
    """Who is on call in a tier."""
    return {held.person.id for held in who(roster, LINE, instant, tier=tier)}


@given(shifts(), people(), st.integers(-3, 50), st.integers(1, 40))
def test_4_hand_offs_are_where_who_changes(rota: list[Shift], team: list[Person], start: int, length: int) -> None:
    """Exactly where the people on call in a tier differ from those a second before, by who left and who came."""
    roster = Roster.build(rota, team)
    found = {(hand.at, hand.tier): hand for hand in handoffs(roster, LINE, Span(start, start + length))}
    for instant in range(start, start + length):
        for tier in (1, 2, 3):
            before, now = there(roster, instant - 1, tier), there(roster, instant, tier)
            hand = found.pop((instant, tier), None)
            assert (hand is not None) == (before != now)
            if hand:
                assert {person.id for person in hand.gone} == before - now
                assert {person.id for person in hand.come} == now - before
    assert not found


@given(shifts(), people(), st.integers(-3, 60))
def test_4_who_is_next_is_the_first_that_who_names(rota: list[Shift], team: list[Person], instant: int) -> None:
    """In each tier the first later second at which somebody is there who wasn't a second before."""
    roster = Roster.build(rota, team)
    found = {hand.tier: hand.at for hand in next_on_call(roster, LINE, instant)}
    for tier in (1, 2, 3):
        coming = (t for t in range(instant + 1, 62) if there(roster, t, tier) - there(roster, t - 1, tier))
        assert found.get(tier) == next(coming, None)


def test_who_is_next_comes_after_a_gap_too() -> None:
    """Nobody at night: in the evening Bo is next, of the morning after, and relieves nobody."""
    rota = [Shift(1, LINE, 1, ALIX.id, 0, 8 * HOUR), Shift(2, LINE, 1, BO.id, 20 * HOUR, DAY)]
    (hand,) = next_on_call(Roster.build(rota, TEAM), LINE, 7 * HOUR)
    assert (hand.at, hand.gone, hand.come) == (20 * HOUR, (), (BO,))


def test_3_whoever_comes_now_is_not_next() -> None:
    """At the instant of a hand-off the seat is Bo's already, and Cleo is next."""
    rota = [Shift(n, LINE, 1, person.id, n * HOUR, (n + 1) * HOUR) for n, person in enumerate((ALIX, BO, CLEO))]
    roster = Roster.build(rota, TEAM)
    assert [next_on_call(roster, LINE, at)[0].come for at in (HOUR - 1, HOUR)] == [(BO,), (CLEO,)]


def test_two_shifts_in_a_row_are_no_hand_off() -> None:
    """Alix goes on; Cleo, who comes to the same tier, is one."""
    rota = [
        Shift(1, LINE, 1, ALIX.id, 0, HOUR),
        Shift(2, LINE, 1, ALIX.id, HOUR, DAY),
        Shift(3, LINE, 1, CLEO.id, 2 * HOUR, DAY),
    ]
    (hand,) = handoffs(Roster.build(rota, TEAM), LINE, Span(1, DAY))
    assert (hand.at, hand.gone, hand.come) == (2 * HOUR, (), (CLEO,))


def test_a_line_that_nobody_was_ever_on_has_none() -> None:
    """An answer, not an error."""
    roster = Roster.build([], TEAM)
    assert handoffs(roster, LINE, Span(0, DAY)) == next_on_call(roster, LINE, 0) == ()
