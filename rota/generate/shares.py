"""What a fair share of the seats is: for engines to aim at, and for people to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from rota.duty import Category
from rota.generate.ground import Ground, suits
from rota.generate.pieces import Pieces, pieces
from rota.generate.problem import Candidate, Problem, Seat

ROUNDS, CLOSE = 500, 0.001
"""Groups of people overlap: lifting one lowers another, a little less each time, until it's less than this much of a
seat. What contradicts itself never comes to rest."""
FEW = 8
"""So many kinds of seats, by who can hold them, are also looked at two by two."""


def categories(problem: Problem) -> tuple[Category, ...]:
    """Those that are shared out here, in a lasting order."""
    return tuple(sorted({category for seat in problem.seats for category in seat.categories}))


def targets(problem: Problem) -> Mapping[int, Mapping[Category, float]]:
    """For each candidate and category, the seats that would be exactly their share.

    The seats of a category are shared out in proportion to *weight*: the share in percent, times presence: of those
    seats that could be theirs by tier and skills, the part in which they aren't away (`absent`). Debts count as seats
    held before: everybody's debt and seats together are in proportion, and nobody's target is below 0. Where tiers,
    skills and needs, soft ones too, ask a group of people for more than that, targets are as close to proportion as
    those allow, by the sum of squares. They always sum to the seats of the category, if there is anybody for them.
    """
    ground = Ground(problem)
    return targets_on(ground, pieces(ground))


def targets_on(ground: Ground, needs: Pieces) -> Mapping[int, Mapping[Category, float]]:
    """The same, when the problem has been worked out already."""
    problem = ground.problem
    found: dict[int, dict[Category, float]] = {c.person: {} for c in problem.candidates}
    floors = _Floors(ground, needs)
    seats = {c: frozenset(n for n, s in enumerate(problem.seats) if c in s.categories) for c in categories(problem)}
    shared: dict[Category, list[float]] = {}  # nights before all shifts: what is a part comes first
    for category in sorted(seats, key=lambda c: (len(seats[c]), c)):
        parts = [(seats[part], own) for part, own in shared.items() if seats[part] < seats[category]]
        total = sum(not _strange(ground, n) for n in seats[category])
        there = [problem.seats[n] for n in seats[category]]
        weights = [max(c.share, 0) * _present(c, there) for c in problem.candidates]
        debts = [c.debt.get(category, 0) / 100 for c in problem.candidates]
        shared[category] = _closest(weights, debts, total, floors.asked(seats[category], parts))
        for candidate, target in zip(problem.candidates, shared[category], strict=True):
            found[candidate.person][category] = target
    return found


def _strange(ground: Ground, seat: int) -> bool:
    """Whether a fixed seat is held by somebody who is no candidate."""
    return ground.place.get(ground.problem.fixed.get(seat, -1), -1) >= len(ground.problem.candidates)


def _present(candidate: Candidate, seats: Sequence[Seat]) -> float:
    """Of these seats that could be somebody's, by tier and skills, the part in which they aren't away."""
    could = [seat for seat in seats if _may(candidate, seat)]
    # Not of all seats: who may hold one tier only isn't owed half of what others have.
    return sum(not any(seat.overlaps(away) for away in candidate.absent) for seat in could) / max(1, len(could))


def _may(candidate: Candidate, seat: Seat) -> bool:
    return (not candidate.tiers or seat.tier in candidate.tiers) and suits(seat, candidate.skills)


class _Floors:
    """What tiers, skills and needs ask of groups of people, at least."""

    def __init__(self, ground: Ground, needs: Pieces) -> None:
        people = [(p, c) for p, c in enumerate(ground.problem.candidates) if c.share > 0]
        self._can = [frozenset(p for p, c in people if _may(c, seat)) for seat in ground.seats]
        self._kinds = {piece.kind: frozenset(p for p, _ in people if needs.are[p] & piece.kind) for piece in needs.all}
        self._needs = needs

    def asked(
        self, seats: frozenset[int], parts: Sequence[tuple[frozenset[int], Sequence[float]]]
    ) -> dict[frozenset[int], float]:
        """How many of these seats each group must hold; of `parts` of them, the group has its share already."""
        found = self._alone(seats)
        for part, shares in parts:
            for group, least in self._alone(seats - part).items():
                found[group] = max(found.get(group, 0.0), least + sum(shares[p] for p in group))
        return found

    def _alone(self, seats: frozenset[int]) -> dict[frozenset[int], float]:
        sets = {self._can[n] for n in seats}
        unions = {one | other for one, other in combinations(sets, 2)} | sets if len(sets) <= FEW else sets
        found = {group: float(sum(self._can[n] <= group for n in seats)) for group in unions}
        for kind, group in self._kinds.items():
            found[group] = max(found.get(group, 0.0), float(self._needed(kind, seats)))
        return {group: least for group, least in found.items() if group and least}

    def _needed(self, kind: int, seats: frozenset[int]) -> int:
        """Seats of these that people of a kind must hold: those of pieces that have no seat in common."""
        taken: set[int] = set()
        least = 0
        for piece in self._needs.all:
            if piece.kind == kind and seats.issuperset(piece.seats) and taken.isdisjoint(piece.seats):
                taken |= set(piece.seats)
                least += min(piece.n, len(piece.seats))
        return least


def _closest(
    weights: Sequence[float], debts: Sequence[float], total: float, asked: Mapping[frozenset[int], float]
) -> list[float]:
    """What sums to `total`, gives each group what is asked of it, and is closest to the proportion of the weights.

    That is the least sum of squares of (own + debt), each divided by its weight. Each group has a lift, which raises
    all in it by their weight; lifts are corrected in turn until nothing moves.
    """
    people = frozenset(n for n, weight in enumerate(weights) if weight > 0)
    goals = [(group & people, min(least, total)) for group, least in asked.items() if group & people]
    goals.append((people, total))
    lifts, level = [0.0] * len(goals), [0.0] * len(weights)
    for _ in range(ROUNDS if people else 0):
        moved = 0.0
        for number, (group, goal) in enumerate(goals):
            own = {p: weights[p] * level[p] - debts[p] for p in group}
            slope = sum(weights[p] for p in group if own[p] > 0) or sum(weights[p] for p in group)
            step = (goal - sum(x for x in own.values() if x > 0)) / slope
            if group != people:
                step = max(step, -lifts[number])
            lifts[number] += step
            moved = max(moved, abs(step) * slope)
            for p in group:
                level[p] += step
        if moved < CLOSE:
            break
    found = [max(0.0, weights[p] * level[p] - debts[p]) if p in people else 0.0 for p in range(len(weights))]
    return [x * total / sum(found) for x in found] if sum(found) > 0 else found
