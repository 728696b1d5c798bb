"""A psychologist answers a text message: 1 confirms the shift they were last reminded of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.messages import notices
from helpline.messages.confirming import Reminder, confirm, open_reminders
from helpline.messages.message import read_reader
from helpline.messages.notices import HELP, SENT
from helpline.messages.texts import day, say, when
from helpline.store.erasures import erase_text
from helpline.store.sessions import Store
from helpline.store.tables import Person


def holders(store: Store, number: str) -> tuple[int, ...]:
    """Whose phone this number is (ids). It may be a caller's: it is compared here, and not told to the database."""
    with store.read() as connection:
        people = connection.execute(select(Person.id, Person.phone)).all()
    return tuple(row.id for row in people if number and row.phone == number)


def answer(store: Store, lines: Sequence[Line], people: Sequence[int], message: str, now: int, *, yes: bool) -> str:
    """What people (ids, who share a phone) who wrote to these lines, of one number, are answered; "" for nothing.

    A `message` (the carrier's id) that is delivered twice is heeded once. Whoever wrote, and be it a stranger (nobody
    of ours: no `people`), the carrier's copy will be erased.
    """
    known = {line.name: line for line in lines}
    with store.durable() as tx:
        if not erase_text(tx, message, now) or not people:
            return ""
        waiting = [reminder for reminder in open_reminders(tx, people, now) if reminder.line in known]
        if yes:
            return _confirmed(tx, known, waiting, now) if waiting else _nothing(tx, lines[0], people)
        return _not_understood(tx, known, waiting[0], now) if waiting else ""


def _confirmed(tx: Connection, lines: Mapping[str, Line], waiting: Sequence[Reminder], now: int) -> str:
    first, *rest = waiting
    line = lines[first.line]
    reader = read_reader(tx, first.person, line)
    if reader is None or not confirm(tx, first, now):
        return ""
    values = {"when": when(line, first.start, first.end, reader.language)}
    if not rest:
        return say(reader.language, "sms-confirmed", **values)
    other = lines[rest[0].line]
    following = f"{day(other, rest[0].start, reader.language)} {other.local(rest[0].start):%H:%M}"
    return say(reader.language, "sms-confirmed-one-of", next=following, **values)


def _nothing(tx: Connection, line: Line, people: Sequence[int]) -> str:
    reader = read_reader(tx, people[0], line)
    return "" if reader is None else say(reader.language, "sms-nothing")


def _not_understood(tx: Connection, lines: Mapping[str, Line], waiting: Reminder, now: int) -> str:
    """Once for each reminder: a telephone that answers by itself is not talked with for ever."""
    line = lines[waiting.line]
    row = notices.new(HELP, f"{HELP}:{waiting.notice}", line.name, now, person=waiting.person, state=SENT, sent_at=now)
    reader = read_reader(tx, waiting.person, line)
    if reader is None or not notices.want_once(tx, row):
        return ""
    return say(reader.language, "sms-not-understood")
