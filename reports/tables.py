"""Tabulation of counters: exact ones go in, and only published figures can be had out.

What is exact lies in private fields; what is answered is `Published` (or a `Minutes`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.errors import InputError
from reports.indicators import WAITED, Cell, Measure, measures, normal
from reports.model import (
    DURATION_BANDS,
    OUTCOMES,
    WAIT_BANDS,
    HourlyCount,
    MonthlyCount,
    is_night,
)
from reports.periods import MONTH, grain, within
from reports.rounding import Minutes, Published, Rounder

Slot = tuple[str, bool, bool, Cell]
"""Local month, night, weekend, and how the call ended."""


@dataclass(frozen=True, slots=True)
class Calls:
    """A line's hourly counters of one year, to be counted."""

    _tally: Mapping[Slot, int] = field(repr=False)
    _rounder: Rounder
    year: int

    def of(self, measure: str, period: str | None = None) -> Published:
        """Returns a measure of `indicators.measures()` for the year, or for one of its months or quarters."""
        chosen = measures()[measure]
        wanted = period or str(self.year)
        n = sum(n for slot, n in self._tally.items() if _belongs(slot, chosen, wanted))
        return self._rounder.count(wanted, measure, n)


def _belongs(slot: Slot, measure: Measure, period: str) -> bool:
    month, night, weekend, cell = slot
    when = {"any": True, "night": night, "weekend": weekend}[measure.when]
    return when and cell in measure.cells and within(month, grain(period)) == period


def calls_of(hourly: Iterable[HourlyCount], year: int, zone: ZoneInfo, rounder: Rounder) -> Calls:
    """Returns the counters of the line's local year; other lines and years are left out.

    InputError for an unknown outcome or, for answered and abandoned calls, an unknown wait band.
    """
    tally: Counter[Slot] = Counter()
    for count in hourly:
        local = datetime.fromtimestamp(count.hour, zone)
        if count.line != rounder.line or local.year != year:
            continue
        cell = normal(count.outcome, count.wait_band)
        known = cell[1] in WAIT_BANDS if count.outcome in WAITED else count.outcome in OUTCOMES
        if not known or count.n < 0:
            raise InputError(f"an hourly counter has outcome {count.outcome!r}, wait {count.wait_band!r}, n {count.n}")
        tally[f"{year}-{local.month:02}", is_night(local.hour), local.weekday() >= 5, cell] += count.n
    return Calls(tally, rounder, year)


@dataclass(frozen=True, slots=True)
class Durations:
    """Published talk times of a year: a count for each band, the number of talks, and their mean."""

    bands: Mapping[str, Published]
    total: Published
    mean: Minutes


def durations_of(monthly: Iterable[MonthlyCount], year: int, rounder: Rounder) -> Durations:
    """Returns the talk times of the year; other lines and years are left out.

    The number of talks is rounded as `answered` is, so that it prints the same figure wherever the two agree.
    InputError for an unknown band or a malformed month.
    """
    bands: Counter[str] = Counter(dict.fromkeys(DURATION_BANDS, 0))
    seconds = 0
    for count in monthly:
        if count.line != rounder.line or count.month[:4] != str(year):
            continue
        if count.duration_band not in bands or not MONTH.fullmatch(count.month) or min(count.n, count.talk_seconds) < 0:
            raise InputError(f"a monthly counter has month {count.month!r}, band {count.duration_band!r}, n {count.n}")
        bands[count.duration_band] += count.n
        seconds += count.talk_seconds
    talks = bands.total()
    total = rounder.count(str(year), "answered", talks)
    published = {band: rounder.count(str(year), f"duration-{band}", n) for band, n in bands.items()}
    return Durations(published, total, rounder.mean_minutes(seconds, talks, total))
