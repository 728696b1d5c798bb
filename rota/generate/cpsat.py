"""The other engine: Google's CP-SAT, an extra (`helpline[solver]`). It proves how good a rota can be at best.

The parts of a quality are made small one after another, the gravest first, each in half the time that is left and
without losing what was won before. So what it finds is proven down to the first part that took too long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal, get_args

from rota.generate.board import Board
from rota.generate.booleans import PARTS, Booleans, library
from rota.generate.greedy import fill, place_before, place_fixed
from rota.generate.problem import Problem, Progress, Quality, Solution, Watch
from rota.generate.scoring import Measure
from rota.staff import DAY

Rule = Literal["share", "tier", "skills", "absent", "overlap", "rest", "stretch", "week", "nights", "needs", "seats"]
"""What keeps a seat empty: people's rules, hard needs, and that the other seats keep a holder."""
RULES: tuple[Rule, ...] = get_args(Rule)
AROUND = 14 * DAY
"""How far from a seat the others may be given to somebody else, to find out why it can't be filled."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a seat can't be filled: rules that together forbid it, of which none can be left out; none if it can be.

    `instead` names, for each of them without which alone it could be filled, somebody (by id) who could then have it;
    and under "" somebody who can have it as things are.
    """

    rules: tuple[Rule, ...]
    instead: Mapping[str, int]


def solve(
    problem: Problem, seconds: float, watch: Watch = lambda _: True, start: Sequence[int | None] = (), workers: int = 2
) -> Solution:
    """The best assignment found in `seconds` and what is proven of it. `watch` is told of each better one it finds.

    It begins with the holders of `start`, if they break no rule. With one worker, and time to prove everything, the
    answer is always the same. In a repair, holders that broke a limit before keep their seats. Raises
    `SolverMissingError`.
    """
    measure = Measure(problem)
    board = Board(measure)
    place_fixed(board)
    fast = {seat: board.holder[seat] for seat in problem.fixed}
    if problem.repair:
        place_before(board)
        fast |= _standing(board)
    breaking = measure.breaking([fast.get(seat, board.nobody) for seat in range(len(problem.seats))])
    fill(board)
    booleans = Booleans(measure, fast)
    best = board.holder
    given = [board.nobody if h is None else measure.ground.place.get(h, board.nobody) for h in start]
    if len(given) == len(best) and all(given[n] == p for n, p in fast.items()) and measure.breaking(given) == breaking:
        best = min(best, given, key=measure.of)
    return _Run(booleans, best, measure.of(best), watch, seconds, workers).improve(breaking)


def _standing(board: Board) -> dict[int, int]:
    """Seats whose holder breaks a limit by what they had before."""
    return {
        seat: holder
        for seat, holder in enumerate(board.holder)
        if holder != board.nobody and board.ground.against(holder, board.has[holder] & ~(1 << seat), seat)
    }


@dataclass(slots=True)
class _Run:
    """A model, the best holders known, and the time that is left for better ones."""

    booleans: Booleans
    best: list[int]
    quality: Quality
    watch: Watch
    seconds: float
    workers: int
    spent: float = 0.0
    stopped: bool = False
    bound: dict[str, int] = field(default_factory=dict)

    def improve(self, breaking: int) -> Solution:
        """Part after part. `breaking` fixed seats break a rule whatever is done."""
        proving = True
        for name, part in self.booleans.parts().items():
            constant = breaking if name == "broken" else 0
            least = constant + self._least(name, part, getattr(self.quality, name) - constant)
            value = getattr(self.quality, name)
            if proving:
                self.bound[name] = least
            proving = proving and least == value
            if self.stopped:
                break
            if not isinstance(part, int):
                self.booleans.model.add(part <= value - constant)
        return self.booleans.measure.solution(self.best, Quality(*(self.bound.get(name, 0) for name in PARTS)))

    def _least(self, name: str, part: Any, value: int) -> int:  # noqa: ANN401 - a sum of the library's
        """What this part is at least; holders that have less of it become the best."""
        if isinstance(part, int) or value == 0:
            return value
        cp, model = library(), self.booleans.model
        left = self.seconds - self.spent
        if left <= 0:
            return 0
        solver = cp.CpSolver()
        solver.parameters.max_time_in_seconds = left if name == PARTS[-1] else left / 2
        solver.parameters.num_workers = self.workers
        solver.parameters.random_seed = self.booleans.ground.problem.seed
        model.minimize(part)
        self._hint()
        status = solver.solve(model, _reporter(self))
        self.spent += solver.wall_time
        known = status in {cp.OPTIMAL, cp.FEASIBLE, cp.UNKNOWN}
        return max(0, min(value, ceil(solver.best_objective_bound - 1e-6))) if known else 0

    def _hint(self) -> None:
        self.booleans.model.clear_hints()
        for seat, gives in enumerate(self.booleans.gives):
            for person, given in gives.items():
                self.booleans.model.add_hint(given, person == self.best[seat])

    def found(self, holder: list[int], wall: float) -> bool:
        """Whether to go on, now that these holders were found `wall` seconds into a part."""
        quality = self.booleans.measure.of(holder)
        if quality < self.quality:
            self.best, self.quality = holder, quality
        spent = self.spent + wall
        self.stopped = not self.watch(Progress(spent, max(0.0, self.seconds - spent), self.quality))
        return not self.stopped


def _reporter(run: _Run) -> Any:  # noqa: ANN401 - a class of the library's, which may not be installed
    class Reporter(library().CpSolverSolutionCallback):  # type: ignore[misc] # mypy can't see its base
        def on_solution_callback(self) -> None:
            if not run.found(_holders(run.booleans, self), self.wall_time):
                self.stop_search()

    return Reporter()


def _holders(booleans: Booleans, solved: Any) -> list[int]:  # noqa: ANN401 - a solver, or a callback of one
    return [
        booleans.fast[seat] if seat in booleans.fast else next(p for p, given in gives.items() if solved.value(given))
        for seat, gives in enumerate(booleans.gives)
    ]


def explain(problem: Problem, holders: Sequence[int | None], seat: int, seconds: float = 20) -> Why:
    """Why nobody can have this seat, when the others within a fortnight may change hands, but not lose their holder.

    Hard needs that are met must stay met, and what is fixed stays. A rule that `seconds` are too short to acquit is
    among those to blame. Raises `SolverMissingError`.
    """
    case = _Case(Measure(problem), holders, seat, seconds / (2 * len(RULES)))
    if (person := case.filled(frozenset())) is not None:
        return Why((), {"": person})
    acquitted: frozenset[str] = frozenset()
    for rule in reversed(RULES):  # the plainest reasons come last, and stay
        if case.filled(acquitted | {rule}) is None:
            acquitted |= {rule}
    rules = tuple(rule for rule in RULES if rule not in acquitted)
    instead = {rule: case.filled(frozenset({rule})) for rule in rules}
    return Why(rules, {rule: person for rule, person in instead.items() if person is not None})


class _Case:
    """A seat that stays empty, and what may be done about it."""

    def __init__(self, measure: Measure, holders: Sequence[int | None], seat: int, seconds: float) -> None:
        self.measure, self.seat, self.seconds = measure, seat, seconds
        ground = measure.ground
        nobody = len(ground.people)
        self.holder = [nobody if h is None else ground.place[h] for h in holders]
        far = {n for n, s in enumerate(ground.seats) if abs(s.start - ground.seats[seat].start) > AROUND}
        self.fast = {n: self.holder[n] for n in (far | set(ground.problem.fixed)) - {seat}}

    def filled(self, relaxed: frozenset[str]) -> int | None:
        """Who can have the seat, by id, without these rules; None for nobody, or not known in time."""
        cp = library()
        booleans = Booleans(self.measure, self.fast, relaxed)
        model, nobody = booleans.model, booleans.nobody
        for seat, gives in enumerate(booleans.gives):
            if gives and (seat == self.seat or (self.holder[seat] != nobody and "seats" not in relaxed)):
                model.add(gives[nobody] == 0)
        for piece in self.measure.pieces.all if "needs" not in relaxed else ():
            are = (*self.measure.pieces.are, 0)
            if piece.hard and sum(bool(are[self.holder[n]] & piece.kind) for n in piece.seats) >= piece.n:
                model.add(booleans.there(piece) >= piece.n)
        solver = cp.CpSolver()
        solver.parameters.max_time_in_seconds = self.seconds
        solver.parameters.num_workers = 1
        if solver.solve(model) not in {cp.OPTIMAL, cp.FEASIBLE}:
            return None
        return self.measure.ground.people[_holders(booleans, solver)[self.seat]].person
