"""Days, hours and numbers as the reader's language writes them, in a line's zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import date as Date  # noqa: N812 - `Formats.date` is a method here
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from reports.words import Language


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes in `language`; instants are UTC seconds and shown in a zone."""

    language: Language

    def day(self, instant: int, zone: ZoneInfo, *, year: bool = False) -> str:
        """`mar. 10 mars`, with the year if asked."""
        return self.date(local(instant, zone).date(), year=year)

    def date(self, day: Date, *, year: bool = False) -> str:
        """`mar. 10 mars`, with the year if asked."""
        pattern = {"fr": "EEE d MMM", "nl": "EEE d MMM", "de": "EEE d. MMM", "en": "EEE d MMM"}[self.language]
        return format_date(day, pattern + (" y" if year else ""), locale=self.language)

    def long_date(self, day: Date) -> str:
        """`mardi 10 mars 2026`."""
        return format_date(day, "full", locale="en_GB" if self.language == "en" else self.language)

    def month(self, day: Date) -> str:
        """`mars 2026`."""
        return format_date(day, "LLLL y", locale=self.language)

    def weekday(self, day: Date, *, short: bool = True) -> str:
        """`mar.` or `mardi`."""
        return format_date(day, "EEE" if short else "EEEE", locale=self.language)

    def clock(self, instant: int, zone: ZoneInfo) -> str:
        """`20:00`."""
        return format_time(local(instant, zone).time(), "HH:mm", locale=self.language)

    def span(self, start: int, end: int, zone: ZoneInfo) -> str:
        """`mar. 10 mars, 20:00-08:00` for `[start, end)`; an end on a later day than the next has its date."""
        first, last = local(start, zone), local(end, zone)
        text = f"{self.day(start, zone)}, {first:%H:%M}\u2013"
        near = 0 < (last.replace(tzinfo=None) - first.replace(tzinfo=None)).total_seconds() < 86_400
        return text + (f"{last:%H:%M}" if near else f"{self.day(end, zone)}, {last:%H:%M}")

    def hours(self, seconds: int) -> str:
        """`3 heures`, or minutes below an hour: rounded, for reading at a glance."""
        return format_timedelta(seconds, threshold=1.5, granularity="minute", locale=self.language)

    def languages(self, codes: Iterable[str]) -> str:
        """`français, néerlandais`."""
        names = Locale.parse(self.language).languages
        return ", ".join(names[code] for code in codes)

    def number(self, value: float) -> str:
        """`1 234,5`."""
        return format_decimal(value, locale=self.language)

    def percent(self, share: float) -> str:
        """`26 %`."""
        return format_percent(share, locale=self.language)


def local(instant: int, zone: ZoneInfo) -> datetime:
    """An instant (UTC seconds) on the clocks of a zone."""
    return datetime.fromtimestamp(instant, UTC).astimezone(zone)
