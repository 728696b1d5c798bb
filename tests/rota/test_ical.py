"""Shifts from iCalendar files: events become instants, and a bad file is refused whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.calendar import Head, feed
from rota.ical import Into, parse_calendar
from rota.model import Shift
from rota.sheet import Problem, TableError
from rota.table import ShiftRow
from rota.zones import local_to_utc, utc_to_local
from tests.rota.strategies import DAY, HOUR, ZONES, utc, zoned_instants

PARIS = ZoneInfo("Europe/Paris")
INTO = Into("france", PARIS, 1)
PEOPLE = ("Alix Exemple", "Bo Voorbeeld", "Zoë Beispiel", "Bo")
EMAILS = {"bo@example.org": "Bo Voorbeeld"}
WHEN = "DTSTART:20260105T060000Z\nDTEND:20260105T180000Z"


def calendar(*events: str) -> bytes:
    """A file of events, each its own lines."""
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\n{inside}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def read(*events: str, into: Into = INTO) -> tuple[ShiftRow, ...]:
    """The shifts of these events."""
    return parse_calendar(calendar(*events), into, PEOPLE, EMAILS)


def span(times: str, into: Into = INTO) -> tuple[int, int]:
    """From when to when Alix is on call by an event with these times."""
    (row,) = read(f"SUMMARY:Alix Exemple\n{times}", into=into)
    return row.start, row.end


def problems(*events: str) -> tuple[Problem, ...]:
    """Why these events are refused."""
    with pytest.raises(TableError) as refused:
        read(*events)
    return refused.value.problems


def outcome(event: str) -> tuple[tuple[ShiftRow, ...], tuple[Problem, ...]]:
    """The shifts read, or the problems."""
    try:
        return read(event), ()
    except TableError as error:
        return (), error.problems


def test_an_event_is_a_shift() -> None:
    """Of the line and tier asked for, with the person's name as it is known."""
    rows = read(f"UID:a\nSUMMARY:alix  exemple\n{WHEN}", f"UID:b\nSUMMARY:Zoe\u0308 Beispiel\n{WHEN}")
    assert rows == (
        ShiftRow("france", 1, "Alix Exemple", utc(2026, 1, 5, 6), utc(2026, 1, 5, 18)),
        ShiftRow("france", 1, "Zoë Beispiel", utc(2026, 1, 5, 6), utc(2026, 1, 5, 18)),
    )
    assert [(row.row, row.place) for row in rows] == [(1, "event 1 (UID a)"), (2, "event 2 (UID b)")]


@pytest.mark.parametrize(
    ("times", "start", "end"),
    [
        ("DTSTART:20260105T060000Z\nDTEND:20260105T180000Z", utc(2026, 1, 5, 6), utc(2026, 1, 5, 18)),
        ("DTSTART:20260105T080000\nDTEND:20260105T200000", utc(2026, 1, 5, 7), utc(2026, 1, 5, 19)),
        (
            "DTSTART;TZID=America/Miquelon:20260105T080000\nDTEND;TZID=Europe/Paris:20260105T200000",
            utc(2026, 1, 5, 11),
            utc(2026, 1, 5, 19),
        ),
        (
            "DTSTART;TZID=Romance Standard Time:20260105T080000\nDTEND;TZID=Romance Standard Time:20260105T200000",
            utc(2026, 1, 5, 7),
            utc(2026, 1, 5, 19),
        ),
        (
            "DTSTART;TZID=/example.org/Europe/Paris:20260105T080000\nDTEND:20260105T200000",
            utc(2026, 1, 5, 7),
            utc(2026, 1, 5, 19),
        ),
        (
            "DTSTART;TZID=Pacific/Noumea:20260105T060000Z\nDTEND:20260105T180000Z",
            utc(2026, 1, 5, 6),
            utc(2026, 1, 5, 18),
        ),
        ("DTSTART:20260105T080000\nDURATION:PT12H", utc(2026, 1, 5, 7), utc(2026, 1, 5, 19)),
        ("DTSTART:20260105T080000\nDURATION:P1DT12H", utc(2026, 1, 5, 7), utc(2026, 1, 6, 19)),
        ("DTSTART:20260328T200000\nDURATION:PT12H", utc(2026, 3, 28, 19), utc(2026, 3, 29, 7)),
        ("DTSTART:20260328T200000Z\nDURATION:P1D", utc(2026, 3, 28, 20), utc(2026, 3, 29, 20)),
        ("DTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260330", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        ("DTSTART;VALUE=DATE:20260329", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        ("DTSTART;VALUE=DATE:20260329\nDURATION:P1D", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        ("DTSTART:20260329T023000\nDTEND:20260329T120000", utc(2026, 3, 29, 1), utc(2026, 3, 29, 10)),
        ("DTSTART:20261025T023000\nDTEND:20261025T120000", utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 11)),
    ],
)
def test_times_are_one_instant_each(times: str, start: int, end: int) -> None:
    """In UTC, in a zone by IANA's or Windows' name, the line's own, whole days; on both nights of the year."""
    assert span(times) == (start, end)


def test_what_the_file_says_of_a_zone_is_not_believed() -> None:
    """Its rules for Paris are wrong here, as they are in many exports; the zone's name is enough."""
    wrong = "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0900\n"
    text = calendar(
        "SUMMARY:Alix Exemple\nDTSTART;TZID=Europe/Paris:20260705T080000\nDTEND;TZID=Europe/Paris:20260705T200000"
    ).decode()
    text = text.replace("BEGIN:VEVENT", wrong + "TZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT", 1)
    (row,) = parse_calendar(text.encode(), INTO, PEOPLE)
    assert (row.start, row.end) == (utc(2026, 7, 5, 6), utc(2026, 7, 5, 18))


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_1_a_floating_time_is_the_lines_own(name: str, data: st.DataObject) -> None:
    """The same instant as everywhere else in the rota, whichever zone and night."""
    zone = ZoneInfo(name)
    instant = data.draw(zoned_instants())[1]
    local = utc_to_local(instant, zone).replace(tzinfo=None, fold=0, second=0)
    written = f"DTSTART:{local:%Y%m%dT%H%M00}\nDTEND:{local + timedelta(hours=8):%Y%m%dT%H%M00}"
    assert span(written, Into("line", zone, 1))[0] == local_to_utc(local, zone)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), min_size=1, max_size=12), zoned_instants())
def test_our_own_calendars_are_read_back(lengths: list[tuple[int, int]], zoned: tuple[ZoneInfo, int]) -> None:
    """What we export is imported as it was: the same people at the same instants."""
    zone, at = zoned
    shifts = []
    for number, (pause, length) in enumerate(lengths, 1):
        shifts.append(Shift(number, "line", 1, number % 3, at + pause * HOUR, at + (pause + length) * HOUR))
        at = shifts[-1].end
    ics = feed(shifts, lambda shift: PEOPLE[shift.person or 0], Head("Rota", "example.org", at))
    rows = parse_calendar(ics, Into("line", zone, 1), PEOPLE)
    assert [(row.person, row.start, row.end) for row in rows] == [
        (PEOPLE[shift.person or 0], shift.start, shift.end) for shift in shifts
    ]


@pytest.mark.parametrize(
    ("named", "person"),
    [
        ("SUMMARY:On call - Alix Exemple (tier 1)", "Alix Exemple"),
        ("SUMMARY:Astreinte: Bo Voorbeeld", "Bo Voorbeeld"),
        ("SUMMARY:Astreinte\nATTENDEE;CN=Alix Exemple:mailto:nobody@example.org", "Alix Exemple"),
        ("SUMMARY:Astreinte\nATTENDEE:mailto:BO@example.org", "Bo Voorbeeld"),
        ("ATTENDEE:mailto:bo@example.org\nATTENDEE:mailto:room@example.org", "Bo Voorbeeld"),
        ("SUMMARY:Alix Exemple\nATTENDEE:mailto:bo@example.org", "Alix Exemple"),
    ],
)
def test_whose_it_is(named: str, person: str) -> None:
    """By the summary, which is a name; or by who attends; or by the one name that the summary holds."""
    (row,) = read(f"{named}\n{WHEN}")
    assert row.person == person


@pytest.mark.parametrize(
    ("named", "reason", "remedy"),
    [
        ("SUMMARY:Alix Exmple", "unknown person", "write 'Alix Exemple', or import this person first"),
        ("SUMMARY:Bob", "unknown person", "write 'Bo', or import this person first"),
        ("DESCRIPTION:Alix Exemple", "the person is missing", "write a name"),
        ("SUMMARY:Alix Exemple & Zoë Beispiel", "more than one person is named", "make an event of its own for each"),
    ],
)
def test_an_event_of_nobody_or_of_several_is_refused(named: str, reason: str, remedy: str) -> None:
    """With what would say whose it is."""
    (found,) = problems(f"{named}\n{WHEN}")
    assert (found.column, found.reason, found.remedy) == ("SUMMARY", reason, remedy)


@pytest.mark.parametrize(
    ("times", "column", "reason"),
    [
        (f"{WHEN}\nRRULE:FREQ=DAILY", "RRULE", "this event repeats"),
        (f"{WHEN}\nRDATE:20260106T060000Z", "RRULE", "this event repeats"),
        ("DTEND:20260105T180000Z", "DTSTART", "the time is missing"),
        ("DTSTART:20260105T180000Z", "DTSTART", "the event has no end"),
        ("DTSTART:20260105T180000Z\nDTEND:soon", "DTEND", "this can't be read"),
        ("DTSTART:20260105T180000Z\nDTEND;VALUE=DATE:20260106", "DTSTART", "one end is a day and the other a time"),
        ("DTSTART:20260105T180000Z\nDTEND:20260105T180000Z", "DTEND", "the shift doesn't end after it starts"),
        ("DTSTART:20260105T180000Z\nDTEND:20260115T180000Z", "DTEND", "the shift lasts 240 hours, more than 48"),
        ("DTSTART;TZID=Nowhere:20260105T180000\nDTEND:20260105T190000Z", "DTSTART", "unknown time zone 'Nowhere'"),
        (
            "DTSTART:20260328T200000\nDURATION:P1D",
            "DTSTART",
            "its DURATION has days, and the clocks change meanwhile",
        ),
        (f"{WHEN}\nDTSTART:20260105T070000Z", "DTSTART", "comes twice in this event"),
    ],
)
def test_an_event_that_can_not_be_a_shift_is_named(times: str, column: str, reason: str) -> None:
    """By its number and its UID, with what is wrong and how to mend it."""
    (found,) = problems(f"UID:x1\nSUMMARY:Alix Exemple\n{WHEN}", f"UID:x2\nSUMMARY:Bo Voorbeeld\n{times}")
    assert (found.row, found.column, found.reason) == (2, column, reason)
    assert str(found).startswith(f"event 2 (UID x2), {column}")
    assert found.remedy


def test_every_bad_event_is_named_at_once() -> None:
    """In the order of the file; none of the good ones is taken."""
    good = f"SUMMARY:Alix Exemple\n{WHEN}"
    assert [found.row for found in problems("SUMMARY:Nemo\nDTSTART:soon", good, f"SUMMARY:Nemo\n{WHEN}")] == [1, 3]


def test_what_was_made_of_a_missing_and_of_a_doubled_time_is_told() -> None:
    """An event at 02:30 on either night."""
    (row,) = read("SUMMARY:Alix Exemple\nDTSTART:20261025T023000\nDTEND:20261025T120000")
    (note,) = row.notes
    assert str(note).startswith("event 1, DTSTART '20261025T023000': this time comes twice that night")


def test_a_cancelled_event_is_no_shift() -> None:
    """Whatever else it says; a tentative one is."""
    (row,) = read(f"SUMMARY:Nemo\nSTATUS:CANCELLED\n{WHEN}", f"SUMMARY:Alix Exemple\nSTATUS:TENTATIVE\n{WHEN}")
    assert row.person == "Alix Exemple"


def test_of_an_events_versions_the_last_counts() -> None:
    """By SEQUENCE, wherever it stands; a cancelled last version takes the event away."""
    old, new = f"UID:a\nSEQUENCE:1\nSUMMARY:Nemo\n{WHEN}", f"UID:a\nSEQUENCE:2\nSUMMARY:Alix Exemple\n{WHEN}"
    for events in ((old, new), (new, old), (new, new)):
        assert [row.person for row in read(*events)] == ["Alix Exemple"]
    gone = f"UID:a\nSEQUENCE:3\nSTATUS:CANCELLED\nSUMMARY:Alix Exemple\n{WHEN}"
    other = f"UID:b\nSUMMARY:Zoë Beispiel\n{WHEN}"
    assert [row.person for row in read(new, gone, other)] == ["Zoë Beispiel"]


def test_two_events_of_one_uid_that_differ_are_refused() -> None:
    """Nobody can say which is meant."""
    (found,) = problems(f"UID:a\nSUMMARY:Alix Exemple\n{WHEN}", f"UID:a\nSUMMARY:Bo Voorbeeld\n{WHEN}")
    assert str(found).startswith("event 2 (UID a): differs from event 1, which has the same UID")


def test_nobody_holds_two_events_at_once() -> None:
    """As in a table."""
    event = f"SUMMARY:Alix Exemple\n{WHEN}"
    (found,) = problems(event, event.replace("T06", "T07"))
    assert str(found).startswith("event 2, person 'Alix Exemple': this person's shift overlaps the one in event 1")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no event in this file"),
        (calendar(), "there is no event in this file"),
        (b"line,tier,person\n", "this isn't iCalendar"),
        (b"\xff\xfeB\x00", "this isn't iCalendar"),
        (calendar(f"STATUS:CANCELLED\n{WHEN}"), "no event in this calendar is a shift"),
    ],
)
def test_a_file_without_shifts_is_refused(data: bytes, reason: str) -> None:
    """Not taken for a rota without anybody."""
    with pytest.raises(TableError, match=reason):
        parse_calendar(data, INTO, PEOPLE)


LINES = (*WHEN.split("\n"), "SUMMARY:Bo", "RRULE:X", "DURATION:P1D", "BEGIN:VEVENT", "END:VEVENT", "X", "SEQUENCE:x")


@given(st.lists(st.sampled_from(LINES)))
def test_any_file_is_read_or_refused_as_a_calendar(lines: list[str]) -> None:
    """However broken, the answer is shifts or a `TableError` with at least one problem."""
    rows, refused = outcome("\n".join(lines))
    assert bool(rows) != bool(refused)


def test_a_long_calendar_is_read_in_one_go() -> None:
    """Two years of it: every event a shift, in order."""
    start = datetime(2026, 1, 1, 8)
    events = [
        f"UID:{n}\nSUMMARY:{PEOPLE[n % 3]}\nDTSTART:{start + timedelta(hours=12 * n):%Y%m%dT%H%M%S}\n"
        f"DTEND:{start + timedelta(hours=12 * n + 12):%Y%m%dT%H%M%S}"
        for n in range(200)
    ]
    rows = read(*events)
    assert len(rows) == 200
    assert all(row.end == after.start for row, after in pairwise(rows))
    assert rows[-1].end - rows[0].start == 100 * DAY - HOUR
