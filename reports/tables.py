"""Tabulation: records and counters go in, and only published figures can be had out.

The three classes hold what is exact in private fields; what they answer is `Published` (or a `Minutes`).
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
    SUPPORT,
    WAIT_BANDS,
    HourlyCount,
    MonthlyCount,
    Record,
    is_night,
)
from reports.periods import MONTH, grain, within
from reports.rounding import KEY_SPACE, CodesOf, Minutes, Published, Rounder
from reports.taxonomy import Taxonomy

Slot = tuple[str, bool, bool, Cell]
"""Local month, night, weekend, and how the call ended."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """A line's records of one year, to be counted."""

    _records: tuple[Record, ...] = field(repr=False)
    _substantive: tuple[Record, ...] = field(repr=False)
    _rounder: Rounder

    def by(self, codes_of: CodesOf, codes: Iterable[str], *, all_contacts: bool = False) -> Mapping[str, Published]:
        """Returns the published count of substantive contacts (or of all contacts) with each code."""
        return self._rounder.tabulate(self._records if all_contacts else self._substantive, codes_of, codes)

    def count(self, *, all_contacts: bool = False) -> Published:
        """Returns the published number of substantive contacts, or of all contacts."""
        return self.by(lambda _: ("all",), ("all",), all_contacts=all_contacts)["all"]

    def periods(self) -> frozenset[str]:
        """Returns the periods its records carry."""
        return frozenset(record.period for record in self._records)

    def keep_language(self) -> bool:
        """Says whether any record carries a language."""
        return any(record.language for record in self._records)


def is_substantive(record: Record) -> bool:
    """Says whether a contact is in the base of the shares: support, of a minute or more."""
    return record.substantive and record.contact == SUPPORT


def contacts_of(records: Iterable[Record], line: str, year: int, taxonomy: Taxonomy, rounder: Rounder) -> Contacts:
    """Returns the line's contacts of the year. InputError for a malformed period, kind, severity or key."""
    chosen = tuple(record for record in records if record.line == line and record.period[:4] == str(year))
    kinds = {term.code for term in taxonomy.contacts}
    for record in chosen:
        grain(record.period)
        if record.contact not in kinds:
            raise InputError(f"a record of {record.period} has the contact kind {record.contact!r}; see the taxonomy")
        if record.severity is not None and not 1 <= record.severity <= len(taxonomy.severities):
            raise InputError(f"a record of {record.period} has the severity {record.severity}; grades are 1 to 5")
        if not 0 <= record.key < KEY_SPACE:
            raise InputError(f"a record of {record.period} has a key that isn't 32 bits")
    return Contacts(chosen, tuple(filter(is_substantive, chosen)), rounder)


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
