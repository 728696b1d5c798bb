"""HiGHS, the solver: the greatest and the least that a weighted sum of a system's variables can be.

Its answers are floating-point numbers and are believed only one way: a point counts after it was rounded and checked
against every range and relation in whole numbers (`Answer.point`). The status of the model is read after every solve,
because a model that failed leaves zeros which look like an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import highspy

from reports.audit.system import Relation, System, Trust, Variable
from reports.errors import AuditError

OPTIONS: Mapping[str, bool | int | float] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
    "mip_max_nodes": 1_000_000,
}
"""One thread and one seed, so that the same figures always get the same verdict."""
ENDS: Mapping[str, int] = {"low": 1, "high": -1}
"""The ends of a relation, and which way it is missed there."""
DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
"""HiGHS' strategies. With the primal one, what is feasible stays so when only the objective changes: it goes on from
the last answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solve found."""

    best: float
    """The least or greatest weighted sum; of whole numbers if the model is of whole numbers."""
    point: Mapping[Variable, int] | None
    """Whole numbers that reach it and hold in the whole system; None if the solver's point isn't one of those."""


DECIDED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


class Model:
    """One system as HiGHS sees it. Only the objective changes between solves."""

    def __init__(self, system: System, *, whole: bool) -> None:
        """`whole`: only whole numbers, settled by branching; else also what lies between, which is faster."""
        self._system = system
        self._columns = {variable: place for place, variable in enumerate(system.ranges)}
        self._whole = whole
        self._costs: list[int] = []
        self._highs = highspy.Highs()
        for name, value in OPTIONS.items():
            self._told(self._highs.setOptionValue(name, value), name)
        if not whole:
            self._told(self._highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX), "simplex_strategy")
            self._told(self._highs.setOptionValue("presolve", "off"), "presolve")
        self._told(self._highs.passModel(self._program()), "the model")

    def least(self, terms: Mapping[Variable, int]) -> Answer | None:
        """Returns the least weighted sum; None if the system has no point at all. AuditError if it can't be told."""
        return self._best(terms, highspy.ObjSense.kMinimize)

    def most(self, terms: Mapping[Variable, int]) -> Answer | None:
        """Returns the greatest weighted sum, as `least` does."""
        return self._best(terms, highspy.ObjSense.kMaximize)

    def _best(self, terms: Mapping[Variable, int], sense: highspy.ObjSense) -> Answer | None:
        highs = self._highs
        changed = dict.fromkeys(self._costs, 0) | {self._columns[one]: factor for one, factor in terms.items()}
        for column, cost in changed.items():
            self._told(highs.changeColCost(column, cost), "an objective")
        self._costs = [self._columns[one] for one in terms]
        self._told(highs.changeObjectiveSense(sense), "a direction")
        status = self._run()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            told = highs.modelStatusToString(status)
            raise AuditError(f"the audit can't be finished: HiGHS says {told!r}; nothing is proven, so release nothing")
        values = highs.getSolution().col_value
        rounded = {variable: round(value) for variable, value in zip(self._columns, values, strict=True)}
        near = all(abs(value - round(value)) < 1e-4 for value in values)
        point = rounded if near and self._system.holds(rounded) else None
        if self._whole and point is None:
            raise AuditError("the audit can't be finished: HiGHS gave a point that breaks the figures; release nothing")
        return Answer(highs.getObjectiveValue(), point)

    def _run(self) -> highspy.HighsModelStatus:
        """Solves from where the last objective ended; from nothing, and the other way, where that comes to no end.

        A small system was seen to end as "Unknown" after a change of direction, and as optimal when begun anew.
        """
        highs = self._highs
        self._told(highs.run(), "a run")
        if (status := highs.getModelStatus()) in DECIDED or self._whole:
            return status
        self._told(highs.clearSolver(), "a new start")
        self._told(highs.setOptionValue("simplex_strategy", DUAL_SIMPLEX), "simplex_strategy")
        self._told(highs.run(), "a run")
        status = highs.getModelStatus()
        self._told(highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX), "simplex_strategy")
        return status

    def _program(self) -> highspy.HighsLp:
        program = highspy.HighsLp()
        ranges, relations = self._system.ranges, self._system.relations
        program.num_col_, program.num_row_ = len(ranges), len(relations)
        program.col_cost_ = [0.0] * len(ranges)
        program.col_lower_ = [float(low) for low, _ in ranges.values()]
        program.col_upper_ = [_end(high) for _, high in ranges.values()]
        program.row_lower_ = [-_end(None if one.low is None else -one.low) for one in relations]
        program.row_upper_ = [_end(one.high) for one in relations]
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = [0, *accumulate(len(one.terms) for one in relations)]
        matrix.index_ = [self._columns[variable] for one in relations for variable in one.terms]
        matrix.value_ = [float(factor) for one in relations for factor in one.terms.values()]
        if self._whole:
            program.integrality_ = [highspy.HighsVarType.kInteger] * len(ranges)
        return program

    def _told(self, status: highspy.HighsStatus, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise AuditError(f"the audit can't be made: HiGHS refused {what}; release nothing")


def _end(value: int | None) -> float:
    return highspy.kHighsInf if value is None else float(value)


def mended(system: System) -> tuple[System, tuple[str, ...]]:
    """Returns a system that has a point, and what was given up for it, in words: as little and as unsure as possible.

    Figures can contradict each other where they were counted on different days. Each end of a relation may then be
    missed at a price, a hundred times higher for what is surer, and the ends that the cheapest point misses are given
    up. Never given up are definitions, and ranges, which are what was printed: AuditError if those contradict each
    other, since then the figures aren't what this software printed.
    """
    point = _cheapest(system, [one.trust is not Trust.DEFINED for one in system.relations])
    if point is None:
        point = _cheapest(system, [True] * len(system.relations)) or {}
        broken = [one.says for place, one in enumerate(system.relations) if _missed(point, place)]
        raise AuditError(f"these figures contradict each other: {'; '.join(broken)}. Restore the ledger")
    kept, given_up = [], []
    for place, relation in enumerate(system.relations):
        missed = _missed(point, place)
        low, high = (None if end in missed else getattr(relation, end) for end in ENDS)
        kept.append(Relation(relation.terms, low, high, relation.says, relation.trust))
        given_up += [relation.says] if missed else []
    return System(system.ranges, kept), tuple(given_up)


def _cheapest(system: System, may_miss: Sequence[bool]) -> Mapping[Variable, int] | None:
    """Returns the point that misses least, with by how much it misses each end: `_missed` reads that."""
    ranges = dict(system.ranges)
    relations: list[Relation] = []
    price: dict[Variable, int] = {}
    for place, relation in enumerate(system.relations):
        slack: dict[Variable, int] = {}
        for end, factor in ENDS.items() if may_miss[place] else ():
            if getattr(relation, end) is not None:
                miss = ("miss", place, end)
                ranges[miss] = (0, None)
                slack[miss] = factor
                price[miss] = 100**relation.trust
        relations.append(Relation({**relation.terms, **slack}, relation.low, relation.high, relation.says))
    found = Model(System(ranges, relations), whole=True).least(price)
    return found.point if found else None


def _missed(point: Mapping[Variable, int], place: int) -> list[str]:
    return [end for end in ENDS if point.get(("miss", place, end))]
