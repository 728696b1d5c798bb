"""The outbox: once each way, tried again, put off, merged; and what has moved, in all."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from helpline.jobs import alarming, reminding, telling
from helpline.jobs.telling import put_off
from helpline.lines import Line
from helpline.logs import SafeFormatter
from helpline.messages.composing import Composer
from helpline.messages.message import Address
from helpline.messages.moves import Move, moves
from helpline.messages.notices import TOGETHER_SECONDS
from helpline.messages.sending import Ways
from helpline.shifts.editing import Desk, Edit, editing, undo_edit
from helpline.store.rota_tables import Notice
from rota.edit import reassign
from rota.model import Person, Shift, Span
from rota.oncall import Roster, who
from rota.staff import Limits
from tests.messages.post import (
    COORDINATOR,
    COORDINATORS_PHONE,
    DAY,
    DOWN,
    HOUR,
    REFUSED,
    MailServer,
    Office,
    mail_server,
    mailer_to,
    office_in,
)
from tests.shell import ALIX, BORIS, NOON, lines_in, together

START = NOON + 10 * HOUR


@pytest.fixture
def office(either_database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Text messages are sent, and e-mails where a test brings a server."""
    with office_in(either_database_url, tmp_path) as office:
        yield office


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """A mail server on this machine."""
    with mail_server() as server:
        yield server


def desk(office: Office) -> Desk:
    """Where the rota is edited."""
    return Desk(office.store, office.lines, Limits())


def give(office: Office, start: int, end: int, to: int | None, now: int = NOON, actor: str = "cli") -> int:
    """Everybody's hours of the French line go to one person; the edit's number."""
    with editing(desk(office), "override", actor, now) as edit:
        edit.make(reassign(edit.shifts, Span(start, end), now, to, "override"))
    assert edit.outcome.edit is not None
    return edit.outcome.edit


def remind(office: Office, now: int = NOON) -> None:
    """A reminder of a shift of Alix's waits."""
    office.shift(now + DAY)
    reminding.run(office.store, office.lines, office.messages, now)


# --- once, and again


def test_what_was_sent_is_not_sent_again(office: Office) -> None:
    """However often the worker looks."""
    remind(office)
    job = office.telling()
    assert [job.run(NOON + n * 60) for n in range(3)] == [1, 0, 0]
    assert office.notices("state", "tries", "sent_at") == [("sent", 1, NOON)]


def test_of_several_workers_one_sends(office: Office) -> None:
    """Each notice goes out once, whoever else looks at the same moment."""
    for n in range(3):
        office.shift(NOON + DAY - n * 60)
    reminding.run(office.store, office.lines, office.messages, NOON)
    assert sum(together([lambda: office.telling().run(NOON)] * 4)) == 3
    assert len(office.phones.sent) == 3


def test_what_could_not_be_sent_is_tried_again_later_and_then_given_up(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """After a minute, five, fifteen, an hour, four hours; then it has failed, which is logged without a number."""
    remind(office)
    office.phones.fails["+33199000101"] = DOWN
    job, tries = office.telling(), []
    for minute in range(0, 7 * 60, 1):
        before = office.phones.tried
        job.run(NOON + minute * 60)
        if office.phones.tried > before:
            tries.append(minute)
    assert tries == [0, 1, 6, 21, 81, 321]
    assert office.notices("state", "tries", "sent_at") == [("failed", 6, None)]
    last = json.loads(SafeFormatter().format(caplog.records[-1]))
    assert (last["event"], last["kind"], last["line"], last["reason"]) == (
        "notice.failed", "reminder", "france", "not taken",
    )  # fmt: skip
    assert "199000" not in caplog.text


def test_a_refused_number_is_not_tried_again(office: Office) -> None:
    """What the carrier will never take has failed at once."""
    remind(office)
    office.phones.fails["+33199000101"] = REFUSED
    office.telling().run(NOON)
    assert office.notices("state", "tries") == [("failed", 1)]


def test_a_worker_that_died_before_it_sent_is_made_up_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had taken is due again a quarter of an hour later, and goes out."""
    remind(office)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ways, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            office.telling().run(NOON)
    assert office.telling().run(NOON + telling.TAKEN_SECONDS - 1) == 0
    assert office.telling().run(NOON + telling.TAKEN_SECONDS) == 1
    assert office.notices("state") == [("sent",)]


def test_a_way_that_is_down_is_not_waited_for_again_in_the_same_run(office: Office) -> None:
    """One time-out a run: other jobs wait for this one."""
    for n in range(5):
        office.shift(NOON + DAY - n * 60)
    reminding.run(office.store, office.lines, office.messages, NOON)
    office.phones.fails["+33199000101"] = DOWN
    assert office.telling().run(NOON) == 0
    assert office.phones.tried == 1
    office.phones.fails.clear()
    assert office.telling().run(NOON + 60) == 5


def test_a_run_is_bounded(office: Office) -> None:
    """What is too much for one run goes out in the next."""
    with office.store.durable() as tx:
        row = {"line": "france", "kind": "moved", "about": "{}", "due_at": NOON, "state": "wanted"}
        rows = [row | {"key": f"moved:{n}", "person": n} for n in range(telling.AT_ONCE + 5)]
        tx.execute(insert(Notice), rows)
    office.telling().run(NOON)
    assert office.notices("state").count(("wanted",)) == 5
    office.telling().run(NOON + 60)
    assert office.notices("state").count(("wanted",)) == 0


# --- both ways


def test_somebody_is_told_by_all_that_is_known_of_them(office: Office, mails: MailServer) -> None:
    """By text message and e-mail, each once, even when one of them fails at first."""
    office.person(ALIX, email="alix@example.org")
    remind(office)
    office.phones.fails["+33199000101"] = DOWN
    job = office.telling(mailer_to(mails.port))
    assert job.run(NOON) == 1
    assert office.notices("state") == [("wanted",)]
    office.phones.fails.clear()
    assert job.run(NOON + 60) == 1
    assert office.notices("state") == [("sent",)]
    assert len(mails.mails) == len(office.phones.sent) == 1
    mail = mails.mails[0]
    assert mail["Subject"] == "Votre garde mer 11/03 13:00-21:00"
    assert office.links.url(1, 1, 0) in mail.get_content()
    assert mail.get_content().startswith("Bonjour Alix Exemple,")


def test_the_alarm_reaches_every_coordinator(office: Office, mails: MailServer) -> None:
    """One who can't be reached doesn't keep it from the others, and is tried again alone."""
    alarming.run(office.store, {"france": office.lines["france"]}, NOON)
    office.phones.fails[COORDINATORS_PHONE] = DOWN
    job = office.telling(mailer_to(mails.port))
    job.run(NOON)
    office.phones.fails.clear()
    job.run(NOON + 60)
    assert [mail["To"] for mail in mails.mails] == [COORDINATOR]
    assert [to for to, _, _ in office.phones.sent] == [COORDINATORS_PHONE]


def test_an_email_sent_twice_has_one_id(office: Office, mails: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies after sending repeats it: the reader's program can tell."""
    office.person(ALIX, email="alix@example.org")
    remind(office)
    job = office.telling(mailer_to(mails.port))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(telling.Telling, "_note", dies)
        with pytest.raises(KeyboardInterrupt):
            job.run(NOON)
    job.run(NOON + telling.TAKEN_SECONDS)
    assert len(mails.mails) == 2
    assert mails.mails[0]["Message-ID"] == mails.mails[1]["Message-ID"]


def test_who_cannot_be_told_is_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """An alarm for a line without coordinators has failed: the log is all that is left."""
    lines = {"france": lines_in(Path())["france"]}
    alarming.run(office.store, lines, NOON)
    telling.Telling(office.store, lines, Composer(office.links), Ways(None, None)).run(NOON)
    assert office.notices("state") == [("failed",)]
    assert {record.getMessage() for record in caplog.records} == {"alarm", "notice.failed"}


def test_without_any_way_people_are_not_told_and_nothing_is_said_of_it(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no messages are configured, edits leave no queue behind and no noise in the log."""
    office.shift(START)
    give(office, START, START + HOUR, BORIS)
    telling.Telling(office.store, office.lines, Composer(office.links), Ways(None, None)).run(NOON + DAY)
    assert set(office.notices("state")) == {("dropped",)}
    assert caplog.records == []


def test_no_address_is_in_an_error_or_a_value_that_is_shown() -> None:
    """Whatever prints an address, a trace or a log, shows its kind only."""
    address = Address("sms", "sms", "+33199000101", "Alix Exemple")
    assert "199" not in repr(address)
    assert "Alix" not in repr(address)


# --- at night


@pytest.mark.parametrize(
    ("hours", "first", "expected"),
    [
        (0, 30, None),  # one in the afternoon
        (9, 30, 19),  # ten in the evening: until eight
        (14, 30, 19),
        (14, 25, 19),
        (14, 24, None),  # it begins too soon after the morning
        (19, 40, None),  # eight in the morning
    ],
)
def test_what_can_wait_waits_for_the_morning(office: Office, hours: int, first: int, expected: int | None) -> None:
    """Between ten and eight on the line's clocks nobody is woken for what begins six hours after the morning."""
    morning = put_off(office.lines["france"], NOON + hours * HOUR, NOON + first * HOUR)
    assert morning == (None if expected is None else NOON + expected * HOUR)


@given(st.integers(NOON, NOON + 400 * DAY), st.integers(0, 40 * HOUR))
def test_nothing_is_put_off_for_longer_than_a_night(now: int, ahead: int) -> None:
    """On both nights on which the clocks change too, and never to less than six hours before it begins."""
    line = _france()
    morning = put_off(line, now, now + ahead)
    if morning is not None:
        assert now < morning <= now + 11 * HOUR
        assert line.local(morning).hour == telling.MORNING
        assert morning + telling.CAN_WAIT <= now + ahead


def _france(found: list[Line] = []) -> Line:  # noqa: B006 - read once for all examples
    found[:] = found or [lines_in(Path())["france"]]
    return found[0]


# --- what has moved


def test_both_hear_what_moved(office: Office) -> None:
    """Five minutes later, each in their own words: who lost hours and who got them."""
    office.shift(START)
    give(office, START, START + 2 * HOUR, BORIS)
    job = office.telling()
    assert job.run(NOON + TOGETHER_SECONDS - 1) == 0
    assert job.run(NOON + TOGETHER_SECONDS) == 2
    assert {to: text.split("\n")[1:] for to, _, text in office.phones.sent} == {
        "+33199000101": ["- mar 10/03 23:00-01:00 (retirée)"],
        "+33199000102": ["+ mar 10/03 23:00-01:00"],
    }
    assert office.phones.texts[0].startswith("Vos gardes ont changé, Ligne d'écoute France:\n")


def test_edits_that_follow_each_other_are_told_together(office: Office) -> None:
    """In one message, with what they come to."""
    for n in range(7):
        office.shift(START + n * DAY)
    for n in range(7):
        give(office, START + n * DAY, START + n * DAY + HOUR, BORIS, NOON + n * 30)
    office.telling().run(NOON + TOGETHER_SECONDS)
    assert len(office.phones.sent) == 2
    lines = office.phones.texts[1].split("\n")
    assert len(lines) == 7
    assert lines[-1] == "et 2 de plus"


def test_what_was_taken_back_is_not_told(office: Office) -> None:
    """An edit and its undoing within five minutes: nobody hears of either."""
    office.shift(START)
    number = give(office, START, START + 2 * HOUR, BORIS)
    undo_edit(desk(office), number, "cli", NOON + 60)
    assert office.telling().run(NOON + TOGETHER_SECONDS) == 0
    assert {state for (state,) in office.notices("state")} == {"dropped"}


def test_who_did_it_themselves_is_not_told(office: Office) -> None:
    """Boris takes a shift of Alix's: she hears of it."""
    office.shift(START)
    give(office, START, START + 2 * HOUR, BORIS, actor=f"person:{BORIS}")
    office.telling().run(NOON + TOGETHER_SECONDS)
    assert [to for to, _, _ in office.phones.sent] == ["+33199000101"]


def test_who_loses_the_rest_of_a_shift_that_has_begun_is_told(office: Office) -> None:
    """A shift that is only cut short leaves no shift of theirs behind, and still concerns them."""
    office.shift(NOON - HOUR)
    give(office, NOON + HOUR, NOON + 7 * HOUR, BORIS)
    assert office.notices("person") == [(ALIX,), (BORIS,)]
    office.telling().run(NOON + TOGETHER_SECONDS)
    assert office.phones.texts[0].endswith("- mar 10/03 14:00-20:00 (retirée)")


def test_planned_shifts_move_silently(office: Office) -> None:
    """What a rotation has planned and nobody has been promised may change without a word."""
    office.shift(START, status="planned")
    with editing(desk(office), "rotation", "job", NOON) as edit:
        _to_nobody(edit)
    assert office.notices("id") == []


def _to_nobody(edit: Edit) -> None:
    edit.make(reassign(edit.shifts, Span(START, START + DAY), NOON, None, "rotation"))


def test_a_message_that_failed_is_told_with_what_came_later(office: Office) -> None:
    """Whoever can't be reached for a while then hears everything at once."""
    office.shift(START)
    office.shift(START + DAY)
    office.phones.fails["+33199000101"] = DOWN
    give(office, START, START + HOUR, BORIS)
    job = office.telling()
    job.run(NOON + 300)
    give(office, START + DAY, START + DAY + HOUR, BORIS, NOON + 330)
    office.phones.fails.clear()
    job.run(NOON + 360)
    assert [len(text.split("\n")) for to, _, text in office.phones.sent if to == "+33199000101"] == [3]
    assert job.run(NOON + DAY) == 0


SIDES = st.sampled_from(["gone", "come"])
STRETCH = st.tuples(st.integers(0, 20), st.integers(1, 6))


@given(st.lists(st.tuples(SIDES, STRETCH), max_size=6), st.lists(STRETCH, max_size=4), st.integers(0, 26))
def test_4_what_moved_is_what_who_says(
    edits: list[tuple[str, tuple[int, int]]], held: list[tuple[int, int]], now: int
) -> None:
    """At each instant: told as come only if they are on call and weren't, as gone only if they were and aren't."""
    alix = Person(ALIX, "Alix Exemple", frozenset({"fr"}))
    shifts = [Shift(n + 1, "france", 1, ALIX, start, start + length) for n, (start, length) in enumerate(held)]
    roster = Roster.build(shifts, [alix])
    touched = [Move(start, start + length, 1, side) for side, (start, length) in edits]  # type: ignore[arg-type] # drawn from its two
    found = moves(touched, roster, "france", ALIX, now)
    for instant in range(now, 27):
        first = next((each for each in touched if each.holds(instant)), None)
        here = bool(who(roster, "france", instant))
        before = None if first is None else first.side == "gone"
        expected = set() if before is None or before == here else {"come" if here else "gone"}
        assert {each.side for each in found if each.holds(instant)} == expected
    assert all(each.end > now for each in found)
