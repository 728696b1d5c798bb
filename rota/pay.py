"""What a shift is for pay: its hours on each local day, how many of them at night, on a Sunday, on a public holiday."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rota.model import Span
from rota.zones import local_to_utc, utc_to_local

NIGHT = (time(21), time(6))
"""From when to when an hour is one of the night, if no agreement says otherwise (Code du travail, L3122-20)."""
SUNDAY = 7
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Piece(Span):
    """The part of a shift that lies on one local day; `night` is in real seconds."""

    day: date
    night: int
    holiday: bool

    @property
    def sunday(self) -> bool:
        """Whether that day is one."""
        return self.day.isoweekday() == SUNDAY


def pieces(
    span: Span, zone: ZoneInfo, holidays: Collection[date] = (), night: tuple[time, time] = NIGHT
) -> Iterator[Piece]:
    """The parts of a shift by local day, in order, without a hole. Hours are real ones, whatever the clocks do."""
    at = span.start
    while at < span.end:
        day = utc_to_local(at, zone).date()
        end = min(span.end, _instant(day + ONE_DAY, time(), zone))
        yield Piece(at, end, day, _night(Span(at, end), day, zone, night), day in holidays)
        at = end


def _night(piece: Span, day: date, zone: ZoneInfo, night: tuple[time, time]) -> int:
    """Real seconds of a day's part in the night, which mostly is the day's two ends."""
    begins, ends = (_instant(day, at, zone) for at in night)
    first, last = _instant(day, time(), zone), _instant(day + ONE_DAY, time(), zone)
    parts = [(begins, ends)] if night[0] < night[1] else [(first, ends), (begins, last)]
    return sum(max(0, min(piece.end, end) - max(piece.start, start)) for start, end in parts)


def _instant(day: date, at: time, zone: ZoneInfo) -> int:
    return local_to_utc(datetime.combine(day, at), zone)
