from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.generate.anneal import repair, solve
from rota.generate.problem import Problem, Progress, Quality
from rota.generate.scoring import quality
from tests.rota.generate.checker import offences, unmet
from tests.rota.generate.instances import FIRST, leave, quarter
from tests.rota.generate.strategies import problems


@given(problems())
def test_no_rule_of_a_person_is_ever_broken(problem: Problem) -> None:
    """Whatever is asked, also what can't be done, a checker that knows nothing of the engine finds nothing wrong."""
    solution = solve(problem, 0, steps=1000)
    assert offences(problem, solution.holders) == []
    assert len(solution.holders) == len(problem.seats)


@given(problems())
def test_what_is_left_open_is_told(problem: Problem) -> None:
    """Empty seats and needs that aren't met are exactly those that somebody else finds, with a rule for each person."""
    solution = solve(problem, 0, steps=500)
    empty = [n for n, holder in enumerate(solution.holders) if holder is None]
    assert [gap.seat for gap in solution.unfilled] == empty
    assert all(sum(gap.because.values()) == len(problem.candidates) for gap in solution.unfilled)
    assert list(solution.unmet) == unmet(problem, solution.holders, hard=True)
    assert (solution.quality.weak > 0) == bool(unmet(problem, solution.holders, hard=False))
    assert solution.quality.unfilled == len(empty)


@given(problems())
def test_nobody_who_could_take_an_empty_seat_is_left_idle(problem: Problem) -> None:
    """At the end no empty seat has a candidate whom every rule lets take it."""
    assert all("free" not in gap.because for gap in solve(problem, 0, steps=500).unfilled)


@given(problems(), st.integers(1, 6))
def test_more_steps_are_never_worse_than_none(problem: Problem, thousands: int) -> None:
    """The answer is the best assignment met, and the first one was met."""
    assert solve(problem, 0, steps=500 * thousands).quality <= solve(problem, 0, steps=0).quality


@given(problems())
def test_the_same_steps_give_the_same_answer(problem: Problem) -> None:
    """A seed and a number of steps decide everything; the quality told is that of the holders given."""
    first, second = solve(problem, 0, steps=1000), solve(problem, 0, steps=1000)
    assert first == second
    assert first.quality == quality(problem, first.holders)


@given(problems(), st.data())
def test_a_repair_keeps_what_can_stay(problem: Problem, data: st.DataObject) -> None:
    """Who has left loses their seats; what else changes is counted, and breaks no rule of anybody."""
    made = solve(problem, 0, steps=1000)
    before = {n: holder for n, holder in enumerate(made.holders) if holder is not None}
    if not problem.candidates:
        return
    gone = data.draw(st.sampled_from(problem.candidates))
    away = tuple(c if c != gone else replace(c, share=0) for c in problem.candidates)
    broken = replace(problem, candidates=tuple(c for c in away if c.share), before=before, repair=True)
    mended = repair(broken, 0, steps=2000)
    stood = {n for n, holder in before.items() if mended.holders[n] == holder}
    assert offences(broken, mended.holders, stood) == []
    assert mended.quality.changes == sum(mended.holders[n] != holder for n, holder in before.items())


def test_a_repair_must_say_what_it_repairs() -> None:
    """Asked to repair a problem that is none of a repair, it refuses."""
    with pytest.raises(ValueError, match="repair=True"):
        repair(quarter(1), 1, steps=1)


def test_without_clock_and_steps_it_refuses() -> None:
    """Seconds that nothing counts would never be over."""
    with pytest.raises(ValueError, match="give it a clock"):
        solve(quarter(1), 60)


def test_an_absence_costs_one_change_for_each_shift_lost() -> None:
    """After a fortnight's leave the seats have new holders, nothing else moves, and the past is as it was."""
    problem = quarter(1)
    made = solve(problem, 0, steps=3000)
    start = FIRST.replace(month=4, day=19)
    busiest = max({h for h in made.holders if h is not None}, key=made.holders.count)
    broken = leave(problem, made.holders, busiest, start, 14)
    lost = [n for n, holder in broken.before.items() if holder == busiest and _in(broken, n, 14)]
    mended = repair(broken, 0, steps=2000)
    assert lost
    assert mended.quality.changes <= 2 * len(lost)
    assert offences(broken, mended.holders) == []
    assert mended.quality.unfilled == 0


def _in(problem: Problem, seat: int, days: int) -> bool:
    first = min(problem.seats[n].start for n in problem.before)
    return problem.seats[seat].start < first + days * 86_400


def test_progress_is_told_and_stop_is_heard() -> None:
    """Every fifth of a second by the clock it is given, it tells the best so far, and stops when told to."""
    ticks = count()
    told: list[Progress] = []

    def watch(progress: Progress) -> bool:
        told.append(progress)
        return len(told) < 3

    solution = solve(quarter(1), 60, watch, lambda: next(ticks) / 8)
    assert [round(p.spent + p.left) for p in told] == [60, 60, 60]
    assert told[1].spent - told[0].spent == 0.25
    assert told[0].quality >= told[-1].quality >= solution.quality


def test_time_is_kept() -> None:
    """It stops at the first look at the clock after the seconds are over."""
    ticks = count()
    solve(quarter(1), 10, clock=lambda: next(ticks))
    assert next(ticks) <= 13


def test_nothing_better_ends_it() -> None:
    """An assignment with nothing wrong at all is the best there is, and the rest of the time is given back."""
    problem = quarter(1)
    small = replace(problem, seats=problem.seats[:12], needs=())
    ticks = count()
    solution = solve(small, 1000, clock=lambda: next(ticks))
    assert solution.proven
    assert solution.quality == Quality(0, 0, 0, 0, 0, 0)
    assert next(ticks) < 1000


def test_the_first_steps_of_a_quarter_break_no_rule() -> None:
    """Where people have many shifts that can be exchanged, chains of changes keep everybody's rules."""
    problem = quarter(3)
    solution = solve(problem, 0, steps=10_000)
    assert offences(problem, solution.holders) == []
    assert list(solution.unmet) == unmet(problem, solution.holders, hard=True) == []
    assert solution.quality.excess < 1000 < solve(problem, 0, steps=0).quality.excess


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 3))
def test_a_quarter_keeps_every_rule(seed: int) -> None:
    """37 people, 13 weeks, two tiers: every seat filled, every need met, nobody far from their share."""
    problem = quarter(seed)
    solution = solve(problem, 0, steps=150_000)
    assert offences(problem, solution.holders) == []
    assert unmet(problem, solution.holders, hard=True) == []
    assert solution.quality.unfilled == 0
    assert solution.quality.excess < 500
