"""How good an assignment is: the same measure for every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rota.generate.ground import Ground
from rota.generate.pieces import pieces
from rota.generate.problem import Problem, Quality, Solution, Unfilled
from rota.generate.shares import categories, targets_on

BAND = 100
"""How far from their share somebody may be, in hundredths of a seat, before it counts as excess."""

NOTHING = Quality(0, 0, 0, 0, 0, 0)


def quality(problem: Problem, holders: Sequence[int | None]) -> Quality:
    """How good it is that these people, by id, hold the seats."""
    measure = Measure(problem)
    nobody = len(measure.ground.people)
    return measure.of([nobody if h is None else measure.ground.place[h] for h in holders])


class Measure:
    """A problem with its shares worked out. Holders are numbers of people on its ground; beyond the last is nobody."""

    def __init__(self, problem: Problem) -> None:
        self.ground = Ground(problem)
        self.pieces = pieces(self.ground)
        self.targets = targets_on(self.ground, self.pieces)
        self._names = categories(problem)

    def of(self, holder: Sequence[int]) -> Quality:
        """How good these holders are."""
        problem, people = self.ground.problem, self.ground.people
        names = [people[p].person if p < len(people) else None for p in holder]
        hard, soft = self._missing(holder)
        return Quality(
            broken=self.breaking(holder) + len(hard),
            unfilled=names.count(None),
            changes=sum(names[seat] != person for seat, person in problem.before.items()) if problem.repair else 0,
            weak=len(soft),
            excess=self._excess(holder),
            unwished=self._unwished(holder),
        )

    def solution(self, holder: Sequence[int], bound: Quality | None = None) -> Solution:
        """The holders by id, how good they are, and why seats have none."""
        people = self.ground.people
        found = self.of(holder)
        return Solution(
            holders=tuple(people[p].person if p < len(people) else None for p in holder),
            quality=found,
            unfilled=tuple(self._because(holder, seat) for seat, p in enumerate(holder) if p == len(people)),
            proven=found <= (bound or NOTHING),
            bound=bound,
            unmet=tuple(sorted({self.pieces.all[n].need for n in self._missing(holder)[0]})),
        )

    def has(self, holder: Sequence[int]) -> list[int]:
        """The seats of each person, and of nobody, as sets."""
        found = [0] * (len(self.ground.people) + 1)
        for seat, person in enumerate(holder):
            found[person] |= 1 << seat
        return found

    def breaking(self, holder: Sequence[int]) -> int:
        """Seats whose holder breaks a rule by having them beside those before them."""
        broken = 0
        has = [0] * (len(self.ground.people) + 1)
        for seat in sorted(range(len(holder)), key=lambda n: self.ground.seats[n].start):
            person = holder[seat]
            if person < len(self.ground.candidates):
                able = self.ground.lives[person].able >> seat & 1
                broken += not (able and self.ground.fits(person, has[person], seat))
                has[person] |= 1 << seat
        return broken

    def _missing(self, holder: Sequence[int]) -> tuple[list[int], list[int]]:
        """Pieces of hard needs that aren't met, and of soft ones."""
        are = (*self.pieces.are, 0)
        hard: list[int] = []
        soft: list[int] = []
        for number, piece in enumerate(self.pieces.all):
            if sum(bool(are[holder[seat]] & piece.kind) for seat in piece.seats) < piece.n:
                (hard if piece.hard else soft).append(number)
        return hard, soft

    def _excess(self, holder: Sequence[int]) -> int:
        seats = zip(self.ground.seats, holder, strict=True)
        have = Counter((p, category) for seat, p in seats for category in seat.categories)
        excess = 0
        for number, candidate in enumerate(self.ground.candidates):
            for name in self._names:
                distance = abs(100 * have[number, name] - round(100 * self.targets[candidate.person][name]))
                excess += max(0, distance - BAND)
        return excess

    def _unwished(self, holder: Sequence[int]) -> int:
        people = self.ground.people
        return sum(
            any(self.ground.seats[seat].overlaps(wish) for wish in people[p].wishes)
            for seat, p in enumerate(holder)
            if p < len(people)
        )

    def _because(self, holder: Sequence[int], seat: int) -> Unfilled:
        has = self.has(holder)
        rules = (self.ground.against(p, has[p], seat) or "free" for p in range(len(self.ground.candidates)))
        return Unfilled(seat, dict(sorted(Counter(rules).items())))
