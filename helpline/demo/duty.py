"""Who is on call now, as the page tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from helpline.lines import Line
from helpline.pages.texts import Say
from helpline.shifts.snapshot import RotaSnapshots
from helpline.store.around import ROTA
from helpline.store.tables import Revision
from reports.words import Language
from rota.model import OnCall
from rota.oncall import who

Duty = Mapping[str, Sequence[OnCall]]
"""Line -> those on call, in ring order."""


FIRST, LATER = range(1, 2), range(2, 100)
"""Tiers that are rung at once, and those that are rung when nobody takes the call."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who is on call on the line `key`, in one line of text."""

    key: str
    text: str


def on_duty(connection: Connection, snapshots: RotaSnapshots, lines: Mapping[str, Line], now: int) -> Duty:
    """Who is on call on each line at `now` (UTC seconds)."""
    revision = connection.execute(select(Revision.n).where(Revision.name == ROTA)).scalar_one()
    roster = snapshots.at(connection, revision, now).roster
    return {name: who(roster, name, now) for name in lines}


def names_on_duty(duty: Duty) -> frozenset[str]:
    """Everybody who is on call on some line."""
    return frozenset(seat.person.name for held in duty.values() for seat in held)


def role(duty: Duty, lines: Mapping[str, Line], name: str, say: Say, language: Language) -> str:
    """What a person is on call for, in one line; lines are named where it isn't the same on all of them."""
    told = []
    for key, tiers in (("role-first", FIRST), ("role-second", LATER)):
        mine = [line for line in lines if any(seat.person.name == name and seat.tier in tiers for seat in duty[line])]
        if len(mine) == len(lines):
            told.append(say(key))
        elif mine:
            spoken = ", ".join(lines[line].flow.spoken[language] for line in mine)
            told.append(say("role-some", role=say(key), lines=spoken))
    return " · ".join(told) or say("role-none")


def places(duty: Duty, lines: Mapping[str, Line], say: Say) -> list[Place]:
    """For each line: who is rung first, who then, and until when."""
    found = []
    for name, line in lines.items():
        held = duty[name]
        first = ", ".join(dict.fromkeys(seat.person.name for seat in held if seat.tier in FIRST))
        second = ", ".join(dict.fromkeys(seat.person.name for seat in held if seat.tier in LATER))
        parts = [first or say("who-nobody")]
        if second:
            parts.append(say("who-second", names=second))
        if held:
            until = line.local(min(seat.until for seat in held))
            parts.append(say("who-until", time=until.strftime("%H:%M")))
        found.append(Place(name, " · ".join(parts)))
    return found
