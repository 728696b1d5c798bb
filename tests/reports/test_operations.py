"""The operational report: exact counts by hand, on days that are shorter and longer, and where there is nothing."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.erlang import HOUR, TARGETS, USUAL
from reports.errors import InputError
from reports.model import OUTCOMES, WAIT_BANDS, HourlyCount, MonthlyCount
from reports.operations import WRAP_UP, Asked, Held, Operations, operations
from reports.operations_rows import COLUMNS, rows_of

PARIS = ZoneInfo("Europe/Paris")
ZONES = ("Europe/Paris", "Europe/Brussels", "UTC", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe")
DAY = 24 * HOUR


def at(text: str, zone: ZoneInfo = PARIS) -> int:
    """UTC seconds of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def count(when: str, outcome: str = "answered", n: int = 1, wait: str = "5-20", line: str = "france") -> HourlyCount:
    """A counter of Paris."""
    return HourlyCount(line, at(when), outcome, wait, n)


def made(
    start: str,
    end: str,
    hourly: Iterable[HourlyCount] = (),
    rota: Iterable[Held] = (),
    *,
    talk: tuple[int, int] = (0, 0),
    rota_from: str = "",
    week_from: str = "",
    target: str = USUAL,
) -> Operations:
    """The report of `[start, end)` in Paris; `talk`: conversations of the first month, and their seconds."""
    first = at(start)
    asked = Asked("france", PARIS, first, at(end), at(week_from or start), at(rota_from or start), TARGETS[target])
    monthly = [MonthlyCount("france", start[:7], talk[1], "15-30", talk[0])] if talk[0] else []
    return operations(asked, hourly, monthly, rota)


def test_the_service_level_by_hand() -> None:
    """Of 24 answered, 20 within 20 s, and 5 who gave up later: 20 / 29. Within a minute 24, and 3 later: 24 / 27.

    Who gave up earlier doesn't count. Without the 4 it is the round 20 / 25.
    """
    calls = [
        count("2026-03-04T12:00", "answered", 8, "0-5"),
        count("2026-03-04T12:00", "answered", 12, "5-20"),
        count("2026-03-04T13:00", "answered", 4, "20-60"),
        count("2026-03-04T13:00", "abandoned", 6, "0-5"),
        count("2026-03-04T13:00", "abandoned", 2, "20-60"),
        count("2026-03-04T13:00", "abandoned", 3, "60-180"),
    ]
    total = made("2026-03-01", "2026-04-01", calls).total
    within_20, within_60 = total.rate("service-level-20"), total.rate("service-level-60")
    assert (within_20.part, within_20.whole) == (20, 29)
    assert (within_60.part, within_60.whole) == (24, 27)
    without = made("2026-03-01", "2026-04-01", [calls[0], calls[1], *calls[3:]]).total.rate("service-level-20")
    assert (without.part, without.whole, without.share) == (20, 25, 0.8)


def test_rates_by_hand() -> None:
    """Answered of offered; abandoned of offered, and both without short ones; what is apart is in no rate."""
    numbers = {"answered": 70, "unanswered": 5, "failed": 3, "unknown": 2, "left_in_greeting": 40, "overflow": 9}
    calls = [count("2026-03-04T12:00", outcome, n) for outcome, n in numbers.items()]
    calls += [count("2026-03-04T12:00", "abandoned", 12, "20-60"), count("2026-03-04T12:00", "abandoned", 8, "0-5")]
    total = made("2026-03-01", "2026-04-01", calls).total
    assert total.of("offered") == 100
    assert {name: total.of(name) for name in ("unanswered", "failed", "unknown", "left-in-greeting", "overflow")} == {
        "unanswered": 5, "failed": 3, "unknown": 2, "left-in-greeting": 40, "overflow": 9,
    }  # fmt: skip
    assert total.rate("answer-rate").share == 0.7
    assert total.rate("abandonment-rate").share == 0.2
    assert total.rate("abandonment-rate-without-short").share == 12 / 92


def test_nothing_counted_is_no_rate() -> None:
    """No division by zero, no 0 %: nothing. And no need, where nobody knows how long calls are."""
    found = made("2026-03-01", "2026-04-01", rota_from="2026-04-01")
    assert found.total.rate("answer-rate").share is None
    assert found.total.rate("service-level-20").share is None
    assert (found.talk, found.handling, found.covered.share) == (None, None, None)
    slot = found.week[0][0]
    assert (slot.offered, slot.tenths, slot.needed, slot.short) == (0, None, None, False)
    assert slot.calls.rate("answer-rate").share is None


def test_a_period_of_which_no_hour_is_over() -> None:
    """There is a report, and nothing in it."""
    found = made("2026-03-01", "2026-03-01", [count("2026-03-01T00:00")], talk=(3, 90))
    assert (found.hours, dict(found.months), found.total.of("offered"), found.talk) == (0, {}, 0, None)
    assert found.week[6][0].offered is None


@pytest.mark.parametrize(
    ("day", "hours", "slots"),
    [("2026-03-29", 23, {2: 0, 3: 1}), ("2026-10-25", 25, {1: 1, 2: 2, 3: 1}), ("2026-10-24", 24, {2: 1})],
)
def test_the_hour_that_is_skipped_and_the_one_that_comes_twice(day: str, hours: int, slots: dict[int, int]) -> None:
    """A Sunday in spring has no 2 o'clock; one in autumn has two, and their calls are shared between them."""
    following = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    first = at(day)
    calls = [HourlyCount("france", first + n * HOUR, "answered", "0-5", 1) for n in range(hours)]
    found = made(day, following, calls)
    row = found.week[datetime.fromisoformat(day).weekday()]
    assert found.hours == hours == sum(slot.hours for slot in row)
    assert {hour: row[hour].hours for hour in slots} == slots
    assert [slot.offered for slot in row] == [1 if slot.hours else None for slot in row]
    assert found.total.of("offered") == hours


def test_a_leap_day_counts() -> None:
    """2028 has 8,784 hours, its February 29 days, a Tuesday the 29th."""
    assert made("2028-01-01", "2029-01-01").hours == 8_784
    found = made("2028-02-01", "2028-03-01", [count("2028-02-29T23:00")])
    assert found.hours == 29 * 24
    assert found.week[1][23].calls.of("offered") == 1
    assert found.week[1][23].hours == 5


def test_months_are_the_line_s_own() -> None:
    """A call in the first hour of March in Paris is UTC's February; months without a call are there."""
    found = made("2026-02-01", "2026-05-01", [count("2026-02-28T23:00"), count("2026-03-01T00:00", n=2)])
    assert {month: tally.of("offered") for month, tally in found.months.items()} == {
        "2026-02": 1, "2026-03": 2, "2026-04": 0,
    }  # fmt: skip


def test_other_lines_and_times_are_left_out() -> None:
    """Of counters, conversations and the rota."""
    calls = [count("2026-03-04T12:00", line="belgium"), count("2026-02-28T23:00"), count("2026-04-01T00:00")]
    rota = [Held(at("2026-02-01"), at("2026-03-01T01:30"), 2), Held(at("2026-03-31T23:00"), at("2026-05-01"), 1)]
    found = made("2026-03-01", "2026-04-01", calls, rota)
    assert found.total.of("offered") == 0
    assert (found.covered.part, found.covered.whole) == (2, 743)
    asked = found.asked
    others = [MonthlyCount("belgium", "2026-03", 60, "0-1", 1), MonthlyCount("france", "2026-02", 60, "0-1", 1)]
    assert operations(asked, [], others, []).talks == 0


def test_people_on_call_are_averaged_over_the_hours() -> None:
    """Two people for half an hour and one for the rest is 1.5; hours before there was a rota aren't counted."""
    monday = at("2026-03-02")
    rota = [
        Held(monday + 8 * HOUR, monday + 8 * HOUR + 1_800, 2),
        Held(monday + 8 * HOUR + 1_800, monday + 10 * HOUR, 1),
        Held(monday + 10 * HOUR, monday + 10 * HOUR + 60, 0),
        Held(monday + 10 * HOUR + 60, monday + 11 * HOUR, 3),
    ]
    found = made("2026-03-02", "2026-03-09", [], rota, rota_from="2026-03-02T08:00")
    assert [found.week[0][hour].tenths for hour in (7, 8, 9, 10, 11)] == [None, 15, 10, 30, 0]
    assert (found.covered.part, found.covered.whole) == (2, 7 * 24 - 8)


def test_a_rota_that_is_short_is_found() -> None:
    """2 calls an hour of half an hour each, and 2 minutes more: 1.07 Erlang, which 4 people answer in time."""
    calls = [count(f"2026-03-{day:02}T10:00", n=2) for day in (2, 9)]
    rota = [Held(at("2026-03-02"), at("2026-03-09T10:00"), 4), Held(at("2026-03-09T10:00"), at("2026-03-16"), 3)]
    found = made("2026-03-02", "2026-03-16", calls, rota, talk=(10, 18_000))
    slot = found.week[0][10]
    assert (found.talk, found.handling) == (1_800, 1_800 + WRAP_UP)
    assert (slot.hours, slot.offered, slot.needed, slot.tenths, slot.short) == (2, 2, 4, 35, True)
    assert found.short == 1
    modest = made("2026-03-02", "2026-03-16", calls, rota, talk=(10, 18_000), target="80-20")
    assert (modest.week[0][10].needed, modest.short) == (3, 0)


@pytest.mark.parametrize(("seconds", "tenths", "short"), [(HOUR * 97 // 100, 10, False), (HOUR * 94 // 100, 9, True)])
def test_what_is_printed_decides_whether_it_is_short(seconds: int, tenths: int, short: bool) -> None:
    """Somebody who came a minute late is 1.0 people, and 1.0 of 1 isn't too few."""
    start = at("2026-03-02")
    found = made("2026-03-02", "2026-03-02T01:00", [], [Held(start, start + seconds, 1)], talk=(1, 600))
    slot = found.week[0][0]
    assert (slot.tenths, slot.needed, slot.short) == (tenths, 1, short)


def test_the_week_begins_where_hours_are_still_known() -> None:
    """What is older is in the totals and in no weekday and hour."""
    calls = [count("2026-01-05T10:00"), count("2026-03-02T10:00")]
    rota = [Held(at("2026-01-01"), at("2026-04-01"), 2)]
    found = made("2026-01-01", "2026-04-01", calls, rota, week_from="2026-02-01")
    assert found.total.of("offered") == 2
    assert found.week[0][10].calls.of("offered") == 1
    assert found.week[0][10].hours == 8 + 1
    assert sum(slot.hours for day in found.week for slot in day) == (28 + 31) * 24 - 1
    gone = made("2025-01-01", "2025-04-01", [count("2025-01-06T10:00")], rota, week_from="2026-02-01")
    assert gone.total.of("offered") == 1
    assert {slot.offered for day in gone.week for slot in day} == {None}


@pytest.mark.parametrize(
    "broken",
    [count("2026-03-04T12:00", "lost"), count("2026-03-04T12:00", wait="soon"), count("2026-03-04T12:00", n=-1)],
)
def test_a_counter_that_cannot_be_is_refused(broken: HourlyCount) -> None:
    """Rather than left out of one figure and not of another."""
    with pytest.raises(InputError, match="an hourly counter has outcome"):
        made("2026-03-01", "2026-04-01", [broken])


COUNTS = st.lists(
    st.tuples(st.integers(-30, 400), st.sampled_from(OUTCOMES), st.sampled_from(WAIT_BANDS), st.integers(0, 9)),
    max_size=30,
)
STRETCHES = st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 4)), max_size=12)


@given(st.sampled_from(ZONES), st.integers(0, 8_000), st.integers(0, 400), COUNTS, STRETCHES)
def test_it_is_counted_as_a_person_would(
    name: str, first: int, hours: int, counts: list[tuple[int, str, str, int]], lengths: list[tuple[int, int]]
) -> None:
    """Any zone, counters and rota: months, weekdays and hours add up, minute by minute as somebody would look."""
    zone, start = ZoneInfo(name), at("2026-01-01", UTC) + first * HOUR  # type: ignore[arg-type] # UTC is no ZoneInfo
    end = start + hours * HOUR
    hourly = [HourlyCount("france", start + n * HOUR, outcome, band, k) for n, outcome, band, k in counts]
    rota, begin = [], start - 7 * HOUR
    for minutes, people in lengths:
        rota.append(Held(begin, begin + 60 * minutes, people))
        begin += 60 * minutes
    asked = Asked("france", zone, start, end, start, start, TARGETS[USUAL])
    found = operations(asked, hourly, [], rota)

    inside = [each for each in hourly if start <= each.hour < end]
    apart = ("left_in_greeting", "overflow")
    offered = Counter[tuple[int, int]]()
    came = Counter[tuple[int, int]]()
    for hour in range(start, end, HOUR):
        local = datetime.fromtimestamp(hour, zone)
        came[local.weekday(), local.hour] += 1
        offered[local.weekday(), local.hour] += sum(
            each.n for each in inside if each.hour == hour and each.outcome not in apart
        )
    assert sum(tally.of("offered") for tally in found.months.values()) == found.total.of("offered") == offered.total()
    assert found.hours == hours
    for day, row in enumerate(found.week):
        for hour, slot in enumerate(row):
            assert (slot.hours, slot.calls.of("offered")) == (came[day, hour], offered[day, hour])
    held = sum(max(0, min(end, each.end) - max(start, each.start)) * each.people for each in rota)
    assert sum(slot.person_seconds for row in found.week for slot in row) == held
    covered = sum(
        all(
            any(each.people and each.start <= minute < each.end for each in rota)
            for minute in range(hour, hour + HOUR, 60)
        )
        for hour in range(start, end, HOUR)
    )
    assert (found.covered.part, found.covered.whole) == (covered, hours)


def test_the_rows_hold_every_figure_once() -> None:
    """A figure in a row under one address; rates as fractions, what can't be worked out empty, and no reason."""
    calls = [count("2026-03-04T12:00", n=3), count("2026-03-04T12:00", "abandoned", 1, "0-5")]
    rows = rows_of(made("2026-03-01", "2026-04-01", calls, talk=(3, 3_000), rota_from="2026-04-01"), "2026-03")
    assert {len(row) for row in rows} == {len(COLUMNS)}
    found = {tuple(row[2:8]): row[8] for row in rows}
    assert len(found) == len(rows)
    assert found["calls", "", "", "", "answer-rate", ""] == 0.75
    assert found["calls", "", "", "", "abandoned-short", ""] == 1
    assert found["waits", "", "", "", "answered", "5-20"] == 3
    assert found["months", "2026-03", "", "", "offered", ""] == 4
    assert found["week", "", 3, 12, "offered", ""] == 4
    assert found["week", "", 3, 12, "on-call", ""] is None
    assert found["talk", "", "", "", "handling-seconds", ""] == 1_000 + WRAP_UP
    assert found["rota", "", "", "", "hours-covered", ""] is None
    assert {row[0] for row in rows} == {"france"}
