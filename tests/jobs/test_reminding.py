"""Reminders: one at each of a line's hours, and never of what isn't so any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.jobs import reminding
from helpline.jobs.reminding import due_hour
from helpline.messages.texts import when
from helpline.shifts.snapshot import read_roster
from rota.oncall import who
from tests.messages.post import DAY, HOUR, Office, office_in
from tests.rota.strategies import FIRST, LAST
from tests.shell import ALIX, BORIS, NOON


@pytest.fixture
def office(either_database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Text messages are sent."""
    with office_in(either_database_url, tmp_path) as office:
        yield office


def remind(office: Office, now: int) -> list[str]:
    """What is written to people when the worker looks at `now`."""
    before = len(office.phones.sent)
    reminding.run(office.store, office.lines, office.messages, now)
    office.telling().run(now)
    return office.phones.texts[before:]


def test_14_a_shift_is_reminded_of_at_each_hour_once(office: Office) -> None:
    """Three days and one day before, however often the worker looks; in between nothing."""
    start = NOON + 4 * DAY
    office.shift(start)
    looks = (73, 72, 71, 48, 25, 24, 24, 23, 1, 0)
    assert [hour for hour in looks if remind(office, start - hour * HOUR)] == [72, 24]
    assert office.notices("kind", "state") == [("reminder", "sent")] * 2


def test_a_reminder_says_when_where_and_how_to_confirm(office: Office) -> None:
    """In the holder's language and the line's time, from the number that rings them."""
    start = NOON + DAY
    shift = office.shift(start)
    assert remind(office, NOON) == [
        "Garde mer 11/03 13:00-21:00, Ligne d'écoute France. Pour confirmer, répondez 1 ou: "
        + office.links.url(1, shift, 0)
    ]
    assert office.phones.sent[0][:2] == ("+33199000101", "+33199000401")


def test_after_a_long_pause_only_what_still_makes_sense_is_sent(office: Office) -> None:
    """A worker that was down sends the last reminder, not all that it missed; none when the next is near."""
    office.shift(NOON + 20 * HOUR)
    office.shift(NOON + 40 * HOUR, person=BORIS)
    office.shift(NOON + 60 * HOUR, person=3)
    assert [text[:17] for text in remind(office, NOON)] == ["Garde mer 11/03 0", "Garde ven 13/03 0"]
    assert office.notices("person") == [(ALIX,), (3,)]


@pytest.mark.parametrize(
    "values",
    [{"status": "cancelled", "seq": 1}, {"person": BORIS}, {"person": None}, {"seq": 1}, {"starts_at": NOON - HOUR}],
    ids=["cancelled", "somebody else's", "nobody's", "changed", "begun"],
)
def test_what_has_changed_meanwhile_is_not_told(office: Office, values: dict[str, object]) -> None:
    """Looked at again when it is sent: nobody is reminded of a shift that isn't theirs, or isn't any more."""
    shift = office.shift(NOON + DAY)
    reminding.run(office.store, office.lines, office.messages, NOON)
    office.change(shift, **values)
    office.telling().run(NOON + 60)
    assert office.phones.sent == []
    assert office.notices("state") == [("dropped",)]


def test_a_shift_that_changed_is_reminded_of_anew(office: Office) -> None:
    """By its new state, once."""
    shift = office.shift(NOON + DAY)
    assert len(remind(office, NOON)) == 1
    office.change(shift, seq=1)
    assert len(remind(office, NOON + HOUR)) == 1
    assert remind(office, NOON + 2 * HOUR) == []


def test_nobody_is_woken_for_a_reminder(office: Office) -> None:
    """What is due in the night waits for the morning of the line."""
    night = NOON + 14 * HOUR  # three o'clock in Paris
    start = night + DAY
    office.shift(start)
    assert remind(office, night) == []
    assert remind(office, night + 5 * HOUR - 60) == []
    assert len(remind(office, night + 5 * HOUR)) == 1


def test_a_confirmed_shift_is_reminded_of_without_a_question(office: Office) -> None:
    """The second reminder says that it was confirmed, and asks for nothing."""
    start = NOON + 3 * DAY
    shift = office.shift(start)
    remind(office, NOON)
    token = office.links.token(1, shift, 0)
    with office.store.durable() as tx:
        tx.exec_driver_sql("UPDATE notices SET confirmed_at = due_at WHERE id = 1")
    assert remind(office, start - DAY) == [
        "Rappel: garde ven 13/03 13:00-21:00, Ligne d'écoute France. Vous avez confirmé."
    ]
    assert token not in office.phones.texts[-1]


def test_open_seats_and_lines_without_a_way_are_left_alone(office: Office) -> None:
    """Nobody holds an open seat; and where nothing can be sent, nothing waits to be."""
    office.shift(NOON + DAY, person=None)
    assert remind(office, NOON) == []
    office.shift(NOON + DAY)
    silent = type(office)(
        office.store, office.settings.model_copy(update={"messages": type(office.messages)()}), office.lines
    )
    assert reminding.run(silent.store, silent.lines, silent.messages, NOON) == 0
    assert office.notices("id") == []


HOURS = st.lists(st.integers(1, 120), min_size=1, max_size=3, unique=True)


@given(st.integers(FIRST, LAST), HOURS, st.integers(15, 720))
def test_14_whenever_the_worker_looks_each_hour_comes_in_its_time(start: int, hours: list[int], minutes: int) -> None:
    """At any pace: nothing before its time, nothing after the shift began, the hours in order, the last one always."""
    looks = range(start - (max(hours) + 13) * HOUR, start + DAY, minutes * 60)
    found = [(hour, now) for now in looks if (hour := due_hour(start, hours, now)) is not None]
    firsts = dict(reversed(found))
    assert [hour for hour, _ in found] == sorted((hour for hour, _ in found), reverse=True)
    assert all(start - hour * HOUR <= now < start for hour, now in found)
    if minutes <= min(hours) * 60:
        assert min(hours) in firsts
    if minutes <= 30:
        assert set(firsts) == set(hours)


@given(st.integers(FIRST, LAST), HOURS, st.integers(0, 400 * HOUR))
def test_at_any_moment_at_most_one_reminder_is_due(start: int, hours: list[int], before: int) -> None:
    """Of the hours that have passed only the last can be."""
    now = start - before
    hour = due_hour(start, hours, now)
    if hour is not None:
        assert hour == min(other for other in hours if start - other * HOUR <= now)


def test_4_the_reminder_is_who(office: Office) -> None:
    """Of many shifts, some cut and some given away after the reminder was written, each text is `who` at its start."""
    shifts = [office.shift(NOON + DAY + n * 600, 8 + n, 1 + n % 3) for n in range(12)]
    reminding.run(office.store, office.lines, office.messages, NOON + 2 * HOUR)
    for shift in shifts[::4]:
        office.change(shift, person=None)
    for shift in shifts[1::4]:
        office.change(shift, ends_at=NOON + DAY + 7 * HOUR)
    office.telling().run(NOON + 2 * HOUR)
    line = office.lines["france"]
    with office.store.read() as connection:
        roster = read_roster(connection, NOON, NOON + 3 * DAY)
    starts = {shift: NOON + DAY + n * 600 for n, shift in enumerate(shifts)}
    expected = [
        (f"+3319900010{held.person.id}", when(line, start, held.until, "fr"))
        for shift, start in starts.items()
        for held in who(roster, "france", start)
        if held.shift == shift
    ]
    assert len(expected) == 9
    told = [(to, text.removeprefix("Garde ").partition(",")[0]) for to, _, text in office.phones.sent]
    assert told == expected
