from dataclasses import replace

from rota.generate.anneal import solve
from rota.generate.problem import Candidate, Held, Need, Problem, Quality
from rota.generate.scoring import quality
from rota.model import Span
from rota.staff import HOUR, Limits
from tests.rota.generate.instances import DAY, FIRST, LINE, PARIS, at, seat

START = at(FIRST, 7)
FR, NL = frozenset({"fr"}), frozenset({"nl"})
ONE, TWO = (Candidate(n, FR, frozenset(), 100, Limits()) for n in (1, 2))
SPANS = tuple(Span(START + n * DAY, START + n * DAY + 8 * HOUR) for n in range(4))
MADE = Problem(tuple(seat(span, 1) for span in SPANS), (ONE, TWO), zones={LINE: PARIS})
"""Four mornings and two people: each has a share of two."""
FINE = Quality(0, 0, 0, 0, 0, 0)


def test_nothing_wrong_is_nothing() -> None:
    """Shared out within one seat, with nobody away or unwilling, there is nothing to count."""
    assert quality(MADE, (1, 1, 1, 2)) == FINE


def test_an_empty_seat_counts() -> None:
    """Seats that nobody has are counted."""
    assert quality(MADE, (1, None, 2, None)) == replace(FINE, unfilled=2)


def test_excess_is_what_is_beyond_one_seat() -> None:
    """Two seats more than a share are one too many, and two fewer are one too few; both are told in hundredths."""
    assert quality(MADE, (1, 1, 1, 1)) == replace(FINE, excess=200)


def test_a_fixed_seat_that_breaks_a_rule_counts() -> None:
    """Somebody away in a seat that is fixed to them: it stays, and is counted."""
    problem = replace(MADE, candidates=(ONE, replace(TWO, absent=(SPANS[0],))), fixed={0: 2})
    assert quality(problem, (2, 1, 2, 1)).broken == 1
    assert solve(problem, 0, steps=500).holders[0] == 2


def test_needs_count_by_the_stretch() -> None:
    """A need over two seats of which one suits is missed once; hard ones are broken, soft ones weak."""
    dutch = replace(TWO, skills=NL)
    need = Need(SPANS[0].start, SPANS[1].end, LINE, 1, NL, "all", hard=True)
    problem = replace(MADE, candidates=(ONE, dutch), needs=(need, replace(need, hard=False)))
    # Missed on the first morning, or in the second; and in the night between them, when there is no seat at all.
    assert quality(problem, (2, 2, 1, 1)) == replace(FINE, broken=1, weak=1)
    assert quality(problem, (2, 1, 2, 1)) == replace(FINE, broken=2, weak=2)
    assert solve(problem, 0, steps=500).unmet == (0,)


def test_a_shift_on_the_line_counts_for_its_need() -> None:
    """Who is on call on the line beside the seats, and suits, meets the need; on another line they don't."""
    held = Held(SPANS[0].start, SPANS[0].end, False, LINE, 2)
    needs = (Need(SPANS[0].start, SPANS[0].end, LINE, 1, NL, "all", hard=True),)
    problem = replace(MADE, candidates=(ONE, TWO, replace(TWO, person=3, skills=NL, held=(held,))), needs=needs)
    assert quality(problem, (1, 2, 1, 2)).broken == 0
    two = replace(problem, needs=(replace(needs[0], n=2),))
    assert quality(two, (1, 2, 1, 2)).broken == 1
    elsewhere = replace(problem.candidates[2], held=(replace(held, line="belgique"),))
    assert quality(replace(problem, candidates=(ONE, TWO, elsewhere)), (1, 2, 1, 2)).broken == 1


def test_changes_count_in_a_repair_alone() -> None:
    """Another holder than before is a change, also of a seat whose holder has left; a new rota has none."""
    problem = replace(MADE, before={0: 1, 1: 2, 2: 99})
    assert quality(problem, (2, 2, 1, 1)).changes == 0
    assert quality(replace(problem, repair=True), (2, 2, 1, 1)).changes == 2


def test_undesired_seats_count() -> None:
    """A seat that touches a day its holder would rather not have is counted, and annealing gives it to the other."""
    problem = replace(MADE, candidates=(replace(ONE, wishes=(SPANS[0],)), TWO))
    assert quality(problem, (1, 2, 1, 2)) == replace(FINE, unwished=1)
    assert solve(problem, 0, steps=2000).quality == FINE


def test_a_stranger_keeps_a_fixed_seat() -> None:
    """A seat fixed to somebody who is no candidate is filled, and nobody's share."""
    solution = solve(replace(MADE, fixed={0: 77}), 0, steps=500)
    assert solution.holders[0] == 77
    assert solution.quality == FINE


def test_why_a_seat_is_empty_is_told_by_rule() -> None:
    """For each candidate the first rule that keeps them from it."""
    away = replace(ONE, absent=(SPANS[0],))
    problem = replace(MADE, seats=MADE.seats[:1], candidates=(away, replace(TWO, tiers=frozenset({2}))))
    assert solve(problem, 0, steps=500).unfilled[0].because == {"absent": 1, "tier": 1}
