"""Shifts from CSV. A file is taken whole or refused whole, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

from rota.cells import Names, noted, read_line, read_moment, read_tier
from rota.sheet import Problem, Row, TableError, read_rows
from rota.zones import zone

LONGEST_SHIFT = 48 * 3600
"""Seconds; beyond it a shift is taken for a slip in a date."""
COLUMNS = ("line", "tier", "person", "start", "end")


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift to import, `[start, end)` in UTC seconds; `person` is a name, None for a seat that nobody holds yet.

    `row` is where it stood, or `place` where that isn't a table; `notes` are what is to be known of how it was read.
    """

    line: str
    tier: int
    person: str | None
    start: int
    end: int
    row: int = field(default=0, compare=False)
    place: str = field(default="", compare=False)
    notes: tuple[Problem, ...] = field(default=(), compare=False)

    def problem(self, column: str, reason: str, remedy: str) -> Problem:
        """Something about it that shows only beside other shifts."""
        value = self.person or "" if column == "person" else ""
        return Problem(self.row, column, value, reason, remedy, self.place)


def parse_shifts(
    text: str, lines: Mapping[str, str], people: Collection[str], *, longest: int = LONGEST_SHIFT
) -> tuple[ShiftRow, ...]:
    """The shifts of a table `line, tier, person, start, end`, in file order; without a person it is an open seat.

    `lines` gives the IANA zone of each line: a time without an offset is that line's local time (see
    `local_to_utc`). `people` are the names known; case and spacing don't matter. `longest` is in seconds.
    Raises `TableError`: a cell missing or wrong, a shift that ends before it starts or is too long, a person
    twice at one time on one line. Raises `ZoneError` when a line's own zone is unknown.
    """
    problems: list[Problem] = []
    zones = {line.casefold(): (line, zone(name)) for line, name in lines.items()}
    named = Names(people)
    shifts = [_shift(row, zones, named, longest, problems) for row in read_rows(text, problems, COLUMNS)]
    found = tuple(shift for shift in shifts if shift is not None)
    problems += clashes(found)
    if problems:
        raise TableError(problems)
    return found


def _shift(
    row: Row, zones: Mapping[str, tuple[str, ZoneInfo]], named: Names, longest: int, problems: list[Problem]
) -> ShiftRow | None:
    line = row.read("line", partial(read_line, zones), problems)
    tier = row.read("tier", read_tier, problems)
    before = len(problems)
    person = row.read("person", named.find_or_nobody, problems)
    known = len(problems) == before
    read_time = partial(read_moment, None if line is None else line[1])
    start = row.read("start", read_time, problems)
    end = row.read("end", read_time, problems)
    if line is None or start is None or end is None:
        return None
    if not length_fits(start.instant, end.instant, longest, partial(row.problem, "end"), problems):
        return None
    if tier is None or not known:
        return None
    notes = noted(row, {"start": start, "end": end})
    return ShiftRow(line[0], tier, person, start.instant, end.instant, row.number, notes=notes)


def length_fits(
    start: int, end: int, longest: int, problem: Callable[[str, str], Problem], problems: list[Problem]
) -> bool:
    """Whether a shift ends after it starts, and not after more than `longest` seconds; otherwise adds a problem."""
    if end <= start:
        problems.append(problem("the shift doesn't end after it starts", "correct the end or the start"))
    elif end - start > longest:
        reason = f"the shift lasts {(end - start) / 3600:.4g} hours, more than {longest / 3600:.4g}"
        problems.append(problem(reason, "correct the date, or split it into several"))
    else:
        return True
    return False


def clashes(shifts: Iterable[ShiftRow]) -> Iterable[Problem]:
    """One problem for each shift whose person is already taken on that line by an earlier one of the file."""
    held: dict[tuple[str, str], list[ShiftRow]] = {}
    for shift in shifts:
        if shift.person is not None:
            held.setdefault((shift.line, shift.person), []).append(shift)
    found: dict[int, Problem] = {}
    for own in held.values():
        own.sort(key=lambda shift: (shift.start, shift.end, shift.row))
        last = own[0]
        for shift in own[1:]:
            if shift.start < last.end:
                earlier, later = sorted((last, shift), key=lambda shift: shift.row)
                reason = "the same shift as" if earlier == later else "this person's shift overlaps the one in"
                where = earlier.place or f"row {earlier.row}"
                problem = later.problem("person", f"{reason} {where}", "keep one, or correct it")
                found.setdefault(later.row, problem)
            last = max(last, shift, key=lambda shift: shift.end)
    return found.values()
