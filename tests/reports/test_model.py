import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import InputError
from reports.model import (
    DURATION_BANDS,
    WAIT_BANDS,
    Coverage,
    duration_band_of,
    is_night,
    wait_band_of,
)


def test_the_bands_are_the_ones_that_counters_hold() -> None:
    """Wait bands are in seconds and duration bands in minutes, on the thresholds other lines publish."""
    assert WAIT_BANDS == ("0-5", "5-20", "20-60", "60-180", "180+")
    assert DURATION_BANDS == ("0-1", "1-5", "5-15", "15-30", "30-60", "60+")


@pytest.mark.parametrize(
    ("seconds", "band"),
    [(0, "0-5"), (4.9, "0-5"), (5, "5-20"), (19, "5-20"), (20, "20-60"), (60, "60-180"), (180, "180+"), (9999, "180+")],
)
def test_a_wait_falls_into_the_band_that_holds_its_lower_edge(seconds: float, band: str) -> None:
    """Twenty seconds are not "within twenty seconds"."""
    assert wait_band_of(seconds) == band


@pytest.mark.parametrize(
    ("seconds", "band"),
    [(0, "0-1"), (59, "0-1"), (60, "1-5"), (300, "5-15"), (900, "15-30"), (1800, "30-60"), (3600, "60+")],
)
def test_a_talk_falls_into_its_band_of_minutes(seconds: int, band: str) -> None:
    """A talk of exactly one minute is a talk of one to five minutes."""
    assert duration_band_of(seconds) == band


@given(st.floats(min_value=0, max_value=1e6), st.floats(min_value=0, max_value=1e6))
def test_a_longer_wait_never_falls_into_an_earlier_band(one: float, other: float) -> None:
    """Bands are in order, without holes."""
    low, high = sorted((one, other))
    assert WAIT_BANDS.index(wait_band_of(low)) <= WAIT_BANDS.index(wait_band_of(high))


def test_a_negative_time_is_refused() -> None:
    """A clock that went back is the caller's to mend, not a band."""
    with pytest.raises(ValueError, match="-1"):
        wait_band_of(-1)


def test_the_night_is_from_ten_to_seven() -> None:
    """Nine local hours are night."""
    assert [hour for hour in range(24) if is_night(hour)] == [0, 1, 2, 3, 4, 5, 6, 22, 23]


@pytest.mark.parametrize(("covered", "hours"), [(-1, 10), (11, 10)])
def test_impossible_coverage_is_refused(covered: int, hours: int) -> None:
    """Nobody is on call for more hours than there are."""
    with pytest.raises(InputError, match="impossible"):
        Coverage(covered, hours)
