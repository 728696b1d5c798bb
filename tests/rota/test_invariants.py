"""The rota's invariants, by the numbers of the design, over eleven years and six zones.

Here are those that apply to shifts and lookups: 1, 2, 3, 15 and 16. Each is a fault some other system had.
"""

from __future__ import annotations

import ast
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rota
from rota.gaps import gaps
from rota.model import Person, Shift
from rota.oncall import Roster, next_change, segments, who
from rota.table import parse_shifts
from rota.zones import local_to_utc
from tests.rota.strategies import DAY, FIRST, HOUR, LAST, TEAM, ZONES, jumps

LINE = "line"
EDGES = {
    "zones.py",
    "table.py",
    "limits.py",
    "staff.py",
    "rotation.py",
    "coverage.py",
    "duty.py",
    "calendar.py",
    "calendar_days.py",
    "cells.py",
    "ical.py",
    "pay.py",
    "table_absences.py",
    "table_shifts.py",
    "replacing.py",
}
"""Modules of local days and times of day: they make instants of them, through `rota.zones`."""
READERS = {"ical.py": {"icalendar"}, "calendar_days.py": {"holidays"}}
"""Modules that ask a library."""
NAMES = [person.name for person in TEAM]
BY_NAME = {person.name: person for person in TEAM}
CLOCK_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@st.composite
def days(draw: st.DrawFn, name: str, count: int) -> list[date]:
    """Consecutive days, as often as not around a night on which the clocks jump."""
    if draw(st.booleans()) and jumps(name):
        jump = datetime.fromtimestamp(draw(st.sampled_from(jumps(name))), ZoneInfo(name)).date()
        first = jump - timedelta(days=draw(st.integers(1, count - 2)))
    else:
        first = draw(st.dates(date(2025, 1, 1), date(2035, 12, 20)))
    return [first + timedelta(days=day) for day in range(count)]


@st.composite
def covered_weeks(draw: st.DrawFn, name: str) -> tuple[Roster, list[int]]:
    """A rota from CSV in which hand-offs at the same local times each day follow one another, and their instants."""
    times = sorted(draw(st.sets(CLOCK_TIMES, min_size=1, max_size=3)))
    marks = [f"{day}T{at:%H:%M}" for day in draw(days(name, 5)) for at in times]
    rows = [f"{LINE},1,{NAMES[i % 4]},{start},{end}" for i, (start, end) in enumerate(pairwise(marks))]
    try:
        parsed = parse_shifts("\n".join(["line,tier,person,start,end", *rows]), {LINE: name}, NAMES)
    except ValueError:
        # Two hand-offs inside the hour that a spring night skips leave a shift of no time, rightly refused.
        missing = [local_to_utc(datetime.fromisoformat(mark), ZoneInfo(name)) for mark in marks]
        assert len(set(missing)) < len(missing)
        return draw(covered_weeks(name))
    shifts = [Shift(i, s.line, s.tier, BY_NAME[str(s.person)].id, s.start, s.end) for i, s in enumerate(parsed)]
    return Roster.build(shifts, TEAM), [shifts[0].start, *[shift.end for shift in shifts]]


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_1_shifts_equal_coverage_every_second(name: str, data: st.DataObject) -> None:
    """Hand-offs at the same local times leave no second without anyone and none with two, on every night."""
    roster, marks = data.draw(covered_weeks(name))
    assert gaps(roster, LINE, marks[0], marks[-1]) == ()
    assert all(len(piece.on_call) == 1 for piece in segments(roster, LINE, marks[0], marks[-1]))
    assert len(who(roster, LINE, data.draw(st.integers(marks[0], marks[-1] - 1)))) == 1


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_2_a_hand_off_reads_the_same_on_the_wall_all_year(name: str, data: st.DataObject) -> None:
    """A shift from 23:00 to 07:00 begins and ends at those local times in every season."""
    zone = ZoneInfo(name)
    evening, morning = data.draw(days(name, 3))[:2]
    start = local_to_utc(datetime.combine(evening, time(23)), zone)
    end = local_to_utc(datetime.combine(morning, time(7)), zone)
    assert datetime.fromtimestamp(start, zone).replace(tzinfo=None) == datetime.combine(evening, time(23))
    assert datetime.fromtimestamp(end, zone).replace(tzinfo=None) == datetime.combine(morning, time(7))


@pytest.mark.parametrize("name", ZONES)
def test_2_its_night_is_seven_eight_or_nine_real_hours(name: str) -> None:
    """Over eleven years, one night of each year is 7 h and one 9 h where clocks jump; all others are 8 h."""
    zone = ZoneInfo(name)
    nights = [
        local_to_utc(datetime.combine(day + timedelta(days=1), time(7)), zone)
        - local_to_utc(datetime.combine(day, time(23)), zone)
        for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(11 * 365 + 2))
    ]
    jumping = bool(jumps(name))
    assert nights.count(7 * HOUR) == nights.count(9 * HOUR) == (11 if jumping else 0)
    assert nights.count(8 * HOUR) == len(nights) - (22 if jumping else 0)


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_3_exactly_one_holder_at_the_hand_off_instant(name: str, data: st.DataObject) -> None:
    """At the instant of a hand-off the seat belongs to whoever takes over; the second before, to who leaves."""
    roster, marks = data.draw(covered_weeks(name))
    mark = data.draw(st.sampled_from(marks[1:-1])) if len(marks) > 2 else marks[0]
    (after,) = who(roster, LINE, mark)
    assert mark < after.until
    if mark > marks[0]:
        (before,) = who(roster, LINE, mark - 1)
        assert before.until == mark
        assert before.shift != after.shift
        assert next_change(roster, LINE, mark - 1) == mark


@given(st.lists(st.integers(1, 3 * DAY), min_size=1, max_size=20), st.integers(FIRST, LAST), st.data())
def test_3_spans_are_half_open(lengths: list[int], start: int, data: st.DataObject) -> None:
    """Nobody is on call the second before the first shift, nor at the very end of the last."""
    marks = [start]
    for length in lengths:
        marks.append(marks[-1] + length)
    shifts = [Shift(i, LINE, 1, 1, a, b) for i, (a, b) in enumerate(pairwise(marks))]
    roster = Roster.build(shifts, [Person(1, "Alix Exemple", frozenset())])
    assert who(roster, LINE, start - 1) == who(roster, LINE, marks[-1]) == ()
    at = data.draw(st.integers(start, marks[-1] - 1))
    (there,) = who(roster, LINE, at)
    assert shifts[there.shift].start <= at < shifts[there.shift].end


@pytest.mark.parametrize("path", sorted(Path(rota.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_15_local_time_exists_at_the_edge_only(path: Path) -> None:
    """Zones and datetimes are imported where a file or a page meets the rota, a clock and a file nowhere."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    edge = ({"datetime", "zoneinfo"} if path.name in EDGES else set()) | READERS.get(path.name, set())
    pure = {"__future__", "rota", "ast", "bisect", "collections", "csv", "dataclasses", "difflib", "functools", "io"}
    assert imported <= pure | {"itertools", "operator", "re", "types", "typing", "unicodedata"} | edge


@pytest.mark.parametrize("name", ZONES)
def test_15_the_length_of_a_night_is_counted_in_instants(name: str) -> None:
    """Python says 8 h for every night when one subtracts local times of one zone; the rota doesn't subtract those."""
    zone = ZoneInfo(name)
    for jump in jumps(name):
        evening = datetime.fromtimestamp(jump - 6 * HOUR, zone)
        morning = datetime.fromtimestamp(jump + 6 * HOUR, zone)
        trap = int((morning - evening).total_seconds())
        start, end = (local_to_utc(at.replace(tzinfo=None), zone) for at in (evening, morning))
        assert end - start == 12 * HOUR != trap


def test_16_the_zones_tried_differ_in_what_matters() -> None:
    """Two jump together, one on other days, and three never, one of them off by half an hour."""
    assert jumps("Europe/Paris") == jumps("Europe/Brussels")
    assert len(jumps("Europe/Paris")) == len(jumps("America/Miquelon")) == 22
    assert not set(jumps("Europe/Paris")) & set(jumps("America/Miquelon"))
    assert not any(jumps(name) for name in ZONES[3:])
    assert local_to_utc(datetime(2026, 1, 1), ZoneInfo("Pacific/Marquesas")) % HOUR == HOUR // 2
