"""Calls counted: every measure is a sum of the same few kinds of calls, which are never printed by themselves.

A kind is all calls that the same measures count. With them, whatever a measure says of another one is said: that
short abandons are abandons, that an answer within 20 s is one within 60 s, that calls at night are calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from reports.audit.ledger import Count, Ledger, View
from reports.audit.system import Trust, Variable, adds_up
from reports.cells import CALLS
from reports.errors import AuditError
from reports.indicators import measures


@dataclass(frozen=True, slots=True)
class Calls:
    """The true number of calls of one kind in a period of a line. `version` tells countings apart, from 1."""

    line: str
    period: str
    version: int
    kind: int


@cache
def kinds() -> Mapping[str, tuple[int, ...]]:
    """Returns, for each measure, the kinds of calls it counts."""
    everything = sorted({cell for measure in measures().values() for cell in measure.cells})
    groups: dict[tuple[str, ...], int] = {}
    for cell, night, weekend in product(everything, (False, True), (False, True)):
        when = {"any": True, "night": night, "weekend": weekend}
        counting = tuple(one.id for one in measures().values() if cell in one.cells and when[one.when])
        groups.setdefault(counting, len(groups))
    found = defaultdict(list)
    for counting, kind in groups.items():
        for measure in counting:
            found[measure].append(kind)
    return {measure: tuple(of) for measure, of in found.items()}


def call_relations(ledger: Ledger, view: View) -> None:
    """Enters what the calls of a release are sums of: of its periods' calls where it prints those, else of its own."""
    whole = view.figures.period
    mine: dict[str, dict[str, Count]] = defaultdict(dict)
    for cell, count in view.counts.items():
        if cell.table == CALLS:
            mine[cell.period][cell.category] = count
    total = mine.pop(whole, {})
    versions = {period: _counting(ledger, view, period, counts) for period, counts in mine.items()}
    if not versions:
        _counting(ledger, view, whole, total)
    for measure, count in total.items() if versions else ():
        says = view.says(whole, f"{CALLS}/{measure} adds up over its periods")
        calls = [one for period, version in versions.items() for one in _calls(ledger, view, period, version, measure)]
        ledger.relations.append(adds_up(count, calls, says, Trust.ACROSS))


def _counting(ledger: Ledger, view: View, period: str, counts: Mapping[str, Count]) -> int:
    """Returns which counting of a period's calls these belong to: the newest that shares all it can, or a new one."""
    countings = ledger.calls.setdefault((view.figures.line, period), [])
    for version in range(len(countings), 0, -1):
        there = countings[version - 1]
        if all(there.get(measure, count) == count for measure, count in counts.items()):
            break
    else:
        countings.append({})
        version = len(countings)
    there = countings[version - 1]
    for measure, count in counts.items():
        if measure not in there:
            calls = _calls(ledger, view, period, version, measure)
            says = view.says(period, f"{CALLS}/{measure} counts the calls it says")
            ledger.relations.append(adds_up(count, calls, says, view.trust(period)))
            there[measure] = count
    return version


def _calls(ledger: Ledger, view: View, period: str, version: int, measure: str) -> list[Variable]:
    if measure not in kinds():
        raise AuditError(f"the auditor doesn't know the measure {measure}: no version of helpline printed it")
    return [ledger.hide(Calls(view.figures.line, period, version, kind)) for kind in kinds()[measure]]
