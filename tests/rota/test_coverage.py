"""What rules ask for, on every night; and gaps against a slow definition that shares nothing with the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise, permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.coverage import asked, gaps, needs, opens, seats, windows
from rota.duty import categories
from rota.gaps import Gap
from rota.model import LANGUAGES, Person, Shift, Span
from rota.oncall import Roster, who
from rota.staff import DAY, HOLIDAY, HOUR, WEEKDAYS, CoverageRule, standing
from rota.zones import local_to_utc
from tests.rota.strategies import ALIX, BO, CLEO, DANA, TEAM, ZONES, jumps

LINE = "france"
PARIS = ZoneInfo("Europe/Paris")
LONG_AGO = date(2020, 1, 1)
MONDAY = date(2026, 3, 9)
NONE: frozenset[date] = frozenset()
WHOLE = CoverageRule(1, LINE, 1, WEEKDAYS, time(), time(), LONG_AGO)
DAYTIME = CoverageRule(2, LINE, 1, WEEKDAYS, time(8), time(20), LONG_AGO)
DUTCH = CoverageRule(3, LINE, None, WEEKDAYS, time(), time(), LONG_AGO, skills=frozenset({"nl"}), hard=False)
CLOCK_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


def at(day: date, hour: int, minute: int = 0, zone: ZoneInfo = PARIS) -> int:
    """An instant by a wall clock."""
    return local_to_utc(datetime.combine(day, time(hour, minute)), zone)


WEEK = Span(at(MONDAY, 0), at(MONDAY + timedelta(days=7), 0))


@st.composite
def first_days(draw: st.DrawFn, name: str) -> date:
    """A day, as often as not one or two before the clocks of a zone jump."""
    if draw(st.booleans()) and jumps(name):
        jump = datetime.fromtimestamp(draw(st.sampled_from(jumps(name))), ZoneInfo(name)).date()
        return jump - timedelta(days=draw(st.integers(0, 2)))
    return draw(st.dates(date(2025, 1, 1), date(2035, 12, 20)))


@st.composite
def days_in_turns(draw: st.DrawFn) -> list[CoverageRule]:
    """Rules that follow one another around the clock, at the same local times each day."""
    marks = sorted(draw(st.sets(CLOCK_TIMES, min_size=1, max_size=4)))
    ends = [*marks[1:], marks[0]]
    return [replace(WHOLE, id=n, starts=a, ends=b) for n, (a, b) in enumerate(zip(marks, ends, strict=True), 1)]


@st.composite
def rules(draw: st.DrawFn) -> list[CoverageRule]:
    """A few of any kind, some of which end or begin within the days tried."""
    count = draw(st.integers(0, 5))
    made = [
        CoverageRule(
            number,
            LINE,
            draw(st.sampled_from([None, 1, 1, 2])),
            draw(st.sampled_from([WEEKDAYS, frozenset({6, 7}), frozenset({1, 2, 3, 4, 5}), frozenset({HOLIDAY, 7})])),
            draw(CLOCK_TIMES),
            draw(CLOCK_TIMES),
            LONG_AGO,
            None,
            draw(st.integers(1, 3)),
            draw(st.frozensets(st.sampled_from(LANGUAGES[:3]), max_size=2)),
            draw(st.sampled_from(["all", "any"])),
            draw(st.booleans()),
        )
        for number in range(1, count + 1)
    ]
    return [*made, *standing(LINE, (1, 2), ("nl",))]


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_1_windows_cover_every_second_once(name: str, data: st.DataObject) -> None:
    """Rules that follow one another on paper leave no second out and ask for none twice, on every night."""
    first = data.draw(first_days(name))
    found = windows(data.draw(days_in_turns()), ZoneInfo(name), NONE, first, first + timedelta(days=3))
    assert all(one.end == two.start for one, two in pairwise(found))


@pytest.mark.parametrize("name", ZONES)
def test_2_a_window_reads_the_same_all_year(name: str) -> None:
    """From 23:00 to 07:00 on the wall; its night is 8 hours but for one of 7 and one of 9 where the clocks jump."""
    zone, night = ZoneInfo(name), replace(WHOLE, starts=time(23), ends=time(7))
    found = windows([night], zone, NONE, date(2026, 1, 1), date(2026, 12, 31))
    assert {datetime.fromtimestamp(w.start, zone).time() for w in found} == {time(23)}
    assert {datetime.fromtimestamp(w.end, zone).time() for w in found} == {time(7)}
    odd = sorted(w.seconds // HOUR for w in found if w.seconds != 8 * HOUR)
    assert odd == ([7, 9] if jumps(name) else [])


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_3_one_seat_at_the_hand_off(name: str, data: st.DataObject) -> None:
    """At each boundary exactly one seat holds, the one that begins there."""
    first = data.draw(first_days(name))
    zone, turns = ZoneInfo(name), data.draw(days_in_turns())
    span = Span(at(first, 0, zone=zone), at(first + timedelta(days=3), 0, zone=zone))
    made = seats(turns, zone, NONE, span)
    for seat in made[1:]:
        assert [other for other in made if other.holds(seat.start)] == [seat]


def test_2_a_rule_inside_the_hour_that_is_skipped_asks_for_nothing() -> None:
    """From 02:15 to 02:45 on the spring night there is no time, on all others there is."""
    brief = replace(WHOLE, starts=time(2, 15), ends=time(2, 45))
    found = windows([brief], PARIS, NONE, date(2026, 3, 28), date(2026, 3, 30))
    assert [datetime.fromtimestamp(w.start, PARIS).day for w in found] == [28, 30]


def test_a_rule_holds_from_its_first_day_until_before_its_last() -> None:
    """Days are those on which a window begins, so the last night runs into the day on which the rule is over."""
    rule = replace(WHOLE, starts=time(20), ends=time(8), since=MONDAY, until=MONDAY + timedelta(days=2))
    found = windows([rule], PARIS, NONE, MONDAY - timedelta(days=3), MONDAY + timedelta(days=5))
    assert [(w.start, w.end) for w in found] == [
        (at(MONDAY + timedelta(days=n), 20), at(MONDAY + timedelta(days=n + 1), 8)) for n in (0, 1)
    ]


def test_on_a_public_holiday_its_own_rules_hold() -> None:
    """Those of a tier instead of its weekday's; another tier without rules for holidays keeps to the weekday."""
    feast = replace(DAYTIME, id=8, days=frozenset({HOLIDAY}), starts=time(10), ends=time(12), n=2)
    second = replace(DAYTIME, id=9, tier=2)
    found = windows([DAYTIME, feast, second], PARIS, {MONDAY}, MONDAY, MONDAY + timedelta(days=1))
    assert [w.rule.id for w in found] == [9, 8, 2, 9]


def test_what_stands_in_goes_when_a_rule_of_its_kind_is_in_force() -> None:
    """From the day on which a tier's rule begins no tier has somebody by default; languages still do."""
    rule = replace(DAYTIME, since=MONDAY + timedelta(days=1))
    found = windows([rule, *standing(LINE, (1, 2), ("nl",))], PARIS, NONE, MONDAY, MONDAY + timedelta(days=1))
    by_day = [(datetime.fromtimestamp(w.start, PARIS).date() - MONDAY, w.rule.id, w.rule.tier) for w in found]
    today, tomorrow = timedelta(), timedelta(days=1)
    assert by_day == [(today, 0, 1), (today, 0, 2), (today, 0, None), (tomorrow, 0, None), (tomorrow, 2, 1)]


def test_seats_say_what_they_are() -> None:
    """As many as the rule asks for, with its tier and skills, and what they are in the line's zone."""
    rule = replace(WHOLE, starts=time(20), ends=time(8), n=2, skills=frozenset({"nl", "de"}), match="any")
    friday = MONDAY + timedelta(days=4)
    made = seats([rule], PARIS, NONE, Span(at(friday, 0), at(friday, 23)))
    assert len(made) == 2
    assert made[0] == made[1]
    assert (made[0].tier, made[0].skills, made[0].match) == (1, rule.skills, "any")
    assert made[0].categories == categories(made[0], PARIS) == {"shift", "night", "weekend"}
    assert made[0].points == 12 * 200


def test_needs_are_the_rules_of_all_tiers() -> None:
    """They make no seats; cut to the span asked for."""
    span = Span(at(MONDAY, 12), at(MONDAY, 18))
    (need,) = needs([DAYTIME, DUTCH], PARIS, NONE, span)
    assert (need.start, need.end, need.n, need.skills, need.hard) == (span.start, span.end, 1, DUTCH.skills, False)
    assert {seat.tier for seat in seats([DAYTIME, DUTCH], PARIS, NONE, WEEK)} == {1}


def lacking(roster: Roster, wanted: Sequence[CoverageRule], instant: int) -> dict[tuple[int, object, object], int]:
    """How many people are missing at one instant for each rule, by trying every way to seat them."""
    found: dict[tuple[int, object, object], int] = {}
    there = {held.person.id: held.person for held in who(roster, LINE, instant)}
    for rule in wanted:
        if rule.tier is None:
            missing = rule.n - sum(rule.suits(person.skills) for person in there.values())
            if missing > 0 and (there or rule.hard):
                found[key(rule)] = missing
    for tier in {rule.tier for rule in wanted} - {None}:
        people = list({held.person.id: held.person for held in who(roster, LINE, instant, tier=tier)}.values())
        chairs = [rule for rule in wanted if rule.tier == tier for _ in range(rule.n)]
        people += [Person(-1, "nobody", frozenset())] * len(chairs)
        best = max(
            (
                tuple(p.id > 0 and rule.suits(p.skills) for rule, p in zip(chairs, way, strict=False))
                for way in permutations(people, len(chairs))
            ),
            key=lambda full: (sum(f and r.hard for f, r in zip(full, chairs, strict=True)), sum(full)),
            default=(),
        )
        assert sum(best) <= len(chairs)
        found[(-1, tier, True)] = sum(not f for f, r in zip(best, chairs, strict=True) if r.hard)
        found[(-1, tier, False)] = sum(not f for f, r in zip(best, chairs, strict=True) if not r.hard)
    return {what: missing for what, missing in found.items() if missing}


def key(rule: CoverageRule) -> tuple[int, object, object]:
    """What tells rules of all tiers apart."""
    return rule.id, rule.skills, rule.match


def told(found: Sequence[Gap], instant: int) -> dict[tuple[int, object, object], int]:
    """What the gaps say of one instant, in the same words."""
    said: dict[tuple[int, object, object], int] = {}
    for gap in found:
        if gap.holds(instant):
            what = (gap.rule, gap.skills, gap.match) if gap.tier is None else (-1, gap.tier, gap.hard)
            said[what] = said.get(what, 0) + gap.missing
    return said


def holding(
    wanted: Sequence[CoverageRule], zone: ZoneInfo, feasts: frozenset[date], instant: int
) -> list[CoverageRule]:
    """The rules that hold at one instant, by asking each day around it."""
    found = []
    today = datetime.fromtimestamp(instant, zone).date()
    for day in (today - timedelta(days=1), today):
        alive = [rule for rule in wanted if rule.since <= day and (rule.until is None or day < rule.until)]
        for rule in alive:
            real = [other for other in alive if other.id]
            if not rule.id and any((other.tier is None) is (rule.tier is None) for other in real):
                continue
            festive = day in feasts and any(other.tier == rule.tier and HOLIDAY in other.days for other in alive)
            if (HOLIDAY in rule.days) if festive else (day.isoweekday() in rule.days):
                last = day + timedelta(days=int(rule.ends <= rule.starts))
                start = local_to_utc(datetime.combine(day, rule.starts), zone)
                if start <= instant < local_to_utc(datetime.combine(last, rule.ends), zone):
                    found.append(rule)
    return found


@st.composite
def some_shifts(draw: st.DrawFn, start: int) -> list[Shift]:
    """Of four people in two tiers, by quarters of an hour, overlapping as they like."""
    quarter = 900
    rows = st.tuples(st.integers(1, 2), st.none() | st.integers(1, 4), st.integers(0, 200), st.integers(1, 96))
    return [
        Shift(number, LINE, tier, person, start + begin * quarter, start + (begin + length) * quarter)
        for number, (tier, person, begin, length) in enumerate(draw(st.lists(rows, max_size=8)))
    ]


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_1_gaps_are_what_is_missing_at_each_instant(name: str, data: st.DataObject) -> None:
    """At every boundary and around it, each rule lacks as many people as the best way to seat them leaves out."""
    zone, first = ZoneInfo(name), data.draw(first_days(name))
    start = at(first, 0, zone=zone)
    span, feasts = Span(start, start + 2 * DAY + HOUR), frozenset({first} if data.draw(st.booleans()) else ())
    wanted, rota = data.draw(rules()), data.draw(some_shifts(start))
    while sum(rule.n for rule in wanted if rule.tier) > 6:  # every way to seat them is tried
        wanted.pop(0)
    roster = Roster.build(rota, TEAM)
    found = gaps(roster, LINE, wanted, zone, feasts, span)
    edges = {edge for gap in found for edge in (gap.start, gap.end)}
    edges |= {edge for shift in rota for edge in (shift.start, shift.end)}
    edges |= {edge for window in windows(wanted, zone, feasts, first, first) for edge in (window.start, window.end)}
    marks = sorted({mark for edge in edges for mark in (edge - 1, edge) if span.holds(mark)} | {span.start})
    for mark in data.draw(st.lists(st.sampled_from(marks), max_size=8, unique=True)):
        assert told(found, mark) == lacking(roster, holding(wanted, zone, feasts, mark), mark)


@given(st.data())
def test_a_gap_lasts_as_long_as_the_same_is_missing(data: st.DataObject) -> None:
    """Two of one rule that touch differ in how many are missing, or of what kind they are."""
    wanted, rota = data.draw(rules()), data.draw(some_shifts(WEEK.start))
    found = gaps(Roster.build(rota, TEAM), LINE, wanted, PARIS, NONE, Span(WEEK.start, WEEK.start + 3 * DAY))
    for one in found:
        for two in found:
            if one.end == two.start and (one.rule, one.tier, one.skills) == (two.rule, two.tier, two.skills):
                assert (one.missing, one.kind) != (two.missing, two.kind)


def of(*rota: tuple[int, Person, int, int]) -> Roster:
    """Shifts as tier, person, first and last hour of Monday."""
    return Roster.build(
        [
            Shift(n, LINE, t, p.id, at(MONDAY, 0) + a * HOUR, at(MONDAY, 0) + b * HOUR)
            for n, (t, p, a, b) in enumerate(rota)
        ],
        TEAM,
    )


TODAY = Span(at(MONDAY, 8), at(MONDAY, 20))


def test_a_gap_says_how_many_are_missing() -> None:
    """Two of three, then one; the rule's number is on it."""
    rule = replace(DAYTIME, n=3)
    found = gaps(of((1, ALIX, 8, 20), (1, BO, 12, 20)), LINE, [rule], PARIS, NONE, TODAY)
    assert [(g.start, g.kind, g.missing, g.rule) for g in found] == [
        (at(MONDAY, 8), "few", 2, 2),
        (at(MONDAY, 12), "few", 1, 2),
    ]


def test_who_holds_two_shifts_fills_one_seat() -> None:
    """Somebody with both seats of a tier can't talk to two callers."""
    found = gaps(of((1, ALIX, 8, 20), (1, ALIX, 8, 20)), LINE, [replace(DAYTIME, n=2)], PARIS, NONE, TODAY)
    assert [gap.missing for gap in found] == [1]


def test_a_seat_that_asks_for_skills_gets_who_has_them() -> None:
    """Bo sits where Dutch is asked for and Alix elsewhere; without Bo it is the Dutch seat that is empty."""
    dutch = replace(DAYTIME, id=7, skills=frozenset({"nl"}))
    assert gaps(of((1, ALIX, 8, 20), (1, BO, 8, 20)), LINE, [DAYTIME, dutch], PARIS, NONE, TODAY) == ()
    found = gaps(of((1, ALIX, 8, 20), (1, DANA, 8, 20)), LINE, [DAYTIME, dutch], PARIS, NONE, TODAY)
    assert [(gap.rule, gap.kind, gap.skills) for gap in found] == [(7, "few", dutch.skills)]


def test_whoever_sits_already_moves_for_another() -> None:
    """Bo, who could take either seat, leaves the one that Alix can take as well."""
    both = CoverageRule(1, LINE, 1, WEEKDAYS, time(), time(), LONG_AGO, skills=frozenset({"fr", "nl"}), match="any")
    dutch = replace(both, id=2, skills=frozenset({"nl"}))
    assert gaps(of((1, BO, 7, 20), (1, ALIX, 8, 20)), LINE, [both, dutch], PARIS, NONE, TODAY) == ()


def test_a_hard_rule_is_served_before_a_soft_one() -> None:
    """With one person for two seats the soft one stays empty, and that is weak cover."""
    soft = replace(DAYTIME, id=1, hard=False)
    (gap,) = gaps(of((1, ALIX, 8, 20)), LINE, [soft, DAYTIME], PARIS, NONE, TODAY)
    assert (gap.rule, gap.hard) == (1, False)


def test_any_of_its_languages_is_enough_if_it_says_so() -> None:
    """Cleo speaks German: enough for one who speaks Dutch or German, too little for one who speaks both."""
    either = replace(DUTCH, skills=frozenset({"nl", "de"}), match="any")
    assert gaps(of((1, CLEO, 8, 20)), LINE, [either], PARIS, NONE, TODAY) == ()
    (gap,) = gaps(of((1, CLEO, 8, 20)), LINE, [replace(either, match="all")], PARIS, NONE, TODAY)
    assert (gap.kind, gap.language) == ("language", None)


def test_a_soft_language_is_silent_while_nobody_is_there() -> None:
    """A hard one isn't: nothing else may say so."""
    assert gaps(of(), LINE, [DUTCH], PARIS, NONE, TODAY) == ()
    (gap,) = gaps(of(), LINE, [replace(DUTCH, hard=True)], PARIS, NONE, TODAY)
    assert (gap.kind, gap.start, gap.end) == ("nobody", TODAY.start, TODAY.end)


def test_rules_of_whole_days_need_no_days_to_hold_always() -> None:
    """What stands in for rules gives the same gaps by days as at once."""
    wanted, roster = standing(LINE, (1, 2), ("nl", "de")), of((1, ALIX, 0, 30), (2, BO, 3, 20))
    by_days = [replace(rule, id=number) for number, rule in enumerate(wanted, 1)]
    found = gaps(roster, LINE, wanted, PARIS, NONE, WEEK)
    assert [replace(gap, rule=0) for gap in gaps(roster, LINE, by_days, PARIS, NONE, WEEK)] == list(found)
    assert found


@given(st.data())
def test_an_edit_opens_what_is_missing_after_it_and_was_not_before(data: st.DataObject) -> None:
    """At each instant: the rules that want for more than before, and how many they want for now."""
    wanted = data.draw(rules())
    before, after = data.draw(some_shifts(WEEK.start)), data.draw(some_shifts(WEEK.start))
    span = Span(WEEK.start, WEEK.start + 2 * DAY)
    found = opens(before, after, TEAM, asked(wanted, PARIS, NONE, span), span)
    then, now = (gaps(Roster.build(rota, TEAM), LINE, wanted, PARIS, NONE, span) for rota in (before, after))
    instant = data.draw(st.integers(span.start, span.end - 1))
    for mark in {instant, *[edge - back for gap in found for edge in (gap.start, gap.end) for back in (0, 1)]}:
        if span.holds(mark):
            was = {(g.rule, g.tier, g.skills, g.match): g.missing for g in then if g.holds(mark)}
            if not who(Roster.build(before, TEAM), LINE, mark):
                was |= {(r.id, None, r.skills, r.match): r.n for r in wanted if r.tier is None}
            more = {
                (g.rule, g.tier, g.skills, g.match): g.missing
                for g in now
                if g.holds(mark) and g.missing > was.get((g.rule, g.tier, g.skills, g.match), 0)
            }
            assert {(g.rule, g.tier, g.skills, g.match): g.missing for g in found if g.holds(mark)} == more


def test_an_edit_that_makes_a_gap_worse_opens_one() -> None:
    """One was missing of two, now both are; where both were missing before, nothing is new."""
    rota = [Shift(1, LINE, 1, ALIX.id, TODAY.start, TODAY.start + HOUR)]
    (gap,) = opens(rota, [], TEAM, asked([replace(DAYTIME, n=2)], PARIS, NONE, TODAY), TODAY)
    assert (gap.start, gap.end, gap.missing) == (TODAY.start, TODAY.start + HOUR, 2)


def test_whoever_comes_where_nobody_was_opens_no_gap() -> None:
    """Alix doesn't speak Dutch, but it is better than nobody; whoever leaves Dutch unspoken opens one."""
    alix, bo = (Shift(1, LINE, 1, person.id, TODAY.start, TODAY.end) for person in (ALIX, BO))
    wanted = asked([DAYTIME, DUTCH], PARIS, NONE, TODAY)
    assert opens([], [alix], TEAM, wanted, TODAY) == ()
    assert [gap.language for gap in opens([bo], [alix], TEAM, wanted, TODAY)] == ["nl"]


def test_an_edit_that_opens_nothing_opens_nothing() -> None:
    """Alix for Bo in a tier that asks for nobody in particular; and no rules, no gaps."""
    rota = [Shift(1, LINE, 1, ALIX.id, TODAY.start, TODAY.end)]
    other = [replace(rota[0], person=BO.id)]
    assert opens(rota, other, TEAM, asked([DAYTIME], PARIS, NONE, TODAY), TODAY) == ()
    assert opens(rota, [], TEAM, (), TODAY) == ()
    (gap,) = opens(rota, [], TEAM, asked([DAYTIME], PARIS, NONE, TODAY), TODAY)
    assert (gap.kind, gap.start, gap.end) == ("nobody", TODAY.start, TODAY.end)
