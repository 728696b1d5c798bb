"""Public holidays by region, as the law has them."""

import re
from datetime import date, timedelta

import pytest

from rota.calendar_days import check_region, holidays_of
from rota.model import RotaError

NATIONAL = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
"""Days of France that are the same every year."""


EASTER = ["0420", "0405", "0328", "0416", "0401", "0421", "0413", "0328", "0417", "0409", "0325"]
"""The Sundays from 2025 to 2035."""


@pytest.mark.parametrize(("year", "sunday"), list(enumerate(EASTER, 2025)))
def test_france_has_eleven(year: int, sunday: str) -> None:
    """Eight fixed days, and Easter Monday, Ascension and Whit Monday, 1, 39 and 50 days after Easter Sunday."""
    easter = date(year, int(sunday[:2]), int(sunday[2:]))
    fixed = {date(year, month, day) for month, day in NATIONAL}
    assert holidays_of("FR", [year]) == fixed | {easter + timedelta(days=after) for after in (1, 39, 50)}


@pytest.mark.parametrize(
    ("region", "day"),
    [
        ("FR-57", date(2026, 4, 3)),
        ("FR-6AE", date(2026, 12, 26)),
        ("FR-974", date(2026, 12, 20)),
        ("FR-976", date(2026, 4, 27)),
        ("FR-NC", date(2026, 9, 24)),
        ("FR-PF", date(2026, 3, 5)),
        ("BE", date(2026, 7, 21)),
    ],
)
def test_a_region_has_days_of_its_own(region: str, day: date) -> None:
    """Good Friday and Saint Stephen's in the east, the abolition of slavery overseas, Belgium's national day."""
    assert day in holidays_of(region, [2026])
    assert day not in holidays_of("FR", [2026])


def test_several_years_are_asked_for_at_once() -> None:
    """They are those of each."""
    assert holidays_of("FR", range(2026, 2028)) == holidays_of("FR", [2026]) | holidays_of("FR", [2027])


def test_no_region_has_no_holidays() -> None:
    """A line that names none keeps none."""
    assert holidays_of("", [2026]) == frozenset()


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("fr", "did you mean 'FR'?"),
        ("QX-1", "known countries are AD AE"),
        ("FR-67", "known parts of it are FR-57 FR-6AE"),
        ("FR-", "write 'FR' for all of it"),
        ("FR-Zone A", "known parts of it are FR-57"),
        ("FR-GES", "known parts of it are FR-57"),
    ],
)
def test_an_unknown_region_is_refused_with_what_is_known(region: str, hint: str) -> None:
    """Before anything is reckoned with it."""
    with pytest.raises(RotaError, match=re.escape(hint)) as refused:
        check_region(region)
    assert f"there is no region {region!r}" in str(refused.value)
