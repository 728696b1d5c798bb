"""What follows from sums of whole numbers, by hand: bounds are narrowed until nothing moves, then cases are tried.

Nothing of `reports` is used here, and no solver: what the auditor overlooks by mistake, this shouldn't overlook too.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Q = TypeVar("Q", bound=Hashable)
"""What stands for a quantity."""


class ContradictionError(Exception):
    """No whole numbers fit."""


@dataclass(slots=True)
class Sums(Generic[Q]):
    """Quantities with the least and the greatest they can be, and weighted sums of them with theirs."""

    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    place: dict[Q, int] = field(default_factory=dict)
    sums: list[tuple[list[tuple[int, int]], int, int]] = field(default_factory=list)
    of: list[list[int]] = field(default_factory=list)
    trail: list[tuple[int, int, int]] = field(default_factory=list)

    def quantity(self, name: Q, low: int = 0, high: int = 10**6) -> None:
        """Learns of a quantity; of one it knows already, learns that it also lies in this range."""
        if name not in self.place:
            self.place[name] = len(self.low)
            self.low.append(low)
            self.high.append(high)
            self.of.append([])
        place = self.place[name]
        self.low[place], self.high[place] = max(low, self.low[place]), min(high, self.high[place])

    def between(self, low: int, terms: Mapping[Q, int], high: int) -> None:
        """Learns that a weighted sum lies between two numbers."""
        members = [(self.place[name], factor) for name, factor in terms.items()]
        for place, _ in members:
            self.of[place].append(len(self.sums))
        self.sums.append((members, low, high))

    def equal(self, whole: Q, parts: Iterable[Q]) -> None:
        """Learns that parts add up to a whole."""
        self.between(0, {whole: 1, **dict.fromkeys(parts, -1)}, 0)

    def at_most(self, less: Q, more: Q) -> None:
        """Learns that one isn't greater than another."""
        self.between(0, {more: 1, less: -1}, 10**6)

    def range(self, name: Q) -> tuple[int, int]:
        """The least and the greatest a quantity can be, as far as it was found out."""
        return self.low[self.place[name]], self.high[self.place[name]]

    def narrow(self, starts: Iterable[int] | None = None) -> None:
        """Draws every conclusion from one sum at a time until nothing moves."""
        waiting = list(range(len(self.sums)) if starts is None else starts)
        queued = set(waiting)
        while waiting:
            at = waiting.pop()
            queued.discard(at)
            for place in self._conclude(at):
                for other in self.of[place]:
                    if other not in queued:
                        queued.add(other)
                        waiting.append(other)

    def _conclude(self, at: int) -> list[int]:
        members, low, high = self.sums[at]
        lows, highs = self.low, self.high
        least = sum(factor * (lows[place] if factor > 0 else highs[place]) for place, factor in members)
        most = sum(factor * (highs[place] if factor > 0 else lows[place]) for place, factor in members)
        if least > high or most < low:
            raise ContradictionError
        moved = []
        for place, factor in members:
            small, large = lows[place], highs[place]
            width = abs(factor) * (large - small)
            # The others leave `high - (least without it)` for this one, and need `low - (most without it)` from it.
            if width > high - least or width > most - low:
                up, down = (high - least) // abs(factor), (most - low) // abs(factor)
                first = max(small, large - (down if factor > 0 else up))
                last = min(large, small + (up if factor > 0 else down))
                if first > last:
                    raise ContradictionError
                if (first, last) != (small, large):
                    self.trail.append((place, small, large))
                    lows[place], highs[place] = first, last
                    moved.append(place)
        return moved

    def suppose(self, place: int, low: int, high: int) -> None:
        """Narrows under a supposition; ContradictionError if it can't be. `undo` takes it back."""
        self.trail.append((place, self.low[place], self.high[place]))
        self.low[place], self.high[place] = max(low, self.low[place]), min(high, self.high[place])
        if self.low[place] > self.high[place]:
            raise ContradictionError
        self.narrow(self.of[place])

    def undo(self, mark: int) -> None:
        """Goes back to where the trail was `mark` long."""
        while len(self.trail) > mark:
            place, low, high = self.trail.pop()
            self.low[place], self.high[place] = low, high

    def shave(self, name: Q) -> None:
        """Takes ends off a quantity's range that lead to a contradiction."""
        place = self.place[name]
        for end in (-1, 1):
            while self.low[place] < self.high[place]:
                value = self.low[place] if end < 0 else self.high[place]
                if self._possible(place, value):
                    break
                self.suppose(place, value + 1 if end < 0 else 0, value - 1 if end > 0 else 10**6)

    def _possible(self, place: int, value: int) -> bool:
        mark = len(self.trail)
        try:
            self.suppose(place, value, value)
        except ContradictionError:
            return False
        finally:
            self.undo(mark)
        return True

    def tied_to(self, name: Q) -> list[int]:
        """The places of all quantities that some chain of sums ties to this one, and its own."""
        found = {self.place[name]: None}
        waiting = list(found)
        while waiting:
            for at in self.of[waiting.pop()]:
                fresh = [place for place, _ in self.sums[at][0] if place not in found]
                found |= dict.fromkeys(fresh)
                waiting += fresh
        return list(found)

    def world(
        self, rng: random.Random, among: list[int], first: tuple[Q, int] | None = None, tries: int = 200
    ) -> dict[int, int] | None:
        """Whole numbers for all of `among`, with one of them chosen; None if none that fit were found in so many tries.

        `among` are places that are tied to no other.
        """
        mark = len(self.trail)
        try:
            if first:
                self.suppose(self.place[first[0]], first[1], first[1])
            return self._fill(rng, among, tries)
        except ContradictionError:
            return None
        finally:
            self.undo(mark)

    def _fill(self, rng: random.Random, among: list[int], tries: int) -> dict[int, int] | None:
        # The small ones first: they are what is asked for, and the large ones have room for whatever they come to.
        order = sorted(among, key=lambda place: (self.high[place], rng.random()))
        for place in order:
            while self.low[place] < self.high[place]:
                mark = len(self.trail)
                low, high = self.low[place], self.high[place]
                value = rng.randint(low, high) if high < 20 else (low + high) // 2
                try:
                    self.suppose(place, value, value)
                except ContradictionError:
                    self.undo(mark)
                    if not (tries := tries - 1):
                        return None
                    # What can't be is taken out, at the end that it is nearer to.
                    ends = (value + 1, high) if value - low <= high - value else (low, value - 1)
                    self.suppose(place, *ends)
        return {place: self.low[place] for place in among}
