"""A problem as CP-SAT reads it: a boolean for each seat and person who can hold it; rules and qualities as sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from rota.generate.caps import caps
from rota.generate.pieces import Piece
from rota.generate.scoring import BAND, Measure
from rota.generate.shares import categories
from rota.model import RotaError

NOT_INSTALLED = "the solver isn't installed: pip install 'helpline[solver]', or use the annealing engine"
PARTS = ("broken", "unfilled", "changes", "weak", "excess", "unwished")
"""Of a quality, the gravest first."""


class SolverMissingError(RotaError):
    """The engine asked for is an extra that isn't installed."""


def library() -> Any:  # noqa: ANN401 - mypy knows its types only where the extra is installed
    """OR-tools' CP-SAT. Raises `SolverMissingError`."""
    try:
        return import_module("ortools.sat.python.cp_model")
    except ModuleNotFoundError as error:
        raise SolverMissingError(NOT_INSTALLED) from error


class Booleans:
    """The model of a problem, without those rules that are `relaxed`. Seats in `fast` stay with whom they name.

    People are numbers, as on the ground, and beyond the last is nobody. `gives` says for each other seat whose it may
    be, and by which boolean.
    """

    def __init__(self, measure: Measure, fast: Mapping[int, int], relaxed: frozenset[str] = frozenset()) -> None:
        self.measure, self.ground, self.fast = measure, measure.ground, fast
        self.model = library().CpModel()
        self.nobody = len(self.ground.people)
        self.gives = [self._giving(seat, relaxed) for seat in range(len(self.ground.seats))]
        for seat, gives in enumerate(self.gives):
            if seat not in fast:
                self.model.add_exactly_one(gives.values())
        for person in range(len(self.ground.candidates)):
            self._cap(person, relaxed)

    def _giving(self, seat: int, relaxed: frozenset[str]) -> dict[int, Any]:
        if seat in self.fast:
            return {}
        everybody = range(len(self.ground.candidates))
        able = [p for p in everybody if relaxed.issuperset(self.ground.alone(p, seat))]
        return {p: self.model.new_bool_var("") for p in (*able, self.nobody)}

    def _cap(self, person: int, relaxed: frozenset[str]) -> None:
        fast = {seat for seat, holder in self.fast.items() if holder == person}
        seats = sum(1 << seat for seat, gives in enumerate(self.gives) if person in gives or seat in fast)
        for cap in caps(self.ground, person, seats):
            if cap.rule in relaxed:
                continue
            room = max(0, cap.most - sum(weight for seat, weight in cap.parts if seat in fast))
            parts = [(self.gives[seat][person], weight) for seat, weight in cap.parts if seat not in fast]
            if sum(weight for _, weight in parts) > room:
                self.model.add(sum(weight * given for given, weight in parts) <= room)

    def given(self, seat: int, people: Sequence[int]) -> Any:  # noqa: ANN401 - a sum of booleans, or a number
        """How many of these people hold it: 0 or 1."""
        if seat in self.fast:
            return int(self.fast[seat] in people)
        return sum(self.gives[seat][p] for p in people if p in self.gives[seat])

    def there(self, piece: Piece) -> Any:  # noqa: ANN401 - as above
        """How many of its kind hold seats of a piece of a need."""
        people = [p for p, are in enumerate(self.measure.pieces.are) if are & piece.kind]
        return sum(self.given(seat, people) for seat in piece.seats)

    def parts(self) -> Mapping[str, Any]:
        """Each part of a quality as a sum; "broken" without the fixed seats that break a rule."""
        problem = self.ground.problem
        return {
            "broken": sum(self._missed(hard=True)),
            "unfilled": sum(self.given(seat, [self.nobody]) for seat in range(len(self.gives))),
            "changes": sum(1 - self.given(*pair) for pair in self._before()) if problem.repair else 0,
            "weak": sum(self._missed(hard=False)),
            "excess": sum(self._beyond()),
            "unwished": sum(self.given(seat, self._unwilling(seat)) for seat in range(len(self.gives))),
        }

    def _before(self) -> list[tuple[int, list[int]]]:
        place = self.ground.place
        return [(seat, [place[p]] if p in place else []) for seat, p in self.ground.problem.before.items()]

    def _unwilling(self, seat: int) -> list[int]:
        span = self.ground.seats[seat]
        return [p for p, c in enumerate(self.ground.people) if any(span.overlaps(wish) for wish in c.wishes)]

    def _missed(self, *, hard: bool) -> list[Any]:
        """For each piece of such a need, whether it is missed."""
        found = []
        for piece in self.measure.pieces.all:
            if piece.hard == hard:
                missed = self.model.new_bool_var("")
                self.model.add(self.there(piece) + piece.n * missed >= piece.n)
                found.append(missed)
        return found

    def _beyond(self) -> list[Any]:
        """For each person and category, the hundredths of seats beyond the band."""
        found = []
        for category in categories(self.ground.problem):
            seats = [n for n, seat in enumerate(self.ground.seats) if category in seat.categories]
            for number, candidate in enumerate(self.ground.candidates):
                goal = round(100 * self.measure.targets[candidate.person][category])
                have = 100 * sum(self.given(seat, [number]) for seat in seats)
                over = self.model.new_int_var(0, 100 * len(seats) + goal, "")
                self.model.add(over >= have - goal - BAND)
                self.model.add(over >= goal - BAND - have)
                found.append(over)
        return found
