"""Limits against a slow reading of them: every hour of every person is looked at by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, groupby
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.limits import Finding, findings, fresh
from rota.model import RotaError, Shift
from rota.staff import DAY, HOUR, Absence, Limits, Staff
from rota.zones import local_to_utc
from tests.rota.strategies import JUMPING_ZONES, ZONES, jumps

PARIS = ZoneInfo("Europe/Paris")
ALIX = Staff(1, "Alix Exemple", frozenset({"fr"}))
LONG = Limits(rest=0, stretch=1000 * HOUR, week=100, nights=100)
"""Limits that nobody breaks."""
START = local_to_utc(datetime(2026, 3, 10), PARIS)


def shift(number: int, start: int, hours: int, line: str = "france", tier: int = 1) -> Shift:
    """Alix's, from so many hours after midnight of a Tuesday."""
    return Shift(number, line, tier, 1, START + start * HOUR, START + (start + hours) * HOUR)


def wrong(rota: Sequence[Shift], limits: Limits = LONG, zone: ZoneInfo = PARIS, **more: object) -> tuple[Finding, ...]:
    """What is found of Alix, with these limits."""
    person = replace(ALIX, limits=limits, **more)  # type: ignore[arg-type] # a test names fields that exist
    return findings(rota, {1: person}, (), {"france": zone, "belgium": zone})


def kinds(found: Sequence[Finding]) -> list[str]:
    """Of what kind they are."""
    return [finding.kind for finding in found]


@st.composite
def weeks(draw: st.DrawFn, name: str) -> list[Shift]:
    """Alix's shifts within ten days, by whole hours, often around a night on which the clocks jump."""
    if draw(st.booleans()) and jumps(name):
        start = draw(st.sampled_from(jumps(name))) - draw(st.integers(0, 9 * 24)) * HOUR
    else:
        start = START + draw(st.integers(0, 10_000)) * HOUR
    rows = st.tuples(
        st.sampled_from(["france", "belgium"]), st.integers(0, 240), st.integers(1, 14), st.sampled_from([0, 0, 0, 1])
    )
    return [
        Shift(number, line, 1, 1, start + a * HOUR, start + (a + n) * HOUR, "cancelled" if gone else "published")
        for number, (line, a, n, gone) in enumerate(draw(st.lists(rows, max_size=14)), 1)
    ]


def hours(rota: Sequence[Shift]) -> list[tuple[int, int]]:
    """The stretches of hours in which Alix is on call, by writing down each."""
    on = sorted({hour for s in rota for hour in range(s.start, s.end, HOUR)})
    grouped = groupby(enumerate(on), key=lambda pair: pair[1] - pair[0] * HOUR)
    runs = [[hour for _, hour in run] for _, run in grouped]
    return [(run[0], run[-1] + HOUR) for run in runs]


def slow(rota: Sequence[Shift], limits: Limits, zone: ZoneInfo) -> set[tuple[str, int, int]]:
    """Kind, start and end of everything that is wrong, from the definitions."""
    rota = [s for s in rota if s.status != "cancelled"]
    found: set[tuple[str, int, int]] = set()
    for one, two in combinations(rota, 2):
        both = sorted(set(range(one.start, one.end, HOUR)) & set(range(two.start, two.end, HOUR)))
        if both:
            found.add(("overlap" if one.line == two.line else "twice", both[0], both[-1] + HOUR))
    runs = hours(rota)
    for start, end in runs:
        own = [s.end - s.start for s in rota if start <= s.start < end]
        if len(own) > 1 and end - start > limits.stretch and end - start > max(own):
            found.add(("stretch", start, end))
    for number, (start, _) in enumerate(runs):
        if number and start - runs[number - 1][1] < limits.rest:
            found.add(("rest", runs[number - 1][1], start))
    return found | slow_weeks(rota, runs, limits) | slow_nights(rota, limits, zone)


def slow_weeks(rota: Sequence[Shift], runs: Sequence[tuple[int, int]], limits: Limits) -> set[tuple[str, int, int]]:
    """Every stretch that is one too many within the 167 hours that end with its beginning."""
    found = set()
    for start, _ in runs:
        near = [begun for begun, _ in runs if start - 167 * HOUR < begun <= start]
        if len(near) > limits.week:
            first = min((s for s in rota if s.start == start), key=lambda s: (s.end, s.id))
            found.add(("week", near[0], first.end))
    return found


def slow_nights(rota: Sequence[Shift], limits: Limits, zone: ZoneInfo) -> set[tuple[str, int, int]]:
    """Every night that is one too many after as many days before it, each of which has its three o'clock."""
    by_night: dict[date, Shift] = {}
    for s in sorted(rota, key=lambda s: s.id, reverse=True):
        for quarter in range(s.start, s.end, 900):
            local = datetime.fromtimestamp(quarter, zone)
            if (local.hour, local.minute, local.fold) == (3, 0, 0):
                by_night[local.date()] = s
    found = set()
    for day, last in by_night.items():
        row = 0
        while day - timedelta(days=row) in by_night:
            row += 1
        if row > limits.nights:
            found.add(("nights", by_night[day - timedelta(days=row - 1)].start, last.end))
    return found


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_findings_are_what_a_slow_reading_finds(name: str, data: st.DataObject) -> None:
    """With any shifts and any limits, on every night: all of it, and nothing else."""
    zone, rota = ZoneInfo(name), data.draw(weeks(name))
    limits = Limits(
        data.draw(st.integers(0, 24)) * HOUR,
        data.draw(st.integers(1, 30)) * HOUR,
        data.draw(st.integers(1, 6)),
        data.draw(st.integers(1, 4)),
    )
    found = wrong(rota, limits, zone)
    assert {(f.kind, f.start, f.end) for f in found} == slow(rota, limits, zone)
    numbers = {s.id for s in rota if s.status != "cancelled"}
    assert all(numbers.issuperset(f.shifts) for f in found)


@pytest.mark.parametrize("name", JUMPING_ZONES)
def test_rest_is_counted_in_real_hours(name: str) -> None:
    """From 20:00 to 07:00 are 10 hours of rest in spring and 12 in autumn, of eleven that are asked for."""
    zone = ZoneInfo(name)
    for jump in jumps(name):
        before = datetime.fromtimestamp(jump - 1, zone)
        evening = local_to_utc(
            datetime.combine(before.date() - timedelta(days=1), datetime.min.time().replace(hour=20)), zone
        )
        morning = local_to_utc(datetime.combine(before.date(), datetime.min.time().replace(hour=7)), zone)
        rota = [Shift(1, "france", 1, 1, evening - HOUR, evening), Shift(2, "france", 1, 1, morning, morning + HOUR)]
        spring = morning - evening == 10 * HOUR
        assert kinds(wrong(rota, replace(LONG, rest=11 * HOUR), zone)) == (["rest"] if spring else [])


@pytest.mark.parametrize("name", ZONES)
def test_who_works_the_same_days_each_week_keeps_to_it(name: str) -> None:
    """Five days a week at the same local time, all year: never a sixth within seven days, also over the short night."""
    zone = ZoneInfo(name)
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(360)]
    starts = [
        local_to_utc(datetime.combine(day, datetime.min.time().replace(hour=8)), zone)
        for day in days
        if day.isoweekday() <= 5
    ]
    rota = [Shift(n, "france", 1, 1, at, at + 8 * HOUR) for n, at in enumerate(starts)]
    assert wrong(rota, replace(LONG, week=5), zone) == ()
    assert set(kinds(wrong(rota, replace(LONG, week=4), zone))) == {"week"}


def test_shifts_that_touch_or_overlap_are_one_stretch() -> None:
    """Fourteen hours in three pieces are too long, and nobody asks for rest between them."""
    limits = replace(LONG, rest=11 * HOUR, stretch=13 * HOUR)
    (found,) = wrong([shift(1, 8, 4), shift(2, 12, 5), shift(3, 16, 6, "belgium")], limits)[:1]
    assert (found.kind, found.shifts, found.end - found.start) == ("stretch", (1, 2, 3), 14 * HOUR)


def test_a_single_long_shift_is_its_lines_choice() -> None:
    """A whole day at once is allowed; an hour more of another shift isn't."""
    limits = replace(LONG, stretch=13 * HOUR)
    assert wrong([shift(1, 0, 24)], limits) == ()
    assert kinds(wrong([shift(1, 0, 24), shift(2, 24, 1)], limits)) == ["stretch"]


def test_two_at_once_are_found_behind_a_third() -> None:
    """A long shift on one line doesn't hide two of another that overlap: that is what nobody may plan."""
    rota = [shift(1, 0, 12, "belgium"), shift(2, 1, 6), shift(3, 4, 2)]
    hard = [finding for finding in wrong(rota) if finding.hard]
    assert [(finding.kind, finding.shifts) for finding in hard] == [("overlap", (2, 3))]


def test_rest_is_counted_over_all_lines() -> None:
    """A night in Belgium and a morning in France."""
    (found,) = wrong([shift(1, 0, 6, "belgium"), shift(2, 9, 6)], replace(LONG, rest=11 * HOUR))
    assert (found.kind, found.end - found.start, found.shifts) == ("rest", 3 * HOUR, (1, 2))


def test_a_night_is_that_of_its_own_line() -> None:
    """Three nights in a row are too many for two; on the other side of the world they are afternoons."""
    rota = [shift(n, 24 * n, 6) for n in range(1, 4)]
    limits = replace(LONG, nights=2)
    assert kinds(wrong(rota, limits)) == ["nights"]
    assert wrong(rota, limits, ZoneInfo("Pacific/Noumea")) == ()


def test_who_is_away_has_left_or_may_not_is_found() -> None:
    """Each with the part of the shift that is wrong; a wish isn't hard."""
    rota = [shift(1, 0, 8)]
    person = replace(ALIX, limits=LONG, tiers=frozenset({2}), left=START + 6 * HOUR)
    away = [
        Absence(START - DAY, START + 2 * HOUR, 1, 1),
        Absence(START + 7 * HOUR, START + DAY, 2, 1, hard=False),
        Absence(START + 8 * HOUR, START + DAY, 3, 1),
        Absence(START, START + DAY, 4, 2),
    ]
    found = findings(rota, {1: person}, away, {"france": PARIS})
    assert {(f.kind, (f.start - START) // HOUR, (f.end - START) // HOUR, f.hard) for f in found} == {
        ("absent", 0, 2, True),
        ("wish", 7, 8, False),
        ("left", 6, 8, True),
        ("tier", 0, 8, True),
    }


def test_what_nobody_holds_and_what_is_cancelled_counts_for_nothing() -> None:
    """Nor what somebody unknown holds."""
    rota = [shift(1, 0, 8), replace(shift(2, 4, 8), status="cancelled"), replace(shift(3, 4, 8), person=None)]
    assert wrong([*rota, replace(shift(4, 4, 8), person=9)]) == ()


def test_a_shift_cut_in_two_is_no_new_wrong() -> None:
    """Alix is away all day: to take an hour off her shift leaves less of it, and may be done."""
    away = [Absence(START, START + DAY, 1, 1)]
    then = findings([shift(1, 8, 12)], {1: ALIX}, away, {"france": PARIS})
    now = findings([shift(2, 8, 2), shift(3, 11, 9)], {1: ALIX}, away, {"france": PARIS})
    assert kinds([f for f in now if f.hard]) == ["absent", "absent"]
    assert [f for f in fresh(then, now) if f.hard] == []


def test_another_shift_where_one_is_wrong_already_is_new() -> None:
    """A second shift while away is as wrong as the first."""
    away = [Absence(START, START + DAY, 1, 1)]
    zones = {"france": PARIS, "belgium": PARIS}
    then = findings([shift(1, 8, 12)], {1: ALIX}, away, zones)
    now = findings([shift(1, 8, 12), shift(2, 9, 2, "belgium")], {1: ALIX}, away, zones)
    assert [(f.kind, f.shifts) for f in fresh(then, now)] == [("absent", (2,)), ("twice", (1, 2))]


def test_less_rest_than_before_is_new() -> None:
    """Also if there was too little already."""
    limits = replace(LONG, rest=11 * HOUR)
    then, now = (wrong([shift(1, 0, 6), shift(2, start, 4)], limits) for start in (12, 10))
    assert kinds(fresh(then, now)) == ["rest"]


@given(st.data())
def test_what_is_found_of_the_same_shifts_is_nothing_new(data: st.DataObject) -> None:
    """Whatever is wrong, numbered anew it is as wrong as it was."""
    rota = data.draw(weeks("Europe/Paris"))
    limits = Limits(11 * HOUR, 13 * HOUR, 2, 1)
    assert fresh(wrong(rota, limits), wrong([replace(s, id=s.id + 100) for s in rota], limits)) == ()
    assert fresh((), wrong(rota, limits)) == wrong(rota, limits)


@pytest.mark.parametrize("limits", [{"rest": -1}, {"week": 0}, {"nights": 0}])
def test_limits_that_nobody_can_keep_are_refused(limits: dict[str, int]) -> None:
    """With what they were."""
    with pytest.raises(RotaError, match="limits nobody can keep"):
        Limits(**limits)
