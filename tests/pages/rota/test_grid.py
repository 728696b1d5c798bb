"""The calendar's model: nothing is lost, nothing stands on two days, and days are as long as the clocks make them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.pages.rota.grid import WHOLE, Item, beside, build, month_of, week_of, weeks, window
from rota.gaps import Gap
from rota.model import Shift
from rota.zones import utc_to_local
from tests.rota.strategies import DAY, HOUR, ZONES, jumps, utc, zoned_instants

PARIS = ZoneInfo("Europe/Paris")
MARCH = month_of(date(2026, 3, 10))
NOW = utc(2026, 3, 10, 12)
TIERS = (1, 2)


@dataclass(frozen=True)
class Rota:
    """A month in a zone, with shifts and gaps around it."""

    zone: ZoneInfo
    dates: tuple[date, ...]
    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    now: int


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    """A month, often one in which the clocks change, with shifts and gaps of minutes to weeks around it."""
    zone, at = draw(zoned_instants())
    dates = month_of(utc_to_local(at, zone).date())
    span = window(dates, zone)
    starts = st.integers(span.start - 3 * DAY, span.end + DAY)
    lengths = st.sampled_from((60, 8 * HOUR, 12 * HOUR, DAY, DAY + HOUR, 3 * DAY, 40 * DAY)) | st.integers(1, 30 * DAY)
    people = st.none() | st.integers(1, 4)
    shifts = [
        Shift(number, "france", tier, person, start, start + length)
        for number, (tier, person, start, length) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from(TIERS), people, starts, lengths), max_size=8)), start=1
        )
    ]
    gaps = [
        Gap(start, start + length, "france", "nobody", tier, missing=missing, hard=hard)
        for tier, start, length, missing, hard in draw(
            st.lists(
                st.tuples(st.none() | st.sampled_from(TIERS), starts, lengths, st.integers(1, 3), st.booleans()),
                max_size=5,
            )
        )
    ]
    return Rota(zone, dates, tuple(shifts), tuple(gaps), draw(starts))


@given(rotas())
def test_each_instant_of_a_month_is_in_one_day(rota: Rota) -> None:
    """Days meet without a hole, from the first midnight to the last, in every zone and also where the clocks change."""
    days = build(rota.dates, rota.zone, rota.shifts, rota.gaps, (), rota.now)
    span = window(rota.dates, rota.zone)
    assert [day.date for day in days] == list(rota.dates)
    assert (days[0].start, days[-1].end) == (span.start, span.end)
    assert all(before.end == after.start for before, after in pairwise(days))
    assert sum(day.today for day in days) == span.holds(rota.now)
    assert [day.past for day in days] == sorted((day.past for day in days), reverse=True)


@given(rotas())
def test_every_shift_and_every_gap_is_shown(rota: Rota) -> None:
    """All of it that lies in the month; and nothing stands there that isn't in the rota."""
    days = build(rota.dates, rota.zone, rota.shifts, rota.gaps, (), rota.now)
    span, items = window(rota.dates, rota.zone), [item for day in days for item in day.items]
    for shift in (s for s in rota.shifts if s.span.overlaps(span)):
        own = [i for i in items if i.shift == shift.id]
        assert own
        assert {(i.tier, i.person) for i in own} == {(shift.tier, shift.person)}
        assert covers(own, max(shift.start, span.start), min(shift.end, span.end))
        assert all(shift.start <= i.start < i.end <= shift.end for i in own)
    for gap in (g for g in rota.gaps if g.overlaps(span)):
        kind = "gap" if gap.hard else "weak"
        told = [i for i in items if i.kind == kind and i.tier == gap.tier and i.overlaps(gap)]
        assert covers(told, max(gap.start, span.start), min(gap.end, span.end))


@given(rotas())
def test_what_is_short_stands_once_on_the_day_it_begins(rota: Rota) -> None:
    """A shift of up to a day is one thing, also over midnight; a longer one stands on each of its days."""
    days = build(rota.dates, rota.zone, rota.shifts, rota.gaps, (), rota.now)
    span = window(rota.dates, rota.zone)
    for shift in (s for s in rota.shifts if s.span.overlaps(span)):
        where = [day for day in days for i in day.items if i.shift == shift.id]
        if shift.end - shift.start <= WHOLE:
            assert len(where) == 1
            assert where[0].holds(max(shift.start, span.start))
        else:
            assert where == [day for day in days if day.overlaps(shift.span)]


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)))
def test_weeks_have_seven_days_from_monday(day: date) -> None:
    """A month's rows are whole weeks, each day under its weekday, and months follow one another."""
    rows = weeks(build(month_of(day), PARIS, (), (), (), 0))
    assert all(len(row) == 7 for row in rows)
    assert all(cell is None or cell.date.weekday() == n for row in rows for n, cell in enumerate(row))
    assert [cell.date for row in rows for cell in row if cell] == list(month_of(day))
    assert beside(day, 1) == month_of(day)[-1] + timedelta(days=1)
    assert beside(beside(day, -1), 1) == day.replace(day=1)
    assert week_of(day)[0].weekday() == 0
    assert day in week_of(day)


@pytest.mark.parametrize("name", ZONES)
def test_days_on_which_the_clocks_change_say_so(name: str) -> None:
    """Where and when the clocks jump a day is longer or shorter, and only there."""
    zone, year = ZoneInfo(name), 2026
    days = [day for month in range(1, 13) for day in build(month_of(date(year, month, 1)), zone, (), (), (), 0)]
    jumped = [utc_to_local(at, zone).date() for at in jumps(name) if utc_to_local(at, zone).year == year]
    assert [day.date for day in days if day.turned] == jumped
    assert sorted(day.turned for day in days if day.turned) == ([-HOUR, HOUR] if jumped else [])


NIGHT = Shift(1, "france", 1, None, utc(2026, 3, 12, 19), utc(2026, 3, 13, 7))
MISSING = Gap(NIGHT.start, NIGHT.end, "france", "nobody", 1)


def test_an_open_seat_stands_for_the_gap_that_it_would_mend() -> None:
    """One thing to do is shown once: the seat, as a gap."""
    assert shown((NIGHT,), (MISSING,)) == [("gap", 1, 1)]


def test_of_a_gap_of_two_one_open_seat_is_half() -> None:
    """The other one that is missing is shown beside it."""
    assert shown((NIGHT,), (replace(MISSING, missing=2),)) == [("gap", None, 1), ("gap", 1, 1)]


def test_an_open_seat_that_nobody_lacks_is_no_gap() -> None:
    """It is open, and that is all."""
    assert shown((NIGHT,), ()) == [("open", 1, 0)]


def test_an_open_seat_of_another_tier_mends_nothing() -> None:
    """Both are shown."""
    assert shown((replace(NIGHT, tier=2),), (MISSING,)) == [("gap", None, 1), ("open", 1, 0)]


def shown(shifts: tuple[Shift, ...], gaps: tuple[Gap, ...]) -> list[tuple[str, int | None, int]]:
    """Kind, shift and how many are missing, of everything in March."""
    days = build(MARCH, PARIS, shifts, gaps, (), NOW)
    return [(i.kind, i.shift, i.missing) for day in days for i in day.items]


def covers(items: list[Item], start: int, end: int) -> bool:
    """Whether together they leave no second of it out."""
    at = start
    for item in sorted(items, key=lambda i: i.start):
        if item.start <= at:
            at = max(at, item.end)
    return at >= end
