from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import InputError
from reports.model import OUTCOMES, WAIT_BANDS, HourlyCount, MonthlyCount
from reports.rounding import Rounder
from reports.tables import calls_of, durations_of
from tests.reports.made import SECRET, YEAR, ZONE, hourly

ROUNDER = Rounder(SECRET, "france")
PARIS = ZoneInfo(ZONE)


def of(measure: str, *hours: HourlyCount, period: str | None = None) -> int | None:
    """The published figure of a measure."""
    return calls_of(hours, YEAR, PARIS, ROUNDER).of(measure, period).value


def test_offered_is_every_call_that_reached_the_ring() -> None:
    """Unknown and failed calls are in, greeting hang-ups and calls beyond the limit are out."""
    hours = [hourly(outcome, 10) for outcome in OUTCOMES]
    assert of("offered", *hours) == 50
    assert of("left-in-greeting", *hours) == 10
    assert of("overflow", *hours) == 10


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (datetime(2025, 12, 31, 23), False),
        (datetime(2026, 1, 1, 0), True),
        (datetime(2026, 12, 31, 23), True),
        (datetime(2027, 1, 1, 0), False),
    ],
)
def test_the_year_begins_and_ends_at_local_midnight(at: datetime, counted: bool) -> None:
    """In Paris, an hour before it does in Greenwich."""
    assert of("offered", hourly("answered", 20, at=at)) == (20 if counted else None)


@pytest.mark.parametrize(("hour", "night"), [(21, False), (22, True), (23, True), (0, True), (6, True), (7, False)])
@pytest.mark.parametrize("month", [1, 7])
def test_the_night_is_local_all_year(hour: int, night: bool, month: int) -> None:
    """Summer time moves no call out of the night."""
    assert of("offered-night", hourly("answered", 20, at=datetime(2026, month, 14, hour))) == (20 if night else None)


@pytest.mark.parametrize("fold", [0, 1])
def test_both_hours_that_autumn_repeats_are_night(fold: int) -> None:
    """Two o'clock comes twice on 25 October 2026, and both are counted."""
    twice = [hourly("answered", 10, at=datetime(2026, 10, 25, 2, fold=each, tzinfo=PARIS)) for each in (0, 1)]
    assert twice[0].hour != twice[1].hour
    assert of("offered-night", twice[fold], twice[fold]) == 20
    assert of("offered", *twice, period="2026-10") == 20


@pytest.mark.parametrize(("day", "weekend"), [(6, False), (7, True), (8, True), (9, False)])
def test_the_weekend_is_saturday_and_sunday(day: int, weekend: bool) -> None:
    """6 March 2026 is a Friday; the days change at local midnight."""
    for hour in (0, 23):
        assert of("offered-weekend", hourly("answered", 20, at=datetime(2026, 3, day, hour))) == (
            20 if weekend else None
        )


def test_calls_fall_into_their_local_month_and_quarter() -> None:
    """The first hour of April in Paris is still March in Greenwich."""
    first = hourly("answered", 20, at=datetime(2026, 4, 1, 0))
    assert of("answered", first, period="2026-04") == 20
    assert of("answered", first, period="2026-03") is None
    assert of("answered", first, period="2026-Q2") == 20


def test_other_lines_are_left_out() -> None:
    """A query may give more than was asked for."""
    assert of("offered", hourly("answered", 20), hourly("answered", 100, line="belgium")) == 20


def test_the_wait_of_an_unanswered_call_is_not_looked_at() -> None:
    """Only answered and abandoned calls have a wait; the others may carry any band or none."""
    assert of("unanswered", hourly("unanswered", 5, wait=""), hourly("unanswered", 5, wait="180+")) == 10


@pytest.mark.parametrize(
    "wrong",
    [hourly("lost", 1), hourly("answered", 1, wait="0-20"), hourly("answered", 1, wait=""), hourly("failed", -1)],
)
def test_an_impossible_hourly_counter_is_refused(wrong: HourlyCount) -> None:
    """An unknown outcome or band would vanish from the tables."""
    with pytest.raises(InputError, match="hourly counter"):
        of("offered", wrong)


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(WAIT_BANDS), st.integers(0, 50)), max_size=30))
def test_how_counters_are_split_does_not_matter(drawn: list[tuple[str, str, int]]) -> None:
    """A thousand rows of one call each give the figures of one row of a thousand calls."""
    whole = [hourly(outcome, n, wait=band) for outcome, band, n in drawn]
    split = [hourly(outcome, 1, wait=band) for outcome, band, n in reversed(drawn) for _ in range(n)]
    for measure in ("offered", "answered", "abandoned-without-short", "service-base-60", "answered-wait-20-60"):
        assert of(measure, *whole) == of(measure, *split)


def test_talk_time_is_counted_by_band_and_averaged_over_the_year() -> None:
    """A hundred talks of ten minutes and a hundred of half an hour last twenty on average."""
    rows = [
        MonthlyCount("france", "2026-01", 100 * 600, "5-15", 100),
        MonthlyCount("france", "2026-12", 100 * 1800, "30-60", 100),
        MonthlyCount("france", "2025-12", 100 * 9999, "60+", 100),
        MonthlyCount("belgium", "2026-12", 100 * 9999, "60+", 100),
    ]
    found = durations_of(rows, YEAR, ROUNDER)
    assert (found.bands["5-15"].value, found.bands["60+"].value, found.total.value) == (100, None, 200)
    assert found.mean.value == 20


def test_as_many_talks_as_answered_calls_are_the_same_figure() -> None:
    """The two come from different counters, but a reader must not get two draws of one number."""
    for n in range(100, 140):
        talks = durations_of([MonthlyCount("france", "2026-01", 60, "1-5", n)], YEAR, ROUNDER).total.value
        assert talks == of("answered", hourly("answered", n))


@pytest.mark.parametrize(
    "wrong",
    [
        MonthlyCount("france", "2026-01", 1, "0-5", 1),
        MonthlyCount("france", "2026-1", 1, "0-1", 1),
        MonthlyCount("france", "2026-01", -1, "0-1", 1),
    ],
)
def test_an_impossible_monthly_counter_is_refused(wrong: MonthlyCount) -> None:
    """A malformed month or band is somebody's mistake, not a zero."""
    with pytest.raises(InputError, match="monthly counter"):
        durations_of([wrong], YEAR, ROUNDER)


def test_what_holds_counters_does_not_show_them() -> None:
    """A traceback or a log line can't spill what was given to be counted."""
    assert "7" not in repr(calls_of([hourly("answered", 7)], YEAR, PARIS, ROUNDER))
