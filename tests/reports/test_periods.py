from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import InputError
from reports.periods import (
    Profile,
    coarsest,
    days_named,
    days_of,
    full_name_of,
    name_of,
    periods_of,
    profile_of,
    short_name_of,
    within,
)
from reports.words import LANGUAGES


@pytest.mark.parametrize(
    ("calls", "profile"),
    [(0, Profile.YEAR), (399, Profile.YEAR), (400, Profile.QUARTER), (999, Profile.QUARTER), (1000, Profile.MONTH)],
)
def test_the_smaller_a_line_the_longer_its_periods(calls: int, profile: Profile) -> None:
    """Under 400 calls the year only, under 1,000 quarters, then months."""
    assert profile_of(calls) is profile


@pytest.mark.parametrize(("profile", "count"), [(Profile.YEAR, 1), (Profile.QUARTER, 4), (Profile.MONTH, 12)])
def test_every_month_lies_within_one_period_of_each_profile(profile: Profile, count: int) -> None:
    """The periods of a year cover it, in order."""
    found = [within(month, profile) for month in periods_of(2026, Profile.MONTH)]
    assert tuple(dict.fromkeys(found)) == periods_of(2026, profile)
    assert len(set(found)) == count


def test_a_quarter_cannot_be_told_apart_by_month() -> None:
    """What was coded coarsely stays coarse."""
    with pytest.raises(InputError, match="2026-Q1"):
        within("2026-Q1", Profile.MONTH)


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "26", "2026-3", "2026-03-04", ""])
def test_a_malformed_period_is_refused(period: str) -> None:
    """A period is a month, a quarter or a year, written one way."""
    with pytest.raises(InputError, match="not a period"):
        within(period, Profile.YEAR)


def test_the_coarsest_period_decides() -> None:
    """A year that was half coded by quarter is published by quarter."""
    assert coarsest(Profile.MONTH, ["2026-01", "2026-Q2"]) is Profile.QUARTER
    assert coarsest(Profile.QUARTER, ["2026-01"]) is Profile.QUARTER


def test_periods_are_named_in_each_language() -> None:
    """Names begin with a capital and need no year."""
    assert [name_of("2026-03").to(language) for language in LANGUAGES] == ["Mars", "Maart", "März", "March"]
    assert [short_name_of("2026-Q2").to(language) for language in LANGUAGES] == ["T2", "K2", "Q2", "Q2"]
    assert name_of("2026").fr == "2026"


@pytest.mark.parametrize(
    ("period", "last"),
    [
        ("2026", (12, 31)),
        ("2026-Q2", (6, 30)),
        ("2026-02", (2, 28)),
        ("2028-02", (2, 29)),
        ("2100-02", (2, 28)),
        ("2028-Q1", (3, 31)),
    ],
)
def test_a_period_ends_on_its_last_day(period: str, last: tuple[int, int]) -> None:
    """February has 29 days in a leap year, and 2100 is none."""
    assert days_of(period)[1] == date(int(period[:4]), *last)


@given(st.integers(1900, 2200), st.sampled_from(list(Profile)))
def test_the_periods_of_a_year_follow_each_other_day_by_day(year: int, profile: Profile) -> None:
    """No day is in two of them, and none is left out."""
    days = [days_of(period) for period in periods_of(year, profile)]
    assert (days[0][0], days[-1][1]) == (date(year, 1, 1), date(year, 12, 31))
    assert all(first[1] + timedelta(days=1) == second[0] for first, second in pairwise(days))


def test_a_period_is_named_with_its_year_in_each_language() -> None:
    """As it stands inside a sentence: no capital where the language has none."""
    assert [full_name_of("2026-03").to(language) for language in LANGUAGES] == [
        "mars 2026", "maart 2026", "März 2026", "March 2026",
    ]  # fmt: skip
    assert [full_name_of("2026-Q1").to(language) for language in LANGUAGES] == [
        "1er trimestre 2026", "1e kwartaal 2026", "1. Quartal 2026", "1st quarter 2026",
    ]  # fmt: skip
    assert {full_name_of("2026").to(language) for language in LANGUAGES} == {"2026"}


def test_the_days_of_a_period_are_named_in_each_language() -> None:
    """From its first day to its last, leap days included."""
    named = [days_named("2028-02").to(language).replace("\u2009", "").replace("\u202f", "") for language in LANGUAGES]
    assert named == ["1–29 févr. 2028", "1–29 feb 2028", "1.–29. Feb. 2028", "1–29 Feb 2028"]
