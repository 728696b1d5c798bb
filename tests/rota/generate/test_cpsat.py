from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.generate import anneal, cpsat
from rota.generate.problem import Candidate, Held, Need, Problem, Progress, Quality
from rota.generate.scoring import quality
from rota.model import Span
from rota.staff import HOUR, Limits
from tests.rota.generate.checker import offences
from tests.rota.generate.instances import DAY, FIRST, LINE, PARIS, at, leave, quarter, seat
from tests.rota.generate.strategies import problems

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_ortools")]

FR, NL = frozenset({"fr"}), frozenset({"nl"})
LIMITS = Limits()
START = at(FIRST, 7)


@pytest.fixture
def _ortools() -> None:
    pytest.importorskip("ortools", reason="no solver: pip install 'helpline[solver]'")


def some(
    person: int, *, speaks: frozenset[str] = FR, limits: Limits = LIMITS, away: tuple[Span, ...] = ()
) -> Candidate:
    """Somebody at full share, in all tiers."""
    return Candidate(person, speaks, frozenset(), 100, limits, away)


def mornings(days: int, *candidates: Candidate) -> Problem:
    """One shift each morning, for people who speak French."""
    spans = [Span(START + n * DAY, START + n * DAY + 8 * HOUR) for n in range(days)]
    return Problem(tuple(seat(span, 1, skills=FR) for span in spans), candidates, zones={LINE: PARIS})


def proven(problem: Problem) -> Quality:
    """The proven best, checked by somebody who knows nothing of the engine."""
    solution = cpsat.solve(problem, 20, workers=1)
    assert solution.proven
    assert solution.quality == solution.bound == quality(problem, solution.holders)
    assert offences(problem, solution.holders) == []
    return solution.quality


@settings(max_examples=60)
@given(problems(most=8))
def test_its_proven_best_is_never_worse_than_annealing(problem: Problem) -> None:
    """It keeps every rule, and annealing finds nothing better: so it proves neither too little nor too much."""
    assert proven(problem) <= anneal.solve(problem, 0, steps=2000).quality


@settings(max_examples=30)
@given(problems(most=7), st.integers(0, 4))
def test_a_repair_needs_no_more_changes_than_annealing(problem: Problem, gone: int) -> None:
    """When somebody is gone, it finds the fewest changes, and annealing never fewer."""
    made = anneal.solve(problem, 0, steps=1000)
    before = {n: holder for n, holder in enumerate(made.holders) if holder is not None}
    rest = tuple(c for n, c in enumerate(problem.candidates) if n != gone)
    broken = replace(problem, candidates=rest, before=before, repair=True)
    assert proven(broken) <= anneal.repair(broken, 0, steps=2000).quality


def test_a_quarter_is_begun_where_annealing_ended() -> None:
    """Given holders that nothing can be better than, it proves that without a search."""
    problem = replace(quarter(1), seats=quarter(1).seats[:60])
    made = anneal.solve(problem, 0, steps=20_000)
    solution = cpsat.solve(problem, 0, start=made.holders)
    assert solution.quality <= made.quality


def test_it_stops_when_told() -> None:
    """After the first better assignment it is told to stop, and gives that."""
    told: list[Progress] = []

    def watch(progress: Progress) -> bool:
        told.append(progress)
        return False

    problem = quarter(1)
    solution = cpsat.solve(replace(problem, seats=problem.seats[:120]), 30, watch)
    assert len(told) == 1
    assert told[0].left > 0
    assert solution.quality <= told[0].quality


def test_a_fortnight_away_is_mended() -> None:
    """A repair of a whole quarter proves, in seconds, that no fewer changes would do."""
    problem = quarter(1)
    made = anneal.solve(problem, 0, steps=20_000)
    busiest = max({h for h in made.holders if h is not None}, key=made.holders.count)
    broken = leave(problem, made.holders, busiest, FIRST.replace(month=4, day=19), 14)
    mended = cpsat.solve(broken, 60)  # a shared processor needs longer for the same proof
    assert offences(broken, mended.holders) == []
    assert mended.bound is not None
    assert mended.bound.changes == mended.quality.changes > 0


def test_a_seat_that_can_be_filled_has_nothing_against_it() -> None:
    """No rule is to blame, and somebody who can have it is named."""
    assert cpsat.explain(mornings(1, some(1)), [None], 0) == cpsat.Why((), {"": 1})


def test_each_rule_alone_is_told() -> None:
    """One person who has the seat but for one rule: that rule is to blame, and without it they have it."""
    one = mornings(1).seats[0]
    whole = Span(one.start, one.end)
    cases = {
        "share": replace(some(1), share=0),
        "tier": replace(some(1), tiers=frozenset({2})),
        "skills": some(1, speaks=NL),
        "absent": some(1, away=(whole,)),
        "overlap": replace(some(1), held=(Held(one.start + HOUR, one.end, False, "belgique", 1),)),
        "rest": replace(some(1), held=(Held(one.start - 9 * HOUR, one.start - 8 * HOUR, False, LINE, 1),)),
        "stretch": replace(some(1), held=(Held(one.start - 6 * HOUR, one.start, False, LINE, 1),)),
    }
    for rule, candidate in cases.items():
        assert cpsat.explain(mornings(1, candidate), [None], 0) == cpsat.Why((rule,), {rule: 1}), rule  # type: ignore[arg-type] # its keys are rules


def test_rules_that_forbid_a_seat_together_are_told_together() -> None:
    """One is away and the other doesn't speak the language: dropping either rule fills the seat."""
    problem = mornings(1, some(1, away=(Span(START, START + DAY),)), some(2, speaks=NL))
    why = cpsat.explain(problem, [None], 0)
    assert why == cpsat.Why(("skills", "absent"), {"skills": 2, "absent": 1})


def test_a_week_that_is_full_is_told() -> None:
    """With two shifts in seven days the third stays empty, unless another loses its holder."""
    why = cpsat.explain(mornings(3, some(1, limits=Limits(week=2))), [1, 1, None], 2)
    assert why == cpsat.Why(("week", "seats"), {"week": 1, "seats": 1})


def test_a_need_that_must_stay_met_is_told() -> None:
    """The one who speaks Dutch is needed in one seat and can't leave it for the other, to whom they alone are able."""
    made = mornings(
        2, some(1, speaks=FR | NL, limits=Limits(week=1)), some(2, away=(Span(START + DAY, START + 2 * DAY),))
    )
    first = made.seats[0]
    problem = replace(made, needs=(Need(first.start, first.end, LINE, 1, NL, "all", hard=True),))
    why = cpsat.explain(problem, [1, None], 1)
    assert "needs" in why.rules
    assert why.instead["needs"] == 1
