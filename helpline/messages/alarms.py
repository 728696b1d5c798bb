"""What coordinators are told, line by line. Of callers nothing, not even when they called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from helpline.lines import Line
from helpline.messages.confirming import read_reminders
from helpline.messages.message import read_reader
from helpline.messages.notices import Wanted
from helpline.messages.texts import say, when
from helpline.store.rota_tables import Notice

A_DAY = 86_400


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One line of an alarm, and the first instant (UTC seconds) that it is about."""

    first: int
    text: str = field(compare=False)


Tell = Callable[[Connection, Line, Wanted, int], list[Told]]


def gap(_connection: Connection, line: Line, notice: Wanted, now: int) -> list[Told]:
    """Each part of a gap that is still open."""
    if notice.confirmed_at is not None:
        return []
    language, about = line.flow.default_language, notice.told
    found = []
    for start, end in about["spans"]:
        if end <= now:
            continue
        kind, tier = about["kind"], about["tier"]
        key = "tier" if kind == "nobody" and tier is not None and line.settings.tiers > 1 else kind
        values = {"tier": tier, "languages": ", ".join(about["languages"]), "when": when(line, start, end, language)}
        text = say(language, f"sms-gap-{key}", **values)
        found.append(Told(start, say(language, "sms-now", what=text) if start <= now else text))
    return found


def unconfirmed(connection: Connection, line: Line, notice: Wanted, now: int) -> list[Told]:
    """A shift that its holder hasn't confirmed, unless they have meanwhile, or it is no longer theirs."""
    language = line.flow.default_language
    mine = (Notice.shift == notice.shift, Notice.seq == notice.seq)
    found = next((each for each in read_reminders(connection, now, *mine) if each.state == "open"), None)
    reader = read_reader(connection, found.person, line) if found is not None else None
    if found is None or reader is None:
        return []
    times = when(line, found.start, found.end, language)
    return [Told(found.start, say(language, "sms-unconfirmed", name=reader.name, when=times))]


def callbacks(_connection: Connection, line: Line, notice: Wanted, now: int) -> list[Told]:
    """How many callbacks of the month came to nothing: no more than the figures say."""
    return [Told(now + A_DAY, say(line.flow.default_language, "sms-callbacks", n=notice.told["n"]))]
