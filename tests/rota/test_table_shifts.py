"""Shifts from CSV: local times become instants, and a bad file is refused whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model import ZoneError
from rota.sheet import Problem, TableError
from rota.table import ShiftRow, parse_shifts
from tests.rota.strategies import HOUR, utc

LINES = {"france": "Europe/Paris", "miquelon": "America/Miquelon", "belgium": "Europe/Brussels"}
PEOPLE = ("Alix Exemple", "Bo Voorbeeld", "Zoë Beispiel")
HEADER = "line,tier,person,start,end\n"


def problems(rows: str) -> tuple[Problem, ...]:
    """Why these rows are refused."""
    with pytest.raises(TableError) as refused:
        parse_shifts(HEADER + rows, LINES, PEOPLE)
    return refused.value.problems


def test_local_times_are_read_in_the_zone_of_the_line() -> None:
    """07:00 is one instant in Paris and another in Miquelon."""
    rows = (
        "france,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00\n"
        "miquelon,2,Alix Exemple,2026-01-05 07:00,2026-01-05 19:00:30\n"
    )
    shifts = parse_shifts(HEADER + rows, LINES, PEOPLE)
    assert shifts == (
        ShiftRow("france", 1, "Alix Exemple", utc(2026, 1, 5, 6), utc(2026, 1, 5, 18)),
        ShiftRow("miquelon", 2, "Alix Exemple", utc(2026, 1, 5, 10), utc(2026, 1, 5, 22) + 30),
    )
    assert [shift.row for shift in shifts] == [2, 3]


@pytest.mark.parametrize("start", ["2026-01-05T06:00Z", "2026-01-05T06:00+00:00", "2026-01-05 03:00:00-0300"])
def test_a_time_with_an_offset_is_taken_as_it_is(start: str) -> None:
    """UTC, or the line's own offset, says which instant is meant."""
    row = f"miquelon,1,Alix Exemple,{start},2026-01-05T12:00Z\n"
    assert parse_shifts(HEADER + row, LINES, PEOPLE)[0].start == utc(2026, 1, 5, 6)


@pytest.mark.parametrize(
    ("start", "right"),
    [
        ("2026-07-05T07:00+01:00", "2026-07-05T07:00+02:00"),
        ("2026-01-05T07:00+02:00", "2026-01-05T07:00+01:00"),
        ("2026-03-29T02:30+01:00", "2026-03-29T03:00+02:00"),
        ("2026-01-05T07:00:30-03:00", "2026-01-05T07:00:30+01:00"),
    ],
)
def test_an_offset_that_the_line_does_not_have_then_is_refused(start: str, right: str) -> None:
    """Summer time forgotten, another country's: the remedy is the same local time with the right one."""
    found = problems(f"france,1,Alix Exemple,{start},2026-07-05T07:00\n")[0]
    assert (found.column, found.reason) == ("start", "Europe/Paris has another offset from UTC then")
    assert found.remedy == f"write {right}, or leave the offset out"


def test_both_occurrences_of_a_doubled_hour_can_be_written() -> None:
    """With their offsets, of which each is the line's once."""
    rows = "france,1,Alix Exemple,2026-10-25T02:30+02:00,2026-10-25T02:30+01:00\n"
    (shift,) = parse_shifts(HEADER + rows, LINES, PEOPLE)
    assert shift.end - shift.start == HOUR
    assert shift.notes == ()


def test_what_was_made_of_a_missing_and_of_a_doubled_time_is_told() -> None:
    """With the row, and what to write if something else is meant."""
    rows = (
        "france,1,Alix Exemple,2026-03-29T02:30,2026-03-29T14:30\n"
        "france,1,Alix Exemple,2026-10-24T14:30,2026-10-25T02:30\n"
    )
    told = [str(note) for shift in parse_shifts(HEADER + rows, LINES, PEOPLE) for note in shift.notes]
    assert told == [
        (
            "row 2, start '2026-03-29T02:30': the clocks jump over this time: 03:00 is taken; "
            "correct it if another is meant"
        ),
        (
            "row 3, end '2026-10-25T02:30': this time comes twice that night: the first is taken; "
            "write 2026-10-25T02:30+01:00 if the second is meant"
        ),
    ]


def test_a_row_without_a_person_is_an_open_seat() -> None:
    """Several of one time are so many seats; nobody is in two places by them."""
    row = "france,1,,2026-01-05T07:00,2026-01-05T19:00\n"
    assert [shift.person for shift in parse_shifts(HEADER + row * 2, LINES, PEOPLE)] == [None, None]


def test_a_missing_and_a_doubled_local_time_are_one_instant_each() -> None:
    """A hand-off at 02:30 is one instant for both shifts on both nights of the year."""
    rows = (
        "france,1,Alix Exemple,2026-03-28T14:30,2026-03-29T02:30\n"
        "france,1,Bo Voorbeeld,2026-03-29T02:30,2026-03-29T14:30\n"
        "france,1,Alix Exemple,2026-10-24T14:30,2026-10-25T02:30\n"
        "france,1,Bo Voorbeeld,2026-10-25T02:30,2026-10-25T14:30\n"
    )
    spring, day, autumn, last = parse_shifts(HEADER + rows, LINES, PEOPLE)
    assert spring.end == day.start == utc(2026, 3, 29, 1)
    assert autumn.end == last.start == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize("name", ["alix exemple", "ALIX  EXEMPLE", " Alix Exemple "])
def test_a_person_is_found_however_the_name_is_written(name: str) -> None:
    """Case and spacing don't matter; the shift carries the name as it is known."""
    row = f"FRANCE,1,{name},2026-01-05T07:00,2026-01-05T19:00\n"
    (shift,) = parse_shifts(HEADER + row, LINES, PEOPLE)
    assert (shift.line, shift.person) == ("france", "Alix Exemple")


def test_a_line_is_found_and_named_as_it_is_configured() -> None:
    """A line's own capitals are kept, whatever the file has."""
    row = "FRANCE-nuit,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00\n"
    assert parse_shifts(HEADER + row, {"France-Nuit": "Europe/Paris"}, PEOPLE)[0].line == "France-Nuit"


def test_a_decomposed_accent_is_the_same_name() -> None:
    """A file written on a Mac finds the person typed on Windows."""
    row = "france,1,Zoe\u0308 Beispiel,2026-01-05T07:00,2026-01-05T19:00\n"
    assert parse_shifts(HEADER + row, LINES, PEOPLE)[0].person == "Zoë Beispiel"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("spain,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00", "line", "unknown line"),
        (",1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00", "line", "the line is missing"),
        ("france,0,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00", "tier", "this isn't a tier"),
        ("france,12,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00", "tier", "this isn't a tier"),
        ("france,,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00", "tier", "this isn't a tier"),
        ("france,²,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00", "tier", "this isn't a tier"),
        ("france,1,Nemo,2026-01-05T07:00,2026-01-05T19:00", "person", "unknown person"),
        ("france,1,Alix Exemple,05/01/2026 07:00,2026-01-05T19:00", "start", "this isn't a date and a time"),
        ("france,1,Alix Exemple,2026-01-05,2026-01-05T19:00", "start", "this isn't a date and a time"),
        ("france,1,Alix Exemple,,2026-01-05T19:00", "start", "the time is missing"),
        ("france,1,Alix Exemple,2026-01-05T07:00,2026-01-05T24:00", "end", "no day has a 24:00"),
        ("france,1,Alix Exemple,0206-01-05T07:00,2026-01-05T19:00", "start", "this year can't be meant"),
        ("france,1,Alix Exemple,9999-12-31T23:00,2026-01-05T19:00", "start", "this year can't be meant"),
        ("france,1,Alix Exemple,2026-01-05T07:00,2026-01-05T07:00", "end", "the shift doesn't end after it starts"),
        ("france,1,Alix Exemple,2026-01-05T07:00,2026-01-04T19:00", "end", "the shift doesn't end after it starts"),
        ("france,1,Alix Exemple,2026-03-29T02:10,2026-03-29T02:50", "end", "the shift doesn't end after it starts"),
    ],
)
def test_a_bad_cell_is_named_with_reason_and_remedy(row: str, column: str, reason: str) -> None:
    """One fault in a row is one problem that says where it is, why, and what to do."""
    (found,) = problems(row + "\n")
    assert (found.row, found.column, found.reason) == (2, column, reason)
    assert found.remedy


@pytest.mark.parametrize("time", ["2026-02-30T07:00", "2026-13-01T07:00", "2026-01-05T25:00", "2026-01-05T07:60"])
def test_a_date_that_doesnt_exist_is_refused(time: str) -> None:
    """The calendar is checked, not only the shape."""
    (found,) = problems(f"france,1,Alix Exemple,{time},2026-01-05T19:00\n")
    assert found.reason.startswith("there is no such date or time")


def test_a_slip_in_a_name_is_answered_with_the_nearest() -> None:
    """The remedy proposes the person probably meant."""
    (found,) = problems("france,1,Alix Exmple,2026-01-05T07:00,2026-01-05T19:00\n")
    assert found.remedy == "write 'Alix Exemple', or import this person first"


def test_an_unknown_line_hides_no_other_fault_of_its_row() -> None:
    """Times are checked even where their zone can't be known."""
    found = problems("spain,1,Nemo,yesterday,2026-01-05T19:00\n")
    assert [problem.column for problem in found] == ["line", "person", "start"]


def test_a_shift_of_days_is_taken_for_a_slip() -> None:
    """More than 48 hours is refused with its length."""
    (found,) = problems("france,1,Alix Exemple,2026-01-05T07:00,2026-01-07T07:01\n")
    assert (found.column, found.reason) == ("end", "the shift lasts 48.02 hours, more than 48")


def test_a_line_may_allow_longer_shifts() -> None:
    """A second line that is held for a week can be imported when asked for."""
    row = "france,2,Alix Exemple,2026-01-05T07:00,2026-01-12T07:00\n"
    (shift,) = parse_shifts(HEADER + row, LINES, PEOPLE, longest=7 * 24 * HOUR)
    assert shift.end - shift.start == 7 * 24 * HOUR


def test_the_same_shift_twice_is_refused_at_its_second_row() -> None:
    """A row pasted twice is named with the row it repeats."""
    row = "france,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00\n"
    (found,) = problems(row + row)
    assert (found.row, found.column, found.reason) == (3, "person", "the same shift as row 2")


def test_nobody_holds_two_seats_of_a_line_at_once() -> None:
    """Not even in two tiers: one phone can't be first and second line."""
    (found,) = problems(
        "france,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00\n"
        "france,2,Bo Voorbeeld,2026-01-05T07:00,2026-01-05T19:00\n"
        "france,2,Alix Exemple,2026-01-05T18:59,2026-01-05T23:00\n"
    )
    assert (found.row, found.reason) == (4, "this person's shift overlaps the one in row 2")


def test_a_person_may_serve_two_lines_at_once_and_shifts_may_touch() -> None:
    """Two lines share people, and a hand-off to oneself is no overlap."""
    rows = (
        "france,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00\n"
        "france,1,Alix Exemple,2026-01-05T19:00,2026-01-05T23:00\n"
        "belgium,1,Alix Exemple,2026-01-05T07:00,2026-01-05T19:00\n"
    )
    assert len(parse_shifts(HEADER + rows, LINES, PEOPLE)) == 3


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), min_size=1, max_size=8))
def test_a_file_is_refused_exactly_when_somebody_is_there_twice(hours: list[tuple[int, int]]) -> None:
    """A file in which a person's shifts share an hour is refused; one in which they only touch is taken."""
    spans = [(start, min(start + length, 23)) for start, length in hours]
    rows = "".join(f"france,1,Alix Exemple,2026-01-05T{a:02}:00Z,2026-01-05T{b:02}:00Z\n" for a, b in spans)
    overlap = any(a < d and c < b for i, (a, b) in enumerate(spans) for c, d in spans[:i])
    if overlap:
        assert all("row" in problem.reason for problem in problems(rows))
    else:
        assert len(parse_shifts(HEADER + rows, LINES, PEOPLE)) == len(spans)


def test_many_bad_rows_are_all_named_in_order() -> None:
    """However many rows are bad, each is named, in the order of the file."""
    found = problems("".join(f"france,1,Nemo {n},2026-01-05T07:00,2026-01-05T06:00\n" for n in range(500)))
    assert [problem.row for problem in found] == [row for row in range(2, 502) for _ in ("person", "end")]


def test_an_unknown_zone_of_a_line_is_the_settings_fault() -> None:
    """A line whose own zone is unknown is no fault of the file."""
    with pytest.raises(ZoneError, match="unknown time zone 'Europe/Nowhere'"):
        parse_shifts(HEADER, {"france": "Europe/Nowhere"}, PEOPLE)
