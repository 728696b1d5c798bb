"""Everything ever printed, as one system: the true counts behind the figures, each within what was printed of it.

A figure that a later release repeats is one count. A figure that was counted anew - another revision of a period - is a
count of its own, even where it prints the same: what was corrected may be any number that rounds to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from reports.audit.system import Range, Relation, System, Trust, Variable
from reports.cells import Cell
from reports.errors import InputError
from reports.figures import TOGETHER, Figures
from reports.periods import COARSEST_FIRST, grain
from reports.rounding import BASE, LEAST_PRINTED, Published

Known = Mapping[tuple[str, Cell], int]
"""Line and cell -> the exact count that a coordinator sees: cells of the tables CALLS and TALKS."""


@dataclass(frozen=True, slots=True, order=True)
class Released:
    """Which figures: a period of a line (or of TOGETHER), and which revision of it."""

    line: str
    period: str
    revision: int

    def __str__(self) -> str:
        revised = f", revision {self.revision}" if self.revision > 1 else ""
        return f"{name_of(self.line)} {self.period}{revised}"

    @classmethod
    def of(cls, figures: Figures) -> Released:
        """Returns the name of some figures."""
        return cls(figures.line, figures.period, figures.revision)


@dataclass(frozen=True, slots=True)
class Count:
    """A true count that was printed. `version` tells the countings of a cell apart, from 1."""

    line: str
    cell: Cell
    version: int

    def __str__(self) -> str:
        return f"{name_of(self.line)} {self.cell}" + (f" (counted {self.version} times)" if self.version > 1 else "")


@dataclass(frozen=True, slots=True)
class View:
    """One release, and the counts behind what it prints."""

    figures: Figures
    counts: Mapping[Cell, Count]

    def some(self, period: str, table: str, categories: Iterable[str]) -> list[Count]:
        """Returns the counts of these categories; KeyError if one isn't printed."""
        return [self.counts[Cell(period, table, category)] for category in categories]

    def get(self, period: str, table: str, category: str) -> Count | None:
        """Returns one count, None if it isn't printed."""
        return self.counts.get(Cell(period, table, category))

    def periods(self) -> tuple[str, ...]:
        """Returns the period of the release, and those inside it that it prints something of."""
        return tuple(dict.fromkeys((self.figures.period, *sorted(cell.period for cell in self.counts))))

    def inner(self) -> tuple[str, ...]:
        """Returns the periods inside the period of the release, in order."""
        return self.periods()[1:]

    def trust(self, period: str) -> Trust:
        """Returns how sure a relation within one period is: figures printed again may stand beside recounted ones."""
        return Trust.DEFINED if period == self.figures.period else Trust.ACROSS

    def says(self, period: str, what: str) -> str:
        """Returns a relation in words."""
        return f"{name_of(self.figures.line)} {period}: {what}"


def name_of(line: str) -> str:
    """Returns a line's id, or what stands for all lines."""
    return "all lines" if line == TOGETHER else line


def range_of(figure: Published) -> Range:
    """Returns the counts that a figure can be printed for."""
    if figure.value is None:
        return 0, LEAST_PRINTED - 1
    return figure.value - BASE + 1, figure.value + BASE - 1


@dataclass(slots=True)
class Ledger:
    """The system while it is being written: counts and relations are added, `system` reads it."""

    views: list[View] = field(default_factory=list)
    ranges: dict[Variable, Range] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    counted: dict[tuple[str, Cell], list[Count]] = field(default_factory=dict)
    """The countings of each cell, in the order they were printed."""
    sources: dict[Count, list[Released]] = field(default_factory=dict)
    """The releases that print a count."""
    since: dict[Count, date] = field(default_factory=dict)
    """The day it was first printed."""
    calls: dict[tuple[str, str], list[dict[str, Count]]] = field(default_factory=dict)
    """For each line and period, the countings of its calls: measures that were counted together."""
    _printed: dict[Count, Published] = field(default_factory=dict)

    def add(self, figures: Figures) -> None:
        """Enters one release; later ones must have been printed later."""
        counts = {cell: self._count(figures, cell, figure) for cell, figure in sorted(figures.counts.items())}
        self.views.append(View(figures, counts))

    def _count(self, figures: Figures, cell: Cell, figure: Published) -> Count:
        earlier = self.counted.setdefault((figures.line, cell), [])
        # A year repeats what its periods printed; the newest counting that prints the same is the one it repeats.
        repeats = (one for one in reversed(earlier) if cell.period != figures.period and self._printed[one] == figure)
        count = next(repeats, None)
        if count is None:
            count = Count(figures.line, cell, len(earlier) + 1)
            earlier.append(count)
            self.ranges[count] = range_of(figure)
            self._printed[count] = figure
            self.since[count] = figures.dated
        self.sources.setdefault(count, []).append(Released.of(figures))
        return count

    def hide(self, variable: Variable) -> Variable:
        """Enters a number that nothing was printed of."""
        self.ranges.setdefault(variable, (0, None))
        return variable

    def system(self) -> System:
        """Returns what was entered."""
        return System(self.ranges, self.relations)


def in_order(released: Iterable[Figures]) -> list[Figures]:
    """Returns figures in the order they were printed. InputError if one release is there twice with other figures."""
    found: dict[Released, Figures] = {}
    for figures in released:
        name = Released.of(figures)
        if found.setdefault(name, figures) != figures:
            raise InputError(f"there are two different releases called {name}; the ledger is damaged: restore it")
    return sorted(found.values(), key=_printed_at)


def _printed_at(figures: Figures) -> tuple[date, int, bool, str, str, int]:
    """On one day, the finer period comes first: the coarser one repeats it."""
    coarse = -COARSEST_FIRST.index(grain(figures.period))
    return figures.dated, coarse, figures.line == TOGETHER, figures.line, figures.period, figures.revision
