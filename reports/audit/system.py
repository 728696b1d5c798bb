"""What is known of whole numbers that nobody sees: a range for each, and sums that hold between them.

Variables are whatever can be hashed; their order is that of first mention, so that the same system is always solved
the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

Variable = Hashable
Range = tuple[int, int | None]
"""The least and the greatest value, both included; None where there is no greatest. No variable is below 0."""


class Trust(IntEnum):
    """How sure a relation is: where figures contradict each other, the least sure ones are given up first."""

    ASSUMED = 0
    """Two ways of counting that should agree, as calls answered and contacts coded."""
    ACROSS = 1
    """Between what was counted on different days: a year and its months, a line and all lines together."""
    DEFINED = 2
    """True by definition of what was counted in one go."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A weighted sum of variables lies between `low` and `high`, both included; None where there is no such end."""

    terms: Mapping[Variable, int]
    low: int | None
    high: int | None
    says: str
    """In words, for people."""
    trust: Trust = Trust.DEFINED

    def of(self, values: Mapping[Variable, int]) -> int:
        """Returns the weighted sum."""
        return sum(factor * values[variable] for variable, factor in self.terms.items())

    def holds(self, values: Mapping[Variable, int]) -> bool:
        """Says whether it is true of `values`, in whole numbers."""
        total = self.of(values)
        return (self.low is None or self.low <= total) and (self.high is None or total <= self.high)


def adds_up(whole: Variable, parts: Iterable[Variable], says: str, trust: Trust = Trust.DEFINED) -> Relation:
    """Returns: the parts, each counted as often as it is given, sum to the whole."""
    return Relation(_difference((whole,), parts), 0, 0, says, trust)


def at_most(
    less: Iterable[Variable], more: Iterable[Variable], says: str, trust: Trust = Trust.DEFINED, times: int = 1
) -> Relation:
    """Returns: `less` together are no more than `times` as many as `more` together."""
    return Relation(_difference(more, less, times), 0, None, says, trust)


def _difference(more: Iterable[Variable], less: Iterable[Variable], times: int = 1) -> dict[Variable, int]:
    terms: dict[Variable, int] = {}
    for variables, factor in ((more, times), (less, -1)):
        for variable in variables:
            terms[variable] = terms.get(variable, 0) + factor
    return {variable: factor for variable, factor in terms.items() if factor}


@dataclass(frozen=True, slots=True)
class System:
    """Variables with their ranges, and the relations between them. KeyError if one is of a variable without a range."""

    ranges: Mapping[Variable, Range]
    relations: Sequence[Relation]

    def __post_init__(self) -> None:
        for relation in self.relations:
            for variable in relation.terms:
                self.ranges[variable]

    def holds(self, values: Mapping[Variable, int]) -> bool:
        """Says whether `values` could be the truth: every range and every relation, in whole numbers."""
        return all(
            low <= values[variable] and (high is None or values[variable] <= high)
            for variable, (low, high) in self.ranges.items()
        ) and all(relation.holds(values) for relation in self.relations)


def parts(system: System, wanted: Iterable[tuple[Variable, ...]]) -> list[System]:
    """Returns the independent parts of a system that hold `wanted` variables; those of one tuple are in one part.

    What is exactly known ties nothing together: it is a constant of every part that it occurs in.
    """
    asked = tuple(wanted)
    root = {variable: variable for variable in system.ranges}

    def find(variable: Variable) -> Variable:
        while root[variable] != variable:
            root[variable] = root[root[variable]]
            variable = root[variable]
        return variable

    tied_by = ([one for one in relation.terms if not _fixed(system, one)] for relation in system.relations)
    for variables in (*tied_by, *asked):
        for variable in variables:
            root[find(variable)] = find(variables[0])
    # A constant that is asked for is a part of its own: the relations between constants alone.
    roots = dict.fromkeys(find(variables[0]) for variables in asked)
    ranges: dict[Variable, dict[Variable, Range]] = {one: {} for one in roots}
    relations: dict[Variable, list[Relation]] = {one: [] for one in roots}
    for variable, bounds in system.ranges.items():
        if (one := find(variable)) in ranges:
            ranges[one][variable] = bounds
    for relation in system.relations:
        tied = [find(one) for one in relation.terms if not _fixed(system, one)]
        for one in dict.fromkeys(tied or map(find, relation.terms)):
            if one in relations:
                relations[one].append(relation)
                ranges[one] |= {variable: system.ranges[variable] for variable in relation.terms}
    return [System(ranges[one], relations[one]) for one in roots]


def _fixed(system: System, variable: Variable) -> bool:
    low, high = system.ranges[variable]
    return low == high
