"""A calendar shows what `who` says, to every program that reads calendars, in every zone and on every night."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count, pairwise
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rota.calendar import AHEAD, ALARMS, BEHIND, Head, escaped, feed, initials, line, uid, window
from rota.edit import Change, make, reassign
from rota.model import Shift, Span, Status
from rota.oncall import Roster, segments, who
from rota.zones import local_to_utc
from tests.rota.readers import READERS, Seen
from tests.rota.strategies import ALIX, BO, DAY, FIRST, HOUR, LAST, TEAM, ZONES, instants, jumps, shifts, utc

HOST = "helpline.example.org"
NOON = utc(2026, 3, 10, 12)
HEAD = Head("Rota", HOST, NOON)
STATUSES: tuple[Status, ...] = ("planned", "published", "cancelled")
NIGHT = Shift(7, "france", 1, ALIX.id, utc(2026, 3, 28, 21), utc(2026, 3, 29, 5), seq=3)
TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


def named(shift: Shift) -> str:
    """Who holds it."""
    return next((person.name for person in TEAM if person.id == shift.person), "nobody")


def lines_of(data: bytes) -> list[str]:
    """The file's lines, unfolded."""
    return data.decode().replace("\r\n ", "").split("\r\n")


def values(data: bytes, name: str) -> list[str]:
    """What a property is in each event."""
    return [text.partition(":")[2] for text in lines_of(data) if text.partition(":")[0] == name]


def read(data: bytes) -> dict[str, Seen]:
    """The events by their ids."""
    return {event.uid: event for event in READERS["icalendar"](data)}


@st.composite
def rotas(draw: st.DrawFn) -> list[Shift]:
    """Shifts that touch and overlap, of every status."""
    return [replace(shift, status=draw(st.sampled_from(STATUSES))) for shift in draw(shifts())]


def on_paper(name: str, days: Sequence[date]) -> list[Shift]:
    """Shifts between the same local times each day, one after another."""
    marks = [local_to_utc(datetime.combine(day, at), ZoneInfo(name)) for day in days for at in (time(2, 30), time(20))]
    return [Shift(n, name, 1, ALIX.id, start, end) for n, (start, end) in enumerate(pairwise(marks), 1)]


def around(instant: int, name: str) -> list[date]:
    """The day before, the day of and the day after an instant, where this zone's clocks hang."""
    middle = datetime.fromtimestamp(instant, ZoneInfo(name)).date()
    return [middle + timedelta(days=n) for n in (-1, 0, 1)]


@given(rotas(), st.integers(-1, 62))
def test_4_who_is_the_feed(held: list[Shift], at: int) -> None:
    """At any instant a calendar's events that count are the shifts of whom `who` names, with the ends it names."""
    data = feed(held, named, HEAD)
    events = [event for event in READERS["icalendar"](data) if event.status != "CANCELLED" and event.title != "nobody"]
    for each in ("france", "belgium"):
        mine = {uid(shift.id, HOST) for shift in held if shift.line == each}
        shown = {(event.uid, event.end) for event in events if event.uid in mine and event.start <= at < event.end}
        said = who(Roster.build(held, TEAM), each, at)
        assert shown == {(uid(one.shift, HOST), one.until) for one in said}


@given(rotas())
def test_4_the_feed_changes_when_the_rota_does(held: list[Shift]) -> None:
    """Between two hand-offs of a line the events that count are the same, and they are those of the segment."""
    events = [event for event in read(feed(held, named, HEAD)).values() if event.status != "CANCELLED"]
    for piece in segments(Roster.build(held, TEAM), "france", -1, 62):
        for one in piece.on_call:
            event = next(event for event in events if event.uid == uid(one.shift, HOST))
            assert (event.start <= piece.start, piece.end <= event.end, event.title) == (True, True, one.person.name)


@pytest.mark.parametrize("name", ZONES)
@given(data=st.data())
def test_7_every_reader_sees_the_same_instants(name: str, data: st.DataObject) -> None:
    """Over hand-offs at 02:30, on the nights on which clocks jump as on others, in four independent programs."""
    at = data.draw(st.sampled_from(jumps(name)) | instants() if jumps(name) else instants())
    held = on_paper(name, around(at, name)[:2])
    written = feed(held, named, HEAD)
    wanted = sorted((uid(shift.id, HOST), shift.start, shift.end) for shift in held)
    for reader in READERS.values():
        assert sorted((event.uid, event.start, event.end) for event in reader(written)) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ZONES)
def test_7_every_reader_sees_the_same_instants_on_every_night_of_eleven_years(name: str, reader: str) -> None:
    """Nights on which the clocks jump, their neighbours, and the first days of each year."""
    days = {date(year, 1, day) for year in range(2025, 2036) for day in (1, 2)}
    days |= {day for jump in jumps(name) for day in around(jump, name)}
    held = on_paper(name, sorted(days))
    seen = READERS[reader](feed(held, named, HEAD))
    assert sorted((event.uid, event.start, event.end) for event in seen) == sorted(
        (uid(shift.id, HOST), shift.start, shift.end) for shift in held
    )


@given(rotas())
def test_7_no_zone_is_named(held: list[Shift]) -> None:
    """Every time is in UTC and says so: no reader has to know a zone, and none can put its own in place of ours."""
    data = feed(held, named, HEAD)
    times = [text for text in lines_of(data) if text.startswith(("DTSTART", "DTEND", "DTSTAMP"))]
    assert all(re.fullmatch(r"DT(START|END|STAMP):\d{8}T\d{6}Z", text) for text in times)
    assert len(times) == 3 * len(held)
    assert b"TZID" not in data
    assert b"TIMEZONE" not in data


GIVEN = st.lists(st.tuples(st.integers(0, 39), st.integers(1, 20), st.sampled_from([1, 2, 3, None])), max_size=6)


@given(rotas(), GIVEN)
def test_12_events_are_kept_and_their_sequence_grows(
    held: list[Shift], given_away: list[tuple[int, int, int | None]]
) -> None:
    """Through any edits, no event is lost or changes its beginning, and one that is changed is a later version."""
    now, before, numbers = 0, read(feed(held, named, HEAD)), count(100)
    versions = {uid(shift.id, HOST): shift.seq for shift in held}
    for start, length, person in given_away:
        now = max(now, start // 2)
        change = reassign(held, Span(start, start + length), now, person, "override")
        held = list(make(held, change, now, numbers)[0])
        data = feed(held, named, HEAD)
        after = read(data)
        grown = dict(zip(values(data, "UID"), map(int, values(data, "SEQUENCE")), strict=True))
        assert before.keys() <= after.keys()
        for number, event in before.items():
            assert after[number].start == event.start
            assert (grown[number] > versions[number]) == (replace(after[number], title=event.title) != event)
        before, versions = after, grown


@given(rotas())
def test_12_every_shift_is_one_event_that_blocks_nothing(held: list[Shift]) -> None:
    """Its own id, its status, transparent: who is on call still is free for everything else."""
    data = feed(held, named, HEAD)
    by_start = sorted(held, key=lambda shift: (shift.start, shift.line, shift.tier, shift.id))
    assert values(data, "UID") == [uid(shift.id, HOST) for shift in by_start]
    words = {"planned": "TENTATIVE", "published": "CONFIRMED", "cancelled": "CANCELLED"}
    assert values(data, "STATUS") == [words[shift.status] for shift in by_start]
    assert set(values(data, "TRANSP")) <= {"TRANSPARENT"}
    assert data.count(b"\r\nTRANSP:") == len(held)


def test_12_a_cancelled_shift_stays() -> None:
    """As cancelled, a version later, and rings nobody."""
    after, _ = make([NIGHT], Change(cancel=(7,)), NOON, ())
    data = feed(after, named, replace(HEAD, alarms=ALARMS))
    assert (values(data, "STATUS"), values(data, "SEQUENCE")) == (["CANCELLED"], ["4"])
    assert b"VALARM" not in data


def test_an_event_reads_as_written() -> None:
    """Every property of one shift, in its place."""
    assert feed([NIGHT], named, replace(HEAD, alarms=(60,))).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//helpline//rota//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Rota",
        "X-WR-CALNAME:Rota",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "BEGIN:VEVENT",
        "UID:shift-7@helpline.example.org",
        "DTSTAMP:20260310T120000Z",
        "DTSTART:20260328T210000Z",
        "DTEND:20260329T050000Z",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "SUMMARY:Alix Exemple",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Alix Exemple",
        "TRIGGER:-PT60M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_alarms_ring_before_a_shift() -> None:
    """So many minutes as asked for, whatever the clocks do that night."""
    [event] = icalendar.Calendar.from_ical(feed([NIGHT], named, replace(HEAD, alarms=(60, 15)))).walk("VEVENT")
    before = [alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")]
    assert before == [timedelta(minutes=-60), timedelta(minutes=-15)]


@given(rotas(), st.randoms(use_true_random=False))
def test_the_same_rota_gives_the_same_bytes(held: list[Shift], chance: random.Random) -> None:
    """In whatever order it was read."""
    shuffled = chance.sample(held, len(held))
    assert feed(shuffled, named, HEAD) == feed(held, named, HEAD)


@given(TITLES, TITLES)
@example("a;b,c:d\u2028e\x85f\n\r\nEND:VEVENT", "x\\;y,\\nz")
@example('"é"' * 60, "")
def test_a_text_is_read_back_as_it_was(title: str, name: str) -> None:
    """Commas, quotes, any script; what the format doesn't allow is a blank; nothing is injected."""
    data = feed([NIGHT], lambda _: title, replace(HEAD, name=name))
    blanks = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
    calendar = icalendar.Calendar.from_ical(data)
    # The library doesn't know that this one is a text like any other.
    assert re.sub(r"\\(.)", r"\1", str(calendar["NAME"])) == blanks.sub(" ", name).strip()
    [event] = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == blanks.sub(" ", title).strip()
    assert len(calendar.walk()) == 2
    # The others are known to take a backslash for more than it is.
    plain = feed([NIGHT], lambda _: title.replace("\\", ""), HEAD)
    wanted = blanks.sub(" ", title.replace("\\", "")).strip()
    assert {name: [event.title or "" for event in reader(plain)] for name, reader in READERS.items()} == {
        name: [wanted] for name in READERS
    }


def test_a_text_is_written_as_the_format_wants_it() -> None:
    """Readers forgive a semicolon; the format doesn't."""
    assert escaped(" a;b,c\\d\ne\x00 ") == r"a\;b\,c\\d e"


@given(TITLES)
@example("x" * 300)
@example("é😀" * 80)
def test_no_line_is_longer_than_the_format_allows(text: str) -> None:
    """75 octets without its end, cut between characters and never within one."""
    text = text.replace("\r", "").replace("\n", "")
    written = line(text)
    assert written.endswith("\r\n")
    pieces = written.removesuffix("\r\n").split("\r\n ")
    assert "".join(pieces) == text
    assert all(len(piece.encode()) + (1 if n else 0) <= 75 for n, piece in enumerate(pieces))


def test_a_long_host_is_folded() -> None:
    """Ids are read back whole."""
    host = "h" * 60 + "." + "e" * 60 + ".example.org"
    data = feed([NIGHT], named, replace(HEAD, host=host))
    assert max(map(len, data.split(b"\r\n"))) <= 75
    assert [event.uid for event in READERS["icalendar"](data)] == [uid(7, host)]


@given(st.integers(FIRST, LAST), st.integers(0, DAY - 1))
def test_a_feed_is_the_same_all_day(now: int, later: int) -> None:
    """Its stretch of time begins and ends at midnights of UTC, fifteen days back and half a year ahead."""
    span = window(now)
    assert span.start <= now - BEHIND * DAY < span.start + DAY
    assert span.seconds == (BEHIND + AHEAD) * DAY
    assert span.start % DAY == 0
    midnight = now - now % DAY
    assert window(midnight + later) == span


@pytest.mark.parametrize("reader", READERS)
def test_a_calendar_without_shifts_can_be_read(reader: str) -> None:
    """Somebody new subscribes before their first shift."""
    assert READERS[reader](feed([], named, HEAD)) == []


def test_initials_tell_people_apart() -> None:
    """Two of the same are numbered, in the order in which people came."""
    names = {4: "Anne-Lise Exemple", 1: "Alix Exemple", 3: "Anna Exemple", 2: BO.name, 5: "élise d’Exemple", 6: "—"}
    assert initials(names) == {1: "AE", 2: "BV", 3: "AE2", 4: "ALE", 5: "ÉDE", 6: "?"}


@given(st.dictionaries(st.integers(1, 50), st.text(max_size=12), max_size=12), st.text(max_size=12))
def test_initials_stay_when_somebody_comes(names: dict[int, str], newcomer: str) -> None:
    """No two are alike, and whoever has some keeps them."""
    before, after = initials(names), initials({**names, 51: newcomer})
    assert len(set(after.values())) == len(after)
    assert {number: after[number] for number in names} == before


def test_an_open_seat_is_shown() -> None:
    """So that whoever looks at the whole line sees it."""
    seat = replace(NIGHT, person=None)
    assert values(feed([seat], named, HEAD), "SUMMARY") == ["nobody"]


def test_a_night_lasts_as_long_as_it_does() -> None:
    """Seven hours by the clock on the wall of that spring night are shown as the instants they are."""
    [shift] = on_paper("Europe/Paris", [date(2026, 3, 28), date(2026, 3, 29)])[1:2]
    assert (shift.start, shift.end) == (utc(2026, 3, 28, 19), utc(2026, 3, 29, 1))
    assert values(feed([shift], named, HEAD), "DTEND") == ["20260329T010000Z"]
    assert shift.end - shift.start == 6 * HOUR
