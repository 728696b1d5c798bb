"""What any reader may assume of the true counts, beside their ranges: it follows from the definitions that are printed.

Every relation is written from the fixed plan and the definitions of the measures, for whichever of their cells a
release prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations

from reports.audit.counters import call_relations
from reports.audit.ledger import Count, Known, Ledger, View, in_order
from reports.audit.system import Relation, System, Trust, Variable, adds_up, at_most
from reports.cells import ALL, CALLS, CONTACTS, SUBSTANTIVE, TALKS, Cell
from reports.errors import AuditError
from reports.figures import TOGETHER, Figures
from reports.model import DURATION_BANDS, NOT_CODED
from reports.periods import COARSEST_FIRST, days_of, grain, periods_of
from reports.plan import GIVEN, SUPPORT_SHORT, Planned, plan
from reports.taxonomy import codes, default_taxonomy

MOST_REASONS = 3
"""Of one conversation."""
CERTAIN = 1_000_000
"""More than any count: where even what is printed is left out, this is the range that is left."""


@cache
def planned() -> dict[str, Planned]:
    """Returns the plan's tables by id, whatever their categories."""
    taxonomy = default_taxonomy()
    return {table.id: table for table in plan(taxonomy, min(taxonomy.territories), language=True)}


def lines_of(released: Iterable[Figures]) -> dict[int, tuple[str, ...]]:
    """Returns the lines that each year has releases of, all lines together not among them."""
    pairs = sorted({(figures.year, figures.line) for figures in released if figures.line != TOGETHER})
    return {year: tuple(line for one, line in pairs if one == year) for year, _ in pairs}


def ledger_of(released: Iterable[Figures], lines: Mapping[int, Sequence[str]] | None = None) -> Ledger:
    """Returns all that can be concluded from what was released, as ranges and relations of counts.

    `lines` are those that all lines together are; without it, `lines_of(released)`. InputError for two releases of one
    name; AuditError for a table that the plan doesn't have.
    """
    ledger = Ledger()
    for figures in in_order(released):
        ledger.add(figures)
    lines = lines_of(view.figures for view in ledger.views) if lines is None else lines
    for view in ledger.views:
        for period in view.periods():
            ledger.relations += _record_relations(view, period)
            ledger.relations += _between_counters_and_records(view, period)
        call_relations(ledger, view)
        ledger.relations += _years(ledger, view)
        ledger.relations += _together(ledger, view, lines.get(view.figures.year, ()))
    return ledger


def known_to(ledger: Ledger, known: Known, *, printed: bool = True) -> tuple[System, tuple[str, ...]]:
    """Returns the system of a reader who sees `known` exactly, and what of it isn't what was printed, in words.

    Without `printed`, nothing that comes from records is known: what is exposed then, the releases don't expose.
    """
    ranges, odd = dict(ledger.ranges), []
    for (line, cell), n in known.items():
        if cell.table not in (CALLS, TALKS):
            raise AuditError(f"{cell} comes from records: nobody knows it exactly")
        if not (countings := ledger.counted.get((line, cell))):
            continue
        low, high = ranges[countings[-1]]
        if low <= n and (high is None or n <= high):
            ranges[countings[-1]] = (n, n)
        else:
            odd.append(f"{countings[-1]}: was counted otherwise when it was printed")
    if not printed:
        ranges |= {count: (0, CERTAIN) for count in ledger.sources if count.cell.table not in (CALLS, TALKS)}
    return System(ranges, ledger.relations), tuple(odd)


def _record_relations(view: View, period: str) -> Iterator[Relation]:
    printed = {cell.table for cell in view.counts if cell.period == period} - {CALLS, TALKS, CONTACTS, SUBSTANTIVE}
    for table in sorted(printed):
        if table not in planned() or table not in view.figures.lists:
            raise AuditError(f"the auditor doesn't know the table {table}: add what its figures add up to")
        terms = codes(view.figures.lists[table])
        counts = view.some(period, table, terms)
        base = view.get(period, planned()[table].base, ALL)
        if base and planned()[table].exclusive:
            says = view.says(period, f"{table} adds up to {base.cell.table}")
            yield adds_up(base, counts, says, view.trust(period))
        elif base:
            yield from (
                at_most([one], [base], view.says(period, f"{table} is at most {SUBSTANTIVE}")) for one in counts
            )
    if {"main-reason", "reason-group"} <= printed:
        yield from _families(view, period)
    if "all-reasons" in printed:
        yield from _all_reasons(view, period)
    if {GIVEN, "orientation"} <= printed:
        yield from _orientations(view, period)
    yield from _same(view, period)


def _same(view: View, period: str) -> Iterator[Relation]:
    kind, base = view.get(period, "contact-kind", SUBSTANTIVE), view.get(period, SUBSTANTIVE, ALL)
    contacts = view.get(period, CONTACTS, ALL)
    if kind and base:
        yield adds_up(kind, [base], view.says(period, "conversations are one kind of contact"))
    elif contacts and base:
        yield at_most([base], [contacts], view.says(period, "conversations are contacts"))


def _families(view: View, period: str) -> Iterator[Relation]:
    for group in codes(view.figures.lists["reason-group"]):
        mine = [term.code for term in view.figures.lists["main-reason"] if (term.group or term.code) == group]
        family = view.counts[Cell(period, "reason-group", group)]
        yield adds_up(family, view.some(period, "main-reason", mine), view.says(period, f"reasons make up {group}"))


def _all_reasons(view: View, period: str) -> Iterator[Relation]:
    """A conversation has one to three reasons, the first of which is the main one, or it is not coded and has none."""
    base = view.get(period, SUBSTANTIVE, ALL)
    every = {code: view.counts[Cell(period, "all-reasons", code)] for code in codes(view.figures.lists["all-reasons"])}
    says = view.says(period, "a conversation has one to three reasons")
    for code, all_of in every.items():
        main = view.get(period, "main-reason", code)
        if main:
            yield at_most([main], [all_of], view.says(period, f"main reason {code} is among all reasons"))
    if base:
        yield at_most([base], every.values(), says)
    none, main_none = every.pop(NOT_CODED, None), view.get(period, "main-reason", NOT_CODED)
    if none and main_none:
        yield adds_up(none, [main_none], view.says(period, "not coded is never a second reason"))
    if base and none:
        yield from (at_most([one, none], [base], says) for one in every.values())
        yield at_most([*every.values(), *[none] * MOST_REASONS], [base], says, times=MOST_REASONS)


def _orientations(view: View, period: str) -> Iterator[Relation]:
    given = view.counts[Cell(period, GIVEN, GIVEN)]
    kinds = view.some(period, "orientation", codes(view.figures.lists["orientation"]))
    for kind in kinds:
        yield at_most([kind], [given], view.says(period, f"{kind.cell.category} is an orientation given"))
    yield at_most([given], kinds, view.says(period, "an orientation given is of some kind"))


def _between_counters_and_records(view: View, period: str) -> Iterator[Relation]:
    """An answered call makes one contact and one talk; a conversation lasts a minute or more."""
    answered, base = view.get(period, CALLS, "answered"), view.get(period, SUBSTANTIVE, ALL)
    contacts, talks = view.get(period, CONTACTS, ALL), view.get(period, TALKS, ALL)
    # Both are at hand for a year only; of a period inside it there are conversations and calls.
    pairs = ((one, two) for one, two in combinations((answered, contacts, talks), 2) if one and two)
    for one, two in pairs:
        says = view.says(period, f"{one.cell.table}/{one.cell.category} and {two.cell.table}/{ALL} are one")
        yield adds_up(one, [two], says, Trust.ASSUMED)
    if answered and base:
        yield at_most([base], [answered], view.says(period, "a conversation was answered"), Trust.ASSUMED)
    if talks:
        bands = view.some(period, TALKS, DURATION_BANDS)
        yield adds_up(talks, bands, view.says(period, f"{TALKS} add up"))
        short, long = view.get(period, "contact-kind", SUPPORT_SHORT), bands[1:]
        if short:
            says = view.says(period, "what was too short lasted less than a minute")
            yield at_most([short], bands[:1], says, Trust.ASSUMED)
        if base:
            yield at_most([base], long, view.says(period, "a conversation lasts a minute"), Trust.ASSUMED)


def _years(ledger: Ledger, view: View) -> Iterator[Relation]:
    """What is counted of a period is the sum over the periods inside it; at least, over those that were printed."""
    period, line = view.figures.period, view.figures.line
    first, last = days_of(period)
    for fine in COARSEST_FIRST[COARSEST_FIRST.index(grain(period)) + 1 :]:
        inside = [one for one in periods_of(view.figures.year, fine) if first <= days_of(one)[0] <= last]
        for cell, count in view.counts.items():
            if cell.period != period or (cell.table == CALLS and view.inner()):
                continue  # what the calls of a year add up to is said in `counters`, of more measures
            cells = [Cell(one, cell.table, cell.category) for one in inside]
            found = [_counting(ledger, view, line, one) for one in cells]
            there = [one for one in found if one]
            says = view.says(period, f"{cell.table}/{cell.category} adds up over {fine.value}s")
            if there and len(there) == len(cells):
                yield adds_up(count, there, says, Trust.ACROSS)
            elif there:
                yield at_most(there, [count], says, Trust.ACROSS)


def _counting(ledger: Ledger, view: View, line: str, cell: Cell) -> Count | None:
    """Returns the counting that a release goes with: its own, else the last one before it, else the first after it."""
    if line == view.figures.line and cell in view.counts:
        return view.counts[cell]
    countings: Sequence[Count] = ledger.counted.get((line, cell), ())
    before = [one for one in countings if ledger.since[one] <= view.figures.dated]
    return before[-1] if before else countings[0] if countings else None


def _together(ledger: Ledger, view: View, lines: Sequence[str]) -> Iterator[Relation]:
    """A count of all lines together is their sum; with a line whose count isn't printed, at least that."""
    if view.figures.line != TOGETHER:
        return
    for cell, count in view.counts.items():
        found: list[Variable] = [one for line in lines if (one := _counting(ledger, view, line, cell))]
        says = view.says(cell.period, f"{cell.table}/{cell.category} adds up over lines")
        # Of one line nobody would make a report of all: the others are not released yet.
        if len(found) == len(lines) > 1:
            yield adds_up(count, found, says, Trust.ACROSS)
        elif found:
            yield at_most(found, [count], says, Trust.ACROSS)
