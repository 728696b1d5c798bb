"""Shifts from an iCalendar file (RFC 5545): each event is a shift, and names whose it is.

An event's times count as written, in UTC or on the clocks of an IANA zone; times without a zone are the line's. A file
is taken whole or refused whole: an event that repeats, or whose zone only the file itself knows, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDDDTypes
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from rota.cells import Moment, Names, placed
from rota.model import ZoneError
from rota.sheet import CellError, Problem, TableError
from rota.table_shifts import LONGEST_SHIFT, ShiftRow, clashes, length_fits
from rota.zones import local_to_utc, zone

REPEATS = ("RRULE", "RDATE", "EXRULE", "EXDATE")
ONCE = ("UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "STATUS", "SEQUENCE")
NEEDED = frozenset({*ONCE, *REPEATS, "ATTENDEE"})
_WRITE_TIME = "write it like 20261103T080000Z"
ONE_DAY = timedelta(days=1)
FOLD = re.compile(r"\r?\n[ \t]")
ZONED_UTC = re.compile(r"^(DTSTART|DTEND);.*(:\d{8}T\d{6}Z)[ \t\r]*$", re.ASCII | re.IGNORECASE | re.MULTILINE)
"""A time in UTC with a zone beside it, which the format forbids and some write: the library would believe the zone."""
VENDORS_ZONE = re.compile(r"^(DT(?:START|END);.*?TZID=\"?)/", re.IGNORECASE | re.MULTILINE)
"""A zone with its vendor before it, as in /example.org/Europe/Paris: without the slash the library leaves it alone."""


@dataclass(frozen=True, slots=True)
class Into:
    """Where a calendar's shifts belong: the line, its zone, the tier. `longest` is in seconds."""

    line: str
    zone: ZoneInfo
    tier: int
    longest: int = LONGEST_SHIFT


@dataclass(frozen=True, slots=True)
class _Found:
    """An event and where it stands: the first has number 1."""

    number: int
    event: Event

    @property
    def place(self) -> str:
        uid = _text(self.event, "UID")
        return f"event {self.number} (UID {uid})" if uid else f"event {self.number}"

    def problem(self, column: str, reason: str, remedy: str) -> Problem:
        return Problem(self.number, column, _shown(self.event, column), reason, remedy, self.place)


def parse_calendar(
    data: bytes, into: Into, people: Iterable[str], emails: Mapping[str, str] | None = None
) -> tuple[ShiftRow, ...]:
    """The shifts of a calendar's events, in file order; cancelled ones and older versions of an event are left out.

    Whose it is says SUMMARY, which is a name or holds one, or else the one ATTENDEE, by name or, in `emails`, by
    address. An all-day event is the local days of the line. Raises `TableError` with every event that can't be taken.
    """
    problems: list[Problem] = []
    holders = _Holders(people, emails or {})
    shifts = []
    for found in _latest(_events(data), problems):
        if _text(found.event, "STATUS").upper() == "CANCELLED":
            continue
        shift = _shift(found, into, holders, problems)
        if shift is not None:
            shifts.append(shift)
    problems += clashes(shifts)
    if not shifts and not problems:
        problems.append(Problem(1, "", "", "no event in this calendar is a shift", "export the single events", "file"))
    if problems:
        raise TableError(problems)
    return tuple(shifts)


def _events(data: bytes) -> list[_Found]:
    remedy = "export it from the calendar program again, as .ics in UTF-8"
    try:
        text = VENDORS_ZONE.sub(r"\1", ZONED_UTC.sub(r"\1\2", FOLD.sub("", data.decode("utf-8-sig"))))
        calendars = Calendar.from_ical(text, multiple=True)
    except ValueError as error:  # UnicodeDecodeError is one, too
        raise TableError([Problem(1, "", "", f"this isn't iCalendar: {error}", remedy, "file")]) from error
    found = [event for calendar in calendars for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    if not found:
        raise TableError([Problem(1, "", "", "there is no event in this file", remedy, "file")])
    return [_Found(number, event) for number, event in enumerate(found, 1)]


def _latest(events: Iterable[_Found], problems: list[Problem]) -> Iterable[_Found]:
    """Each event once: of several with one UID the one with the highest SEQUENCE. Two of one version must be equal."""
    last: dict[object, _Found] = {}
    for found in events:
        uid = _text(found.event, "UID")
        key: object = (uid, _shown(found.event, "RECURRENCE-ID")) if uid else found.number
        before = last.setdefault(key, found)
        if before is found:
            continue
        if _sequence(found.event) > _sequence(before.event):
            last[key] = found
        elif _sequence(found.event) == _sequence(before.event) and _essence(found.event) != _essence(before.event):
            reason = f"differs from event {before.number}, which has the same UID"
            problems.append(found.problem("", reason, "keep the one that is meant"))
    return sorted(last.values(), key=lambda found: found.number)


def _shift(found: _Found, into: Into, holders: _Holders, problems: list[Problem]) -> ShiftRow | None:
    before, event = len(problems), found.event
    broken = [name or "" for name, _ in event.errors if name is None or name.upper() in NEEDED]
    problems.extend(found.problem(name, "this can't be read", "correct it, or leave it out") for name in broken)
    twice = [name for name in ONCE if isinstance(event.get(name), list)]
    problems.extend(found.problem(name, "comes twice in this event", "keep one") for name in twice)
    if any(event.get(name) is not None for name in REPEATS):
        problems.append(found.problem("RRULE", "this event repeats", "export the calendar's single events"))
    if len(problems) > before:
        return None
    try:
        person = holders.of(event)
    except CellError as error:
        person = ""
        problems.append(found.problem("SUMMARY", error.reason, error.remedy))
    try:
        start, end = _span(event, into.zone)
    except CellError as error:
        problems.append(found.problem("DTSTART", error.reason, error.remedy))
        return None
    fits = length_fits(start.instant, end.instant, into.longest, _at_end(found), problems)
    if not fits or not person:
        return None
    notes = tuple(
        found.problem(column, moment.remark[0], "write it in UTC if another is meant")
        for column, moment in (("DTSTART", start), ("DTEND", end))
        if moment.remark
    )
    return ShiftRow(into.line, into.tier, person, start.instant, end.instant, found.number, found.place, notes)


def _at_end(found: _Found) -> Any:  # noqa: ANN401
    return lambda reason, remedy: found.problem("DTEND", reason, remedy)


class _Holders:
    """Whose an event is."""

    def __init__(self, people: Iterable[str], emails: Mapping[str, str]) -> None:
        self._names = Names(tuple(people))
        self._emails = {email.casefold(): name for email, name in emails.items() if email}

    def of(self, event: Event) -> str:
        """A name as it is known. Raises `CellError`."""
        summary = _text(event, "SUMMARY")
        known = self._names.known(summary)
        if known is not None:
            return known
        attending = [name for name in map(self._attendee, _listed(event.get("ATTENDEE"))) if name]
        found = set(attending) or set(self._names.named_in(summary))
        if len(found) > 1:
            raise CellError("more than one person is named", "make an event of its own for each")
        if found:
            return found.pop()
        return self._names.find(summary)

    def _attendee(self, address: Any) -> str | None:  # noqa: ANN401 - of icalendar's many types
        email = str(address).casefold().removeprefix("mailto:")
        return self._emails.get(email) or self._names.known(str(address.params.get("CN", "")))


def _span(event: Event, line: ZoneInfo) -> tuple[Moment, Moment]:
    begins, ends, lasts = (event.get(name) for name in ("DTSTART", "DTEND", "DURATION"))
    if begins is None:
        raise CellError("the time is missing", _WRITE_TIME)
    start = _moment(begins, line)
    if ends is not None:
        if isinstance(ends.dt, datetime) != isinstance(begins.dt, datetime):
            raise CellError("one end is a day and the other a time", "write both as times")
        return start, _moment(ends, line)
    if lasts is not None:
        return start, _after(begins, lasts.dt, start, line)
    if isinstance(begins.dt, datetime):
        raise CellError("the event has no end", "give it DTEND")
    return start, Moment(_midnight(begins.dt + ONE_DAY, line))


def _moment(value: vDDDTypes, line: ZoneInfo) -> Moment:
    at = value.dt
    if not isinstance(at, datetime):
        if not isinstance(at, date):
            raise CellError("this isn't a time", _WRITE_TIME)
        return Moment(_midnight(at, line))
    if _is_utc(at):
        return Moment(int(at.timestamp()))
    return placed(at.replace(tzinfo=None, fold=0), _zone(value, line))


def _is_utc(at: datetime) -> bool:
    """Whether it was written with a Z."""
    return str(at.tzinfo) == "UTC"


def _zone(value: vDDDTypes, line: ZoneInfo) -> ZoneInfo:
    """The zone that an event names, by IANA's name or by Windows'; what a file says of a zone itself isn't believed."""
    name = str(value.params.get("TZID", ""))
    if not name:
        return line
    parts = name.strip("/").split("/")
    for known in (WINDOWS_TO_OLSON.get(name, name), *("/".join(parts[n:]) for n in (-3, -2))):
        try:
            return zone(known)
        except ZoneError:
            continue
    raise CellError(f"unknown time zone {name!r}", "export the calendar in UTC, or with a zone such as Europe/Paris")


def _after(begins: vDDDTypes, lasts: timedelta, start: Moment, line: ZoneInfo) -> Moment:
    """Where a DURATION ends. Of whole days it can mean the wall's or 24 hours each: it must come to the same."""
    at = begins.dt
    if isinstance(at, datetime):
        exact = start.instant + int(lasts.total_seconds())
        wall = at.replace(tzinfo=None, fold=0) + lasts
        if lasts >= ONE_DAY and not _is_utc(at) and local_to_utc(wall, _zone(begins, line)) != exact:
            raise CellError("its DURATION has days, and the clocks change meanwhile", "write DTEND instead")
        return Moment(exact)
    if not isinstance(at, date):
        raise CellError("this isn't a time", _WRITE_TIME)
    return Moment(_midnight(at + lasts, line))


def _midnight(day: date, line: ZoneInfo) -> int:
    return local_to_utc(datetime.combine(day, time()), line)


def _listed(value: Any) -> Sequence[Any]:  # noqa: ANN401 - of icalendar's many types
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _text(event: Event, name: str) -> str:
    values = _listed(event.get(name))
    return " ".join(str(values[0]).split()) if values else ""


def _sequence(event: Event) -> int:
    value = event.get("SEQUENCE")
    return value if isinstance(value, int) else 0


def _essence(event: Event) -> tuple[str, ...]:
    """What two events of one version have in common."""
    return (str(event.get("ATTENDEE")), *(_shown(event, name) for name in sorted(NEEDED)))


def _shown(event: Event, name: str) -> str:
    """As it stands in the file; an address is nobody else's business."""
    values = _listed(event.get(name)) if name and name.upper() != "ATTENDEE" else ()
    return ", ".join(value.to_ical().decode() for value in values)
