from fractions import Fraction
from math import exp, factorial, inf, nan

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from reports.erlang import TARGETS, USUAL, Goal, blocked, delayed, load_of, needed, service_level
from reports.errors import InputError

PEOPLE = st.integers(1, 40)
LOADS = st.floats(0, 30)
HANDLING = st.floats(10, 7_200)
SECONDS = st.floats(0, 600)
TARGET = st.sampled_from(list(TARGETS.values()))


@pytest.mark.parametrize(
    ("people", "percent", "load"),
    [(5, 1, 1.4), (5, 2, 1.7), (5, 5, 2.2), (8, 1, 3.1), (9, 1, 3.8), (9, 2, 4.3), (9, 5, 5.4)],
)
def test_erlang_b_is_the_table_s(people: int, percent: int, load: float) -> None:
    """The load that these channels bear at this blocking, to a tenth: Collins, Carrier Grade Voice over IP, app. A."""
    assert blocked(people, load - 0.05) < percent / 100 < blocked(people, load + 0.05)


def test_a_call_centre_of_fourteen() -> None:
    """100 calls in half an hour of 180 s each, 14 people, within 20 s: the example of the R package ErlangC, 0.1."""
    load = load_of(200, 180)
    assert load == pytest.approx(10)
    assert delayed(14, load) == pytest.approx(0.1741319, abs=5e-8)
    assert service_level(14, load, 180, 20) == pytest.approx(0.88835, abs=5e-6)
    assert needed(load, 180, (Goal(80, 20),)) == 14


def test_one_and_two_people_by_hand() -> None:
    """C(1, A) = A, and C(2, A) = A^2 / (2 + A); B(2, 1) = 1/5."""
    assert delayed(1, 0.4) == pytest.approx(0.4)
    assert delayed(2, 1.0) == pytest.approx(1 / 3)
    assert blocked(2, 1.0) == pytest.approx(1 / 5)
    assert service_level(1, 0.5, 600, 60) == pytest.approx(1 - 0.5 * exp(-0.05))


@given(PEOPLE, st.fractions(Fraction(1, 100), 30, max_denominator=100))
def test_the_recursion_is_the_formula(people: int, load: Fraction) -> None:
    """Beside the sums of powers and factorials, in exact fractions."""
    terms = [load**k / factorial(k) for k in range(people + 1)]
    assert blocked(people, float(load)) == pytest.approx(float(terms[-1] / sum(terms)), rel=1e-9)
    assume(people > load)
    waiting = terms[-1] * people / (people - load)
    assert delayed(people, float(load)) == pytest.approx(float(waiting / (sum(terms[:-1]) + waiting)), rel=1e-6)


@given(PEOPLE, LOADS, HANDLING, SECONDS)
def test_everything_is_a_probability(people: int, load: float, handling: float, seconds: float) -> None:
    """Between 0 and 1; who waits at all is at least who would be turned away."""
    assert 0 <= blocked(people, load) <= delayed(people, load) <= 1
    assert 0 <= service_level(people, load, handling, seconds) <= 1


@given(PEOPLE, LOADS, st.floats(0, 5), HANDLING, SECONDS)
def test_more_people_help_and_more_calls_do_not(
    people: int, load: float, more: float, handling: float, seconds: float
) -> None:
    """Nobody waits longer for one person more, nor less for a greater load."""
    level, little = service_level(people, load, handling, seconds), 1e-9
    assert service_level(people + 1, load, handling, seconds) >= level - little
    assert service_level(people, load + more, handling, seconds) <= level + little
    assert service_level(people, load, handling, seconds + more) >= level - little


@given(LOADS, st.floats(0, 5), HANDLING, TARGET)
@example(0.0, 0.0, 1_800.0, TARGETS[USUAL])
def test_the_need_is_the_fewest_that_will_do(
    load: float, more: float, handling: float, target: tuple[Goal, ...]
) -> None:
    """More than the load, every goal met, one fewer too few, and never fewer for more calls."""
    people = needed(load, handling, target)

    def met(count: int) -> bool:
        return all(100 * service_level(count, load, handling, goal.seconds) >= goal.percent for goal in target)

    assert people > load
    assert met(people)
    assert people == 1 or people - 1 <= load or not met(people - 1)
    assert needed(load + more, handling, target) >= people


def test_a_line_that_nobody_calls_needs_somebody() -> None:
    """It is open."""
    assert needed(0, 1_800, TARGETS[USUAL]) == 1


def test_a_great_load_neither_overflows_nor_takes_long() -> None:
    """Where factorials would."""
    assert 5_000 < needed(5_000, 300, TARGETS["80-20"]) < 5_100


@pytest.mark.parametrize("load", [-0.1, inf, nan])
def test_an_impossible_load_is_refused(load: float) -> None:
    """In words."""
    with pytest.raises(InputError, match="is impossible"):
        needed(load, 300, TARGETS[USUAL])


def test_a_call_without_length_is_refused() -> None:
    """Its waits would be divided by it."""
    with pytest.raises(InputError, match="a call of 0 s"):
        needed(1, 0, TARGETS[USUAL])


@pytest.mark.parametrize(("percent", "seconds"), [(0, 20), (100, 20), (80, -1)])
def test_a_goal_that_nobody_reaches_is_refused(percent: int, seconds: int) -> None:
    """Everybody at once is no goal of any queue."""
    with pytest.raises(InputError, match="no goal"):
        Goal(percent, seconds)
