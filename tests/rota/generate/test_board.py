from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rota.generate.board import Board
from rota.generate.problem import Problem, Quality
from rota.generate.scoring import Measure
from tests.rota.generate.strategies import problems


@given(problems(), st.randoms(use_true_random=False))
def test_the_cost_is_that_of_who_holds_what(problem: Problem, chance: Random) -> None:
    """However seats went from hand to hand, the cost is the same as when each is given to its holder once."""
    measure = Measure(problem)
    board, again = Board(measure), Board(measure)
    for _ in range(30 if problem.seats else 0):
        seat, person = chance.randrange(len(problem.seats)), chance.randint(0, board.nobody)
        if person != board.holder[seat]:
            before, price = board.cost, board.price(seat, person)
            board.move(seat, person)
            assert board.cost - before == price
    for seat, person in enumerate(board.holder):
        if person != again.nobody:
            again.move(seat, person)
    assert (again.holder, again.cost, again.has) == (board.holder, board.cost, board.has)
    assert measure.has(board.holder) == board.has


@given(problems(), st.randoms(use_true_random=False))
def test_nothing_costs_nothing_but_what_is_perfect(problem: Problem, chance: Random) -> None:
    """An assignment costs nothing exactly if nothing that can still be changed is wrong with it."""
    measure = Measure(problem)
    board = Board(measure)
    for seat in range(len(problem.seats)):
        if (person := chance.randint(0, board.nobody)) != board.nobody:
            board.move(seat, person)
    found = measure.of(board.holder)
    wrong = Quality(found.broken - measure.breaking(board.holder), *(getattr(found, part) for part in REST))
    assert (board.cost == 0) == (wrong == Quality(0, 0, 0, 0, 0, 0))


REST = ("unfilled", "changes", "weak", "excess", "unwished")
