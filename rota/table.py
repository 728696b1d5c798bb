"""People and shifts from CSV. A file is taken whole or refused whole, with everything that is wrong with it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from rota.model import LANGUAGES
from rota.sheet import CellError, Problem, Row, TableError, read_rows
from rota.zones import local_to_utc, zone

LONGEST_SHIFT = 48 * 3600
"""Seconds; beyond it a shift is taken for a slip in a date."""
YEARS = range(2000, 2101)

_SEPARATORS = re.compile(r"[\s;,/+]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ](?P<hour>\d\d):\d\d(:\d\d)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)
_TIERS = tuple("123456789")
_WRITE_TIME = "write it as 2026-11-03T08:00, or with an offset as 2026-11-03T08:00+01:00"
_WRITE_PHONE = "write it with its country code, as in +33 1 99 00 12 34"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person to import. `languages` in the order written: the first is their own. `row` is where it stood."""

    name: str
    phone: str
    languages: tuple[str, ...]
    email: str | None
    row: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift to import, `[start, end)` in UTC seconds; `person` is a name. `row` is where it stood."""

    line: str
    tier: int
    person: str
    start: int
    end: int
    row: int = field(default=0, compare=False)


def parse_people(text: str, check_phone: Callable[[str], str]) -> tuple[PersonRow, ...]:
    """The people of a table `name, phone, languages[, email]`, in file order.

    `check_phone` returns the number as it is to be stored, or raises `ValueError` saying what is wrong with it.
    Raises `TableError`: a cell missing or wrong, two people with one name (however written) or one phone.
    """
    problems: list[Problem] = []
    names: dict[str, int] = {}
    phones: dict[str, int] = {}
    people = []
    for row in read_rows(text, problems, ("name", "phone", "languages"), ("email",)):
        name = row.read("name", _name, problems)
        phone = row.read("phone", partial(_phone, check_phone), problems)
        languages = row.read("languages", _languages, problems)
        email = row.read("email", _email, problems)
        if name is not None:
            _refuse_second(row, "name", _same(name), names, problems)
        if phone is not None:
            _refuse_second(row, "phone", phone, phones, problems)
        if name is not None and phone is not None and languages is not None:
            people.append(PersonRow(name, phone, languages, email or None, row.number))
    if problems:
        raise TableError(problems)
    return tuple(people)


def parse_shifts(
    text: str, lines: Mapping[str, str], people: Collection[str], *, longest: int = LONGEST_SHIFT
) -> tuple[ShiftRow, ...]:
    """The shifts of a table `line, tier, person, start, end`, in file order.

    `lines` gives the IANA zone of each line: a time without an offset is that line's local time (see
    `local_to_utc`). `people` are the names known; case and spacing don't matter. `longest` is in seconds.
    Raises `TableError`: a cell missing or wrong, a shift that ends before it starts or is too long, a person
    twice at one time on one line. Raises `ZoneError` when a line's own zone is unknown.
    """
    problems: list[Problem] = []
    zones = {line.casefold(): (line, zone(name)) for line, name in lines.items()}
    named = _Names(people)
    shifts: list[ShiftRow] = []
    rows: dict[int, Row] = {}
    for row in read_rows(text, problems, ("line", "tier", "person", "start", "end")):
        rows[row.number] = row
        shift = _shift(row, zones, named, longest, problems)
        if shift is not None:
            shifts.append(shift)
    problems += _clashes(shifts, rows)
    if problems:
        raise TableError(problems)
    return tuple(shifts)


def _shift(
    row: Row, zones: Mapping[str, tuple[str, ZoneInfo]], named: _Names, longest: int, problems: list[Problem]
) -> ShiftRow | None:
    line = row.read("line", partial(_line, zones), problems)
    tier = row.read("tier", _tier, problems)
    person = row.read("person", named.find, problems)
    # On an unknown line a time can still be malformed: UTC is good enough to find that out.
    read_time = partial(_instant, UTC if line is None else line[1])
    start = row.read("start", read_time, problems)
    end = row.read("end", read_time, problems)
    if line is None or start is None or end is None:
        return None
    if end <= start:
        problems.append(row.problem("end", "the shift doesn't end after it starts", "correct the end or the start"))
        return None
    if end - start > longest:
        reason = f"the shift lasts {(end - start) / 3600:.4g} hours, more than {longest / 3600:.4g}"
        problems.append(row.problem("end", reason, "correct the date, or split it into several rows"))
        return None
    if tier is None or person is None:
        return None
    return ShiftRow(line[0], tier, person, start, end, row.number)


def _clashes(shifts: Iterable[ShiftRow], rows: Mapping[int, Row]) -> Iterable[Problem]:
    """One problem for each row whose person is already taken on that line by an earlier row."""
    held: dict[tuple[str, str], list[ShiftRow]] = {}
    for shift in shifts:
        held.setdefault((shift.line, shift.person), []).append(shift)
    found: dict[int, Problem] = {}
    for own in held.values():
        own.sort(key=lambda shift: (shift.start, shift.end, shift.row))
        last = own[0]
        for shift in own[1:]:
            if shift.start < last.end:
                earlier, later = sorted((last, shift), key=lambda shift: shift.row)
                reason = "the same shift as" if earlier == later else "this person's shift overlaps the one in"
                problem = rows[later.row].problem("person", f"{reason} row {earlier.row}", "keep one, or correct it")
                found.setdefault(later.row, problem)
            last = max(last, shift, key=lambda shift: shift.end)
    return found.values()


def _same(name: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _refuse_second(row: Row, column: str, value: str, seen: dict[str, int], problems: list[Problem]) -> None:
    before = seen.setdefault(value, row.number)
    if before != row.number:
        problems.append(row.problem(column, f"the same {column} as in row {before}", "keep one, or correct it"))


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _name(text: str) -> str:
    name = _squeezed(text)
    if not name:
        raise CellError("the name is missing", "write the name that the rota is to show")
    if not name.isprintable():
        raise CellError("the name holds an invisible character", "type it again")
    return name


def _phone(check_phone: Callable[[str], str], text: str) -> str:
    if not text:
        raise CellError("the phone is missing", _WRITE_PHONE)
    try:
        return check_phone(text)
    except ValueError as error:
        raise CellError(str(error), _WRITE_PHONE) from error


def _languages(text: str) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(filter(None, _SEPARATORS.split(text.lower()))))
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown:
        raise CellError(f"unknown language {unknown[0]!r}", f"use {', '.join(LANGUAGES)}, as in 'fr nl'")
    if not languages:
        raise CellError("no language is given", f"write one or more of {', '.join(LANGUAGES)}, as in 'fr nl'")
    return languages


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise CellError("this isn't an e-mail address", "write it as name@example.org, or leave it empty")
    return text


def _line(zones: Mapping[str, tuple[str, ZoneInfo]], text: str) -> tuple[str, ZoneInfo]:
    found = zones.get(text.casefold())
    if found is None:
        raise CellError("unknown line" if text else "the line is missing", f"use one of {', '.join(sorted(zones))}")
    return found


def _tier(text: str) -> int:
    if text not in _TIERS:
        raise CellError("this isn't a tier", f"write a number from 1, which rings first, to {_TIERS[-1]}")
    return int(text)


def _instant(zone: tzinfo, text: str) -> int:
    shape = _TIME.fullmatch(text)
    if shape is None:
        raise CellError("this isn't a date and a time" if text else "the time is missing", _WRITE_TIME)
    if shape["hour"] == "24":
        raise CellError("no day has a 24:00", "write 00:00 of the next day")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CellError(f"there is no such date or time ({error})", _WRITE_TIME) from error
    if moment.year not in YEARS:
        raise CellError("this year can't be meant", f"use one from {YEARS[0]} to {YEARS[-1]}")
    if moment.tzinfo is None and isinstance(zone, ZoneInfo):
        return local_to_utc(moment, zone)
    return int(moment.replace(tzinfo=moment.tzinfo or zone).timestamp())


class _Names:
    """The people known, found however their name is written."""

    def __init__(self, people: Collection[str]) -> None:
        self._names = {_same(_squeezed(name)): name for name in people}
        self._nearest: dict[str, list[str]] = {}

    def find(self, text: str) -> str:
        """The name as it is known."""
        key = _same(_squeezed(text))
        if not key:
            raise CellError("the person is missing", "write a name; leave the row out if nobody has the shift")
        if key not in self._names:
            # The same slip fills a whole column: it is searched for once.
            if key not in self._nearest:
                self._nearest[key] = difflib.get_close_matches(key, self._names, n=1)
            hint = "".join(f"write {self._names[near]!r}, or " for near in self._nearest[key])
            raise CellError("unknown person", f"{hint}import this person first")
        return self._names[key]
