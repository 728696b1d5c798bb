"""The engine: simulated annealing in plain Python. It never breaks a rule of a person, so it can stop at any time.

A step gives a seat to somebody else; if one other seat of theirs is in the way, that one goes to the seat's holder, or
to a third person. Whatever is cheaper stays, and now and then what isn't, less and less so as the time goes by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from random import Random

from rota.generate.board import Board
from rota.generate.greedy import fill, place_before, place_fixed
from rota.generate.problem import Problem, Progress, Solution, Watch
from rota.generate.scoring import Measure

Clock = Callable[[], float]
"""Seconds, from whenever: it never goes back."""

HOT, COLD = 120.0, 2.0
"""The rise in cost that a step survives one time in e, at first and in the end."""
ROUNDS = (0.0, 0.1, 0.35, 1.0)
"""The parts of the time after which it is hot again: an easy problem is solved in the first round."""
BATCH = 500
"""Steps between two looks at the clock."""
OFTEN = 0.2
"""Seconds between two reports."""


@dataclass(frozen=True, slots=True)
class Time:
    """How long an engine may work: seconds by `clock` since it began, or so many steps whatever the clock says."""

    seconds: float
    clock: Clock
    began: float
    steps: int | None = None

    def part(self, spent: float, steps: int) -> float:
        """How much of it is over, from 0 to 1 and beyond."""
        if self.steps is not None:
            return steps / self.steps if self.steps > 0 else 1.0
        return spent / self.seconds if self.seconds > 0 else 1.0


def _on(_: Progress) -> bool:
    return True


def _stopped() -> float:
    return 0.0


def solve(
    problem: Problem, seconds: float, watch: Watch = _on, clock: Clock = _stopped, steps: int | None = None
) -> Solution:
    """The best assignment found in `seconds`, or before if none can be better or `watch` says stop.

    `watch` is told about every 0.2 s. With `steps` given, so many are made whatever the clock says, and the answer is
    the same each time; without, `clock` has to be given. No rule of a person is ever broken, but by fixed seats.
    """
    if steps is None and clock is _stopped:
        raise ValueError("nothing would ever end this: give it a clock, or a number of steps")
    began = clock()
    measure = Measure(problem)
    board = Board(measure)
    place_fixed(board)
    if problem.repair:
        place_before(board)
    fill(board)
    hot = COLD if problem.repair else HOT
    return measure.solution(_Annealing(board, measure, watch, Time(seconds, clock, began, steps)).run(hot, COLD))


def repair(
    problem: Problem, seconds: float, watch: Watch = _on, clock: Clock = _stopped, steps: int | None = None
) -> Solution:
    """The same with `before` kept wherever it can be: the fewest changes first, then shares and wishes."""
    if not problem.repair:
        raise ValueError("a problem to repair says so: repair=True, and who holds the seats in `before`")
    return solve(problem, seconds, watch, clock, steps)


def _heat(hot: float, cold: float, done: float) -> float:
    """It cools from hot to cold in each round."""
    start, end = next((start, end) for start, end in pairwise(ROUNDS) if done < end)
    return hot * exp(log(cold / hot) * (done - start) / (end - start))


class _Annealing:
    """One run over a board."""

    def __init__(self, board: Board, measure: Measure, watch: Watch, time: Time) -> None:
        self.board, self.measure, self.watch, self.time = board, measure, watch, time
        self.random = Random(board.ground.problem.seed)  # noqa: S311 - to be repeatable is the point
        self.seats = [seat for seat, who in enumerate(board.who) if who]
        self.cheapest, self.least = list(board.holder), board.cost
        self.best, self.quality = self.cheapest, measure.of(self.cheapest)

    def run(self, hot: float, cold: float) -> list[int]:
        """The holders of the best assignment met."""
        steps, told = 0, self.time.clock()
        while self.seats and self.least > 0:
            now = self.time.clock()
            spent = now - self.time.began
            done = self.time.part(spent, steps)
            if done >= 1:
                break
            if now - told >= OFTEN:
                told = now
                if not self.watch(Progress(spent, max(0.0, self.time.seconds - spent), self.quality)):
                    break
            self._batch(_heat(hot, cold, done))
            steps += BATCH
        return self.best

    def _compare(self) -> None:
        """What costs least isn't always best: costs grow faster than excess, so that nobody is very far away."""
        quality = self.measure.of(self.cheapest)
        if quality < self.quality:
            self.best, self.quality = self.cheapest, quality

    def _batch(self, heat: float) -> None:
        least = self.least
        self._steps(heat)
        if self.least < least:
            self._compare()

    def _steps(self, heat: float) -> None:
        board, random, seats = self.board, self.random.random, self.seats
        for _ in range(BATCH):
            seat = seats[int(random() * len(seats))]
            who = board.who[seat]
            person = who[int(random() * len(who))]
            if person == board.holder[seat]:
                continue
            most = -heat * log(1 - random())  # the highest price that this step may have
            if not board.fits(person, seat):
                self._chain(seat, person, most)
            elif board.price(seat, person) <= most:
                board.move(seat, person)
                self._note()
            elif random() < 0.5:
                self._swap(seat, person, most)

    def _note(self) -> None:
        if self.board.cost < self.least:
            self.least, self.cheapest = self.board.cost, list(self.board.holder)

    def _chain(self, seat: int, person: int, most: float) -> None:
        """Somebody takes a seat and gives up the one that keeps them from it."""
        board = self.board
        blocking = board.has[person] & board.ground.rules[person].clash[seat]
        if not blocking or blocking & (blocking - 1):
            return
        self._exchange(seat, person, blocking.bit_length() - 1, most)

    def _swap(self, seat: int, person: int, most: float) -> None:
        """Somebody takes a seat and gives another of theirs."""
        mine = self.board.has[person]
        if mine:
            other = self._any(mine)
            self._exchange(seat, person, other, most)

    def _any(self, several: int) -> int:
        for _ in range(int(self.random.random() * several.bit_count())):
            several &= several - 1
        return (several & -several).bit_length() - 1

    def _exchange(self, seat: int, person: int, other: int, most: float) -> None:
        board = self.board
        if other in board.fixed or not board.fits(person, seat, without=1 << other):
            return
        old = board.holder[seat]
        price = board.price(seat, person)
        third = old
        if old == board.nobody or self.random.random() < 0.3:
            third = board.who[other][int(self.random.random() * len(board.who[other]))]
        if third == person or not self._takes(third, other, seat):
            return
        board.move(seat, person)
        price += board.price(other, third)
        if price <= most:
            board.move(other, third)
            self._note()
        else:
            board.move(seat, old)

    def _takes(self, third: int, other: int, seat: int) -> bool:
        board = self.board
        if third == board.nobody or not board.ground.lives[third].able >> other & 1:
            return False
        return board.fits(third, other, without=1 << seat)
