"""What a shift is, against a count of its quarters of an hour on the wall."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.duty import CATEGORIES, WEIGHTS, categories, nights, points
from rota.model import Span
from rota.zones import local_to_utc
from tests.rota.strategies import DAY, FIRST, HOUR, LAST, ZONES, jumps

PARIS = ZoneInfo("Europe/Paris")
QUARTER = 900


def at(day: date, hour: int, minute: int = 0, zone: ZoneInfo = PARIS) -> int:
    """An instant by a wall clock."""
    return local_to_utc(datetime.combine(day, time(hour, minute)), zone)


@st.composite
def spans(draw: st.DrawFn, name: str) -> Span:
    """Up to three days by quarters of an hour, as often as not around a jump of the clocks."""
    if draw(st.booleans()) and jumps(name):
        start = draw(st.sampled_from(jumps(name))) - draw(st.integers(0, 200)) * QUARTER
    else:
        start = FIRST + draw(st.integers(0, (LAST - FIRST) // QUARTER)) * QUARTER
    return Span(start, start + draw(st.integers(1, 300)) * QUARTER)


def quarters(span: Span, zone: ZoneInfo) -> list[datetime]:
    """What the wall shows at the beginning of each."""
    return [datetime.fromtimestamp(instant, zone) for instant in range(span.start, span.end, QUARTER)]


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_a_shift_is_what_its_quarters_of_an_hour_are(name: str, data: st.DataObject) -> None:
    """A night if one of them is at 03:00, of the weekend or a holiday if half of them or more are."""
    zone, span = ZoneInfo(name), data.draw(spans(name))
    wall = quarters(span, zone)
    feasts = data.draw(st.frozensets(st.sampled_from([at.date() for at in wall])))
    expected = {"shift"}
    if any(at.time() == time(3) and not at.fold for at in wall):
        expected.add("night")
    if 2 * sum(at.weekday() in (5, 6) for at in wall) >= len(wall):
        expected.add("weekend")
    if 2 * sum(at.date() in feasts for at in wall) >= len(wall):
        expected.add("holiday")
    assert categories(span, zone, feasts) == expected


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_its_nights_are_the_days_whose_three_o_clock_it_holds(name: str, data: st.DataObject) -> None:
    """In order, each once."""
    zone, span = ZoneInfo(name), data.draw(spans(name))
    found = [at.date().toordinal() for at in quarters(span, zone) if at.time() == time(3) and not at.fold]
    assert list(nights(span, zone)) == found


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_a_night_belongs_to_exactly_one_of_two_shifts_in_a_row(name: str, data: st.DataObject) -> None:
    """Wherever it is cut, also at three o'clock sharp and on a night on which the clocks jump."""
    zone, span = ZoneInfo(name), data.draw(spans(name))
    cut = data.draw(st.integers(span.start, span.end))
    parts = [part for part in ((span.start, cut), (cut, span.end)) if part[0] < part[1]]
    assert [night for part in parts for night in nights(Span(*part), zone)] == list(nights(span, zone))


@given(st.integers(FIRST, LAST), st.integers(1, 3 * DAY), st.frozensets(st.sampled_from(CATEGORIES)))
def test_points_grow_with_real_time_and_with_each_category(start: int, length: int, kinds: frozenset[str]) -> None:
    """A hundred an hour for a shift, and so much more for each other thing that it is, down to whole points."""
    found = points(Span(start, start + length), kinds)
    assert found == length * sum(WEIGHTS[kind] for kind in kinds) // HOUR
    assert points(Span(start, start + length), kinds | {"shift"}) >= found


def test_a_night_of_nine_hours_weighs_more_than_one_of_seven() -> None:
    """From 23:00 to 07:00 in autumn and in spring: both are nights of a weekend."""
    long, short = (Span(at(day, 23), at(day + timedelta(days=1), 7)) for day in (date(2026, 10, 24), date(2026, 3, 28)))
    assert categories(long, PARIS) == categories(short, PARIS) == {"shift", "night", "weekend"}
    assert (points(long, categories(long, PARIS)), points(short, categories(short, PARIS))) == (9 * 200, 7 * 200)


@pytest.mark.parametrize(
    ("start", "end", "kinds"),
    [
        ((6, 20), (7, 8), {"shift", "night", "weekend"}),
        ((6, 12), (6, 20), {"shift"}),
        ((6, 16), (7, 8), {"shift", "night", "weekend"}),
        ((6, 15), (7, 8), {"shift", "night"}),
        ((8, 20), (9, 3), {"shift", "weekend"}),
        ((8, 20), (9, 4), {"shift", "night", "weekend"}),
        ((9, 3), (9, 11), {"shift", "night"}),
    ],
)
def test_whatever_lies_half_on_a_weekend_is_of_it(
    start: tuple[int, int], end: tuple[int, int], kinds: set[str]
) -> None:
    """From Friday 6 to Monday 9 March 2026, days and hours; the end isn't in it."""
    span = Span(at(date(2026, 3, start[0]), start[1]), at(date(2026, 3, end[0]), end[1]))
    assert categories(span, PARIS) == kinds


def test_a_holiday_is_that_of_its_local_day() -> None:
    """Christmas in Noumea is still the 24th in Paris when it begins."""
    christmas = date(2026, 12, 25)
    noumea = ZoneInfo("Pacific/Noumea")
    span = Span(at(christmas, 4, zone=noumea), at(christmas, 12, zone=noumea))
    assert "holiday" in categories(span, noumea, {christmas})
    assert "holiday" not in categories(span, PARIS, {christmas})
