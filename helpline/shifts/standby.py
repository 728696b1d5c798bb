"""The standby file: who is on call in the next two days, for callers who come while the database doesn't answer.

One sealed file for all lines, written by every process that runs, and read only in need. It names no caller and holds
the psychologists' numbers, so it is encrypted and for its owner alone. The same rota in the same hour gives the same
bytes, so that a file that is right already is left alone.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from helpline.carrier.seal import Seal
from helpline.errors import BadToken
from helpline.shifts.snapshot import read_people, read_roster
from helpline.store.around import ROTA
from helpline.store.sessions import Store
from helpline.store.tables import Revision
from rota.oncall import Roster, segments

log = logging.getLogger(__name__)
NAME = "standby"
HOUR = 3600
AHEAD = 48 * HOUR
"""Seconds that the file looks ahead at least; it begins an hour ago or more, because clocks differ."""
NONE = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody to be rung: their id, their number (E.164), their languages, their own first."""

    person: int
    phone: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the file says: for each line its segments `(start, end, ids in ring order)`, in UTC seconds."""

    people: Mapping[int, Standing]
    lines: Mapping[str, tuple[tuple[int, int, tuple[int, ...]], ...]]

    def to_json(self) -> str:
        """One spelling for one content. Names aren't needed, and stay out."""
        people = [[each.person, each.phone, *each.languages] for _, each in sorted(self.people.items())]
        return json.dumps({"people": people, "lines": self.lines}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Contents:
        """What `to_json` wrote."""
        data = json.loads(text)
        people = {person: Standing(person, phone, tuple(spoken)) for person, phone, *spoken in data["people"]}
        lines = {
            line: tuple((start, end, tuple(ids)) for start, end, ids in held) for line, held in data["lines"].items()
        }
        return cls(people, lines)

    def who(self, line: str, now: int) -> tuple[Standing, ...] | None:
        """Who is on call, in ring order; None when the file knows nothing of this line at this time."""
        for start, end, ids in self.lines.get(line, ()):
            if start <= now < end:
                # Read a moment apart: somebody taken out in between is on call no more.
                return tuple(self.people[person] for person in ids if person in self.people)
        return None


def contents(connection: Connection, lines: Iterable[str], now: int) -> Contents:
    """The file's contents at `now` (UTC seconds): they change at a full hour and with the rota, never in between."""
    hour = now - now % HOUR
    start, end = hour - HOUR, hour + HOUR + AHEAD
    roster, people = read_roster(connection, start, end), read_people(connection)
    held = {line: _segments(roster, line, start, end) for line in sorted(lines)}
    named = {person for its in held.values() for _, _, ids in its for person in ids}
    standing = {key: Standing(key, each.phone, each.languages) for key, each in people.items() if key in named}
    return Contents(standing, held)


def _segments(roster: Roster, line: str, start: int, end: int) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    return tuple(
        (piece.start, piece.end, tuple(dict.fromkeys(held.person.id for held in piece.on_call)))
        for piece in segments(roster, line, start, end)
    )


class Standby:
    """The file as one process sees it. Safe between threads: what was read is replaced, never changed.

    What this process has read or written stays good for its two days, even if the file is lost meanwhile.
    """

    def __init__(self, path: Path, seal: Seal) -> None:
        self._path = path
        self._seal = seal
        self._seen = NONE
        self._contents: Contents | None = None
        self._told = ""

    def who(self, line: str, now: int) -> tuple[Standing, ...]:
        """Who is on call on `line` at `now` (UTC seconds), in ring order. Never raises: not knowing is nobody."""
        reason = self._read()
        found = self._contents.who(line, now) if self._contents is not None else None
        if found is None:
            reason = reason or "old"
        if reason and reason != self._told:
            log.warning("standby.unusable", extra={"line": line, "reason": reason})
        self._told = reason
        return found or ()

    def _read(self) -> str:
        """Reads the file if it is another than last time; why it couldn't, or nothing."""
        try:
            stamp = self.stamp()
            if stamp == self._seen:
                return ""
            read = self._open(self._path.read_text("ascii"))
        except FileNotFoundError:
            return "missing"
        except (OSError, UnicodeDecodeError, BadToken, ValueError, KeyError, TypeError, AttributeError) as error:
            return type(error).__name__
        self._contents, self._seen = read, stamp
        return ""

    def _open(self, token: str) -> Contents:
        (text,) = self._seal.open(NAME, "", token)
        return Contents.from_json(str(text))

    def write(self, new: Contents) -> None:
        """Makes the file say this, whole or not at all, unless it says so already. Raises `OSError`."""
        token = self._seal.close(NAME, "", [new.to_json()])
        self._contents = new
        with suppress(OSError, UnicodeDecodeError):
            if self._path.read_text("ascii") == token:
                self._seen = self.stamp()
                return
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = self._path.with_name(f".{self._path.name}-{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(token)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)
        self._seen = self.stamp()

    def stamp(self) -> tuple[int, int, int]:
        """Changes when the file is written. Raises `OSError` when there is none."""
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino


class StandbyWriter:
    """Keeps the file as the rota is. One in each process that runs."""

    def __init__(self, store: Store, standby: Standby, lines: Iterable[str]) -> None:
        self._store = store
        self._standby = standby
        self._lines = tuple(lines)
        self._written: tuple[object, ...] = ()
        self._told = False

    def refresh(self, now: int) -> bool:
        """Whether the file had to be looked at: not while rota, hour and file are those of the last time.

        A disk that takes nothing is logged, once; the database's errors are the caller's to handle.
        """
        with self._store.read() as connection:
            revision = connection.execute(select(Revision.n).where(Revision.name == ROTA)).scalar()
            if self._written == (revision, now // HOUR, self._stamp()):
                return False
            new = contents(connection, self._lines, now)
        try:
            self._standby.write(new)
        except OSError as error:
            if not self._told:
                log.error("standby.unwritable", extra={"reason": type(error).__name__})
            self._told = True
            return True
        self._told = False
        self._written = (revision, now // HOUR, self._stamp())
        return True

    def _stamp(self) -> tuple[int, int, int]:
        try:
            return self._standby.stamp()
        except OSError:
            return NONE
