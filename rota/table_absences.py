"""Absences from CSV. A file is taken whole or refused whole, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

from rota.cells import Names, noted, read_day_or_moment
from rota.sheet import CellError, Problem, Row, TableError, read_rows

COLUMNS = ("person", "start", "end")
YES = frozenset({"", "yes", "oui", "ja", "true", "1", "hard"})
NO = frozenset({"no", "non", "nee", "nein", "false", "0", "soft"})
LONGEST_ABSENCE = 3 * 366 * 86_400
"""Seconds; beyond it a year is taken for a slip."""


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence to import, `[start, end)` in UTC seconds; `person` is a name. `row` and `place` as in `ShiftRow`."""

    person: str
    start: int
    end: int
    hard: bool = True
    row: int = field(default=0, compare=False)
    place: str = field(default="", compare=False)
    notes: tuple[Problem, ...] = field(default=(), compare=False)

    def problem(self, column: str, reason: str, remedy: str) -> Problem:
        """Something about it that shows only beside the shifts."""
        return Problem(self.row, column, self.person if column == "person" else "", reason, remedy)


def parse_absences(text: str, zone: ZoneInfo, people: Collection[str]) -> tuple[AbsenceRow, ...]:
    """The absences of a table `person, start, end[, hard]`, in file order; times without an offset are in `zone`.

    A day alone is a whole day, also as the end: from 2026-12-24 to 2026-12-26 are three days. Not `hard` is a wish.
    Raises `TableError`: a cell missing or wrong, an end before the start, one row twice.
    """
    problems: list[Problem] = []
    named = Names(people)
    seen: dict[AbsenceRow, int] = {}
    for row in read_rows(text, problems, COLUMNS, ("hard",)):
        absence = _absence(row, zone, named, problems)
        if absence is None:
            continue
        before = seen.setdefault(absence, row.number)
        if before != row.number:
            problems.append(row.problem("person", f"the same absence as row {before}", "keep one, or correct it"))
    if problems:
        raise TableError(problems)
    return tuple(seen)


def _absence(row: Row, zone: ZoneInfo, named: Names, problems: list[Problem]) -> AbsenceRow | None:
    person = row.read("person", named.find, problems)
    start = row.read("start", partial(read_day_or_moment, zone, False), problems)
    end = row.read("end", partial(read_day_or_moment, zone, True), problems)
    hard = row.read("hard", _hard, problems)
    if start is None or end is None:
        return None
    if end.instant <= start.instant:
        problems.append(row.problem("end", "the absence doesn't end after it starts", "correct the end or the start"))
        return None
    if end.instant - start.instant > LONGEST_ABSENCE:
        problems.append(row.problem("end", "the absence lasts more than three years", "correct the date"))
        return None
    if person is None or hard is None:
        return None
    notes = noted(row, {"start": start, "end": end})
    return AbsenceRow(person, start.instant, end.instant, hard, row.number, notes=notes)


def _hard(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise CellError("this is neither yes nor no", "write yes for away, no for a wish not to be on call")
