from dataclasses import replace

import pytest
from hypothesis import given

from rota.generate.problem import Candidate, Need, Problem
from rota.generate.shares import categories, targets
from rota.model import Span
from rota.staff import HOUR, Limits
from tests.rota.generate.instances import DAY, FIRST, LINE, PARIS, at, quarter, seat
from tests.rota.generate.strategies import problems

START = at(FIRST, 7)
FR, NL = frozenset({"fr"}), frozenset({"nl"})


def somebody(person: int, share: int = 100, *, skills: frozenset[str] = FR) -> Candidate:
    """A candidate without anything particular."""
    return Candidate(person, skills, frozenset(), share, Limits())


def mornings(*candidates: Candidate, days: int = 12, tiers: int = 1) -> Problem:
    """A shift each morning from a Monday on, in each tier."""
    spans = [Span(START + n * DAY, START + n * DAY + 8 * HOUR) for n in range(days)]
    return Problem(tuple(seat(span, t + 1) for span in spans for t in range(tiers)), candidates, zones={LINE: PARIS})


def shifts(problem: Problem) -> dict[int, float]:
    """The targets for shifts, rounded to hundredths."""
    return {person: round(own["shift"], 2) for person, own in targets(problem).items()}


@given(problems())
def test_targets_sum_to_the_seats(problem: Problem) -> None:
    """In each category everybody's targets are as many as the seats, but for those of strangers; none is below 0."""
    people = {c.person for c in problem.candidates}
    found = targets(problem)
    for category in categories(problem):
        seats = [n for n, seat in enumerate(problem.seats) if category in seat.categories]
        total = sum(own[category] for own in found.values())
        assert all(own[category] >= 0 for own in found.values())
        mine = sum(problem.fixed.get(n) is None or problem.fixed[n] in people for n in seats)
        assert total == pytest.approx(mine) or total == 0


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_quarter_is_wholly_shared_out(seed: int) -> None:
    """For 37 people with everything that makes a quarter hard, targets sum to the seats, and everybody has some."""
    problem = quarter(seed)
    found = targets(problem)
    for category in categories(problem):
        seats = sum(category in seat.categories for seat in problem.seats)
        assert sum(own[category] for own in found.values()) == pytest.approx(seats)
    assert min(own["shift"] for own in found.values()) > 2


def test_half_a_share_is_half_the_seats() -> None:
    """Somebody with 50 % has half of what a full-timer has, and with 0 nothing."""
    assert shifts(mornings(somebody(1), somebody(2, 50), somebody(3, 0))) == {1: 8, 2: 4, 3: 0}


def test_whoever_is_away_has_a_smaller_share() -> None:
    """An absence over a third of the seats takes a third off what somebody's share is weighed by."""
    away = replace(somebody(2), absent=(Span(START, START + 4 * DAY),))
    assert shifts(mornings(somebody(1), away, days=12)) == {1: 7.2, 2: 4.8}


def test_debts_are_paid_back() -> None:
    """With what was held before, both come to the same; nobody owes more than they have."""
    before = replace(somebody(2), debt={"shift": 200})
    assert shifts(mornings(somebody(1), before)) == {1: 7, 2: 5}
    before = replace(somebody(2), debt={"shift": 2000})
    assert shifts(mornings(somebody(1), before)) == {1: 12, 2: 0}


def test_who_may_hold_one_tier_only_has_no_smaller_share() -> None:
    """Of two tiers, somebody who holds one only has as much as somebody who holds both, if the seats allow it."""
    one = replace(somebody(2), tiers=frozenset({2}))
    assert shifts(mornings(somebody(1), one, tiers=2)) == {1: 12, 2: 12}


def test_those_who_are_needed_share_what_is_needed() -> None:
    """Where one of two on call must speak Dutch, those who do have at least that much together, the others the rest."""
    made = mornings(*(somebody(n) for n in range(1, 6)), somebody(6, skills=NL), tiers=2)
    assert shifts(made) == dict.fromkeys(range(1, 7), 4)
    needs = tuple(Need(s.start, s.end, LINE, 1, NL, "all", hard=True) for s in made.seats[::2])
    needed = replace(made, needs=needs)
    assert shifts(needed) == {**dict.fromkeys(range(1, 6), 2.4), 6: 12}


def test_seats_that_few_can_hold_are_theirs_first() -> None:
    """Who alone can hold some seats has those, and as much less of the others."""
    made = mornings(somebody(1), somebody(2), somebody(3, skills=FR | NL), days=12)
    hard = replace(made, seats=tuple(replace(s, skills=NL) if n < 8 else s for n, s in enumerate(made.seats)))
    assert shifts(hard) == {1: 2, 2: 2, 3: 8}
