from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rota.generate.caps import caps
from rota.generate.ground import Ground, bits
from rota.generate.problem import Candidate, Held, Problem
from rota.model import Span
from rota.staff import HOUR, Limits
from tests.rota.generate.instances import FIRST, LINE, PARIS, at
from tests.rota.generate.instances import seat as seat_of
from tests.rota.generate.strategies import problems

START = at(FIRST, 7)
LIMITS = Limits()


def rule(*hours: tuple[int, int], limits: Limits = LIMITS, held: tuple[tuple[int, int], ...] = ()) -> str | None:
    """What keeps somebody who has all these shifts but the last from the last; hours count from 07:00 on a Monday."""
    spans = [Span(START + start * HOUR, START + end * HOUR) for start, end in hours]
    beside = tuple(Held(START + start * HOUR, START + end * HOUR, True, LINE, 1) for start, end in held)
    candidate = Candidate(1, frozenset({"fr"}), frozenset(), 100, limits, held=beside)
    ground = Ground(Problem(tuple(seat_of(span, 1) for span in spans), (candidate,), zones={LINE: PARIS}))
    last = len(spans) - 1
    has = (1 << last) - 1
    against = ground.against(0, has, last)
    able = bool(ground.lives[0].able >> last & 1)
    assert (able and ground.fits(0, has, last)) == (against is None)
    assert not able or keeps(ground, 0, has | 1 << last) == (against is None)
    return against


def keeps(ground: Ground, person: int, has: int) -> bool:
    """Whether these seats keep to every sum that the person's rules are."""
    rules = caps(ground, person, has | ground.lives[person].able)
    return all(sum(weight for seat, weight in cap.parts if has >> seat & 1) <= cap.most for cap in rules)


def test_rest_is_long_enough_to_the_second_or_not() -> None:
    """Eleven hours between two shifts are enough and ten aren't, whichever comes first, also beside one held before."""
    assert rule((0, 8), (19, 27)) is None
    assert rule((0, 8), (18, 26)) == "rest"
    assert rule((19, 27), (0, 8)) is None
    assert rule((18, 26), (0, 8)) == "rest"
    assert rule((19, 27), held=((0, 8),)) is None
    assert rule((18, 26), held=((0, 8),)) == "rest"
    assert rule((0, 8), (7, 15)) == "overlap"


def test_shifts_that_touch_are_one_stretch() -> None:
    """Thirteen hours in a row are allowed and fourteen aren't, in two shifts or in three."""
    assert rule((0, 8), (8, 13)) is None
    assert rule((0, 8), (8, 14)) == "stretch"
    assert rule((0, 14)) is None
    assert rule((8, 14), held=((0, 8),)) == "stretch"
    short = Limits(rest=2 * HOUR)
    assert rule((0, 4), (8, 12), (4, 8), limits=short) is None
    assert rule((0, 5), (10, 14), (5, 10), limits=short) == "stretch"
    assert rule((0, 5), (5, 10), held=((10, 14),), limits=short) == "stretch"
    assert rule((5, 10), held=((0, 5), (10, 14)), limits=short) == "stretch"
    assert rule((0, 5), (10, 14), held=((5, 10),), limits=short) == "stretch"


def test_a_week_is_seven_days_and_not_a_second_more() -> None:
    """With two in a week, a third that begins within seven days of the first is too many, one just after them not."""
    two = Limits(week=2)
    assert rule((0, 8), (72, 80), (168, 176), limits=two) is None
    assert rule((0, 8), (168, 176), (100, 108), limits=two) is None
    assert rule((0, 8), (72, 80), (167, 175), limits=two) == "week"
    assert rule((0, 8), (167, 175), (72, 80), limits=two) == "week"
    assert rule((0, 8), (167, 175), limits=two, held=((72, 80),)) == "week"
    assert rule((0, 8), limits=two, held=((72, 80), (167, 175))) == "week"
    assert rule((0, 8), limits=two, held=((72, 80), (168, 176))) is None


def test_nights_in_a_row_end_somewhere() -> None:
    """Of nights one after another, the third may be somebody's and the fourth may not, wherever it is in the row."""
    four = [(16 + 24 * n, 24 + 24 * n) for n in range(4)]
    rested = Limits(week=7)
    assert rule(*four[:3], limits=rested) is None
    assert rule(*four, limits=rested) == "nights"
    assert rule(four[0], four[3], four[1], four[2], limits=rested) == "nights"
    assert rule(*four[1:], limits=rested, held=(four[0],)) == "nights"
    assert rule(four[0], four[1], four[3], limits=rested) is None
    assert rule((16, 16 + 72), (24 * 5, 24 * 6), limits=rested) is None
    assert rule((16, 16 + 73), (16 + 96, 24 + 96), limits=Limits(week=7, nights=4)) is None
    assert rule((16, 16 + 96)) == "nights"


@given(problems(), st.randoms(use_true_random=False))
def test_sums_and_bits_say_the_same(problem: Problem, chance: Random) -> None:
    """A set of seats that fit one after another keeps to every cap, and one more that doesn't fit breaks one."""
    ground = Ground(problem)
    for person in range(len(problem.candidates)):
        able = ground.lives[person].able
        has = 0
        for seat in chance.sample(list(bits(able)), able.bit_count()):
            more = has | 1 << seat
            may = keeps(ground, person, more)
            assert ground.fits(person, has, seat) == may
            assert (ground.against(person, has, seat) is None) == may
            has = more if may else has


@given(problems())
def test_whoever_is_able_has_no_rule_against_them(problem: Problem) -> None:
    """Somebody can hold a seat by itself exactly if no rule keeps them from it."""
    ground = Ground(problem)
    for person in range(len(problem.candidates)):
        for seat in range(len(problem.seats)):
            assert bool(ground.lives[person].able >> seat & 1) == (ground.alone(person, seat) == ())
