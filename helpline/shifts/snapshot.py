"""The rota and the people as a serving process holds them: reloaded when the database's revision grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from helpline.store.tables import Person as PersonRow
from helpline.store.tables import Shift as ShiftRow
from rota.model import Person, Shift
from rota.oncall import Roster

BEHIND = 86_400
AHEAD = 8 * 86_400
"""Seconds around the present that a serving process keeps."""
MAX_AGE = 86_400


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person as the carrier's side of the house needs them."""

    name: str
    phone: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Who is on call around `loaded_at` (UTC seconds)."""

    revision: int
    loaded_at: int
    roster: Roster
    people: Mapping[int, Colleague]


class RotaSnapshots:
    """Keeps the newest snapshot of one process. Safe between threads: a snapshot is replaced, never changed."""

    def __init__(self) -> None:
        self._snapshot = Snapshot(-1, 0, Roster.build((), ()), {})

    def at(self, connection: Connection, revision: int, now: int) -> Snapshot:
        """The snapshot of `revision`, read through `connection` if this process doesn't have it yet."""
        held = self._snapshot
        if held.revision != revision or not held.loaded_at <= now < held.loaded_at + MAX_AGE:
            held = self._snapshot = read_snapshot(connection, revision, now)
        return held


def read_people(connection: Connection) -> dict[int, Colleague]:
    """Everybody, by id."""
    rows = connection.execute(select(PersonRow.id, PersonRow.name, PersonRow.phone, PersonRow.languages))
    return {row.id: Colleague(row.name, row.phone, tuple(row.languages.split())) for row in rows}


def read_roster(connection: Connection, start: int, end: int) -> Roster:
    """The shifts that touch `[start, end)` (UTC seconds)."""
    people = read_people(connection)
    shifts = connection.execute(
        select(ShiftRow.id, ShiftRow.line, ShiftRow.tier, ShiftRow.person, ShiftRow.starts_at, ShiftRow.ends_at).where(
            ShiftRow.ends_at > start, ShiftRow.starts_at < end, ShiftRow.status != "cancelled"
        )
    )
    return Roster.build(
        [Shift(*row) for row in shifts],
        [Person(number, person.name, frozenset(person.languages)) for number, person in people.items()],
    )


def read_snapshot(connection: Connection, revision: int, now: int) -> Snapshot:
    """The rota around `now` and everybody in it."""
    return Snapshot(revision, now, read_roster(connection, now - BEHIND, now + AHEAD), read_people(connection))
