"""An assignment under way: who holds what, and what one more change would cost. Costs are in hundredths of a seat."""

from __future__ import annotations

from rota.generate.problem import Problem
from rota.generate.scoring import BAND, Measure
from rota.generate.shares import categories

NEED, EMPTY, CHANGE, WEAK, WISH = 30_000, 20_000, 4000, 500, 30
"""What a missing person of a need costs, an empty seat, another holder in a repair, a soft need, an undesired seat."""


def beyond(distance: int) -> int:
    """What it costs to be this far from one's share: nothing within the band, then more and more, up to a point."""
    over = distance - BAND
    return 0 if over <= 0 else over + min(over * over // 100, 4 * over)


class Board:
    """Seats and who holds them. `nobody` is the number of nobody, who costs `EMPTY` for each seat.

    `holder`, `has` (a set of seats for each person) and `cost` are to be read; only `move` changes them, and it asks no
    rule: `fits` does.
    """

    def __init__(self, measure: Measure) -> None:
        self.ground = ground = measure.ground
        self.pieces = measure.pieces
        problem = ground.problem
        self.nobody = len(ground.people)
        self.holder = [self.nobody] * len(ground.seats)
        self.has = [0] * self.nobody + [(1 << len(ground.seats)) - 1]
        self._kinds = (*self.pieces.are, 0)
        self._count = [0] * len(self.pieces.all)
        self._weights = [NEED if piece.hard else WEAK for piece in self.pieces.all]
        self._signatures(problem)
        self._tables(measure)
        self.own = [self._static(problem, person) for person in range(self.nobody + 1)]
        self.fixed = frozenset(problem.fixed)
        self.who = tuple(
            () if seat in self.fixed else tuple(p for p in range(self.nobody) if ground.lives[p].able >> seat & 1)
            for seat in range(len(ground.seats))
        )
        self.cost = sum(self.own[self.nobody]) + sum(
            w * piece.n for w, piece in zip(self._weights, self.pieces.all, strict=True)
        )
        self.cost += sum(table[0] for tables in self._table for table in tables)

    def _signatures(self, problem: Problem) -> None:
        names = categories(problem)
        own = [tuple(n for n, name in enumerate(names) if name in seat.categories) for seat in problem.seats]
        self._signs = tuple(dict.fromkeys(own))
        self.sign = [self._signs.index(sign) for sign in own]

    def _tables(self, measure: Measure) -> None:
        """For each person and category, what it costs to have so many."""
        problem, shares = measure.ground.problem, measure.targets
        names = categories(problem)
        most = [sum(name in seat.categories for seat in problem.seats) for name in names]
        self._table: list[list[list[int]]] = []
        for candidate in self.ground.people:
            own = shares.get(candidate.person)
            goals = [None if own is None else round(100 * own[name]) for name in names]
            self._table.append(
                [
                    [0 if goal is None else beyond(abs(100 * n - goal)) for n in range(top + 2)]
                    for goal, top in zip(goals, most, strict=True)
                ]
            )
        self._table.append([[0] * (top + 2) for top in most])
        self._have = [[0] * len(names) for _ in range(self.nobody + 1)]
        self._take = [[0] * len(self._signs) for _ in range(self.nobody + 1)]
        self._drop = [[0] * len(self._signs) for _ in range(self.nobody + 1)]
        for person in range(self.nobody):
            self._weigh(person)

    def _static(self, problem: Problem, person: int) -> list[int]:
        costs = [EMPTY if person == self.nobody else 0] * len(problem.seats)
        wishes = self.ground.people[person].wishes if person < self.nobody else ()
        for number, seat in enumerate(problem.seats):
            if any(seat.overlaps(wish) for wish in wishes):
                costs[number] += WISH
            if problem.repair and self.ground.place.get(problem.before.get(number, -1), person) != person:
                costs[number] += CHANGE
        return costs

    def _weigh(self, person: int) -> None:
        """What one seat more, and one less, costs this person, by signature."""
        if person == self.nobody:
            return
        have, tables = self._have[person], self._table[person]
        more = [table[n + 1] - table[n] for table, n in zip(tables, have, strict=True)]
        less = [table[n - 1] - table[n] if n else 0 for table, n in zip(tables, have, strict=True)]
        self._take[person] = [sum([more[c] for c in sign]) for sign in self._signs]
        self._drop[person] = [sum([less[c] for c in sign]) for sign in self._signs]

    def fits(self, person: int, seat: int, without: int = 0) -> bool:
        """Whether somebody who is able to hold a seat can have it too, once they have given up those of `without`."""
        return self.ground.fits(person, self.has[person] & ~without, seat)

    def price(self, seat: int, person: int) -> int:
        """What it costs to give a seat to somebody else than its holder, or to nobody."""
        old = self.holder[seat]
        sign = self.sign[seat]
        cost = self._take[person][sign] + self._drop[old][sign] + self.own[person][seat] - self.own[old][seat]
        differ = self._kinds[old] ^ self._kinds[person]
        if differ & self.pieces.matter[seat]:
            cost += self._needs(seat, differ, self._kinds[person])
        return cost

    def _needs(self, seat: int, differ: int, new: int) -> int:
        cost = 0
        for number, kind in self.pieces.of[seat]:
            if kind & differ:
                over = self._count[number] - self.pieces.all[number].n
                if kind & new:
                    if over < 0:
                        cost -= self._weights[number]
                elif over <= 0:
                    cost += self._weights[number]
        return cost

    def move(self, seat: int, person: int) -> None:
        """Gives a seat to somebody else than its holder, or to nobody."""
        self.cost += self.price(seat, person)
        old = self.holder[seat]
        self.holder[seat] = person
        self.has[old] &= ~(1 << seat)
        self.has[person] |= 1 << seat
        for category in self._signs[self.sign[seat]]:
            self._have[old][category] -= 1
            self._have[person][category] += 1
        self._weigh(old)
        self._weigh(person)
        differ = self._kinds[old] ^ self._kinds[person]
        if differ & self.pieces.matter[seat]:
            for number, kind in self.pieces.of[seat]:
                if kind & differ:
                    self._count[number] += 1 if kind & self._kinds[person] else -1
