"""What a cell says: a name, a tier, a local time. Whatever can't be read is a `CellError`, with how to mend it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rota.sheet import CellError, Problem, Row
from rota.zones import local_to_utc, utc_to_local

YEARS = range(2000, 2101)
SEPARATORS = re.compile(r"[\s;,/+]+")
"""Between the languages or the tiers in one cell."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ](?P<hour>\d\d):\d\d(:\d\d)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIERS = tuple("123456789")
_WRITE_TIME = "write it as 2026-11-03T08:00, or with an offset as 2026-11-03T08:00+01:00"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC seconds, and what is to be known of how it was read: a reason and a remedy, or nothing."""

    instant: int
    remark: tuple[str, str] | None = None


@lru_cache(maxsize=1024)
def placed(local: datetime, zone: ZoneInfo) -> Moment:
    """A naive local time as `local_to_utc` has it, with a remark when it comes twice or never.

    One hand-off stands in several rows, hence the cache.
    """
    instant = local_to_utc(local, zone)
    shown = utc_to_local(instant, zone).replace(tzinfo=None)
    if shown != local:
        reason = f"the clocks jump over this time: {shown:%H:%M} is taken"
        return Moment(instant, (reason, "correct it if another is meant"))
    second = local.replace(tzinfo=zone, fold=1)
    if second.utcoffset() == local.replace(tzinfo=zone).utcoffset():
        return Moment(instant)
    remedy = f"write {_written(second)} if the second is meant"
    return Moment(instant, ("this time comes twice that night: the first is taken", remedy))


def read_moment(zone: ZoneInfo | None, text: str) -> Moment:
    """A date and a time: without an offset on the clocks of `zone`; None if that isn't known, to find other faults.

    UTC may always be written; any other offset must be the one that the zone has then.
    """
    shape = _TIME.fullmatch(text)
    if shape is None:
        raise CellError("this isn't a date and a time" if text else "the time is missing", _WRITE_TIME)
    if shape["hour"] == "24":
        raise CellError("no day has a 24:00", "write 00:00 of the next day")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CellError(f"there is no such date or time ({error})", _WRITE_TIME) from error
    _refuse_year(moment)
    if zone is None:
        return Moment(0)
    if moment.tzinfo is None:
        return placed(moment, zone)
    return Moment(_with_offset(moment, zone))


def read_day_or_moment(zone: ZoneInfo, ends: bool, text: str) -> Moment:
    """As `read_moment`; a day alone is its first second or, where something `ends`, the first after it."""
    if not _DAY.fullmatch(text):
        return read_moment(zone, text)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CellError(f"there is no such date ({error})", "write it as 2026-11-03") from error
    _refuse_year(day)
    return Moment(local_to_utc(datetime.combine(day + timedelta(days=ends), time()), zone))


def noted(row: Row, moments: Mapping[str, Moment]) -> tuple[Problem, ...]:
    """What is to be known of the times in a row, by their columns."""
    return tuple(row.problem(column, *moment.remark) for column, moment in moments.items() if moment.remark)


def read_tier(text: str) -> int:
    """A tier, from 1 to 9."""
    if text not in _TIERS:
        raise CellError("this isn't a tier", f"write a number from 1, which rings first, to {_TIERS[-1]}")
    return int(text)


def read_line(zones: Mapping[str, tuple[str, ZoneInfo]], text: str) -> tuple[str, ZoneInfo]:
    """A line's name as it is known, and its zone. `zones` has both by the name in small letters."""
    found = zones.get(text.casefold())
    if found is None:
        raise CellError("unknown line" if text else "the line is missing", f"use one of {', '.join(sorted(zones))}")
    return found


def squeezed(text: str) -> str:
    """A name composed, and with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def same(name: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", squeezed(name).casefold())


class Names:
    """The people known, found however their name is written."""

    def __init__(self, people: Collection[str]) -> None:
        self._names = {same(name): name for name in people}
        self._nearest: dict[str, list[str]] = {}

    def known(self, text: str) -> str | None:
        """The name as it is known, if it is."""
        return self._names.get(same(text))

    def find(self, text: str) -> str:
        """The name as it is known. Raises `CellError` with the nearest one there is."""
        key = same(text)
        if not key:
            raise CellError("the person is missing", "write a name")
        if key not in self._names:
            # The same slip fills a whole column: it is searched for once.
            if key not in self._nearest:
                self._nearest[key] = difflib.get_close_matches(key, self._names, n=1)
            hint = "".join(f"write {self._names[near]!r}, or " for near in self._nearest[key])
            raise CellError("unknown person", f"{hint}import this person first")
        return self._names[key]

    def find_or_nobody(self, text: str) -> str | None:
        """As `find`; nobody where nothing stands."""
        return self.find(text) if text else None

    def named_in(self, text: str) -> list[str]:
        """Those whose whole name stands somewhere in a text; of two that overlap, the longer."""
        rest, found = same(text), []
        for key in sorted(self._names, key=len, reverse=True):
            whole = re.compile(rf"(?<!\w){re.escape(key)}(?!\w)")
            if whole.search(rest):
                rest = whole.sub("\n", rest)
                found.append(self._names[key])
        return found


def _with_offset(moment: datetime, zone: ZoneInfo) -> int:
    instant = int(moment.timestamp())
    shown = utc_to_local(instant, zone)
    if moment.utcoffset() and moment.utcoffset() != shown.utcoffset():
        right = utc_to_local(local_to_utc(moment.replace(tzinfo=None), zone), zone)
        reason = f"{zone.key} has another offset from UTC then"
        raise CellError(reason, f"write {_written(right)}, or leave the offset out")
    return instant


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="auto" if moment.second else "minutes")


def _refuse_year(day: date) -> None:
    if day.year not in YEARS:
        raise CellError("this year can't be meant", f"use one from {YEARS[0]} to {YEARS[-1]}")
