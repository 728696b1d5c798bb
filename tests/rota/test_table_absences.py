"""Absences from CSV: whole days or times, hard or a wish, and a bad file is refused whole."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from rota.sheet import Problem, TableError
from rota.table import AbsenceRow, kind_of, parse_absences
from tests.rota.strategies import HOUR, utc

PARIS = ZoneInfo("Europe/Paris")
PEOPLE = ("Alix Exemple", "Bo Voorbeeld")
HEADER = "person,start,end,hard\n"


def problems(rows: str) -> tuple[Problem, ...]:
    """Why these rows are refused."""
    with pytest.raises(TableError) as refused:
        parse_absences(HEADER + rows, PARIS, PEOPLE)
    return refused.value.problems


def test_days_are_whole_and_the_last_one_is_away_too() -> None:
    """From the 24th to the 26th are three days, on the clocks of the zone."""
    (row,) = parse_absences("person;start;end\nalix exemple;2026-12-24;2026-12-26\n", PARIS, PEOPLE)
    assert row == AbsenceRow("Alix Exemple", utc(2026, 12, 23, 23), utc(2026, 12, 26, 23), hard=True)
    assert row.row == 2


def test_a_day_on_which_the_clocks_change_is_one_day() -> None:
    """Of 23 real hours."""
    (row,) = parse_absences(HEADER + "Alix Exemple,2026-03-29,2026-03-29,\n", PARIS, PEOPLE)
    assert row.end - row.start == 23 * HOUR


def test_times_are_read_as_those_of_shifts() -> None:
    """Local or with an offset, and what is doubtful is told."""
    (row,) = parse_absences(HEADER + "Alix Exemple,2026-10-25T02:30,2026-10-25T12:00+01:00,\n", PARIS, PEOPLE)
    assert (row.start, row.end) == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 11))
    assert [note.column for note in row.notes] == ["start"]


@pytest.mark.parametrize(("cell", "hard"), [("", True), ("yes", True), ("Oui", True), ("no", False), ("0", False)])
def test_not_hard_is_a_wish(cell: str, hard: bool) -> None:
    """Without a word somebody is away."""
    (row,) = parse_absences(HEADER + f"Alix Exemple,2026-12-24,2026-12-26,{cell}\n", PARIS, PEOPLE)
    assert row.hard is hard


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("Nemo,2026-12-24,2026-12-26,", "person", "unknown person"),
        (",2026-12-24,2026-12-26,", "person", "the person is missing"),
        ("Alix Exemple,24/12/2026,2026-12-26,", "start", "this isn't a date and a time"),
        ("Alix Exemple,2026-02-30,2026-12-26,", "start", "there is no such date (day is out of range for month)"),
        ("Alix Exemple,0206-02-03,2026-12-26,", "start", "this year can't be meant"),
        ("Alix Exemple,2026-12-24,2026-12-23,", "end", "the absence doesn't end after it starts"),
        ("Alix Exemple,2026-12-24,2036-12-24,", "end", "the absence lasts more than three years"),
        ("Alix Exemple,2026-12-24,2026-12-26,perhaps", "hard", "this is neither yes nor no"),
    ],
)
def test_a_bad_cell_is_named_with_reason_and_remedy(row: str, column: str, reason: str) -> None:
    """One fault in a row is one problem that says where it is, why, and what to do."""
    (found,) = problems(row + "\n")
    assert (found.row, found.column, found.reason) == (2, column, reason)
    assert found.remedy


def test_a_row_pasted_twice_is_refused() -> None:
    """At its second row."""
    row = "Alix Exemple,2026-12-24,2026-12-26,\n"
    assert [(found.row, found.reason) for found in problems(row * 2)] == [(3, "the same absence as row 2")]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("name,phone,languages", "people"),
        ("nom;phone;languages;email", "people"),
        ("Line,Tier,Person,Start,End", "shifts"),
        ("person,start,end,tier", "absences"),
        ("\ufeffperson;start;end", "absences"),
        ("", "people"),
    ],
)
def test_a_table_is_known_by_its_header(header: str, kind: str) -> None:
    """By the columns that it has, also when one of them is misspelt."""
    assert kind_of(header) == kind
