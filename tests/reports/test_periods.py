from datetime import date

import pytest

from reports.errors import InputError
from reports.periods import Profile, begun, coarsest, name_of, periods_of, profile_of, short_name_of, within
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
    ("profile", "last"), [(Profile.MONTH, "2026-10"), (Profile.QUARTER, "2026-Q4"), (Profile.YEAR, "2026")]
)
def test_periods_that_have_not_begun_are_left_out(profile: Profile, last: str) -> None:
    """A year that runs through October has ten months, four quarters."""
    assert begun(2026, profile, date(2026, 10, 1))[-1] == last
