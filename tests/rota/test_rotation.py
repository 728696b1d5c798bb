"""Whose turn it is, on every day and both nights on which the clocks jump."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.edit import New
from rota.model import Person, RotaError, Shift
from rota.oncall import Roster, segments, who
from rota.rotation import expand, holder, in_force, successor, timeline, turn
from rota.staff import WEEKDAYS, Rotation
from rota.zones import local_to_utc
from tests.rota.strategies import HOUR, ZONES, jumps, utc

PARIS = ZoneInfo("Europe/Paris")
LINE = "france"
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2035, 12, 31)
DAYS = st.dates(FIRST_DAY, LAST_DAY)
CLOCK_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
WEEKENDS = frozenset({6, 7})
WORKDAYS = WEEKDAYS - WEEKENDS


def rotation(**values: Any) -> Rotation:  # noqa: ANN401 - fields of every type
    """Three people, a week each from Monday 5 January 2026, at all hours."""
    standard: dict[str, Any] = {
        "id": 7,
        "line": LINE,
        "tier": 1,
        "name": "first",
        "version": 1,
        "days": WEEKDAYS,
        "starts": time(8),
        "ends": time(8),
        "unit": "week",
        "every": 1,
        "anchor": date(2026, 1, 5),
        "people": (1, 2, 3),
        "since": date(2020, 1, 1),
    }
    return Rotation(**{**standard, **values})


def days_from(first: date, count: int) -> list[date]:
    """Consecutive days."""
    return [first + timedelta(days=n) for n in range(count)]


def roster(shifts: Sequence[New]) -> Roster:
    """As if they were stored."""
    people = [Person(number, f"Person {number}", frozenset()) for number in range(1, 10)]
    stored = [Shift(n, new.line, new.tier, new.person, new.start, new.end) for n, new in enumerate(shifts)]
    return Roster.build(stored, people)


@st.composite
def around_jumps(draw: st.DrawFn, name: str) -> date:
    """A day, as often as not just before a night on which the clocks jump."""
    if draw(st.booleans()) and jumps(name):
        jump = datetime.fromtimestamp(draw(st.sampled_from(jumps(name))), ZoneInfo(name)).date()
        return jump - timedelta(days=draw(st.integers(0, 3)))
    return draw(st.dates(FIRST_DAY, LAST_DAY - timedelta(days=9)))


@st.composite
def rotations(draw: st.DrawFn, /, **values: Any) -> Rotation:  # noqa: ANN401 - fields of every type
    """Any rotation, in force on all days."""
    drawn = {
        "days": draw(st.frozensets(st.integers(1, 7), min_size=1)),
        "starts": draw(CLOCK_TIMES),
        "ends": draw(CLOCK_TIMES),
        "unit": draw(st.sampled_from(["day", "week", "month"])),
        "every": draw(st.integers(1, 4)),
        "anchor": draw(DAYS),
        "people": tuple(range(1, 1 + draw(st.integers(1, 5)))),
    }
    return rotation(**{**drawn, **values})


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_1_3_a_rotation_round_the_clock_has_one_holder_at_every_instant(name: str, data: st.DataObject) -> None:
    """Whenever the hand-off is: a time that comes twice or never is one instant, where one ends and the next begins."""
    first = data.draw(around_jumps(name))
    at = data.draw(CLOCK_TIMES)
    drawn = data.draw(rotations(days=WEEKDAYS, starts=at, ends=at))
    shifts = expand(drawn, ZoneInfo(name), first, first + timedelta(days=6))
    assert all(one.end == two.start for one, two in pairwise(shifts))
    pieces = segments(roster(shifts), LINE, shifts[0].start, shifts[-1].end)
    assert all(len(piece.on_call) == 1 for piece in pieces)
    assert len(who(roster(shifts), LINE, data.draw(st.integers(shifts[0].start, shifts[-1].end - 1)))) == 1


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_1_rotations_that_meet_on_the_wall_meet_in_the_world(name: str, data: st.DataObject) -> None:
    """Three that share the day leave no second without anyone and none with two, though one may be gone in spring."""
    first = data.draw(around_jumps(name))
    times = data.draw(st.lists(CLOCK_TIMES, min_size=3, max_size=3, unique=True))
    shifts = [
        new
        for start, end in zip(sorted(times), [*sorted(times)[1:], min(times)], strict=True)
        for new in expand(rotation(starts=start, ends=end), ZoneInfo(name), first, first + timedelta(days=6))
    ]
    marks = min(new.start for new in shifts), max(new.start for new in shifts)
    assert all(len(piece.on_call) == 1 for piece in segments(roster(shifts), LINE, *marks))


@pytest.mark.parametrize("name", ZONES)
def test_2_a_night_reads_the_same_all_year_and_is_seven_eight_or_nine_hours(name: str) -> None:
    """From 23:00 to 07:00 on the wall over eleven years; where clocks jump, one night a year is 7 h, one 9 h."""
    zone = ZoneInfo(name)
    nights = expand(rotation(starts=time(23), ends=time(7)), zone, FIRST_DAY, LAST_DAY)
    walls = {
        (datetime.fromtimestamp(new.start, zone).time(), datetime.fromtimestamp(new.end, zone).time()) for new in nights
    }
    assert walls == {(time(23), time(7))}
    hours = [(new.end - new.start) / HOUR for new in nights]
    years = 11 if jumps(name) else 0
    assert (hours.count(7), hours.count(9)) == (years, years)
    assert hours.count(8) == len(nights) - 2 * years == 4017 - 2 * years


def test_3_a_shift_within_the_hour_that_spring_skips_is_left_out() -> None:
    """From 02:15 to 02:45 there is no time on that night, and its neighbours meet all the same."""
    day = date(2026, 3, 29)
    marks = [time(1), time(2, 15), time(2, 45), time(4)]
    found = [expand(rotation(starts=one, ends=two), PARIS, day, day) for one, two in pairwise(marks)]
    assert [len(shifts) for shifts in found] == [1, 0, 1]
    assert found[0][0].end == found[2][0].start == utc(2026, 3, 29, 1)


@given(rotations(unit="day"), DAYS, st.integers(1, 60))
def test_10_restricted_days_do_not_consume_turns(drawn: Rotation, first: date, count: int) -> None:
    """Of the days on which a daily rotation stands, each person has `every` in a row, in the order of the list."""
    standing = [day for day in days_from(first, count) if day.isoweekday() in drawn.days]
    turns = [turn(drawn, day) for day in standing]
    assert all(later - earlier in {0, 1} for earlier, later in pairwise(turns))
    whole = [turns.count(number) for number in sorted(set(turns))[1:-1]]
    assert set(whole) <= {drawn.every}


def test_10_a_daily_rotation_on_weekdays_goes_on_over_the_weekend() -> None:
    """Friday's is followed by the next on Monday; nobody's turn falls on the days without a shift."""
    shifts = expand(rotation(unit="day", days=WORKDAYS), PARIS, date(2026, 1, 5), date(2026, 1, 14))
    assert [new.person for new in shifts] == [1, 2, 3, 1, 2, 3, 1, 2]


@given(rotations(), DAYS)
def test_10_restricted_hours_do_not_consume_turns(drawn: Rotation, day: date) -> None:
    """Whose turn it is depends on the day, not on the hours at which the rotation stands."""
    nights = replace(drawn, starts=time(22), ends=time(6))
    assert holder(drawn, day) == holder(nights, day)


@given(rotations(unit="month"), DAYS)
def test_11_months_are_counted_from_the_anchor(drawn: Rotation, day: date) -> None:
    """A turn begins on the anchor's day, or the last of a shorter month, and the 31st comes back after February."""
    before = turn(drawn, day - timedelta(days=1))
    if turn(drawn, day) != before:
        assert turn(drawn, day) == before + 1
        clamped = (day + timedelta(days=1)).day == 1
        assert day.day == drawn.anchor.day or (clamped and day.day < drawn.anchor.day)
        assert (12 * (day.year - drawn.anchor.year) + day.month - drawn.anchor.month) % drawn.every == 0


def test_11_a_month_from_31_january_ends_with_february() -> None:
    """Not on 3 March; and the turn after that begins on the 31st again."""
    monthly = rotation(unit="month", anchor=date(2027, 1, 31))
    days = days_from(date(2026, 12, 1), 200)
    begins = [day for day in days if turn(monthly, day) != turn(monthly, day - timedelta(days=1))]
    assert begins == [
        date(2026, 12, 31),
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 31),
    ]


@given(rotations(unit="day", every=1, days=WEEKDAYS), DAYS)
def test_13_a_daily_rotation_rotates_daily(drawn: Rotation, day: date) -> None:
    """Tomorrow's person is the next of the list, after the last the first."""
    place = drawn.people.index(holder(drawn, day))
    assert holder(drawn, day + timedelta(days=1)) == drawn.people[(place + 1) % len(drawn.people)]


@given(rotations(), st.integers(-2000, 2000))
def test_turns_are_in_order_and_none_is_skipped(drawn: Rotation, days: int) -> None:
    """Before the anchor as after it; the anchor's own turn is the first person's."""
    day = drawn.anchor + timedelta(days=days)
    assert turn(drawn, day + timedelta(days=1)) - turn(drawn, day) in {0, 1}
    assert turn(drawn, drawn.anchor) == 0
    assert holder(drawn, drawn.anchor) == drawn.people[0]
    assert turn(drawn, drawn.anchor - timedelta(days=7)) < 0 or drawn.unit == "day"


@given(rotations(unit="week"), DAYS)
def test_a_weekly_turn_begins_on_the_anchors_weekday(drawn: Rotation, day: date) -> None:
    """Whichever that is."""
    begins = turn(drawn, day) != turn(drawn, day - timedelta(days=1))
    weeks, odd = divmod((day - drawn.anchor).days, 7)
    assert begins == (odd == 0 and weeks % drawn.every == 0)


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_15_instants_are_those_of_the_zone_and_expanding_by_parts_is_the_same(name: str, data: st.DataObject) -> None:
    """However the days are cut, the same shifts come out, in order, each with its local start."""
    drawn, first = data.draw(rotations()), data.draw(around_jumps(name))
    zone, last = ZoneInfo(name), first + timedelta(days=8)
    cut = first + timedelta(days=data.draw(st.integers(0, 8)))
    whole = expand(drawn, zone, first, last)
    assert whole == expand(drawn, zone, first, cut) + expand(drawn, zone, cut + timedelta(days=1), last)
    for new in whole:
        begins = [local_to_utc(datetime.combine(day, drawn.starts), zone) for day in days_from(first, 9)]
        assert new.start in begins


def test_a_version_speaks_for_its_days_only() -> None:
    """From `since`, up to and not including `until`."""
    version = rotation(since=date(2026, 2, 2), until=date(2026, 2, 4))
    shifts = expand(version, PARIS, date(2026, 1, 1), date(2026, 3, 1))
    assert [new.start for new in shifts] == [utc(2026, 2, 2, 7), utc(2026, 2, 3, 7)]
    assert [in_force(version, date(2026, 2, day)) for day in (1, 2, 3, 4)] == [False, True, True, False]


def test_a_shift_says_where_it_comes_from() -> None:
    """Planned, by the version that made it."""
    (new,) = expand(rotation(), PARIS, date(2026, 1, 5), date(2026, 1, 5))
    assert new == New(LINE, 1, 1, utc(2026, 1, 5, 7), utc(2026, 1, 6, 7), "rotation", status="planned", rotation=7)


def test_versions_follow_one_another_without_two_at_once() -> None:
    """The earlier one ends its last shift, though the later would begin at midnight."""
    old = rotation(until=date(2026, 1, 7))
    new = rotation(id=8, version=2, starts=time(0), ends=time(0), people=(4,), since=date(2026, 1, 7))
    found = timeline([new, old], PARIS, date(2026, 1, 6), date(2026, 1, 8))
    assert [(n.person, n.start, n.end) for n in found] == [
        (1, utc(2026, 1, 6, 7), utc(2026, 1, 7, 7)),
        (4, utc(2026, 1, 7, 7), utc(2026, 1, 7, 23)),
        (4, utc(2026, 1, 7, 23), utc(2026, 1, 8, 23)),
    ]


def test_the_last_shift_of_a_version_counts_on_the_first_day_too() -> None:
    """A timeline that begins on the day of the change knows of the night before."""
    old = rotation(until=date(2026, 1, 7))
    new = rotation(id=8, version=2, starts=time(0), ends=time(0), people=(4,), since=date(2026, 1, 7))
    found = timeline([old, new], PARIS, date(2026, 1, 7), date(2026, 1, 7))
    assert [(n.person, n.start) for n in found] == [(4, utc(2026, 1, 7, 7))]


@given(rotations(), DAYS, st.integers(0, 400))
def test_a_successor_with_other_hours_goes_on_with_the_same_turns(drawn: Rotation, since: date, later: int) -> None:
    """Nobody's turn changes because a shift begins at another time."""
    new = successor(drawn, since, {"starts": time(9), "ends": time(21)})
    day = since + timedelta(days=later)
    assert holder(new, day) == holder(drawn, day)
    assert (new.since, new.until, new.version, new.starts) == (since, None, 2, time(9))


@given(rotations(), DAYS, st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True))
def test_the_first_of_other_people_gets_the_turn_under_way(drawn: Rotation, since: date, people: list[int]) -> None:
    """Turns begin when they did: on the same weekday, or on the 31st."""
    new = successor(drawn, since, {"people": tuple(people)})
    assert holder(new, since) == people[0]
    begins, began = (
        [day for day in days_from(since, 70) if turn(each, day) != turn(each, day + timedelta(days=1))]
        for each in (new, drawn)
    )
    assert begins == began


@given(rotations(unit="week"), DAYS)
def test_who_has_the_turn_keeps_it_when_turns_get_longer(drawn: Rotation, since: date) -> None:
    """The new turn begins that day."""
    new = successor(drawn, since, {"every": drawn.every + 1})
    assert holder(new, since) == holder(drawn, since)
    assert new.anchor == since


def test_an_anchor_that_is_given_counts() -> None:
    """Then the first person has the turn that begins there, whoever had it."""
    new = successor(rotation(), date(2026, 1, 14), {"anchor": date(2026, 1, 14)})
    assert (new.people, holder(new, date(2026, 1, 14))) == ((1, 2, 3), 1)


@pytest.mark.parametrize("changes", [{"people": ()}, {"every": 0}, {"days": frozenset()}, {"days": frozenset({8})}])
def test_a_successor_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    """As any rotation is, with what is wrong."""
    with pytest.raises(RotaError, match="'first'"):
        successor(rotation(), date(2026, 1, 14), changes)
