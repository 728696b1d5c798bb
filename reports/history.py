"""Yearly aggregates of a line that existed before this software: read from a file, printed as trends, and marked.

They were published elsewhere, as they stood there, so they are neither rounded nor checked against records. The file:

    year,indicator,category,value,source
    2021,offered,all,1540,"Rapport d'activité 2021, p. 4"
    2021,main-reason,burnout,24,"Rapport d'activité 2021, p. 9"
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reports.cells import ALL
from reports.changes import successor
from reports.errors import HistoryError
from reports.rounding import Reported, Unit
from reports.taxonomy import Taxonomy, codes

HEAD = ("year", "indicator", "category", "value", "source")
UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        "offered": "calls",
        "answered": "calls",
        "answer-rate": "percent",
        "mean-talk-time": "minutes",
        "night-share": "percent",
        "orientation-given": "percent",
        "main-reason": "percent",
    }
)
"""What may be imported. Only main reasons have categories: codes of the list of reasons."""
MOST: Mapping[Unit, int] = MappingProxyType({"calls": 9_999_999, "percent": 100, "minutes": 1440, "hours": 8784})
FIRST_YEAR = 1900
LONGEST_SOURCE = 200
FORMULA = ("=", "+", "-", "@", "'", "＝", "＋", "－", "＠")
WHOLE = re.compile(r"[0-9]{1,9}")
YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Earlier:
    """One number of one year, as it was published elsewhere."""

    year: int
    indicator: str
    """One of UNITS."""
    category: str
    """A reason's code, or ALL."""
    value: int
    """Calls, minutes or whole percent, as UNITS says."""
    source: str
    """Where it was published."""

    @property
    def figure(self) -> Reported:
        """The number as it is printed."""
        return Reported(self.value, UNITS[self.indicator])


def parse_history(text: str, taxonomy: Taxonomy, *, running: int) -> tuple[Earlier, ...]:
    """Reads the file, separated by commas or semicolons; `running` is the year that isn't over yet.

    All of it is refused with HistoryError, which names each fault's row and column and how to mend it, or none.
    A reason's old code is read as its successor.
    """
    rows = _rows(text.removeprefix("\ufeff"))
    if not rows or tuple(cell.strip() for cell in rows[0]) != HEAD:
        raise HistoryError((f"row 1: the heads must be {','.join(HEAD)}",))
    reader = _Reader(taxonomy, running)
    found = [one for place, row in enumerate(rows[1:], 2) if any(row) for one in reader.row(place, row)]
    reader.together(found)
    if reader.problems:
        raise HistoryError(tuple(reader.problems))
    return tuple(sorted(found, key=_order))


def history_csv(earlier: Iterable[Earlier]) -> str:
    """Returns the file again: UTF-8 text, comma-separated, CRLF, in one order."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for one in sorted(earlier, key=_order):
        writer.writerow((one.year, one.indicator, one.category, one.value, one.source))
    return text.getvalue()


def _rows(text: str) -> list[list[str]]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise HistoryError((f"row {reader.line_num}: it is not a table ({error}); export it again as CSV",)) from None


def _order(one: Earlier) -> tuple[int, int, str]:
    return (one.year, list(UNITS).index(one.indicator), one.category)


class _Reader:
    """Reads rows and collects what is wrong with them."""

    def __init__(self, taxonomy: Taxonomy, running: int) -> None:
        self.taxonomy, self.running = taxonomy, running
        self.problems: list[str] = []
        self.seen: dict[tuple[int, str, str], int] = {}

    def row(self, place: int, cells: list[str]) -> Iterator[Earlier]:
        """Yields the row's number, nothing if something is wrong with it."""
        if len(cells) != len(HEAD):
            self._wrong(place, "source", f"{len(cells)} cells instead of {len(HEAD)}; put quotes around a comma")
            return
        year, indicator, category, value, source = (cell.strip() for cell in cells)
        before = len(self.problems)
        self._year(place, year)
        self._source(place, source)
        if indicator not in UNITS:
            self._wrong(place, "indicator", f"{indicator!r} is unknown; write one of {', '.join(UNITS)}")
            return
        category = self._category(place, indicator, category)
        self._value(place, UNITS[indicator], value)
        if len(self.problems) == before:
            self._twice(place, (int(year), indicator, category))
            yield Earlier(int(year), indicator, category, int(value), source)

    def together(self, found: Iterable[Earlier]) -> None:
        """Checks what only several rows can tell."""
        counts = {(one.year, one.indicator): one.value for one in found if UNITS[one.indicator] == "calls"}
        for (year, indicator), answered in sorted(counts.items()):
            if indicator == "answered" and answered > counts.get((year, "offered"), answered):
                self.problems.append(f"{year}: more calls answered than offered; check both values")
        reasons: dict[int, int] = {}
        for one in found:
            if one.indicator == "main-reason":
                reasons[one.year] = reasons.get(one.year, 0) + one.value
        for year, total in sorted(reasons.items()):
            if total > MOST["percent"] + len(self.taxonomy.reasons):
                self.problems.append(f"{year}: the main reasons add up to {total} %; import main reasons only")

    def _wrong(self, place: int, column: str, problem: str) -> None:
        self.problems.append(f"row {place}, {column}: {problem}")

    def _year(self, place: int, year: str) -> None:
        if not YEAR.fullmatch(year) or int(year) < FIRST_YEAR:
            self._wrong(place, "year", f"{year!r} is not a year; write it with four digits")
        elif int(year) >= self.running:
            self._wrong(place, "year", f"{year} isn't over; the latest that can be imported is {self.running - 1}")

    def _category(self, place: int, indicator: str, category: str) -> str:
        if indicator != "main-reason":
            if category not in {"", ALL}:
                self._wrong(place, "category", f"{indicator} has none; write {ALL}")
            return ALL
        code = successor(self.taxonomy.changes, "reasons", category)
        if code not in codes((*self.taxonomy.reasons, *self.taxonomy.retired.get("reasons", ()))):
            known = ", ".join(codes(self.taxonomy.reasons))
            self._wrong(place, "category", f"{category!r} is not a reason of the lists; write one of {known}")
        return code

    def _value(self, place: int, unit: Unit, value: str) -> None:
        if not WHOLE.fullmatch(value):
            self._wrong(place, "value", f"{value!r} is not a whole number; write digits only, as 1540")
        elif int(value) > MOST[unit]:
            self._wrong(place, "value", f"{value} {unit} is too much; the most is {MOST[unit]}")

    def _source(self, place: int, source: str) -> None:
        if not source or len(source) > LONGEST_SOURCE or not source.isprintable():
            self._wrong(place, "source", f"say where it was published, in 1 to {LONGEST_SOURCE} plain characters")
        elif source.startswith(FORMULA):
            self._wrong(place, "source", f"a spreadsheet would take {source[0]!r} for a formula; begin with a letter")

    def _twice(self, place: int, address: tuple[int, str, str]) -> None:
        if address in self.seen:
            year, indicator, category = address
            other = f"{indicator} {category} of {year} stands in row {self.seen[address]} already"
            self._wrong(place, "year", f"{other}; keep one, or add them up")
        self.seen.setdefault(address, place)
