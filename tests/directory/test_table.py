"""The directory as a file: what is written is read back; the rest is refused whole, every fault with its remedy."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.entries import ALWAYS, Cost, Entry, out_of_date
from helpline.directory.seeding import shipped
from helpline.directory.table import COLUMNS, MOST_ENTRIES, cells, form_row, is_key, parse, read_entry, write
from rota.sheet import Problem, TableError
from tests.directory.some import HEADER, ROW, SERVICE, TODAY, entries


def _faults(text: str) -> list[Problem]:
    with pytest.raises(TableError) as caught:
        parse(text, TODAY)
    return list(caught.value.problems)


@given(entries(), st.sampled_from(",;"))
def test_any_directory_survives_being_a_file(found: list[Entry], delimiter: str) -> None:
    """Written with either delimiter and read again, every entry is what it was; no cell is a spreadsheet's formula."""
    text = write(found, delimiter)
    if found:
        assert parse(text, TODAY) == tuple(found)
        assert parse("\ufeff" + text.replace("\n", "\r\n"), TODAY) == tuple(found)
    assert not [line for line in text.split("\n") if line.startswith(("=", "+", "-", "@"))]
    assert not [cell for line in text.split("\n") for cell in line.split(delimiter) if cell.startswith(("=", "+", "@"))]


CELLS = [
    ("key", "Mots", "it is no key", "small letters"),
    ("key", "x" * 41, "it is no key", "40"),
    ("key", "", "it is no key", "mots"),
    ("name", "", "the name is missing", "called"),
    ("name", "x" * 121, "it is too long", "120"),
    ("name", "<b>", "it holds '<'", "a voice"),
    ("name", "a\u202eb", "it holds", "a voice"),
    ("name", "a\u200bb", "it holds", "a voice"),
    ("kind", "circus", "it is not known", "association, clinic"),
    ("audiences", "", "it is empty", "doctor, training"),
    ("audiences", "doctor clown", "it is not known", "relative"),
    ("territories", "", "it names no territory", "FR-OCC"),
    ("territories", "31 99", "99 is no territory", "2A"),
    ("territories", "31 BE", "it names two countries", "for each country"),
    ("languages", "", "it names no language", "fr, nl"),
    ("languages", "fr es", "it names no language", "fr, nl"),
    ("phone", "", "is no French short number", "3114"),
    ("phone", "01 99 00 12", "is no number that can be dialled", "01 99 00 12 34"),
    ("phone", "3114 ou 15", "holds more than a number", "digits alone"),
    ("hours", "a{b}", "it holds '{'", "a voice"),
    ("cost", "cheap", "it is not known", "free"),
    ("independent", "perhaps", "it is neither yes nor no", "yes or no"),
    ("connect", "perhaps", "it is neither yes nor no", "yes or no"),
    ("website", "example.org", "it is no address", "https://"),
    ("website", "javascript:alert(1)", "it is no address", "https://"),
    ("website", "https://[x", "it is no address", "https://"),
    ("website", "https://a b.example", "it is no address", "https://"),
    ("website", "https://example.org/" + "x" * 200, "it is too long", "200"),
    ("source", "x" * 201, "it is too long", "200"),
    ("verified", "31/01/2026", "it is no day", "2026-01-31"),
    ("verified", "2026-03-11", "lies in the future", "called or asked"),
]


def _row(**cells: str) -> str:
    row = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | cells
    return ";".join(row) + "\n" + ";".join(row.values())


@pytest.mark.parametrize(("column", "value", "reason", "remedy"), CELLS, ids=lambda each: str(each)[:20])
def test_a_wrong_cell_is_named_with_its_remedy(column: str, value: str, reason: str, remedy: str) -> None:
    """Row, column, what is wrong, and how to mend it."""
    (fault,) = _faults(_row(**{column: value}))
    assert (fault.row, fault.column) == (2, column)
    assert reason in fault.reason
    assert remedy in fault.remedy


def test_a_cell_with_a_semicolon_is_told_of_like_any_other() -> None:
    """What is wrong and how to mend it are parted by one, too."""
    faults: list[Problem] = []
    assert read_entry(form_row({**cells(SERVICE), "phone": "02 538 73 65; 3114"}), TODAY, faults) is None
    (fault,) = faults
    assert fault.reason.endswith("; 3114' holds more than a number")
    assert fault.remedy.startswith("write digits alone")


@pytest.mark.parametrize("phone", ["3114", "0826 000 401", "0800 800 854"])
def test_nobody_is_put_through_to_a_number_that_no_carrier_dials(phone: str) -> None:
    """Short, free or of a special rate: such an entry is read out, and can't be one to connect to."""
    (fault,) = _faults(_row(phone=phone, connect="yes"))
    assert (fault.column, "doesn't dial" in fault.reason) == ("connect", True)
    assert not parse(_row(phone=phone, connect="no"), TODAY)[0].connect


def test_every_fault_is_told_at_once() -> None:
    """Those of one row and of all rows, a key that comes twice included; nothing of the file is read."""
    rows = [ROW, ROW, "Bad,,circus,doctor,31,fr,12", "other,Autre,union,doctor,31,fr,+33199001235"]
    faults = [(each.row, each.column) for each in _faults("\n".join([HEADER, *rows]))]
    assert faults == [(3, "key"), (4, "key"), (4, "name"), (4, "kind"), (4, "phone")]


def test_columns_that_nobody_knows_or_that_are_missing_are_named() -> None:
    """The header is held to what docs/directory.md says."""
    assert [each.column for each in _faults("key,name,colour\na,b,c")] == [
        *("kind", "audiences", "territories", "languages", "phone", "colour")
    ]


def test_a_file_of_too_many_entries_is_refused() -> None:
    """A directory that nobody can keep verified helps nobody."""
    rows = [ROW.replace("service", f"service-{n}", 1) for n in range(MOST_ENTRIES + 1)]
    (fault,) = _faults("\n".join([HEADER, *rows]))
    assert "more than 2000" in fault.reason


def test_a_column_that_is_left_out_stays_as_it_is() -> None:
    """Of a known entry; of a new one it is empty."""
    mended = ROW.replace("Exemple", "Nouveau")
    other = ROW.replace("service", "other", 1)
    new, old = parse(f"{HEADER}\n{mended}\n{other}", TODAY, [SERVICE])
    assert old == replace(SERVICE, name="Service Nouveau")
    assert (new.hours, new.cost, new.independent, new.connect, new.verified) == ("", Cost.UNKNOWN, None, False, None)


@pytest.mark.parametrize("hours", ["24/7", "24h/24", "24 h / 24", "7j/7, 24h/24", "24H/24 7J/7"])
def test_day_and_night_is_understood_as_people_write_it(hours: str) -> None:
    """Whoever can always be reached is told so in the caller's language."""
    assert parse(_row(hours=hours), TODAY)[0].hours == ALWAYS


def test_what_is_shipped_is_all_to_be_verified() -> None:
    """Nobody has called these numbers, and none of them says otherwise; each names where it comes from."""
    assert shipped(TODAY)
    for entry in shipped(TODAY):
        assert out_of_date(entry, TODAY)
        assert entry.source
        assert is_key(entry.key)


@given(st.dates(min_value=TODAY - dt.timedelta(days=1_000), max_value=TODAY))
def test_an_entry_is_out_of_date_after_a_year(day: dt.date) -> None:
    """A year to the day is in time, and nothing older is."""
    assert out_of_date(replace(SERVICE, verified=day), TODAY) == (TODAY - day > dt.timedelta(days=365))


def test_the_columns_are_those_of_an_entry() -> None:
    """A field that is added to an entry can't be forgotten in the file."""
    assert set(COLUMNS) == set(Entry.__slots__)
