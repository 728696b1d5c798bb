"""A line's profile - how finely it may be published - and the periods of a year under it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, format_interval, get_month_names, get_quarter_names

from reports.errors import InputError
from reports.words import Language, Words, same

QUARTERLY_FROM = 400
MONTHLY_FROM = 1000
"""Calls a year."""
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
QUARTER = re.compile(r"\d{4}-Q[1-4]")
YEAR = re.compile(r"\d{4}")
LOCALES: dict[Language, str] = {"fr": "fr", "nl": "nl", "de": "de", "en": "en_GB"}


class Profile(StrEnum):
    """The finest period a line of this size is published by."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


COARSEST_FIRST = (Profile.YEAR, Profile.QUARTER, Profile.MONTH)


def profile_of(yearly_calls: int) -> Profile:
    """Returns the profile of a line by its calls in a year: under 400, 400 to 999, 1,000 and more."""
    if yearly_calls < QUARTERLY_FROM:
        return Profile.YEAR
    return Profile.QUARTER if yearly_calls < MONTHLY_FROM else Profile.MONTH


@lru_cache(1024)
def grain(period: str) -> Profile:
    """Returns how fine `2026-03`, `2026-Q1` or `2026` is. InputError for anything else."""
    for shape, profile in ((MONTH, Profile.MONTH), (QUARTER, Profile.QUARTER), (YEAR, Profile.YEAR)):
        if shape.fullmatch(period):
            return profile
    raise InputError(f"{period!r} is not a period; write 2026-03, 2026-Q1 or 2026")


def coarsest(profile: Profile, periods: Iterable[str]) -> Profile:
    """Returns `profile`, or the coarsest period among `periods` where that is coarser."""
    return min({profile, *(grain(period) for period in set(periods))}, key=COARSEST_FIRST.index)


@lru_cache(1024)
def within(period: str, profile: Profile) -> str:
    """Returns the period of `profile` that `period` lies in. InputError if `period` is the coarser one."""
    if COARSEST_FIRST.index(grain(period)) < COARSEST_FIRST.index(profile):
        raise InputError(f"the period {period} can't be told apart by {profile}")
    if profile is Profile.YEAR or grain(period) is profile:
        return period[:4] if profile is Profile.YEAR else period
    return f"{period[:4]}-Q{(int(period[5:]) + 2) // 3}"


def periods_of(year: int, profile: Profile) -> tuple[str, ...]:
    """Returns the periods of `year` in order: 1, 4 or 12 of them."""
    if profile is Profile.MONTH:
        return tuple(f"{year}-{month:02}" for month in range(1, 13))
    return tuple(f"{year}-Q{quarter}" for quarter in range(1, 5)) if profile is Profile.QUARTER else (str(year),)


def days_of(period: str) -> tuple[date, date]:
    """Returns the first and the last local day of a period. InputError if it isn't one."""
    profile, year = grain(period), int(period[:4])
    months = {Profile.YEAR: 12, Profile.QUARTER: 3, Profile.MONTH: 1}[profile]
    first = {Profile.YEAR: "1", Profile.QUARTER: period[6:], Profile.MONTH: period[5:]}[profile]
    start = months * (int(first) - 1) + 1
    return date(year, start, 1), date(year, start + months - 1, monthrange(year, start + months - 1)[1])


def full_name_of(period: str) -> Words:
    """Returns the name of a period with its year, as it stands inside a sentence: March 2026, 1st quarter 2026."""
    pattern = {Profile.YEAR: "y", Profile.QUARTER: "QQQQ y", Profile.MONTH: "MMMM y"}[grain(period)]
    first, _ = days_of(period)
    return Words(**{language: format_date(first, pattern, locale) for language, locale in LOCALES.items()})


def days_named(period: str) -> Words:
    """Returns a period's first and last day, as 1-31 March 2026."""
    days = days_of(period)
    return Words(**{language: format_interval(*days, "yMMMd", locale=locale) for language, locale in LOCALES.items()})


def name_of(period: str) -> Words:
    """Returns the name of a period inside its year: January, 1st quarter, or the year's number."""
    return _named(period, "wide")


def short_name_of(period: str) -> Words:
    """Returns the same, short enough to stand under a column: Jan, Q1, or the year's number."""
    return _named(period, "abbreviated")


def _named(period: str, width: Literal["wide", "abbreviated"]) -> Words:
    if grain(period) is Profile.YEAR:
        return same(period)
    names = {}
    for language, locale in LOCALES.items():
        if grain(period) is Profile.QUARTER:
            name = get_quarter_names(width, locale=locale)[int(period[6:])]
        else:
            name = get_month_names(width, context="stand-alone", locale=locale)[int(period[5:])].rstrip(".")
        names[language] = name[0].upper() + name[1:]
    return Words(**names)
