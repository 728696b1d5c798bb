"""Alarms: once for each gap and stage, and for each shift that nobody has confirmed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from helpline.jobs import alarming, reminding
from helpline.jobs.alarming import AHEAD, STAGES, Ahead, Known, gaps_ahead, left_of, news
from helpline.store.rota_tables import Notice
from helpline.store.tables import CallbackCount, Shift
from tests.messages.post import COORDINATORS_PHONE, DAY, HOUR, REFUSED, Office, office_in
from tests.shell import ALIX, BORIS, NOON, together

NOBODY = ("nobody", 1, ())


@pytest.fixture
def office(either_database_url: str, tmp_path: Path) -> Iterator[Office]:
    """The French line alone, whose coordinator has a telephone."""
    with office_in(either_database_url, tmp_path) as office:
        del office.lines["belgium"]  # type: ignore[attr-defined] # it is a dict
        yield office


def cover(office: Office, start: int, end: int, person: int = ALIX) -> int:
    """Somebody is on call from `start` to `end`, as one shift; its id."""
    return office.shift(start, (end - start) // HOUR, person)


def alarm(office: Office, now: int) -> list[str]:
    """What is written to the coordinator when the worker looks at `now`, but for the first line."""
    before = len(office.phones.sent)
    alarming.run(office.store, office.lines, now)
    office.telling().run(now)
    return [
        line for to, _, text in office.phones.sent[before:] if to == COORDINATORS_PHONE for line in text.split("\n")[1:]
    ]


def test_a_gap_is_told_of_thirty_seven_and_one_day_before_and_when_it_begins(office: Office) -> None:
    """Once at each of these, however often the worker looks."""
    start = NOON + 40 * DAY
    cover(office, NOON - DAY, start)
    cover(office, start + 8 * HOUR, start + 60 * DAY)
    told = {days: alarm(office, start - days * DAY + 60) for days in (31, 30, 29, 8, 7, 6, 2, 1)}
    assert {days for days, lines in told.items() if lines} == {30, 7, 1}
    assert told[30] == ["personne dim 19/04 14:00-22:00"]
    assert alarm(office, start - 2 * HOUR) == []
    assert alarm(office, start - HOUR) == ["personne dim 19/04 14:00-22:00"]
    assert alarm(office, start) == []
    assert alarm(office, start + 4 * HOUR) == []


def test_a_gap_that_opens_now_is_told_of_at_once(office: Office) -> None:
    """Whoever was on call is taken off: nobody is on call, and the message says so first."""
    shift = cover(office, NOON - HOUR, NOON + 60 * DAY)
    assert alarm(office, NOON) == []
    office.change(shift, person=None)
    cover(office, NOON + 2 * HOUR, NOON + 60 * DAY)
    assert alarm(office, NOON) == ["MAINTENANT personne mar 10/03 13:00-15:00"]
    assert alarm(office, NOON + 300) == []


def test_gaps_are_told_of_together(office: Office) -> None:
    """One message, five lines of it, and how many more there are."""
    for n in range(12):
        cover(office, NOON + n * DAY, NOON + n * DAY + 23 * HOUR)
    cover(office, NOON + 12 * DAY, NOON + 60 * DAY)
    lines = alarm(office, NOON)
    assert len(office.phones.sent) == 1
    assert lines[0] == "personne mer 11/03 12:00-13:00"
    assert lines[5:] == ["et 7 de plus"]


def test_a_gap_that_shrinks_splits_or_lasts_longer_is_no_new_alarm(office: Office) -> None:
    """It is the same gap, and a coordinator is at work on it."""
    start = NOON + 4 * DAY
    cover(office, NOON, start)
    last = cover(office, start + 9 * HOUR, NOON + 60 * DAY)
    assert len(alarm(office, NOON)) == 1
    first = cover(office, start, start + 2 * HOUR, BORIS)
    cover(office, start + 5 * HOUR, start + 6 * HOUR, BORIS)
    assert alarm(office, NOON + 300) == []
    office.change(last, starts_at=start + 11 * HOUR)
    assert alarm(office, NOON + 600) == []
    office.change(first, starts_at=start + HOUR)
    assert alarm(office, NOON + 900) == ["personne sam 14/03 13:00-14:00"]


def test_a_gap_that_opens_again_is_told_of_again(office: Office) -> None:
    """Who was found for it has fallen ill."""
    start = NOON + 4 * DAY
    cover(office, NOON, start)
    cover(office, start + 9 * HOUR, NOON + 60 * DAY)
    alarm(office, NOON)
    found = cover(office, start, start + 9 * HOUR, BORIS)
    assert alarm(office, NOON + 300) == []
    assert office.notices("confirmed_at") == [(NOON + 300,)]
    office.change(found, status="cancelled", seq=1)
    assert len(alarm(office, NOON + 600)) == 1
    assert alarm(office, NOON + 900) == []


def test_a_gap_that_was_closed_before_the_message_went_out_is_not_told_of(office: Office) -> None:
    """In the night it waits, and in the morning there is nothing to settle."""
    night = NOON + 12 * HOUR
    start = night + 20 * DAY
    cover(office, NOON, start)
    cover(office, start + 9 * HOUR, NOON + 60 * DAY)
    assert alarm(office, night) == []
    cover(office, start, start + 9 * HOUR, BORIS)
    assert alarm(office, night + 7 * HOUR) == []
    assert office.notices("state") == [("dropped",)]


def test_the_end_of_the_rota_is_one_gap(office: Office) -> None:
    """Nobody has planned any further: told once, not anew as the days go by."""
    end = NOON + 20 * DAY
    cover(office, NOON, end)
    told = [day for day in range(25) if alarm(office, NOON + day * DAY)]
    assert told == [0, 13, 19, 20]


def test_two_workers_tell_of_a_gap_once(office: Office) -> None:
    """Even at the same moment."""
    cover(office, NOON - DAY, NOON + HOUR)
    assert sum(together([lambda: alarming.run(office.store, office.lines, NOON)] * 3)) == 1
    assert len(office.notices("id")) == 1


def test_a_missing_language_is_told_of_before_and_never_as_an_emergency(office: Office, tmp_path: Path) -> None:
    """There is somebody on call, so it is for the days before, and nobody is woken."""
    with office_in(f"sqlite:///{tmp_path / 'other.db'}", tmp_path) as other:
        line = other.lines["belgium"]
        other.shift(NOON - DAY, 24 * 60, line="belgium")
        assert alarming.run(other.store, {"belgium": line}, NOON) == 0
        other.person(ALIX, languages="fr")
        other.shift(NOON - DAY, 24, BORIS, line="belgium")
        other.person(BORIS, languages="nl de en")
        found = [(gap.what, gap.start - NOON, gap.hard) for gap in _weak(other)]
    assert found == [(("language", None, (code,)), 0, False) for code in ("de", "en", "nl")]


def _weak(office: Office) -> list[Ahead]:
    with office.store.read() as connection:
        return gaps_ahead(connection, {"belgium": office.lines["belgium"]}, NOON)


def test_a_shift_that_nobody_confirmed_is_told_of_half_a_day_before(office: Office) -> None:
    """With its holder's name, once, if they were reminded and had an hour to answer."""
    cover(office, NOON - DAY, NOON + 60 * DAY, BORIS)
    start = NOON + 3 * DAY
    office.shift(start)
    for hours in (72, 24):
        reminding.run(office.store, office.lines, office.messages, start - hours * HOUR)
        office.telling().run(start - hours * HOUR)
    assert alarm(office, start - 13 * HOUR) == []
    told = [alarm(office, start - hours * HOUR) for hours in (6, 5)]
    assert told == [["garde non confirmée: Alix Exemple, ven 13/03 13:00-21:00"], []]


@pytest.mark.parametrize("what", ["confirmed", "just reminded", "given away", "never reminded"])
def test_who_need_not_confirm_is_not_reported(office: Office, what: str) -> None:
    """Somebody who has confirmed, has hardly been asked, no longer holds the shift, or was never asked."""
    cover(office, NOON - DAY, NOON + 60 * DAY, BORIS)
    shift, now = office.shift(NOON + 10 * HOUR), NOON
    if what != "never reminded":
        reminding.run(office.store, office.lines, office.messages, now)
        office.telling().run(now)
        now += 60 if what == "just reminded" else 2 * HOUR
    with office.store.durable() as tx:
        if what == "confirmed":
            tx.execute(update(Notice).where(Notice.kind == "reminder").values(confirmed_at=NOON))
    if what == "given away":
        office.change(shift, person=BORIS)
    assert alarm(office, now) == []


def test_who_could_not_be_reminded_is_reported(office: Office) -> None:
    """A number that takes no messages: the coordinator calls."""
    cover(office, NOON - DAY, NOON + 60 * DAY, BORIS)
    office.shift(NOON + 10 * HOUR)
    office.phones.fails["+33199000101"] = REFUSED
    reminding.run(office.store, office.lines, office.messages, NOON)
    office.telling().run(NOON)
    assert alarm(office, NOON + 300) == ["garde non confirmée: Alix Exemple, mar 10/03 23:00-07:00"]


def test_who_confirms_before_the_alarm_goes_out_is_not_in_it(office: Office) -> None:
    """Looked at again when it is sent."""
    cover(office, NOON - DAY, NOON + 60 * DAY, BORIS)
    office.shift(NOON + 10 * HOUR)
    reminding.run(office.store, office.lines, office.messages, NOON)
    office.telling().run(NOON)
    assert alarming.run(office.store, office.lines, NOON + 2 * HOUR) == 1
    with office.store.durable() as tx:
        tx.execute(update(Notice).where(Notice.kind == "reminder").values(confirmed_at=NOON))
    assert office.telling().run(NOON + 2 * HOUR) == 0


def test_callbacks_that_nobody_made_are_told_of_by_their_number(office: Office) -> None:
    """As the figures have it: once for each time it has grown, with nothing of who asked or when."""
    cover(office, NOON - DAY, NOON + 60 * DAY)
    row = {"line": "france", "month": "2026-03", "outcome": "expired", "n": 2}
    with office.store.durable() as tx:
        tx.execute(insert(CallbackCount), [row, row | {"outcome": "wanted", "n": 9}])
    assert alarm(office, NOON) == ["demandes de rappel sans suite ce mois: 2"]
    assert alarm(office, NOON + 300) == []
    with office.store.durable() as tx:
        tx.execute(update(CallbackCount).where(CallbackCount.outcome == "expired").values(n=3))
    assert alarm(office, NOON + 600) == ["demandes de rappel sans suite ce mois: 3"]


def test_a_gap_of_a_line_that_is_no_more_is_forgotten(office: Office) -> None:
    """Its alarm is closed, and nobody is told."""
    alarming.run(office.store, office.lines, NOON)
    with office.store.durable() as tx:
        tx.execute(delete(Shift))
    assert alarming.run(office.store, {}, NOON + 300) == 0
    assert office.notices("confirmed_at") == [(NOON + 300,)]


# --- the decision alone


def gap(start: int, end: int) -> Ahead:
    """Nobody in the first tier, so many hours from the beginning."""
    return Ahead(start * HOUR, end * HOUR, "france", NOBODY)


@pytest.mark.parametrize(
    ("start", "stage"), [(0, "live"), (1, "live"), (2, "1"), (24, "1"), (25, "7"), (168, "7"), (169, "30"), (721, None)]
)
def test_the_stage_of_a_gap(start: int, stage: str | None) -> None:
    """The nearest that it has come to."""
    assert gap(start, 800).stage(0) == stage


GAPS = st.lists(st.tuples(st.integers(0, 800), st.integers(1, 60)), max_size=5)


@given(GAPS, st.integers(0, 300))
def test_what_was_told_is_not_told_again_while_nothing_changes(spans: list[tuple[int, int]], later: int) -> None:
    """At the same moment nothing is news any more; later only what has come to a nearer stage, or into sight."""
    ahead = [gap(start, start + length) for start, length in spans]
    told = [
        Known(n, "france", NOBODY, stage, ((each.start, each.end),))
        for n, (stage, each) in enumerate(news(ahead, (), 0))
    ]
    assert news(ahead, told, 0) == []
    now = later * HOUR
    order = [*STAGES, None]
    rest = [Ahead(max(each.start, now), each.end, "france", NOBODY) for each in ahead if each.end > now]
    for stage, each in news(rest, told, now):
        assert all(not known.covers(each) or order.index(stage) < order.index(known.stage) for known in told)


@given(GAPS, GAPS)
def test_what_is_left_of_a_gap_begins_inside_it(before: list[tuple[int, int]], after: list[tuple[int, int]]) -> None:
    """And everything that does is left of it."""
    known = Known(1, "france", NOBODY, "7", tuple((start * HOUR, (start + length) * HOUR) for start, length in before))
    ahead = [gap(start, start + length) for start, length in after]
    left = left_of(known, ahead)
    assert all(any(start <= each <= end for start, end in known.spans) for each, _ in left)
    rest = [each for each in ahead if (each.start, each.end) not in left]
    assert not any(start <= each.start <= end for each in rest for start, end in known.spans)


def test_only_thirty_days_are_looked_at(office: Office) -> None:
    """What lies further ahead is nobody's worry yet."""
    cover(office, NOON, NOON + AHEAD)
    assert alarm(office, NOON) == []
    assert alarm(office, NOON + 300) == ["personne jeu 09/04 14:00-jeu 23/04 14:05"]
