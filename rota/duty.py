"""What a shift is, for sharing out and for pay: a night, a weekend, a public holiday, its points."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rota.model import Span
from rota.zones import local_to_utc, utc_to_local

Category = str
"""What is shared out fairly, each by itself: every shift is a "shift", and perhaps others as well."""
CATEGORIES: tuple[Category, ...] = ("shift", "night", "weekend", "holiday")

DEEP_NIGHT = time(3)
"""Whoever is on call at this local time has a night: the one of that day."""
WEIGHTS = {"shift": 100, "night": 50, "weekend": 50, "holiday": 100}
"""What an hour of each category adds to the points of a shift, in hundredths of an ordinary hour."""
SATURDAY = 6
ONE_DAY = timedelta(days=1)


def categories(span: Span, zone: ZoneInfo, holidays: Collection[date] = ()) -> frozenset[Category]:
    """What a shift over this span is, in its line's zone.

    A night if somebody is on call at 03:00; of the weekend, or of a public holiday, if half of it or more lies on a
    local Saturday or Sunday, or on one of `holidays`.
    """
    found = {"shift"}
    if nights(span, zone):
        found.add("night")
    if 2 * _seconds(span, zone, lambda day: day.isoweekday() >= SATURDAY) >= span.seconds:
        found.add("weekend")
    if 2 * _seconds(span, zone, lambda day: day in holidays) >= span.seconds:
        found.add("holiday")
    return frozenset(found)


def points(span: Span, kinds: Collection[Category]) -> int:
    """What it weighs, in hundredths of an ordinary hour: its real length, by what it is."""
    return span.seconds * sum(WEIGHTS[kind] for kind in kinds) // 3600


def nights(span: Span, zone: ZoneInfo) -> tuple[int, ...]:
    """The days, as ordinals, in whose night somebody with this shift is on call: those whose 03:00 it holds."""
    return _nights(span.start, span.end, zone)


@lru_cache(maxsize=16_384)
def _nights(start: int, end: int, zone: ZoneInfo) -> tuple[int, ...]:
    """Limits ask it of the same shifts before and after each edit, and of each person who might take one."""
    span = Span(start, end)
    return tuple(day.toordinal() for day, _ in _days(span, zone) if span.holds(_instant(day, DEEP_NIGHT, zone)))


def _seconds(span: Span, zone: ZoneInfo, chosen: Callable[[date], bool]) -> int:
    """How much of it lies on local days that are chosen."""
    return sum(piece.seconds for day, piece in _days(span, zone) if chosen(day))


def _days(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, Span]]:
    """It, cut at local midnights."""
    at = span.start
    while at < span.end:
        day = utc_to_local(at, zone).date()
        end = min(span.end, _instant(day + ONE_DAY, time(), zone))
        yield day, Span(at, end)
        at = end


def _instant(day: date, at: time, zone: ZoneInfo) -> int:
    return local_to_utc(datetime.combine(day, at), zone)
