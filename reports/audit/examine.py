"""Which variables of a system can be told too well by whoever knows the system: bounds for each, certain both ways.

A variable is *exposed* if it is exactly known below 10, if it is certainly 1, 2, 3 or 4, or if it certainly holds nine
tenths of its row. Two kinds of proof settle each question, and nothing else does:

- safe: points of whole numbers, each checked in whole numbers against every range and relation, that differ enough -
  one with 10 or more; or two different values, one of them 0 or above 4. No trust in the solver is needed for that;
- exposed: bounds of the linear programme, which also allows what lies between whole numbers and therefore never
  claims too narrow a range; the lower one is rounded up, the upper one down, each only after a grain of tolerance has
  been let go outwards.

A question that neither settles is *doubtful*: the linear bounds look harmless, but no whole point shows that they are.
Those alone go to the mixed-integer programme, whose best points are checked like any other, so that least and greatest
are attained and the answer is exact. Points found for one question settle many others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from reports.audit.solve import Answer, Model, mended
from reports.audit.system import System, Variable, parts
from reports.errors import AuditError
from reports.rounding import BASE, LEAST_PRINTED

Why = Literal["exact", "few", "most"]
"""Exactly known below 10; certainly 1 to 4; certainly nine tenths of its row."""
GRAIN = 1e-5
"""Wider than the solver's tolerance; no two bounds that matter lie so near each other."""
TENTHS = 9
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Question:
    """Is this variable exposed? With a `row`: does it hold nine tenths of that?"""

    variable: Variable
    row: Variable | None = None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What it is about."""
        return (self.variable,) if self.row is None else (self.variable, self.row)

    @property
    def excess(self) -> Mapping[Variable, int]:
        """What is below 0 wherever the variable holds less than nine tenths of its row."""
        return {self.variable: 10, self.row: -TENTHS}


@dataclass(frozen=True, slots=True)
class Finding:
    """An exposed variable, with the range it is known to lie in."""

    question: Question
    low: int
    high: int
    why: Why


@dataclass(frozen=True, slots=True)
class Examined:
    """What is exposed, in the order asked, and which relations were given up because the figures contradict them."""

    findings: tuple[Finding, ...]
    given_up: tuple[str, ...]


def examine(system: System, questions: Sequence[Question], on_progress: OnProgress = lambda *_: None) -> Examined:
    """Answers every question. AuditError if the solver can't tell: nothing is safe then.

    `on_progress` is told how many questions are settled, and of how many.
    """
    findings: dict[Question, Finding] = {}
    given_up: list[str] = []
    asked: set[Question] = set()
    for part in parts(system, [question.variables for question in questions]):
        mine = [question for question in questions if question.variable in part.ranges]
        mine = [question for question in mine if question not in asked]
        inquiry = _Inquiry(part)
        inquiry.look_around(question.variable for question in mine)
        given_up += inquiry.given_up
        for question in mine:
            if found := inquiry.ask(question):
                findings[question] = found
            asked.add(question)
            on_progress(len(asked), len(questions))
    return Examined(tuple(findings[one] for one in questions if one in findings), tuple(given_up))


def why(low: int, high: int) -> Why | None:
    """Returns why a count known to lie between `low` and `high` is exposed, None if it isn't."""
    if low == high < LEAST_PRINTED:
        return "exact"
    return "few" if low >= 1 and high < BASE else None


class _Inquiry:
    """One independent part of a system, its solver, and what the points found so far have shown."""

    def __init__(self, part: System) -> None:
        self._system, self.given_up = part, tuple[str, ...]()
        self._lowest: dict[Variable, int] = {}
        self._highest: dict[Variable, int] = {}
        self._points: list[Mapping[Variable, int]] = []
        self._models: dict[bool, Model] = {}
        if not self._has_a_point():
            self._system, self.given_up = mended(part)
            self._models.clear()
            if not self._has_a_point():
                raise AuditError("the audit can't be made: the figures contradict each other; restore the ledger")

    def look_around(self, variables: Iterable[Variable]) -> None:
        """Finds points that settle many questions at once: all as large as can be, all as small, then half of each."""
        every = tuple(dict.fromkeys(variables))
        for bit in range(len(every).bit_length() + 1):
            open_ones = [one for one in every if not self._shown_safe(one)]
            terms = {one: -1 if bit and place >> (bit - 1) & 1 else 1 for place, one in enumerate(open_ones)}
            for whole in (False, True) if terms else ():
                model = self._model(whole=whole)
                answers = [self._seen(model.most(terms)), self._seen(model.least(terms))]
                if all(answer and answer.point for answer in answers):
                    break

    def ask(self, question: Question) -> Finding | None:
        return self._size(question) if question.row is None else self._share(question)

    def _has_a_point(self) -> bool:
        """Finds a first point of whole numbers; False if there is none."""
        if self._seen(self._model(whole=False).least({})) is None:
            return False
        return bool(self._points) or self._seen(self._model(whole=True).least({})) is not None

    def _model(self, *, whole: bool) -> Model:
        if whole not in self._models:
            self._models[whole] = Model(self._system, whole=whole)
        return self._models[whole]

    def _seen(self, answer: Answer | None) -> Answer | None:
        """Notes what a checked point shows of every variable."""
        if answer and answer.point:
            self._points.append(answer.point)
            for variable, value in answer.point.items():
                self._lowest[variable] = min(value, self._lowest.get(variable, value))
                self._highest[variable] = max(value, self._highest.get(variable, value))
        return answer

    def _shown_safe(self, variable: Variable) -> bool:
        low, high = self._lowest[variable], self._highest[variable]
        return why(low, high) is None

    def _size(self, question: Question) -> Finding | None:
        terms = {question.variable: 1}
        for whole in (False, True):
            model = self._model(whole=whole)
            bounds: list[float] = []
            for solve in (model.most, model.least):
                if self._shown_safe(question.variable):
                    return None
                bounds.append(self._best(solve, terms))
            low, high = ceil(bounds[1] - GRAIN), floor(bounds[0] + GRAIN)
            if reason := why(low, high):
                return Finding(question, low, high, reason)
        if self._shown_safe(question.variable):
            return None
        raise AuditError(f"the audit can't be finished: {question.variable} stays in doubt; release nothing")

    def _share(self, question: Question) -> Finding | None:
        excess = question.excess
        for whole in (False, True):
            if self._shown_below(excess):
                return None
            if self._best(self._model(whole=whole).least, excess) > -GRAIN:
                break
        if self._shown_below(excess):
            return None
        low, high = self._range(question.variable)
        empty = self._range(question.row)[1] == 0
        return None if empty else Finding(question, low, high, "most")

    def _shown_below(self, terms: Mapping[Variable, int]) -> bool:
        return any(sum(factor * point[one] for one, factor in terms.items()) < 0 for point in self._points)

    def _range(self, variable: Variable) -> tuple[int, int]:
        model = self._model(whole=True)
        low, high = (self._best(solve, {variable: 1}) for solve in (model.least, model.most))
        return round(low), round(high)

    def _best(self, solve: Callable[[Mapping[Variable, int]], Answer | None], terms: Mapping[Variable, int]) -> float:
        answer = self._seen(solve(terms))
        if answer is None:
            raise AuditError("the audit can't be finished: HiGHS finds no point where there was one; release nothing")
        return answer.best
