"""Notices become messages, by what is true when they are sent: what has changed back meanwhile, nobody is told.

A reminder, and what has moved, say what `who` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from helpline.lines import Line
from helpline.messages import alarms, moves
from helpline.messages.confirming import ShiftLinks, read_reminders
from helpline.messages.message import Message, read_reader
from helpline.messages.notices import CALLBACKS, GAP, MOVED, REMINDER, UNCONFIRMED, Wanted
from helpline.messages.texts import say, when, where
from helpline.shifts.snapshot import read_roster
from helpline.store.rota_tables import Notice
from reports.words import Language
from rota.oncall import who

MOST_LINES = 5
"""Lines of a list in a text message."""
MOST_LINES_IN_MAIL = 40


@dataclass(frozen=True, slots=True)
class Composed:
    """A message, the notices (ids) that it tells of, and the first instant (UTC seconds) that any of them is about."""

    message: Message
    tells: frozenset[int]
    first: int


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes messages of notices that are to be told together: of one line, to one reader."""

    links: ShiftLinks

    def compose(self, connection: Connection, line: Line, notices: Sequence[Wanted], now: int) -> Composed | None:
        """The message; None when none of them makes sense any more."""
        kind = notices[0].kind
        make = self._reminder if kind == REMINDER else _moved if kind == MOVED else _alarm
        return make(connection, line, notices, now)

    def _reminder(self, connection: Connection, line: Line, notices: Sequence[Wanted], now: int) -> Composed | None:
        notice = notices[0]
        found = next(iter(read_reminders(connection, now, Notice.id == notice.id)), None)
        reader = read_reader(connection, notice.person, line) if notice.person is not None else None
        if found is None or reader is None or found.state not in {"open", "confirmed"}:
            return None
        roster = read_roster(connection, found.start, found.start + 1)
        on_call = who(roster, line.name, found.start, tier=found.tier)
        held = next((held for held in on_call if held.shift == found.shift and held.person.id == reader.id), None)
        if held is None:
            return None
        values = {
            "name": reader.name,
            "when": when(line, found.start, held.until, reader.language),
            "where": where(line, held.tier, reader.language),
            "link": self.links.url(found.notice, found.shift, found.seq),
        }
        key = "reminder" if found.state == "open" else "reminder-confirmed"
        text, subject, body = (say(reader.language, each, **values) for each in (f"sms-{key}", "reminder-subject", key))
        return Composed(Message(text, subject, body), frozenset({notice.id}), found.start)


def _moved(connection: Connection, line: Line, notices: Sequence[Wanted], now: int) -> Composed | None:
    person = notices[0].person
    reader = read_reader(connection, person, line) if person is not None else None
    if reader is None:
        return None
    language = reader.language
    moved = moves.net(connection, line, reader.id, [notice.told for notice in notices], now)
    if not moved:
        return None
    tiers = {each.tier for each in moved}
    place = where(line, min(tiers), language) if len(tiers) == 1 else line.flow.spoken[language]
    listed = [say(language, f"sms-{each.side}", when=when(line, each.start, each.end, language)) for each in moved]
    text = "\n".join([say(language, "sms-moved", where=place), *_shown(listed, MOST_LINES, language)])
    body = say(
        language, "moved", name=reader.name, where=place, list="\n".join(_shown(listed, MOST_LINES_IN_MAIL, language))
    )
    message = Message(text, say(language, "moved-subject"), body)
    return Composed(message, frozenset(notice.id for notice in notices), min(each.start for each in moved))


_TELLS: Mapping[str, alarms.Tell] = {GAP: alarms.gap, UNCONFIRMED: alarms.unconfirmed, CALLBACKS: alarms.callbacks}


def _alarm(connection: Connection, line: Line, notices: Sequence[Wanted], now: int) -> Composed | None:
    language, told, listed = line.flow.default_language, set(), []
    for notice in notices:
        found = _TELLS[notice.kind](connection, line, notice, now) if notice.kind in _TELLS else ()
        if found:
            told.add(notice.id)
            listed += found
    if not listed:
        return None
    listed.sort()
    lines = [each.text for each in listed]
    name = line.flow.spoken[language]
    text = "\n".join([say(language, "sms-alarm", line=name), *_shown(lines, MOST_LINES, language)])
    whole = "\n".join(_shown(lines, MOST_LINES_IN_MAIL, language))
    subject = say(language, "alarm-subject", line=name, n=len(lines))
    return Composed(
        Message(text, subject, say(language, "alarm", line=name, list=whole)), frozenset(told), listed[0].first
    )


def _shown(lines: Sequence[str], most: int, language: Language) -> list[str]:
    """The first of them, and how many more there are."""
    if len(lines) <= most:
        return list(lines)
    return [*lines[:most], say(language, "sms-more", n=len(lines) - most)]
